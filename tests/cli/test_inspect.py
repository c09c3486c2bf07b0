"""`vigyc inspect`, `state` and what they share: refs, unknown ones, ambiguous ones, completion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from cli.counter import FAILS, Counter
from vigyc.surfaces.cli.main import main

REF_COMMANDS = (
    ["inspect"], ["state"], ["tick"], ["tick", "--dry-run"], ["enable"], ["disable"], ["runs"], ["versions"], ["diff"],
    ["delete", "--yes"], ["update", "--every", "5s"], ["rollback", "--yes"], ["explain"],
    ["python"], ["denials"], ["policy", "show"],
)  # fmt: skip


def words(command: list[str], ref: str) -> list[str]:
    return [*command, ref, *(["1"] if command[0] == "rollback" else [])]


def test_json_is_one_object(counter: Counter) -> None:
    vigy_id = counter.register(labels={"host": "local"})
    for _ in range(6):
        counter.good("tick", "hello")
    told = counter.json("inspect", "hello")
    assert set(told) == {"vigy", "phase", "due_at", "standing", "state", "recent_runs"}
    assert (told["vigy"]["id"], told["vigy"]["labels"]) == (vigy_id, {"host": "local"})
    assert [run["tick"] for run in told["recent_runs"]] == [6, 5, 4, 3, 2]
    assert told["standing"]["tick_count"] == 6
    assert told["state"]["desired"] == {"replicas": 3}


def test_text_tells_all_of_it(counter: Counter) -> None:
    vigy_id = counter.register(labels={"host": "local"}, deadline="2s")
    assert counter.good("inspect", "hello").splitlines()[0] == f"{vigy_id}  hello"
    assert "recent runs" not in counter.good("inspect", "hello")
    counter.good("tick", "hello")
    told = counter.good("inspect", "hello", "--utc")
    for line in (
        "  ticks      every 1h", "  labels     host=local", "  deadline   2s", "  program    version 1, b3:",
        "  runs       1",
        "  phase      standby, due 20", "  last run   ok 20", "  desired    replicas = 3",
        "  condition  Ready = true  why  well  (20", '  pending    pull  "image"  (run ',
    ):  # fmt: skip
        assert f"\n{line}" in told
    assert told.split("recent runs:\n")[1].split()[:6] == ["SEQ", "RUN", "STARTED", "RESULT", "TOOK", "WHAT"]


def test_a_vigy_that_fails_says_why(counter: Counter) -> None:
    counter.register("bad", FAILS)
    counter("tick", "bad")
    told = counter.good("inspect", "bad")
    assert "\n  error      type mismatch" in told
    assert "\n  runs       1, 1 failed\n" in told


def test_state(counter: Counter) -> None:
    vigy_id = counter.register()
    assert counter.good("state", "hello") == f"{vigy_id}  hello\n"
    counter.good("tick", "hello")
    state = counter.json("state", "hello")
    assert state["vigy_id"] == vigy_id
    assert (state["desired"], state["observed"]) == ({"replicas": 3}, {})
    assert [(each["name"], each["status"]) for each in state["conditions"]] == [("Ready", "true")]
    assert [(each["kind"], each["payload"], each["position"]) for each in state["pending"]] == [("pull", "image", 0)]
    lines = counter.good("state", "hello").splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["desired", "condition", "pending"]


@pytest.mark.parametrize("command", REF_COMMANDS, ids=" ".join)
def test_an_unknown_vigy(counter: Counter, command: list[str]) -> None:
    counter.register()
    assert counter.bad(*words(command, "helo"), code=4) == "vigyc: there is no vigy 'helo'; did you mean 'hello'?"


@pytest.mark.parametrize("command", REF_COMMANDS, ids=" ".join)
def test_an_ambiguous_beginning_of_an_id(counter: Counter, command: list[str]) -> None:
    ids = [counter.register(f"v{number}") for number in range(17)]  # of 17 ids two begin alike
    first = next(vigy_id[0] for vigy_id in ids if sum(other[0] == vigy_id[0] for other in ids) > 1)
    line = counter.bad(*words(command, first), code=4)
    assert line.startswith(f"vigyc: {first!r} begins the ids of ")
    assert len(counter.json("list")) == 17


@pytest.mark.parametrize("command", ["inspect", "state", "tick", "runs", "versions", "disable", "enable"])
def test_the_beginning_of_an_id_is_enough(counter: Counter, command: str) -> None:
    vigy_id = counter.register()
    counter.good(command, vigy_id[:4])
    counter.good(command, vigy_id)


def completed(*args: str | Path) -> list[str]:
    *before, typed = map(str, args)
    return [item.value for item in ShellComplete(main, {}, "vigyc", "_VIGYC_COMPLETE").get_completions(before, typed)]


def test_refs_are_completed(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGY_DB", str(counter.db))
    ids = {name: counter.register(name) for name in ("hello", "help", "other")}
    for command in (
        "inspect",
        "state",
        "tick",
        "enable",
        "disable",
        "runs",
        "versions",
        "diff",
        "update",
        "rollback",
        "delete",
        "python",
        "denials",
    ):
        assert completed(command, "hel") == ["hello", "help"]
    assert completed("delete", "hello", "o") == ["other"]
    assert completed("inspect", "") == ["hello", "help", "other"]
    assert ids["other"] in completed("inspect", ids["other"][:8])


def test_refs_of_the_store_that_is_named(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGY_DB", str(counter.place / "absent.db"))
    counter.register()
    assert completed("inspect", "--db", counter.db, "h") == ["hello"]


def _text(path: Path) -> None:
    path.write_text("no store at all " * 100)


@pytest.mark.parametrize("make", [lambda path: None, Path.mkdir, _text], ids=["absent", "folder", "text"])
def test_completion_never_fails(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    monkeypatch.setenv("VIGY_DB", str(counter.db))
    make(counter.db)
    before = sorted(counter.place.iterdir())
    assert completed("inspect", "h") == []
    monkeypatch.setenv("VIGYC_NONSENSE", "1")
    assert completed("inspect", "h") == []
    assert sorted(counter.place.iterdir()) == before
