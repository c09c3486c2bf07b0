"""From a candidate and the names of axes to a verdict for each: every one is judged here, within its time, or denied.

The first axes, which say whether there is a program at all, are judged one after the other in the thread that asks;
then those that tick it side by side, each in a thread of its own; then, alone, the one that measures. One that is over
its time, or comes to grief in any other way, denies: a verifier that fails has verified nothing.

What a program does at a time or in a state in which nobody ticks it is not found out here, nor what it does only where
its effects are done in earnest (a dry run answers them with the error `dry-run`): for these there are the policy, the
canary and the rollback.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from threading import Thread, get_ident
from time import monotonic, perf_counter_ns
from typing import Final

from vigyc.enhance.verifiers import (
    budget,
    canonical,
    capabilities,
    compiles,
    convergence,
    dry_run,
    grounds,
    idempotence,
    noop,
    reads,
    replay,
    tests,
)
from vigyc.enhance.verifiers.case import Case, Denied
from vigyc.lang.errors import Halted, Invalid
from vigyc.model.enhance_setting import AXES, FLOOR
from vigyc.model.epoch import DENY, PASS, Verdict
from vigyc.runtime import budget as deadlines

Verifier = Callable[[Case], str]

VERIFIERS: Final[Mapping[str, Verifier]] = {
    module.AXIS: module.verify
    for module in (
        reads, canonical, noop, compiles, capabilities, tests, dry_run, replay, convergence, idempotence, budget,
    )
}  # fmt: skip
"""What judges each axis: it gives the evidence, or raises Denied with the reason."""

_STEP: Final = 0.05  # seconds after which a thread that waits looks up
_PATIENCE: Final = deadlines.GRACE + 1.0  # seconds after its time that a verifier may take to stop

_log = logging.getLogger("vigyc.enhance")


def judge(case: Case, axes: Iterable[str], verifiers: Mapping[str, Verifier] = VERIFIERS) -> tuple[Verdict, ...]:
    """The verdicts on these axes and those no setting can leave out, in the order of AXES.

    Raises Invalid for no axes or an unknown one, and StoreError when the store cannot be read: that is no verdict.
    """
    wanted = _wanted(axes)
    found: dict[str, Verdict] = {}
    grounds.gather(case, wanted)
    for axis in FLOOR:
        lacking = _lacking(case, found)
        kept = partial(case.once, ("verdict", axis))  # a flow asks for one axis at a time, and each needs these
        found[axis] = _not_judged(axis, lacking) if lacking else kept(partial(_judged, axis, case, verifiers))
    rest = [axis for axis in AXES if axis in wanted and axis not in FLOOR]
    lacking = _lacking(case, found)
    if lacking:
        return _in_order(found | {axis: _not_judged(axis, lacking) for axis in rest})
    found |= _side_by_side([axis for axis in rest if axis != budget.AXIS], case, verifiers)
    found |= _side_by_side([axis for axis in rest if axis == budget.AXIS], case, verifiers)
    return _in_order(found)


def _wanted(axes: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(axes)
    if not wanted:
        raise Invalid("there must be at least one verifier")
    unknown = sorted(wanted - set(AXES))
    if unknown:
        raise Invalid(f"there is no verifier {unknown[0]!r:.60}; there are {', '.join(AXES)}")
    return wanted | set(FLOOR)


def _lacking(case: Case, found: Mapping[str, Verdict]) -> str:
    """What could not be done with the text, so that nothing more can be judged; "" for nothing."""
    if reads.AXIS in found and not found[reads.AXIS].passed:
        return "read"
    if compiles.AXIS in found and not found[compiles.AXIS].passed and not grounds.is_compiled(case):
        return "compiled"
    return ""


def _not_judged(axis: str, done: str) -> Verdict:
    return Verdict(axis, DENY, f"not judged: the text cannot be {done}")


def _in_order(found: Mapping[str, Verdict]) -> tuple[Verdict, ...]:
    return tuple(found[axis] for axis in AXES if axis in found)


def _side_by_side(axes: list[str], case: Case, verifiers: Mapping[str, Verifier]) -> dict[str, Verdict]:
    """Judge each in a thread of its own, and wait for them."""
    lanes = [_Lane(axis, case, verifiers) for axis in axes]
    try:
        _start(lanes)
        last = monotonic() + case.setting.verifier_ms / 1000 + _PATIENCE
        for lane in lanes:
            while lane.is_alive() and monotonic() < last:
                lane.join(_STEP)  # so that whoever asks can be stopped meanwhile
    except BaseException:
        for lane in lanes:
            lane.cut()
        raise
    return {lane.axis: lane.verdict or _over(lane.axis, case, lane.began, " and cannot be stopped") for lane in lanes}


def _start(lanes: list[_Lane]) -> None:
    """Start them. Raises Halted, but not in between.

    CPython could raise it in the thread that is just begun in place of this one, which would then wait for ever to hear
    that it has begun.
    """
    thread = get_ident()
    deadlines.held[thread] = True
    try:
        deadlines.let_in()
        for lane in lanes:
            lane.start()
    finally:
        due = deadlines.held.pop(thread, True) is False
    if due:
        raise Halted


class _Lane(Thread):
    """Where one axis is judged."""

    def __init__(self, axis: str, case: Case, verifiers: Mapping[str, Verifier]) -> None:
        super().__init__(name=f"vigyc-verifier-{axis}", daemon=True)
        self.axis = axis
        self.verdict: Verdict | None = None
        self.began = perf_counter_ns()
        self._given = case, verifiers
        self._tokens: list[deadlines.Token] = []
        self._is_cut = False

    def run(self) -> None:
        """Judge; a thread that was cut leaves no verdict."""
        try:
            self.verdict = _judged(self.axis, *self._given, self._armed)
        except BaseException:  # it was cut, or the process ends
            _log.debug("the verifier %s was stopped", self.axis)

    def cut(self) -> None:
        """Have it stop, also where it has not begun."""
        self._is_cut = True
        for token in self._tokens.copy():
            deadlines.cut(token)

    def _armed(self, token: deadlines.Token) -> None:
        self._tokens.append(token)
        if self._is_cut:
            deadlines.cut(token)


def _judged(
    axis: str,
    case: Case,
    verifiers: Mapping[str, Verifier],
    armed: Callable[[deadlines.Token], None] | None = None,
) -> Verdict:
    """The verdict of one verifier, within its time; `armed` is told of its deadline.

    Raises Halted where it is stopped before that.
    """
    began, seconds = perf_counter_ns(), case.setting.verifier_ms / 1000
    status, detail = DENY, ""
    try:
        token = deadlines.arm(seconds)
        try:
            if armed is not None:
                armed(token)  # in here: whoever cuts it may do so at once, and it must be disarmed then
            status, detail = PASS, _evidence(verifiers[axis](case))
        finally:
            deadlines.disarm(token)
    except Denied as denial:
        detail = str(denial)
    except Halted:
        if perf_counter_ns() - began < seconds * 1e9:
            raise
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        _log.exception("the verifier %s failed on a candidate for %s", axis, case.vigy.name)
        status, detail = DENY, f"the verifier itself failed: {type(error).__name__}: {error}"[:500]
    if perf_counter_ns() - began >= seconds * 1e9:  # whatever it made of being stopped
        return _over(axis, case, began)
    return Verdict(axis, status, detail, (perf_counter_ns() - began) // 1000)


def _evidence(found: object) -> str:
    """What a verifier gave back, which is evidence only if it says something. Raises TypeError."""
    if not isinstance(found, str) or not found:
        raise TypeError(f"it must give its evidence as text, not {type(found).__name__}")
    return found


def _over(axis: str, case: Case, began: int, how: str = "") -> Verdict:
    ms = case.setting.verifier_ms
    advice = "have a tick do less, or raise `verifier_ms` of the setting"
    told = f"it took longer than the {ms} ms of a verifier{how}: {advice}"
    return Verdict(axis, DENY, told, (perf_counter_ns() - began) // 1000)
