"""Replay: a tick once more from its record, with no effect performed; and the dry run, which does nothing it would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import vigyc
from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.effects.policy import Policy
from vigyc.effects.recording import packed, unpacked
from vigyc.lang.datum import keyword, symbol
from vigyc.runtime.secret import Secret
from vigyc.runtime.values import ErrorValue


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a").write_text("hello")
    return tmp_path


@pytest.fixture(params=["memory", "file"])
def runtime(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[vigyc.Runtime]:
    path = ":memory:" if request.param == "memory" else tmp_path_factory.mktemp("store") / "vigy.db"
    policy = Policy.of(f"fs.read:{folder}", f"fs.write:{folder}", "random", "time", f"kv:{folder}")
    with vigyc.Runtime.open(path, policy=policy) as opened:
        yield opened


COPY = """
(define text (ok-value (fs-read "{0}/a")))
(vigy-set "n" (+ 1 (vigy-get "n" 0)))
(vigy-set "text" text)
(vigy-set "dice" (random-int 1 1000000))
(vigy-log "info" (string-append "read " text))
(fs-write "{0}/b" (string-append text (number->string (vigy-get "n"))))
(vigy-update (hash-map "now" (time-now)))
"""


def test_a_replay_is_as_the_run_was_and_performs_nothing(runtime: vigyc.Runtime, folder: Path) -> None:
    runtime.register(COPY.format(folder), name="copy", enabled=False)
    run = runtime.tick("copy")
    assert (run.result, (folder / "b").read_text()) == ("ok", "hello1")
    (folder / "a").write_text("something else")
    (folder / "b").unlink()
    done = runtime.replay(run.id)
    assert done.differences == ()
    assert done.again.actions == run.actions
    assert done.again.report.logs == run.report.logs
    assert not (folder / "b").exists()
    assert runtime.kv("copy").get("n") == 1


def test_a_program_that_asks_for_something_else_has_diverged(runtime: vigyc.Runtime, folder: Path) -> None:
    program = f'(fs-read (string-append "{folder}/" (vigy-outside)))'
    answers = iter(["a", "b"])
    outside = vigyc.closure_extension("outside", vigy_outside=lambda host: next(answers))
    policy = Policy.of(f"fs.read:{folder}")
    with vigyc.Runtime.open(policy=policy, extensions=[*vigyc.standard_extensions(), outside]) as other:
        other.register(program, name="p", enabled=False)
        run = other.tick("p")
        done = other.replay(run.id)
    assert done.differences[0].what == "effects"
    assert done.differences[0].replayed == "call 1, `fs-read`, has other arguments than it had"
    assert done.again.error_kind == "replay-diverged"


def test_calls_that_do_not_come_again_are_told(folder: Path) -> None:
    answers = iter([True, False])
    outside = vigyc.closure_extension("outside", again=lambda host: next(answers))
    policy = Policy.of(f"fs.read:{folder}")
    with vigyc.Runtime.open(policy=policy, extensions=[*vigyc.standard_extensions(), outside]) as runtime:
        program = f'(if (again) (begin (fs-read "{folder}/a") (fs-exists? "{folder}/a")))'
        runtime.register(program, name="p", enabled=False)
        done = runtime.replay(runtime.tick("p").id)
    assert done.differences[0].recorded == "fs-read, fs-exists? followed"


def test_denials_and_failures_replay_as_they_were(runtime: vigyc.Runtime, folder: Path) -> None:
    runtime.register(
        f"""(define where (vigy-get "where" "/etc/passwd"))
        (vigy-set "refused" (try (fs-read where) (catch (e) (error-message e))))
        (vigy-set "missing" (error-tag (error-of (fs-read "{folder}/none"))))
        (fs-write where "no")""",
        name="p",
        enabled=False,
    )
    run = runtime.tick("p")
    assert (run.error_kind, run.report.denied) == ("denied", 2)
    assert runtime.standing("p").denied == 2
    assert [notice.kind for notice in runtime.notices()][-2:] == ["denied", "denied"]
    assert runtime.replay(run.id).differences == ()


def test_a_recorded_call_can_be_looked_at(runtime: vigyc.Runtime, folder: Path) -> None:
    program = f'(try (fs-write (string-append "/etc/" "x") "y") (catch (e) nil)) (fs-exists? "{folder}/a")'
    runtime.register(program, name="p", enabled=False)
    denied, done = [call.to_json() for call in runtime.replay(runtime.tick("p").id).calls]
    assert (denied["name"], denied["args"], denied["error"]["kind"]) == ("fs-write", ["/etc/x", "y"], "denied")
    assert done == {"name": "fs-exists?", "args": [f"{folder}/a"], "value": True}


def test_a_handle_replays_as_a_stand_in(runtime: vigyc.Runtime, folder: Path) -> None:
    runtime.register(
        f"""(define db (ok-value (kv-open "{folder}/x.kv")))
        (kv-put db "k" 7)
        (vigy-set "got" (kv-get db "k"))
        (kv-close db)""",
        name="p",
        enabled=False,
    )
    run = runtime.tick("p")
    assert run.result == "ok", run.error
    for path in folder.glob("x.kv*"):
        path.unlink()
    assert runtime.replay(run.id).differences == ()
    assert not list(folder.glob("x.kv*"))


def test_a_run_without_effects_has_no_record(runtime: vigyc.Runtime) -> None:
    runtime.register('(vigy-set "n" 1)', name="p", enabled=False)
    with pytest.raises(vigyc.NotFound, match="only runs that call effects are recorded"):
        runtime.replay(runtime.tick("p").id)


def test_a_record_that_is_too_large_says_so(folder: Path) -> None:
    policy = Policy.of(f"fs.read:{folder}", limits=Limits(record_bytes=100))
    with vigyc.Runtime.open(policy=policy) as runtime:
        runtime.register(f'(fs-read "{folder}/a")', name="p", enabled=False)
        run = runtime.tick("p")
        with pytest.raises(vigyc.NotFound, match=r"its record has \d+ bytes, and 100 are kept"):
            runtime.replay(run.id)


def test_a_record_goes_with_its_run(runtime: vigyc.Runtime, folder: Path) -> None:
    runtime.register(f'(fs-read "{folder}/a")', name="p", enabled=False)
    run = runtime.tick("p")
    runtime.delete("p")
    assert runtime._store.recording(run.id) is None


def test_values_of_every_kind_survive_a_record() -> None:
    value = [None, True, 1, 2.5, "é", b"\0", keyword("k"), symbol("s"), {keyword("a"): [1]}, ErrorValue("t", "m", [1])]
    read = unpacked(packed(value))
    assert read[:9] == value[:9]
    assert (read[9].tag, read[9].message, read[9].data) == ("t", "m", [1])


def test_a_secret_is_in_a_record_by_name_alone() -> None:
    data = packed([Secret("hunter22", "door"), {"a": Secret("hunter22", "door")}])
    assert b"hunter22" not in data
    assert b"door" in data


def test_h04_a_replay_has_no_power_the_run_did_not_have(runtime: vigyc.Runtime, folder: Path) -> None:
    runtime.register(f'(fs-exists? "{folder}/a")', name="p", enabled=False)
    run = runtime.tick("p")
    runtime.rollback("p", 1)
    program = f'(fs-exists? "{folder}/a") (fs-write "{folder}/c" "x")'
    runtime.update("p", program=program)
    assert runtime.replay(run.id).differences == ()  # the version that ran, not the newest
    assert not (folder / "c").exists()


# -- the dry run


def test_a_dry_run_lists_what_it_would_do_and_does_not(runtime: vigyc.Runtime, folder: Path) -> None:
    runtime.register(COPY.format(folder), name="copy", enabled=False)
    done = runtime.dry_run("copy")
    assert not (folder / "b").exists()
    assert [(effect.name, effect.outcome) for effect in done.run.report.effects] == [
        ("fs-read", "ok"), ("random-int", "ok"), ("fs-write", "not-done"), ("time-now", "ok"),
    ]  # fmt: skip
    assert done.run.result == "ok"


def test_a_dry_run_tells_the_program_and_decides_as_ever(runtime: vigyc.Runtime, folder: Path) -> None:
    runtime.register(
        f"""(vigy-set "tag" (error-tag (error-of (fs-write "{folder}/b" "x"))))
        (fs-write (vigy-get "where" "/etc/motd") "x")""",
        name="p",
        enabled=False,
    )
    done = runtime.dry_run("p")
    assert [effect.outcome for effect in done.run.report.effects] == ["not-done", "denied"]
    assert done.run.error_kind == "denied"
    runtime.kv("p").set("where", f"{folder}/c")
    assert [(change.key, change.after) for change in runtime.dry_run("p").changes] == [("tag", ":dry-run")]


def test_a_dry_run_spends_nothing(folder: Path) -> None:
    policy = Policy.of(f"fs.read:{folder}", budgets=(Budget({"calls": 1}, "vigy"),))
    with vigyc.Runtime.open(policy=policy) as runtime:
        runtime.register(f'(fs-read "{folder}/a")', name="p", enabled=False)
        assert runtime.dry_run("p").run.result == runtime.dry_run("p").run.result == "ok"
        assert runtime.tick("p").result == "ok"
        assert runtime.tick("p").error_kind == "budget-exceeded"
