"""`vigyc run`: rounds of ticks, what each did, what is kept, and failures that do not stop the others."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from cli.shell import objects, process, vigyc

START = ("--start-ms", "1000000")
COUNT = '(vigy-log "info" (string-append "n is " (string (vigy-incr "n"))))'


def program(tmp_path: Path, name: str, text: str) -> Path:
    file = tmp_path / f"{name}.tatara"
    file.write_text(text, encoding="utf-8")
    return file


EVERYTHING = """
(display "shown")
(vigy-log "warn" "careful\nnow")
(vigy-apply (hash-map "b" 1 "a" (list 1 :k)))
(vigy-defer "later")
(vigy-condition "Ready" #f "Waiting" "for the other")
(vigy-event "Boot" "first")
(vigy-desired "replicas" 3)
(vigy-observed "replicas" 2)
(vigy-trace "why" "because")
(vigy-metric "load" 0.5)
(vigy-set "stage" "one")
(vigy-del "old")
"""


def test_a_tick_tells_everything_it_did(tmp_path: Path) -> None:
    done = vigyc("run", program(tmp_path, "all", EVERYTHING), "--ticks", "1", *START)
    assert done.exit_code == 0
    assert done.stdout == (
        "1970-01-01T00:16:40Z  all #1\n"
        "  log        warn careful\\nnow\n"
        '  action     apply  {"a":[1,":k"],"b":1}\n'
        "  action     defer  skipped  later\n"
        "  condition  Ready = false  Waiting  for the other\n"
        "  event      Boot first\n"
        "  desired    replicas = 3\n"
        "  observed   replicas = 2\n"
        '  trace      why = "because"\n'
        "  metric     load = 0.5\n"
        '  kv         stage = "one"\n'
        "  kv         old deleted\n"
    )
    assert done.stderr == '"shown"\n'


def test_json_is_an_object_a_tick(tmp_path: Path) -> None:
    done = vigyc("run", program(tmp_path, "all", EVERYTHING), "--ticks", "1", "-o", "json", *START)
    assert done.stderr == ""
    assert objects(done.stdout) == [
        {
            "program": "all",
            "tick": 1,
            "at": 1000000,
            "ok": True,
            "log": [{"level": "warn", "message": "careful\nnow"}],
            "actions": [
                {"kind": "apply", "payload": {"a": [1, ":k"], "b": 1}},
                {"kind": "defer", "result": "skipped", "message": "later"},
            ],
            "conditions": [
                {"name": "Ready", "status": "false", "reason": "Waiting", "message": "for the other"},
            ],
            "events": [{"kind": "Boot", "message": "first"}],
            "desired": {"replicas": 3},
            "observed": {"replicas": 2},
            "trace": {"why": "because"},
            "metrics": {"load": 0.5},
            "kv": {"stage": "one"},
            "kv_deleted": ["old"],
            "output": '"shown"',
        }
    ]


def test_programs_tick_in_turn_and_remember(tmp_path: Path) -> None:
    files = [program(tmp_path, name, COUNT) for name in ("a", "b")]
    done = vigyc("run", *files, "--ticks", "3", "--every", "2s", "-o", "json", *START)
    told = [(line["program"], line["tick"], line["at"], line["kv"]) for line in objects(done.stdout)]
    assert told == [(name, tick, 998_000 + 2_000 * tick, {"n": tick}) for tick in (1, 2, 3) for name in ("a", "b")]


def test_rounds_follow_the_clock(tmp_path: Path) -> None:
    file = program(tmp_path, "a", "(vigy-noop)")
    done = vigyc("run", file, "--ticks", "4", "--every", "50ms", "-o", "json")
    times = [line["at"] for line in objects(done.stdout)]
    assert 145 <= times[-1] - times[0] < 1000


def test_a_database_keeps_what_programs_remember(tmp_path: Path) -> None:
    db = tmp_path / "kv.db"
    for wanted in (2, 4):
        done = vigyc("run", program(tmp_path, "a", COUNT), "--db", db, "--ticks", "2", *START)
        assert done.stdout.endswith(f"  kv         n = {wanted}\n")
    reader = sqlite3.connect(db)
    rows = reader.execute("SELECT scope, value FROM kv_json WHERE key = 'n'").fetchall()
    reader.close()
    assert rows == [("a", "4")]


def test_a_failed_tick_is_shown_changes_nothing_and_the_rest_go_on(tmp_path: Path) -> None:
    bad = program(tmp_path, "bad", '(vigy-log "info" "trying") (vigy-incr "n")\n(if (< (vigy-tick-count) 5) (car 1))')
    good = program(tmp_path, "good", COUNT)
    done = vigyc("run", bad, good, "--ticks", "2", *START)
    assert done.exit_code == 1
    assert done.stdout == (
        "1970-01-01T00:16:40Z  bad #1  failed\n"
        "  log        info trying\n"
        "1970-01-01T00:16:40Z  good #1\n"
        "  log        info n is 1\n"
        "  kv         n = 1\n"
        "1970-01-01T00:16:41Z  bad #2  failed\n"
        "  log        info trying\n"
        "1970-01-01T00:16:41Z  good #2\n"
        "  log        info n is 2\n"
        "  kv         n = 2\n"
    )
    assert done.stderr.count("error[type-mismatch]: ") == 2
    assert f"--> {bad}:2:29" in done.stderr


def test_a_failed_tick_in_json(tmp_path: Path) -> None:
    done = vigyc("run", program(tmp_path, "a", '(vigy-set "n" 1) (throw "no")'), "--ticks", "1", "-o", "json")
    assert done.exit_code == 1
    (told,) = objects(done.stdout)
    assert (told["ok"], told["kv"], told["error"]["kind"], told["error"]["thrown"]) == (False, {}, "user", '"no"')
    assert told["error"]["span"] == [17, 29]


def test_a_tick_past_its_deadline_fails(tmp_path: Path) -> None:
    file = program(tmp_path, "a", "(define (f n) (f (+ n 1))) (f 0)")
    done = vigyc("run", file, "--ticks", "2", "--deadline", "50ms", *START)
    assert done.exit_code == 1
    assert done.stderr.count("error[halted]: ") == 2


def test_what_is_no_program_does_not_start_the_others(tmp_path: Path) -> None:
    files = [program(tmp_path, "good", COUNT), program(tmp_path, "bad", "(car"), program(tmp_path, "worse", ")")]
    done = vigyc("run", *files, "--ticks", "1")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert f"--> {files[1]}:1:1" in done.stderr
    assert f"--> {files[2]}:1:1" in done.stderr


def test_two_programs_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    done = vigyc("run", program(tmp_path, "a", COUNT), program(tmp_path / "other", "a", COUNT), "--ticks", "1")
    assert done.exit_code == 2
    assert "two programs are called 'a'" in done.stderr


@pytest.mark.parametrize("trouble", ["not a database", "directory", "nowhere"])
def test_trouble_with_the_database_is_five_and_one_line(tmp_path: Path, trouble: str) -> None:
    db = tmp_path / "kv.db"
    if trouble == "not a database":
        db.write_bytes(b"certainly not" * 100)
    elif trouble == "directory":
        db.mkdir()
    else:
        db = tmp_path / "absent" / "kv.db"
    done = vigyc("run", program(tmp_path, "a", COUNT), "--db", db, "--ticks", "1")
    assert done.exit_code == 5
    assert done.stderr.startswith("vigyc: cannot open ")
    assert done.stderr.count("\n") == 1


def test_a_locked_database_is_five_and_one_line(tmp_path: Path) -> None:
    db = tmp_path / "kv.db"
    assert vigyc("run", program(tmp_path, "a", COUNT), "--db", db, "--ticks", "1").exit_code == 0
    holder = sqlite3.connect(db, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    # in a process of its own: two SQLite libraries in one process do not see each other's locks
    with process("run", tmp_path / "a.tatara", "--db", db, "--ticks", "1") as running:
        _, errors = running.communicate(timeout=30)
    holder.close()
    assert running.returncode == 5
    assert errors.startswith("vigyc: cannot ")
    assert errors.endswith(": another process has it locked\n")
    assert errors.count("\n") == 1


def test_without_the_cache_it_is_the_same(tmp_path: Path) -> None:
    file = program(tmp_path, "a", COUNT)
    assert (
        vigyc("run", file, "--ticks", "1", "--no-cache", *START).stdout
        == vigyc("run", file, "--ticks", "1", *START).stdout
    )
