"""From two programs to whether the new one takes more time, or more effects, than a set factor of the old one.

Both are measured here and now, one after the other upon the same recorded runs (simulated ticks where there are none),
round by round, in processor time of this thread: what else the machine does hardly counts, and medians take care of the
rest. What a tick waits for is seen upon the present kv alone, since a record answers at once. Before a denial it is
measured once more. Runs that were stopped at their deadline are no measure, of the base least of all.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import monotonic, perf_counter_ns, thread_time_ns
from typing import Final

from vigyc.enhance.verifiers import grounds
from vigyc.enhance.verifiers.case import Case, Denied
from vigyc.enhance.verifiers.grounds import Side
from vigyc.enhance.verifiers.telling import counted
from vigyc.lang.errors import CompileError
from vigyc.model.run import OK, TIMED_OUT
from vigyc.rehearsal.replay import Record
from vigyc.runtime.reconciler import Reconciler

AXIS: Final = "budget"
ROUNDS: Final = 5
SLACK_NS: Final = 500_000
WAITING_NS: Final = 100_000_000
_SHARE: Final = 0.3  # of a verifier's time, for one measurement

Measure = Callable[[], int]


def verify(case: Case) -> str:
    """The evidence. Raises Denied."""
    base, candidate = (grounds.program(case, side) for side in grounds.sides(case))
    if isinstance(candidate, CompileError):
        raise Denied("the text cannot be compiled")
    effects = _effects(case)
    _check_waiting(case)
    if isinstance(base, CompileError):
        return f"{effects}; the base cannot be compiled: there is no time to compare with"
    pairs, upon = _pairs(case, base, candidate)
    factor = case.setting.factor
    for _ in range(2):
        old, new = _medians(pairs, case.setting.verifier_ms / 1000 * _SHARE)
        if new <= factor * old + SLACK_NS:
            return f"{effects}; a tick takes {_ms(new)}, one of the base {_ms(old)} (median upon {upon})"
    raise Denied(
        f"a tick takes {_ms(new)}, one of the base {_ms(old)} (median upon {upon}): more than {factor:g} times as much "
        "and 0.5 ms; have it do less, or less often"
    )


def _effects(case: Case) -> str:
    """What is said of the effects of a tick upon the present kv. Raises Denied."""
    before, after = (grounds.first_tick(case, side)[0] for side in grounds.sides(case))
    factor = case.setting.factor
    if after.succeeded and before.succeeded:
        for what, old, new in (("effects", before.calls, after.calls), ("cost", before.cost, after.cost)):
            if new > factor * old + 1:
                raise Denied(
                    f"a tick upon the present kv has {what} of {new}, one of the base {old}: more than {factor:g} "
                    "times as much and 1; call fewer effects, or keep in the kv what they gave"
                )
    return f"{after.calls} effects of cost {after.cost}, the base {before.calls} of {before.cost}"


def _check_waiting(case: Case) -> None:
    """Raises Denied where a tick upon the present kv lasts longer than it may, whatever it does meanwhile.

    What else the machine does counts here, so what seems too long is measured again.
    """
    last = monotonic() + case.setting.verifier_ms / 1000 * _SHARE
    old, new = (grounds.first_tick(case, side)[0].lasted_ns for side in grounds.sides(case))
    base, candidate = (_simulated(case, side, perf_counter_ns) for side in grounds.sides(case))
    for _ in range(ROUNDS):
        most = case.setting.factor * old + WAITING_NS
        if new <= most:
            return
        old, new = max(old, base()), min(new, candidate())
        if monotonic() > last:
            break
    most = case.setting.factor * old + WAITING_NS
    if new > most:
        raise Denied(
            f"a tick upon the present kv lasts {_ms(new)}, one of the base {_ms(old)}: more than "
            f"{case.setting.factor:g} times as much and 100 ms; have it wait for less"
        )


def _pairs(case: Case, base: Reconciler, candidate: Reconciler) -> tuple[list[tuple[Measure, Measure]], str]:
    """What measures a tick of the base and one of the candidate in the same conditions, and what these are."""
    seconds = grounds.tick_seconds(case)
    last = monotonic() + case.setting.verifier_ms / 1000 * _SHARE
    usable: list[Record] = []
    for record in grounds.records(case):
        if monotonic() > last:
            break
        if record.run.result != TIMED_OUT and _follow(record, base, candidate, seconds):
            usable.append(record)
    if usable:
        pairs = [(_replayed(record, base, seconds), _replayed(record, candidate, seconds)) for record in usable]
        return pairs, counted(len(usable), "recorded run")
    old, new = grounds.sides(case)
    return [(_simulated(case, old), _simulated(case, new))], "the present kv"


def _follow(record: Record, base: Reconciler, candidate: Reconciler, seconds: float) -> bool:
    """Whether both get to the end of a run with what is recorded: one that stops half-way is no measure.

    Raises Denied where the candidate is stopped at its deadline, which the run was not.
    """
    ended = record.ended(candidate, seconds)
    if ended == TIMED_OUT:
        raise Denied(
            f"run {record.run.id} would be stopped at its deadline of {seconds:g} s, and was not then; have it do less"
        )
    if ended is None or (ended == OK) != (record.run.result == OK):
        return False
    before = record.ended(base, seconds)
    return before is not None and (before == OK) == (ended == OK)


def _replayed(record: Record, program: Reconciler, seconds: float) -> Measure:
    return lambda: record.took_ns(program, seconds)


def _simulated(case: Case, side: Side, clock: Measure = thread_time_ns) -> Measure:
    def measure() -> int:
        with grounds.anew(case, side) as simulation:
            began = clock()
            simulation.tick()
            return clock() - began

    return measure


def _medians(pairs: list[tuple[Measure, Measure]], seconds: float) -> tuple[float, float]:
    """The median of each side, in ns; as many pairs are measured as can be, several times each, in so many seconds."""
    began = monotonic()
    old, new = _round(pairs[:1])
    least = max(monotonic() - began, 1e-6)
    several = pairs[: max(1, int(seconds / (least * ROUNDS)))]
    for _ in range(ROUNDS):
        if monotonic() - began > seconds:
            break
        more_old, more_new = _round(several)
        old += more_old
        new += more_new
    return median(old), median(new)


def _round(pairs: list[tuple[Measure, Measure]]) -> tuple[list[int], list[int]]:
    old, new = [], []
    for before, after in pairs:
        old.append(before())
        new.append(after())
    return old, new


def _ms(ns: float) -> str:
    return f"{ns / 1e6:.3f} ms"
