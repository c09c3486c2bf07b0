"""`vigyc resolve`: what came of an action."""

from __future__ import annotations

from cli.counter import Counter


def test_what_came_of_an_action_is_kept(counter: Counter) -> None:
    counter.register()
    run = counter.json("tick", "hello")["id"]
    assert counter.json("state", "hello")["pending"]
    told = counter.good("resolve", run[:30], "0", "failed", "--message", "no disk")
    assert told == f'✓ action 0 of run {run}: pull  "image"  failed  no disk\n'
    assert counter.json("state", "hello")["pending"] == []
    (action,) = counter.json("runs", "--run", run)["actions"]
    assert (action["result"], action["message"]) == ("failed", "no disk")


def test_in_json_it_is_the_run(counter: Counter) -> None:
    counter.register()
    run = counter.json("tick", "hello")
    told = counter.json("resolve", run["id"], "0", "skipped")
    assert (told["id"], told["actions"][0]["result"]) == (run["id"], "skipped")


def test_what_cannot_be(counter: Counter) -> None:
    counter.register()
    run = counter.json("tick", "hello")["id"]
    counter.bad("resolve", "zzz", "0", "ok", code=4)
    counter.bad("resolve", run, "7", "ok", code=4)
    for words in (("done",), ("pending",), ()):
        assert counter("resolve", run, "0", *words).exit_code == 2
    assert counter("resolve", run, "x", "ok").exit_code == 2
