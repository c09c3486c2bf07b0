"""Faults that were found by trying to break the kernel, each with what must be so instead."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

import vigyc
from vigyc.auditing import refusals, uses_of
from vigyc.checking import analyse
from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.effects.policy import Policy, narrow
from vigyc.effects.policy_book import PolicyBook, Section
from vigyc.effects.powers import Powers
from vigyc.effects.session import Session
from vigyc.lang.errors import NotFound, NotGranted
from vigyc.model.run import TIMED_OUT
from vigyc.model.selector import Selector

DEEP = "(define (deep n x) (if (= n 0) x (deep (- n 1) (list x))))"
GROWN = "(define (grown m i) (if (= i 0) m (grown (hash-map-set m i i) (- i 1))))"
BIG = '(define (big n) (if (= n 0) "A" (let ((half (big (- n 1)))) (string-append half half))))'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a").write_text("hello")
    return tmp_path


@pytest.fixture
def runtime(folder: Path) -> Iterator[vigyc.Runtime]:
    grants = [f"{kind}:{folder}" for kind in ("fs.read", "fs.write", "kv", "sql")]
    policy = Policy.of(*grants, "random", "time", "env:HOME", "proc:sleep")
    with vigyc.Runtime.open(policy=policy) as opened:
        yield opened


def ticked(runtime: vigyc.Runtime, program: str, **given: int) -> vigyc.Run:
    runtime.register(program, name="p", enabled=False, **given)  # type: ignore[arg-type]
    return runtime.tick("p", timeout=20)


def open_files() -> int:
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


# -- records


def test_an_argument_too_deep_to_be_recorded_loses_the_record_not_the_run(runtime: vigyc.Runtime) -> None:
    run = ticked(runtime, DEEP + '(vigy-set "k" 1) (random-choice (deep 30000 1))')
    assert (run.result, run.report.kv_set, len(run.report.effects)) == ("ok", ("k",), 1)
    with pytest.raises(NotFound, match="could not be recorded"):
        runtime.replay(run.id)


def test_large_maps_are_recorded_version_by_version(runtime: vigyc.Runtime) -> None:
    program = GROWN + "(define m (grown (hash-map) 100)) (random-choice (list m))"
    run = ticked(runtime, program + '(random-choice (list (hash-map-set m 5 "x"))) (random-choice (list m))')
    assert (run.result, len(run.report.effects)) == ("ok", 3)
    assert runtime.replay(run.id).differences == ()


def test_a_run_that_reads_much_keeps_no_more_than_its_record_may_hold(runtime: vigyc.Runtime, folder: Path) -> None:
    (folder / "big").write_text("x" * 2**20)
    tracemalloc.start()
    try:
        run = ticked(runtime, f'(define (f n) (if (> n 0) (begin (fs-read "{folder}/big") (f (- n 1))))) (f 100)')
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()
    assert [effect.outcome for effect in run.report.effects] == ["ok"] * 100
    with pytest.raises(NotFound, match="more than the 262144 bytes"):
        runtime.replay(run.id)


def test_failures_are_told_as_such_where_the_record_is_too_large(folder: Path) -> None:
    policy = Policy.of(f"fs.read:{folder}", limits=Limits(record_bytes=10))
    with vigyc.Runtime.open(policy=policy) as runtime:
        run = ticked(runtime, f'(fs-read "{folder}/none") (fs-read "{folder}/a") (fs-read "{folder}/none")')
    assert [effect.outcome for effect in run.report.effects] == ["failed", "ok", "failed"]


# -- long texts


def test_a_huge_name_that_is_denied_is_told_in_short(runtime: vigyc.Runtime) -> None:
    run = ticked(runtime, BIG + "(env-get (big 20))")
    assert run.error_kind == "denied"
    assert len(run.error or "") < 5000
    assert all(len(effect.resource) + len(effect.detail) < 10_000 for effect in run.report.effects)
    assert all(len(notice.message or "") < 5000 for notice in runtime.notices())


def test_a_decision_about_a_huge_name_is_not_remembered(folder: Path) -> None:
    session = Powers(lambda name, labels: Policy.of("env:*")).session("id", "vigy", {})
    session.judge("env", "A" * 10_000)
    session.judge("env", "HOME")
    assert list(session.judged) == [("env", "HOME")]


# -- replay


def test_a_run_that_timed_out_replays_as_it_was(runtime: vigyc.Runtime) -> None:
    run = ticked(runtime, "(time-clock) (define (f n) (f (+ n 1))) (f 0)", deadline=100)
    assert run.result == TIMED_OUT
    runtime.update("p", deadline="200ms")
    assert runtime.replay(run.id).differences == ()


def test_a_run_replays_as_it_was_after_its_vigy_was_renamed(runtime: vigyc.Runtime) -> None:
    run = ticked(runtime, "(random-int 1 9) (car 5)")
    assert "p:1:" in (run.error or "")
    runtime.update("p", name="q")
    assert runtime.replay(run.id).differences == ()


def test_very_deep_kv_values_are_compared(runtime: vigyc.Runtime) -> None:
    run = ticked(runtime, DEEP + '(vigy-set "k" (deep 1000 1)) (time-clock)')
    assert run.result == "ok"
    assert runtime.replay(run.id).differences == ()


def test_an_embedder_s_function_that_leaves_python_does_not_end_a_replay() -> None:
    def leave(host: vigyc.Host) -> object:
        raise SystemExit(3)

    extensions = [*vigyc.standard_extensions(), vigyc.closure_extension("outside", leave=leave)]
    with vigyc.Runtime.open(policy=Policy.of("time"), extensions=extensions) as runtime:
        run = ticked(runtime, "(time-clock) (leave)")
        assert run.result == "failed"
        assert runtime.replay(run.id).differences == ()


# -- deadlines


def test_a_deadline_leaves_nothing_open_whatever_it_cuts(runtime: vigyc.Runtime, folder: Path) -> None:
    opening = f'(kv-open "{folder}/x.kv") (sql-open "{folder}/x.db") (fs-read "{folder}/a")'
    assert ticked(runtime, f"(define (f n) {opening} (f (+ n 1))) (f 0)", deadline=15).result == TIMED_OUT
    before = open_files()
    for _ in range(25):
        assert runtime.tick("p", timeout=20).result == TIMED_OUT
    assert open_files() <= before


def test_a_deadline_is_kept_by_a_program_that_does_nothing_but_call_effects(runtime: vigyc.Runtime) -> None:
    run = ticked(runtime, "(define (f n) (time-clock) (f (+ n 1))) (f 0)", deadline=100)
    assert run.result == TIMED_OUT
    assert run.duration_us is not None
    assert run.duration_us < 600_000


def test_a_deadline_cuts_what_an_effect_calls_of_the_program(runtime: vigyc.Runtime, folder: Path) -> None:
    forever = "(define (f n) (f (+ n 1)))"
    run = ticked(
        runtime, f'{forever} (sql-transaction (ok-value (sql-open "{folder}/x.db")) (lambda () (f 0)))', deadline=100
    )
    assert run.result == TIMED_OUT
    assert run.duration_us is not None
    assert run.duration_us < 600_000


# -- policies


def test_a_call_whose_cost_is_refused_takes_no_call_either() -> None:
    program = """
    (define (f n) (if (> n 0) (begin (try (time-clock) (catch (e) 1)) (f (- n 1)))))
    (f 5) (vigy-observed "left" (budget-left "calls"))
    """
    with vigyc.Runtime.open(policy=Policy.of("time", budgets=(Budget({"calls": 10, "cost": 2}),))) as runtime:
        assert ticked(runtime, program).report.observed == {"left": 7}  # two clocks, and the question itself


BOOK = PolicyBook(
    Policy.of("fs.read:*"),
    [Section(None, Selector.parse("tier=1"), Policy.of("time")), Section("shut", Selector(), Policy.of("time"))],
)


@pytest.mark.parametrize("edit", [{"labels": {"tier": "1"}}, {"name": "shut"}])
def test_labels_or_a_name_with_a_narrower_policy_are_refused(edit: dict[str, object]) -> None:
    with vigyc.Runtime.open(policy=BOOK) as runtime:
        runtime.register('(fs-read "/a")', name="p", enabled=False)
        with pytest.raises(NotGranted):
            runtime.update("p", **edit)  # type: ignore[arg-type]
        assert runtime.update("p", labels={"tier": "2"}).labels == {"tier": "2"}


def test_registering_again_asks_the_policy_of_now(tmp_path: Path) -> None:
    with vigyc.Runtime.open(tmp_path / "vigy.db", policy=Policy.of("fs.read:*")) as runtime:
        runtime.register('(fs-read "/a")', name="p", enabled=False)
    with vigyc.Runtime.open(tmp_path / "vigy.db") as runtime:
        with pytest.raises(NotGranted):
            runtime.register('(fs-read "/a")', name="p")
        assert runtime.disable("p").enabled is False


def test_a_narrower_policy_with_another_base_has_the_secrets_of_the_one_above() -> None:
    above = Policy.of(base="/srv/app", secrets={"api": "file:token", "other": "env:OTHER"})
    below = narrow(above, Policy.of(base="/tmp/elsewhere"))
    assert below.secrets == {"api": "file:/srv/app/token", "other": "env:OTHER"}


@pytest.mark.parametrize("argument", ["5", "(list 1)", '(list "a")'])
def test_a_literal_of_the_wrong_type_is_no_refusal(argument: str) -> None:
    _, analysed = analyse(f"(try (fs-read {argument}) (catch (e) 1))", "p", None, None)
    assert analysed is not None
    assert refusals(uses_of(analysed).uses, Policy.of("fs.read:*")) == []


def test_what_a_session_keeps_is_closed_though_some_of_it_fails() -> None:
    closed: list[str] = []

    class Kept:
        def __init__(self, name: str) -> None:
            self.name = name

        def close(self) -> None:
            closed.append(self.name)
            raise OSError(self.name)

    session = Session("vigy", Policy(), {}, lambda name: None, lambda text: None)  # type: ignore[arg-type,return-value]
    session.kept.update(a=Kept("a"), b=Kept("b"))
    with pytest.raises(OSError, match=r"[ab]"):
        session.close()
    assert sorted(closed) == ["a", "b"]
    session.close()


# -- the command line


def vigyc_command(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vigyc", *args], capture_output=True, text=True, timeout=60, check=False
    )


def test_a_denial_that_an_expression_catches_is_told(tmp_path: Path) -> None:
    caught = '(try (fs-read "/etc/passwd") (catch (e) 1))'
    done = vigyc_command("eval", "--grant", "time", "-e", caught)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "denied: 1 of its calls\n")


def test_a_program_that_is_run_and_denied_has_the_exit_code_of_that(tmp_path: Path) -> None:
    program = tmp_path / "p.tatara"
    program.write_text('(fs-read "/etc/passwd")')
    assert vigyc_command("run", str(program), "--ticks", "1", "--grant", "time").returncode == 3
    program.write_text("(car 5)")
    assert vigyc_command("run", str(program), "--ticks", "1", "--grant", "time").returncode == 1
