"""`vigyc register`: what becomes of the options, what is refused, and that nothing is written then."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw
import pytest

from cli.counter import HELLO, Counter
from vigyc.model.schedule import AUTO, Adaptive, Cron, Fixed, Schedule
from vigyc.model.vigy import Vigy
from vigyc.model.vigy_id import vigy_id
from vigyc.service.runtime import Runtime


def stored(counter: Counter, ref: str = "hello") -> Vigy:
    with Runtime.open(counter.db) as runtime:
        return runtime.get(ref)


def test_it_prints_the_id_and_when_it_ticks(counter: Counter) -> None:
    file = counter.file(HELLO)
    said = counter.good("register", file, "--name", "hello", "--every", "1500", "--label", "host=local")
    assert said == f"✓ {vigy_id('hello', HELLO)}  hello\n  ticking every 1.5s\n"
    vigy = stored(counter)
    assert (vigy.program, vigy.schedule, vigy.labels) == (HELLO, Schedule(Fixed(1500)), {"host": "local"})
    assert (vigy.enabled, vigy.version, vigy.deadline_ms) == (True, 1, None)


def test_by_default_every_second(counter: Counter) -> None:
    assert counter.good("register", counter.file(HELLO), "--name", "hello").endswith("\n  ticking every 1s\n")
    assert stored(counter).schedule == Schedule(Fixed(1000))


def test_a_disabled_one_is_said_to_be(counter: Counter) -> None:
    said = counter.good("register", counter.file(HELLO), "--name", "hello", "--disabled")
    assert said.endswith("\n  registered disabled\n")
    assert not stored(counter).enabled


def test_from_standard_input(counter: Counter) -> None:
    counter.good("register", "-", "--name", "hello", given=HELLO)
    assert stored(counter).program == HELLO


@pytest.mark.parametrize(
    ("words", "schedule", "told"),
    [
        (["--every", "1m30s"], Schedule(Fixed(90_000)), "every 1m30s"),
        (["--cron", "*/5 * * * *"], Schedule(Cron("*/5 * * * *")), "by cron(*/5 * * * *, UTC)"),
        (
            ["--cron", "0 9 * * mon", "--timezone", "Europe/Paris"],
            Schedule(Cron("0 9 * * mon", "Europe/Paris")),
            "by cron(0 9 * * mon, Europe/Paris)",
        ),
        (["--adaptive", "1s:5m:a:b"], Schedule(Adaptive(1000, 300_000, "a:b")), "by adaptive(1s to 5m, a:b)"),
        (
            ["--every", "10s", "--offset", "auto", "--jitter", "1s", "--initial-delay", "5"],
            Schedule(Fixed(10_000), AUTO, 1000, 5),
            "by fixed(10s), offset auto, jitter 1s, initial delay 5ms",
        ),
        (["--offset", "250"], Schedule(Fixed(1000), 250), "by fixed(1s), offset 250ms"),
    ],
)
def test_schedules(counter: Counter, words: list[str], schedule: Schedule, told: str) -> None:
    said = counter.good("register", counter.file(HELLO), "--name", "hello", *words)
    assert said.endswith(f"\n  ticking {told}\n")
    assert stored(counter).schedule == schedule


def test_a_deadline_and_a_note_are_kept(counter: Counter) -> None:
    counter.good("register", counter.file(HELLO), "--name", "hello", "--deadline", "2s", "--note", "the first")
    assert stored(counter).deadline_ms == 2000
    (version,) = counter.json("versions", "hello")
    assert version["note"] == "the first"


def test_in_json_it_is_the_vigy(counter: Counter) -> None:
    made = counter.json("register", counter.file(HELLO), "--name", "hello", "--every", "1000", "--label", "a=b=c")
    assert made["id"] == vigy_id("hello", HELLO)
    assert (made["name"], made["program"], made["tick_interval_ms"]) == ("hello", HELLO, 1000)
    assert (made["labels"], made["enabled"], made["version"]) == ({"a": "b=c"}, True, 1)
    assert (made["created"], made["changed"]) == (True, True)


def test_again_is_nothing_but_what_is_given(counter: Counter) -> None:
    file = counter.file(HELLO)
    first = counter.json("register", file, "--name", "hello", "--every", "5s", "--label", "a=b")
    again = counter.json("register", file, "--name", "hello")
    assert (again.pop("created"), again.pop("changed")) == (False, False)
    assert {**first, "created": None, "changed": None} == {**again, "created": None, "changed": None}
    assert counter.good("register", file, "--name", "hello").endswith(
        "\n  registered before, unchanged: ticking every 5s\n"
    )
    assert counter.good("register", file, "--name", "hello", "--every", "6s").endswith(
        "\n  changed: ticking every 6s\n"
    )
    assert stored(counter).labels == {"a": "b"}


def test_another_program_under_the_name_is_a_conflict(counter: Counter) -> None:
    counter.register()
    line = counter.bad("register", counter.file("(vigy-noop)"), "--name", "hello", code=4)
    assert line.startswith("vigyc: 'hello' is registered with another program")
    assert "update" in line


def test_what_does_not_compile_is_shown_with_carets(counter: Counter) -> None:
    file = counter.file('(vigy-noop)\n(vigy-log "info" (foo')
    done = counter("register", file, "--name", "hello")
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"{file}:2:18" in done.stderr
    assert "^" in done.stderr
    assert counter.good("list") == "no vigies registered\n"


def test_what_is_only_doubtful_is_shown_and_registered(counter: Counter) -> None:
    done = counter("register", counter.file("(define unused 1)\n(vigy-pul)"), "--name", "hello")
    assert done.exit_code == 0
    assert "vigy-pul" in done.stderr
    assert "^" in done.stderr
    assert done.stdout.startswith("✓ ")


def test_what_it_requires_is_kept_with_it(counter: Counter) -> None:
    counter.file("(provide twice) (define (twice n) (* 2 n))", "lib.tlisp")
    file = counter.file('(require "lib.tlisp" :as lib) (vigy-set "n" (lib/twice 21))')
    counter.good("register", file, "--name", "hello")
    (counter.place / "lib.tlisp").unlink()
    counter.good("tick", "hello")
    assert counter.good("kv", "get", "hello", "n") == "42\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--label", "team"], "label 'team': give it as key=value"),
        (["--label", "te am=x"], "label 'te am': a key is made of"),
        (["--every", "99"], "invalid tick interval 99 ms: must be >= 100"),
        (["--adaptive", "50:1s:k"], "invalid shortest tick interval 50 ms: must be >= 100"),
        (["--every", "soon"], "duration 'soon': give a number of ms"),
        (["--every", "-5"], "duration '-5': give a number of ms"),
        (["--adaptive", "1s:2s"], "'1s:2s' is not MIN:MAX:KEY"),
        (["--adaptive", "5s:2s:k"], "its shortest interval, 5000 ms, is over its longest, 2000 ms"),
        (["--cron", "61 * * * *"], "cron '61 * * * *': the minute is wrong"),
        (["--cron", "* * * * *", "--timezone", "Mars/Base"], "Mars/Base"),
        (["--timezone", "UTC"], "--timezone goes with --cron"),
        (["--every", "1s", "--cron", "* * * * *"], "give one of --every, --cron and --adaptive"),
        (["--jitter", "1s"], "jitter 1000 ms: it must be less than the interval"),
        (["--offset", "later"], "duration 'later'"),
        (["--deadline", "0"], "deadline '0': it must be longer than nothing"),
    ],
)
def test_bad_options_are_refused_in_one_line(counter: Counter, words: list[str], told: str) -> None:
    line = counter.bad("register", counter.file(HELLO), "--name", "hello", *words, code=2)
    assert told in line
    assert counter.good("list") == "no vigies registered\n"


@pytest.mark.parametrize("name", ["", " x", "a\nb", "0123456789abcdef", "x" * 254])
def test_bad_names_are_refused(counter: Counter, name: str) -> None:
    assert "name " in counter.bad("register", counter.file(HELLO), "--name", name, code=2)


def test_a_blank_program_is_refused(counter: Counter) -> None:
    assert counter.bad("register", counter.file(" \n"), "--name", "hello", code=2) == "vigyc: vigy program empty"


def test_a_file_that_is_not_there_leaves_no_store(counter: Counter) -> None:
    assert "there is no such file" in counter.bad("register", counter.place / "absent", "--name", "x", code=2)
    assert not counter.db.exists()


def test_shorter_intervals_where_the_settings_allow_them(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGYC_MIN_INTERVAL_MS", "10")
    counter.good("register", counter.file(HELLO), "--name", "hello", "--every", "10")
    assert "must be >= 10" in counter.bad("register", counter.file(HELLO), "--name", "x", "--every", "9", code=2)


def test_a_store_of_a_newer_vigyc_is_left_alone(counter: Counter) -> None:
    counter.register()
    connection = apsw.Connection(str(counter.db))
    connection.pragma("user_version", 9999)
    connection.close()
    assert "newer" in counter.bad("register", counter.file("(vigy-noop)"), "--name", "x", code=5)
    assert "newer" in counter.bad("list", code=5)


def test_a_file_that_is_no_store(counter: Counter) -> None:
    counter.db.write_text("this is no database, and it is long enough to be seen as one" * 20)
    assert str(counter.db) in counter.bad("list", code=5)


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
def test_a_folder_that_cannot_be_written(
    counter: Counter, powerless: Callable[[], AbstractContextManager[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.good("register", "-", "--name", "x", given=HELLO)  # imports what may lie where only root can read
    with TemporaryDirectory() as folder:
        closed = Counter(Path(folder))
        closed.place.chmod(0o555)
        monkeypatch.setenv("XDG_CONFIG_HOME", folder)
        with powerless():
            line = closed.bad("register", "-", "--name", "x", code=5, given=HELLO)
        assert str(closed.db) in line
        assert closed.files() == {}


def test_a_delay_counts_from_the_end_of_a_tick(counter: Counter) -> None:
    file = counter.file(HELLO)
    made = counter.json("register", file, "--name", "hello", "--every", "2s", "--fixed-delay")
    assert made["schedule"] == {"kind": "fixed", "interval_ms": 2000, "mode": "delay"}
    assert counter.json("update", "hello", "--fixed-rate")["schedule"] == {"kind": "fixed", "interval_ms": 2000}
    assert "go with --every" in counter.bad("update", "hello", "--cron", "* * * * *", "--fixed-delay", code=2)
