"""`vigyc tail`: what happened last and what happens now, sifted, in both forms, without ever ticking."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli.serving import COUNT, Running, register, serve, until
from cli.shell import objects, process, vigyc
from vigyc.model.vigy import Vigy
from vigyc.service.runtime import Runtime
from vigyc.service.settings import Settings

TALK = """
(vigy-log "debug" "Looking")
(vigy-log "warn" "careful\\nnow")
(vigy-event "Boot" "first")
(vigy-apply (hash-map "a" 1))
(vigy-defer "later")
(vigy-noop)
"""
FAIL = '(vigy-log "info" "trying") (car 1)'


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A store in which `talk` ticked once, then `fail`, then `counter` thrice."""
    path = tmp_path / "vigy.db"
    with Runtime.open(path) as runtime:
        for name, program in (("talk", TALK), ("fail", FAIL), ("counter", COUNT)):
            runtime.register(program, name=name, every="1h")
        for name in ("talk", "fail", "counter", "counter", "counter"):
            runtime.tick(name)
        runtime.disable("fail")
    return path


def table(db: Path, *args: str) -> list[list[str]]:
    """What `tail` shows to people, without the time, in words."""
    done = vigyc("tail", "--no-follow", "--db", db, "-o", "table", *args)
    assert done.exit_code == 0, done.output
    return [line.partition(" (at ")[0].split()[1:] for line in done.stdout.splitlines()]


def numbers(db: Path, *args: str) -> list[int]:
    done = vigyc("tail", "--no-follow", "--db", db, *args)
    assert done.exit_code == 0, done.output
    return [line["seq"] for line in objects(done.stdout)]


def test_everything_that_happened_in_order(db: Path) -> None:
    told = table(db)
    owners = [line for line in told if line[0] == "owner"]
    assert owners
    assert [" ".join(line) for line in told if line[0] != "owner"] == [
        "talk registered",
        "fail registered",
        "counter registered",
        "talk debug Looking",
        r"talk warn careful\nnow",
        'talk action apply {"a":1}',
        "talk action defer skipped later",
        "talk ok tick 1: apply, defer, noop",
        "talk event Boot first",
        "fail info trying",
        "fail failed tick 1: type mismatch: expected pair, got int",
        "counter info n is 1",
        "counter ok tick 1: noop",
        "counter info n is 2",
        "counter ok tick 2: noop",
        "counter info n is 3",
        "counter ok tick 3: noop",
        "fail disabled",
    ]


def test_columns_are_aligned_and_times_are_of_one_width(db: Path) -> None:
    lines = vigyc("tail", "-n", "3", "--db", db, "-o", "table").stdout.splitlines()
    assert {line.index("  ") for line in lines} == {len("2026-01-02T03:04:05.678Z")}
    assert {line[26:33] for line in lines} == {"counter", "fail   "}


def test_elsewhere_than_on_a_terminal_it_is_json(db: Path) -> None:
    done = vigyc("tail", "-n", "2", "--db", db)
    run, disabled = objects(done.stdout)
    assert (run["kind"], run["run"]["logs"]) == ("run", [{"level": "info", "message": "n is 3"}])
    assert (disabled["kind"], disabled["seq"]) == ("disabled", run["seq"] + 1)


def test_the_last_entries_that_are_wanted(db: Path) -> None:
    every = numbers(db, "-n", "1000")
    assert every == list(range(1, len(every) + 1))
    assert numbers(db, "-n", "0") == []
    assert numbers(db, "-n", "3") == every[-3:]
    of_counter = numbers(db, "--vigy", "counter", "-n", "1000")
    assert len(of_counter) == 4
    assert numbers(db, "--id", "counter", "-n", "2") == of_counter[-2:]


def test_from_a_number_or_a_time_on(db: Path) -> None:
    every = numbers(db, "-n", "1000")
    assert numbers(db, "--after", str(every[4])) == every[5:]
    assert numbers(db, "--since", str(every[4])) == every[4:]
    assert numbers(db, "--after", "100000") == []
    assert numbers(db, "--since", "1h") == every
    assert numbers(db, "--since", "2000-01-01T00:00:00Z") == every
    assert numbers(db, "--since", "3000-01-01T00:00:00Z") == []
    assert numbers(db, "--since", "1h", "-n", "2") == every[-2:]
    done = vigyc("tail", "--since", "yesterday", "--db", db)
    assert done.exit_code == 2
    assert "--since" in done.stderr


def test_sifting(db: Path) -> None:
    (failure,) = table(db, "--level", "error")
    assert " ".join(failure) == "fail failed tick 1: type mismatch: expected pair, got int"
    assert [line[1] for line in table(db, "--level", "warn")] == ["warn", "failed"]
    assert [line[:2] for line in table(db, "--kind", "log", "--kind", "event", "--vigy", "talk")] == [
        ["talk", "debug"], ["talk", "warn"], ["talk", "event"],
    ]  # fmt: skip
    assert table(db, "--grep", "LOOKING") == [["talk", "debug", "Looking"]]
    assert table(db, "--grep", "no such text") == []
    whole = vigyc("tail", "--no-follow", "--grep", "looking", "--db", db, "-o", "json").stdout
    assert [len(line["run"]["logs"]) for line in objects(whole)] == [2]


def test_a_vigy_that_is_not_there_is_four(db: Path) -> None:
    done = vigyc("tail", "--vigy", "talc", "--db", db)
    assert done.exit_code == 4
    assert "did you mean 'talk'?" in done.stderr


def test_what_is_not_kept_any_more_is_told_as_a_gap(tmp_path: Path) -> None:
    path = tmp_path / "vigy.db"
    with Runtime.open(path, settings=Settings(keep_runs=2, keep_events=1)) as runtime:
        vigy = runtime.register(COUNT, name="counter", every="1h").vigy
        for _ in range(10):
            runtime.tick("counter")
        _forget(runtime, vigy)
        last = runtime.runs(limit=1)[0].seq
    told = objects(vigyc("tail", "--after", "2", "--no-follow", "--db", path).stdout)
    assert told[0]["kind"] == "gap"
    assert told[0]["data"]["from"] == 3
    assert [line["seq"] for line in told[1:]] == list(range(told[0]["seq"] + 1, last + 1))
    assert table(path, "--after", "2", "--grep", "nothing like it")[0][0] == "gap"


def _forget(runtime: Runtime, vigy: Vigy) -> None:
    """Have the store let go of what the settings do not keep."""
    fence = runtime._engine.tenure.fence
    assert fence is not None
    while runtime._store.prune(fence, runs_per_vigy=2, events=1, older_than=vigy.created_at - 1):
        pass


def test_it_follows_what_a_server_does_and_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "vigy.db"
    register(path)
    with Running("tail", "--db", path) as tail, serve(path) as server:
        assert server.says("vigyc: ticking")
        assert until(lambda: len(tail.out) >= 6)
        tail.process.send_signal(signal.SIGINT)
        assert tail.ends() == 130
        first = [json.loads(line)["seq"] for line in tail.out]
        with Running("tail", "-f", "--after", str(first[-1]), "--db", path) as again:
            assert until(lambda: len(again.out) >= 3)
        more = [json.loads(line)["seq"] for line in again.out]
    assert [*first, *more] == list(range(1, len(first) + len(more) + 1))


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_on_a_terminal_it_is_lines_in_colour(db: Path, variables: dict[str, str], coloured: bool) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "vigyc", "tail", "-n", "5", "--grep", "type MIS", "--db", str(db)]
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    done = subprocess.run(
        command, stdout=theirs, check=False, env={**environment, "TERM": "xterm", **variables}, timeout=30
    )
    os.close(theirs)
    line = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == 0
    assert line.count("\n") == 1
    assert ("\x1b[31mfailed" in line) is coloured
    assert ("\x1b[7mtype mis\x1b[0mmatch" in line) is coloured
    assert ("\x1b" in line) is coloured


def test_it_never_ticks(tmp_path: Path) -> None:
    path = tmp_path / "vigy.db"
    register(path, every=1)
    with Running("tail", "--db", path) as tail:
        assert until(lambda: len(tail.out) == 1)  # that it was registered
        register(path, name="other", every=1)
        assert until(lambda: len(tail.out) == 2)
    with Runtime.open(path) as runtime:
        assert runtime.runs() == []
        assert {notice.kind for notice in runtime.notices()} == {"registered"}


def test_a_reader_that_has_gone_ends_it_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "vigy.db"
    register(path)
    with serve(path):
        tail = process("tail", "--db", path)
        assert tail.stdout is not None
        assert tail.stderr is not None
        try:
            assert tail.stdout.readline()
            tail.stdout.close()
            assert tail.wait(15) == 141
            assert tail.stderr.read() == ""
        finally:
            tail.kill()
            tail.wait()
            tail.stderr.close()
