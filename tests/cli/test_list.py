"""`vigyc list`: the vigies in a table and as JSON."""

from __future__ import annotations

import json

import pytest

from cli.counter import FAILS, Counter
from cli.shell import objects
from vigyc.service.runtime import Runtime


def test_an_empty_store(counter: Counter) -> None:
    assert counter.good("list") == "no vigies registered\n"
    assert counter.json("list") == []
    assert counter.good("list", "-o", "jsonl") == ""


def test_a_line_for_each_in_columns_with_labels_below(counter: Counter) -> None:
    one = counter.register("one", every="10s", labels={"tier": "db", "host": "local"})
    three = counter.register("number-three", enabled=False)
    assert counter.good("list").splitlines() == [
        f"■  {one}  one           every 10s  standby",
        "    host=local, tier=db",
        f"□  {three}  number-three  every 1h   disabled",
    ]


def test_how_the_last_tick_went(counter: Counter) -> None:
    counter.register("good")
    counter.register("bad", FAILS)
    counter.good("tick", "good")
    assert counter("tick", "bad").exit_code == 1
    first, second = counter.good("list").splitlines()
    assert "  standby  ok " in first
    assert first.endswith(" ago")
    assert "  standby  failed " in second
    with Runtime.open(counter.db) as runtime:
        started = runtime.standing("good").started_at
    assert started is not None
    year = counter.good("list", "--utc").splitlines()[0].split("  ok ")[1]
    (good, _) = counter.json("list")
    assert year == good["last_started_at"]
    assert (good["last_result"], good["phase"]) == ("ok", "standby")


def test_selectors(counter: Counter) -> None:
    counter.register("a", labels={"tier": "db"})
    counter.register("b", labels={"tier": "web"})
    assert [vigy["name"] for vigy in counter.json("list", "--selector", "tier=db")] == ["a"]
    assert [vigy["name"] for vigy in counter.json("list", "--selector", "tier!=db")] == ["b"]
    assert counter.good("list", "--selector", "tier=x") == "no vigies match tier=x\n"
    assert "selector term 'tier db'" in counter.bad("list", "--selector", "tier db", code=2)


def test_json_lines(counter: Counter) -> None:
    ids = [counter.register(name) for name in ("a", "b")]
    assert [vigy["id"] for vigy in objects(counter.good("list", "-o", "jsonl"))] == ids
    assert [vigy["id"] for vigy in counter.json("list")] == ids
    vigy = counter.json("list")[0]
    assert (vigy["phase"], vigy["tick_interval_ms"]) == ("standby", 3_600_000)
    assert vigy["schedule"] == {"kind": "fixed", "interval_ms": 3_600_000}
    assert vigy["due_at"] == vigy["created_at"]


@pytest.mark.parametrize(("variable", "coloured"), [("FORCE_COLOR", True), ("NO_COLOR", False)])
def test_colours_where_they_are_wanted(
    counter: Counter, monkeypatch: pytest.MonkeyPatch, variable: str, coloured: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    counter.register()
    counter.good("tick", "hello")
    plain = counter.good("list")
    assert "\x1b" not in plain
    monkeypatch.setenv(variable, "1")
    assert ("\x1b[32mok" in counter.good("list")) == coloured


def test_names_of_any_script_and_json_that_is_utf_8(counter: Counter) -> None:
    counter.register("zähler-☃")
    assert "zähler-☃" in counter.good("list")
    assert json.loads(counter.good("list", "-o", "jsonl"))["name"] == "zähler-☃"


def test_columns_are_of_places_on_the_screen_and_have_a_bound(counter: Counter) -> None:
    names = ("日本", "a\u0301bcd", "x" * 100, "e")
    for name in names:
        counter.register(name)
    wide, combined, long, short = counter.good("list").splitlines()
    assert wide.split("  ", 2)[2] == "日本" + " " * 58 + "every 1h  standby"
    assert combined.split("  ", 2)[2] == "a\u0301bcd" + " " * 58 + "every 1h  standby"
    assert long.split("  ", 2)[2] == "x" * 100 + "  every 1h  standby"
    assert short.split("  ", 2)[2] == "e" + " " * 61 + "every 1h  standby"


def test_what_is_looked_for(counter: Counter) -> None:
    for name, more in (("beta", {}), ("Alpha", {"enabled": False}), ("bad", {"program": FAILS})):
        counter.register(name, **more)
    counter("tick", "bad")

    def names(*words: str) -> list[str]:
        return [vigy["name"] for vigy in counter.json("list", *words)]

    assert names() == ["beta", "Alpha", "bad"]
    assert names("--search", "A") == ["beta", "Alpha", "bad"]
    assert names("--search", "alp") == ["Alpha"]
    assert names("--phase", "disabled") == ["Alpha"]
    assert names("--failing") == ["bad"]
    assert names("--not-failing") == ["beta", "Alpha"]
    assert names("--sort", "name") == ["Alpha", "bad", "beta"]
    assert names("--sort", "attention")[0] == "bad"
    assert names("--sort", "name", "--limit", "2", "--not-failing") == ["Alpha", "beta"]
    assert counter.good("list", "--search", "nobody") == "no vigies match\n"
    for words in (("--sort", "size"), ("--phase", "odd"), ("--limit", "0")):
        assert counter("list", *words).exit_code == 2


def test_that_there_are_more_is_said(counter: Counter) -> None:
    for name in ("a", "b", "c"):
        counter.register(name)
    done = counter("list", "--limit", "2")
    assert (len(done.stdout.splitlines()), done.stderr) == (2, "2 of 3 vigies\n")
    assert len(json.loads(counter.good("list", "--limit", "2", "-o", "json"))) == 2
    assert len(counter.good("list", "--limit", "3").splitlines()) == 3
