"""Judging: every axis within its time, whatever it does; what fails denies; the same again gets the same verdicts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import get_ident
from time import monotonic, sleep

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enhance.verifiers.conftest import World, Worlds
from vigyc.effects.policy import Policy
from vigyc.enhance.verifiers.case import Case
from vigyc.enhance.verifiers.table import VERIFIERS, judge
from vigyc.lang.digest import digest
from vigyc.lang.errors import Halted, Invalid, StoreError
from vigyc.model.enhance_setting import AXES, FLOOR
from vigyc.model.epoch import Verdict
from vigyc.programs import Programs
from vigyc.runtime import budget
from vigyc.runtime.store.memory_store import MemoryStore
from vigyc.runtime.time_source import VirtualTime

BASE = '(define n (vigy-get "n" 0))\n(when (< n 3) (vigy-set "n" (+ n 1)) (vigy-apply n))'


@pytest.fixture
def case(world: World) -> Case:
    world.register(BASE)
    return world.case(BASE.replace("3", "4"))


def by_axis(verdicts: tuple[Verdict, ...]) -> dict[str, Verdict]:
    return {verdict.axis: verdict for verdict in verdicts}


def test_every_axis_there_is_has_a_verifier() -> None:
    assert tuple(VERIFIERS) == AXES


def test_all_axes_are_judged_in_their_order(case: Case) -> None:
    verdicts = judge(case, reversed(AXES))
    assert [verdict.axis for verdict in verdicts] == list(AXES)
    assert all(verdict.passed and verdict.detail and verdict.duration_us >= 0 for verdict in verdicts)


def test_the_floor_is_always_judged(case: Case) -> None:
    assert [verdict.axis for verdict in judge(case, ["replay"])] == [*FLOOR, "replay"]


def test_no_axes_at_all_is_an_error(case: Case) -> None:
    with pytest.raises(Invalid, match="there must be at least one verifier"):
        judge(case, ())


def test_an_unknown_axis_is_an_error(case: Case) -> None:
    with pytest.raises(Invalid, match="there is no verifier 'taste'; there are reads, canonical, "):
        judge(case, ("reads", "taste"))


def test_what_cannot_be_read_is_judged_no_further(world: World) -> None:
    world.register(BASE)
    found = by_axis(judge(world.case("(car"), AXES))
    assert found["reads"].detail.startswith("the program cannot be read: line 1:1: ")
    others = [found[axis] for axis in AXES if axis != "reads"]
    assert {(each.status, each.detail) for each in others} == {("deny", "not judged: the text cannot be read")}


def test_what_does_not_compile_is_judged_no_further(world: World) -> None:
    world.register(BASE)
    found = by_axis(judge(world.case("(defmacro m () (car 1))\n(m)"), AXES))
    assert [axis for axis in AXES if found[axis].passed] == ["reads", "canonical", "noop"]
    assert found["compiles"].detail.startswith("it does not compile: line 2:1: ")
    others = [found[axis] for axis in AXES[4:]]
    assert {(each.status, each.detail) for each in others} == {("deny", "not judged: the text cannot be compiled")}


def test_what_compiles_with_a_new_finding_is_judged_all_the_same(world: World) -> None:
    world.register(BASE)
    found = by_axis(judge(world.case(BASE + "\n(define (f) (g))"), AXES))
    assert [axis for axis in AXES if not found[axis].passed] == ["compiles"]


def lying(**verifiers: object) -> Mapping[str, object]:
    return {**VERIFIERS, **{name.replace("_", "-"): verifier for name, verifier in verifiers.items()}}


def test_a_verifier_that_crashes_denies(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    def crash(_: Case) -> str:
        raise ZeroDivisionError("of all things")

    def leave(_: Case) -> str:
        raise SystemExit(0)

    with caplog.at_level(logging.ERROR):
        found = by_axis(judge(case, AXES, lying(noop=crash, replay=leave)))  # type: ignore[arg-type]
    assert found["noop"][1:3] == ("deny", "the verifier itself failed: ZeroDivisionError: of all things")
    assert found["replay"][1:3] == ("deny", "the verifier itself failed: SystemExit: 0")
    assert [axis for axis in AXES if not found[axis].passed] == ["noop", "replay"]
    assert "the verifier noop failed on a candidate for x" in caplog.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("given", [None, "", 1, True])
def test_a_verifier_that_says_nothing_denies(case: Case, given: object) -> None:
    found = by_axis(judge(case, AXES, lying(tests=lambda _: given)))  # type: ignore[arg-type]
    assert found["tests"].detail.startswith("the verifier itself failed: TypeError: it must give its evidence as text")


def spin(_: Case) -> str:
    while True:
        pass


def swallow(_: Case) -> str:
    end = monotonic() + 0.5
    while monotonic() < end:
        try:
            while monotonic() < end:
                pass
        except BaseException:
            continue
    return "all is well"


@pytest.mark.parametrize("axis", ["noop", "tests", "budget"])
@pytest.mark.parametrize("verifier", [spin, swallow])
def test_a_verifier_over_its_time_denies_whatever_it_says(world: World, axis: str, verifier: object) -> None:
    world.register(BASE)
    case = world.case(BASE.replace("3", "4"), verifier_ms=250)
    found = by_axis(judge(case, AXES, lying(**{axis: verifier})))  # type: ignore[arg-type]
    assert found[axis][1:3] == (
        "deny",
        "it took longer than the 250 ms of a verifier: have a tick do less, or raise `verifier_ms` of the setting",
    )
    assert found[axis].duration_us >= 250_000


def test_a_verifier_that_cannot_be_stopped_denies(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigyc.enhance.verifiers.table._PATIENCE", 0.1)
    world.register(BASE)
    let_go = threading.Event()

    def block(_: Case) -> str:
        let_go.wait(10)
        return "all is well"

    found = by_axis(judge(world.case("1", verifier_ms=250), ["tests"], lying(tests=block)))  # type: ignore[arg-type]
    let_go.set()
    assert found["tests"].detail.startswith("it took longer than the 250 ms of a verifier and cannot be stopped: ")


def test_a_candidate_that_hangs_is_denied_in_time(world: World) -> None:
    world.register("1")
    began = monotonic()
    verdicts = judge(world.case("(define (f) (f)) (f)", verifier_ms=300), AXES)
    assert monotonic() - began < 3
    late = [verdict.axis for verdict in verdicts if "it took longer than the 300 ms" in verdict.detail]
    assert "dry-run" in late


def stopped_after(seconds: float, work: Callable[[], object]) -> None:
    token = budget.arm(seconds)
    try:
        work()
    finally:
        budget.disarm(token)


def test_whoever_judges_can_be_stopped_and_its_verifiers_with_it(case: Case) -> None:
    stopped = threading.Event()

    def wait(_: Case) -> str:
        try:
            while True:
                sleep(0.001)
        except Halted:
            stopped.set()
            raise

    with pytest.raises(Halted):
        stopped_after(0.1, lambda: judge(case, ["tests"], lying(tests=wait)))  # type: ignore[arg-type]
    assert stopped.wait(2)
    assert get_ident() not in budget.held


def test_whoever_judges_is_stopped_in_the_floor_too(case: Case) -> None:
    with pytest.raises(Halted):
        stopped_after(0.05, lambda: judge(case, AXES, lying(reads=spin)))  # type: ignore[arg-type]


def test_a_store_that_cannot_be_read_is_no_verdict(world: World) -> None:
    class Torn(MemoryStore):
        def kv(self, vigy_id: str) -> dict[str, object]:
            raise StoreError("the disk is gone")

    torn = Torn()
    lying_world = World(torn)
    lying_world.register("1")
    with pytest.raises(StoreError, match="the disk is gone"):
        judge(lying_world.case("2"), AXES)


def test_what_is_made_once_serves_all(worlds: Worlds) -> None:
    world = worlds(record_all=True)
    world.register(BASE)
    world.tick()
    asked: list[str] = []

    class Counting(MemoryStore):
        def recording(self, run_id: str) -> bytes | None:
            asked.append(run_id)
            return world.store.recording(run_id)

        def runs(self, *args: object, **given: object) -> list[object]:  # type: ignore[override]
            return world.store.runs(*args, **given)  # type: ignore[arg-type, return-value]

    judge(replace(world.case("1"), store=Counting()), AXES)
    assert len(asked) == 1


FORMS = st.sampled_from(
    [
        '(vigy-incr "n")', "(vigy-apply 1)", '(vigy-push (vigy-get "n"))', "(car 1)", '(vigy-set "n" 2)', "(g)",
        '(log-info "a")', "(random-int 1 6)", '(vigy-condition "Ready" #t)', "(vigy-noop)", "(throw 1)",
        '(vigy-del "n")',
    ]
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(base=st.lists(FORMS, min_size=1, max_size=4), candidate=st.lists(FORMS, min_size=1, max_size=4))
def test_the_same_candidate_gets_the_same_verdicts(base: list[str], candidate: list[str]) -> None:
    world = World(MemoryStore(), Policy.of("log"), record_all=True)
    world.register('(log-info "a") ; the first')
    world.tick()
    vigy = world.vigy()
    text = "\n".join(base)
    world.store.change(vigy, vigy._replace(program=text, digest=digest(text), version=2), "updated")
    first, second = (
        [verdict[:3] for verdict in judge(world.case("\n".join(candidate)), AXES) if verdict.axis != "budget"]
        for _ in range(2)
    )
    assert first == second
    world.programs.powers.close()


def test_a_base_that_is_no_program_any_more_can_be_mended(world: World) -> None:
    world.register("1")
    vigy = world.vigy()
    world.store.change(vigy, vigy._replace(program="(car", digest=digest("(car"), version=2), "updated")
    found = by_axis(judge(world.case('(vigy-set "n" 1)'), AXES))
    assert [axis for axis in AXES if not found[axis].passed] == []
    assert found["budget"].detail == (
        "0 effects of cost 0, the base 0 of 0; the base cannot be compiled: there is no time to compare with"
    )
    assert found["dry-run"].detail.startswith(
        "a tick upon the present kv: 0 actions, 1 key written, 0 effects; the base "
    )


def test_records_that_lie_are_left_aside(worlds: Worlds) -> None:
    world = worlds(record_all=True)
    world.register(BASE)
    for _ in range(3):
        world.tick()
    junk = iter([b"", b"\x92\x01\xa4gone", b"\xc1" * 40])

    class Damaged(MemoryStore):
        def recording(self, run_id: str) -> bytes | None:
            return next(junk)

        def runs(self, *args: object, **given: object) -> list[object]:  # type: ignore[override]
            return world.store.runs(*args, **given)  # type: ignore[arg-type, return-value]

    found = by_axis(judge(replace(world.case("1"), store=Damaged()), ["replay"]))
    assert found["replay"].passed
    assert found["replay"].detail.startswith("no run of x is recorded: ")


def test_a_reconciler_that_lies_makes_a_candidate_fail_and_not_the_verifiers(world: World) -> None:
    class Liar:
        def __init__(self, program: object) -> None:
            self.ticks = 0

        def tick(self, host: object) -> object:
            self.ticks += 1
            return "done" if self.ticks > 1 else host

    world.register("1")
    lied_to = Programs(cache=False, reconciler=Liar)  # type: ignore[arg-type]
    found = by_axis(judge(replace(world.case("2"), programs=lied_to), AXES))
    assert not [verdict for verdict in found.values() if "the verifier itself failed" in verdict.detail]
    assert found["dry-run"].passed


def test_a_clock_that_jumps_is_read_once(world: World) -> None:
    class Jumping(VirtualTime):
        def wall_ms(self) -> int:
            self.jump(-3_600_000)
            return super().wall_ms()

    world.register('(vigy-set "k" 1)')
    found = judge(replace(world.case('(vigy-set "k" 2)'), time=Jumping()), AXES)
    assert all(verdict.passed for verdict in found)
