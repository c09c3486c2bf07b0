"""`vigyc tick`: here, by a server, and only tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.counter import ENDLESS, FAILS, HELLO, Counter
from cli.serving import serve
from vigyc.service.runtime import Runtime


def test_it_tells_what_the_tick_did(counter: Counter) -> None:
    counter.register()
    head, *lines = counter.good("tick", "hello").splitlines()
    assert head.startswith("hello #1  ok  ")
    assert lines == [
        "  log        info tick 1",
        '  action     pull  "image"',
        "  condition  Ready = true  why  well",
        "  desired    replicas = 3",
        "  kv         n set",
    ]
    assert counter.good("kv", "get", "hello", "n") == "1\n"


def test_json_is_the_run(counter: Counter) -> None:
    vigy_id = counter.register()
    run = counter.json("tick", "hello")
    assert (run["vigy_id"], run["result"], run["trigger"], run["tick"]) == (vigy_id, "ok", "request", 1)
    assert run["actions"] == [{"kind": "pull", "payload": "image"}]
    assert run["logs"] == [{"level": "info", "message": "tick 1"}]
    assert counter.json("runs", "hello") == [run]


def test_a_disabled_vigy_is_ticked_too(counter: Counter) -> None:
    counter.register(enabled=False)
    assert counter.json("tick", "hello")["result"] == "ok"


@pytest.mark.parametrize("output", ["table", "json", "jsonl"])
def test_a_tick_that_fails_is_told_and_is_one(counter: Counter, output: str) -> None:
    counter.register("bad", FAILS)
    done = counter("tick", "bad", "-o", output)
    assert (done.exit_code, done.stderr) == (1, "")
    assert "type mismatch: expected number, got string (at bad:2:1)" in done.stdout
    assert counter.json("kv", "ls", "bad") == []


def test_a_tick_past_its_deadline_is_told_and_is_one(counter: Counter) -> None:
    counter.register("slow", ENDLESS, deadline="50ms")
    done = counter("tick", "slow")
    assert done.exit_code == 1
    assert done.stdout.startswith("slow #1  timed_out  ")


def test_what_a_program_says_does_not_move_the_cursor(counter: Counter) -> None:
    counter.register("sly", '(vigy-log "info" "a\x1b[2Jb\\nc") (vigy-set "k\x1b[2J" "\x1b[2J") (display "x\x1b[H")')
    for told in (counter.good("tick", "sly", "--dry-run"), counter.good("tick", "sly"), counter.good("inspect", "sly")):
        assert "\x1b" not in told
    assert "  log        info a\\x1b[2Jb\\nc\n" in counter.good("tick", "sly")


def test_a_server_makes_the_tick(counter: Counter) -> None:
    counter.register()
    with serve(counter.db) as server:
        assert server.says("vigyc: ticking")
        run = counter.json("tick", "hello")
        assert (run["result"], run["trigger"]) == ("ok", "request")
        with Runtime.open(counter.db) as runtime:
            owners = [notice for notice in runtime.notices() if notice.kind == "owner"]
        assert len(owners) == 1  # nobody else took the lease
        dry = counter.json("tick", "hello", "--dry-run")
        assert dry["tick"] == run["tick"] + 1
        server.process.terminate()
        assert server.ends() == 0


@pytest.mark.parametrize("output", ["table", "json"])
def test_a_dry_run_tells_what_would_change(counter: Counter, output: str) -> None:
    program = '(vigy-incr "n") (vigy-del "old") (vigy-set "new" (list 1 nil)) (vigy-push 1)'
    counter.register("x", program)
    for key, value in (("n", "1"), ("old", '{"a":1}')):
        counter.good("kv", "set", "x", key, value)
    if output == "table":
        head, *lines = counter.good("tick", "x", "--dry-run").splitlines()
        assert head.startswith("x #1  ok  ")
        assert head.endswith("  dry run: nothing of it was kept")
        assert lines == [
            "  action     push  1",
            "  kv         n  1 -> 2",
            "  kv         new  nothing -> [1,null]",
            '  kv         old  {"a":1} -> nothing',
        ]
        return
    told = counter.json("tick", "x", "--dry-run")
    assert (told["dry_run"], told["result"], told["actions"]) == (True, "ok", [{"kind": "push", "payload": 1}])
    assert told["changes"] == [
        {"key": "n", "before": 1, "after": 2}, {"key": "new", "after": [1, None]}, {"key": "old", "before": {"a": 1}},
    ]  # fmt: skip


def test_a_dry_run_writes_nothing_at_all(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGYC_CACHE_DIR", str(counter.place / "cache"))
    counter.register(program=HELLO + '(vigy-event "e" "x")')
    counter.good("list")

    def seen() -> dict[Path, tuple[int, bytes]]:
        files = [path for path in counter.place.rglob("*") if path.is_file()]
        return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}

    before = seen()
    counter.good("tick", "hello", "--dry-run")
    assert seen() == before
    assert counter.json("runs") == []


def test_a_dry_run_that_fails_is_one(counter: Counter) -> None:
    counter.register("bad", FAILS)
    done = counter("tick", "bad", "--dry-run")
    assert done.exit_code == 1
    assert "  error      type mismatch" in done.stdout


def test_a_timeout_must_be_one(counter: Counter) -> None:
    counter.register()
    assert "duration 'soon': give a number of ms" in counter.bad("tick", "hello", "--timeout", "soon", code=2)
    assert counter.json("tick", "hello", "--timeout", "10s")["result"] == "ok"
