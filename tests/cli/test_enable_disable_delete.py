"""`vigyc enable`, `disable` and `delete`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.counter import Counter
from cli.shell import process
from vigyc.service.runtime import Runtime


def test_disable_and_enable(counter: Counter) -> None:
    vigy_id = counter.register()
    for command, enabled in (("disable", False), ("disable", False), ("enable", True), ("enable", True)):
        assert counter.good(command, "hello") == f"✓ {vigy_id} {command}d\n"
        assert counter.json("inspect", "hello")["vigy"]["enabled"] == enabled
    assert counter.json("disable", "hello")["enabled"] is False
    assert counter.json("enable", vigy_id)["enabled"] is True


def test_delete_purges(counter: Counter) -> None:
    vigy_id = counter.register()
    counter.good("tick", "hello")
    assert counter.good("delete", "hello", "--yes") == f"✓ {vigy_id} deleted\n"
    assert counter.good("list") == "no vigies registered\n"
    assert counter.json("runs") == []
    assert counter.register() == vigy_id
    assert counter.json("kv", "ls", "hello") == []


def test_delete_can_keep_the_data(counter: Counter) -> None:
    vigy_id = counter.register()
    counter.good("tick", "hello")
    counter.good("delete", vigy_id, "--keep-data", "-y")
    assert counter.register() == vigy_id
    assert counter.json("kv", "ls", "hello") == [{"key": "n", "value": 1}]
    assert len(counter.json("runs", "hello")) == 1


def test_delete_several_or_none(counter: Counter) -> None:
    ids = [counter.register(name) for name in ("a", "b", "c")]
    assert "there is no vigy 'x'" in counter.bad("delete", "a", "x", "--yes", code=4)
    assert len(counter.json("list")) == 3
    gone = counter.json("delete", "a", ids[1], "a", "--yes")
    assert [vigy["id"] for vigy in gone] == ids[:2]
    assert [vigy["name"] for vigy in counter.json("list")] == ["c"]


def test_delete_asks_for_a_yes(counter: Counter) -> None:
    counter.register("a")
    line = counter.bad("delete", "a", code=2)
    assert line.startswith("Error: delete a and all its data: say --yes to do it")
    assert len(counter.json("list")) == 1


@pytest.mark.skipif(os.name != "posix", reason="terminals are POSIX")
@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1)])
def test_delete_asks_on_a_terminal(counter: Counter, answer: str, code: int) -> None:
    vigy_id = counter.register("a")
    ours, theirs = os.openpty()
    try:
        with process("delete", "a", "--db", counter.db, stdin=theirs) as running:
            os.write(ours, f"{answer}\n".encode())
            said, asked = running.communicate(timeout=20)
    finally:
        os.close(ours)
        os.close(theirs)
    assert running.returncode == code
    assert asked.startswith("delete a and all its data? [y/N]: ")
    assert said == (f"✓ {vigy_id} deleted\n" if answer == "y" else "")
    with Runtime.open(Path(counter.db)) as runtime:
        assert len(runtime.list()) == code
