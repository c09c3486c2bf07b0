"""From a candidate to whether a second tick at once after the first decides nothing new.

A level-based reconciler may ask for the same again; more than the first time, while nothing has happened in between,
it may not. Where that does not hold of the base it need not of the candidate.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

from vigyc.enhance.verifiers import grounds
from vigyc.enhance.verifiers.case import Case, Denied
from vigyc.enhance.verifiers.grounds import Side
from vigyc.enhance.verifiers.telling import counted, listed, shortened
from vigyc.model.action import IDLE
from vigyc.rehearsal.simulation import Simulated
from vigyc.runtime.json_value import dumps

AXIS: Final = "idempotence"


class _Twice(NamedTuple):
    first: Simulated
    second: Simulated

    @property
    def more(self) -> Counter[str]:
        """The actions of the second tick that the first did not ask for."""
        return _actions(self.second) - _actions(self.first)


def verify(case: Case) -> str:
    """The evidence. Raises Denied."""
    before, after = (_twice(case, side) for side in grounds.sides(case))
    if not after.first.succeeded:
        return "its first tick fails: there is no second one to compare"
    if not after.second.succeeded and (before.second.succeeded or not before.first.succeeded):
        told = shortened(after.second.run.error or after.second.run.result)
        raise Denied(f"a second tick at once after the first fails: {told}")
    if before.first.succeeded and before.more:
        return f"the base is not idempotent either: its second tick asks for {listed(before.more)}"
    new = after.more - _actions(before.second)
    if new:
        told = listed(f"{number} x {what}" for what, number in new.items())
        raise Denied(
            f"a second tick at once after the first asks for more: {told}; have it look at what it has done "
            "already (`vigy-once`, a key in the kv)"
        )
    actions = counted(_actions(after.second).total(), "action")
    return f"a second tick at once asks for nothing new: {actions}, after {_actions(after.first).total()} in the first"


def _twice(case: Case, side: Side) -> _Twice:
    first, simulation = grounds.first_tick(case, side)
    if not first.succeeded:
        return _Twice(first, first)
    with simulation.fork(grounds.clock(case)) as again:
        return _Twice(first, again.tick())


def _actions(done: Simulated) -> Counter[str]:
    return Counter(dumps(action.to_json()) for action in done.run.actions if action.kind not in IDLE)
