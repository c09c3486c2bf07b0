"""From a program and a present that stays as it is to after how many ticks it has nothing left to do."""

from __future__ import annotations

from time import monotonic
from typing import NamedTuple

from vigyc.enhance.verifiers import grounds
from vigyc.enhance.verifiers.case import Case
from vigyc.enhance.verifiers.grounds import Side
from vigyc.model.action import ABSENT, IDLE
from vigyc.rehearsal.simulation import Change, Simulated
from vigyc.runtime.json_value import dumps


class Settling(NamedTuple):
    """`settled` is the number of the first tick that did nothing, `failed` that of the first that failed, counted from
    1; None: no such tick. `error` is what failed, `ticks` how many there were, `hurried` that there was time for no
    more."""

    settled: int | None
    failed: int | None
    error: str
    ticks: int
    hurried: bool = False


def settling(case: Case, side: Side, most: int, last: float) -> Settling:
    """At most so many ticks from the present on, at the target's interval; until one settles or fails.

    After the first, none is begun that would not be over by `last` of the monotonic clock, for as long as one took.
    """
    done, simulation = grounds.first_tick(case, side)
    ticks, longest = 1, done.lasted_ns
    found = _ended(done, ticks)
    if found is not None or ticks >= most:
        return found or Settling(None, None, "", ticks)
    clock = grounds.clock(case)
    with simulation.fork(clock) as going:
        while found is None and ticks < most:
            if monotonic() + longest / 1e9 > last:
                return Settling(None, None, "", ticks, hurried=True)
            clock.advance(going.waits_ms())
            done = going.tick()
            ticks, longest = ticks + 1, max(longest, done.lasted_ns)
            found = _ended(done, ticks)
    return found or Settling(None, None, "", ticks)


def _ended(done: Simulated, ticks: int) -> Settling | None:
    if not done.succeeded:
        return Settling(None, ticks, done.run.error or done.run.result, ticks)
    asked = any(action.kind not in IDLE for action in done.run.actions)
    if not asked and not done.run.report.denied and not any(map(_matters, done.changes)):
        return Settling(ticks, None, "", ticks)
    return None


def _matters(change: Change) -> bool:
    """Whether it is another value: to write what is there already is no change."""
    if change.before is ABSENT or change.after is ABSENT:
        return True
    return dumps(change.before) != dumps(change.after)
