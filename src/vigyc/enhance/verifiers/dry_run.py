"""From a candidate to one tick of it upon the target's present kv: it must not fail, nor be refused anything.

It is judged against the base, which ticks there too: what fails now may go on failing in the same way, since an issue
may be about something else; it may not get worse.
"""

from __future__ import annotations

from typing import Final

from vigyc.enhance.verifiers import grounds
from vigyc.enhance.verifiers.case import Case, Denied
from vigyc.enhance.verifiers.telling import counted, listed, shortened
from vigyc.model.effect import DENIED
from vigyc.model.run import Run
from vigyc.rehearsal.simulation import Simulated

AXIS: Final = "dry-run"


def verify(case: Case) -> str:
    """The evidence. Raises Denied."""
    before, after = (grounds.first_tick(case, side)[0] for side in grounds.sides(case))
    if not after.succeeded and (before.succeeded or _failure(before.run) != _failure(after.run)):
        how = "succeeds" if before.succeeded else f"fails otherwise: {_told(before.run)}"
        raise Denied(f"a tick upon the present kv fails: {_told(after.run)}; that of the base {how}")
    worse = sorted(_refused(after.run) - _refused(before.run))
    if worse or (after.run.report.denied and not before.run.report.denied):
        told = listed(worse) or counted(after.run.report.denied, "call")
        raise Denied(
            f"a tick upon the present kv is refused what the base is not: {told}; do without it, or have an operator "
            f"widen the policy of {case.vigy.name}"
        )
    if not after.succeeded:
        return f"it still fails upon the present kv, as the base does: {_told(after.run)}"
    mended = "" if before.succeeded else f"; the base fails there: {_told(before.run)}"
    still = f"; it is still refused {listed(sorted(_refused(after.run)))}" if after.run.report.denied else ""
    return f"a tick upon the present kv: {_done(after)}{still}{mended}"


def _failure(run: Run) -> tuple[str, str | None, str]:
    """How a run failed, wherever in the program."""
    return run.result, run.error_kind, (run.error or "").rsplit(" (at ", 1)[0]


def _refused(run: Run) -> set[str]:
    effects = [effect for effect in run.report.effects if effect.outcome == DENIED]
    return {f"`{effect.name}`{f' of {effect.resource}' if effect.resource else ''}" for effect in effects}


def _told(run: Run) -> str:
    return shortened(run.error or run.result)


def _done(done: Simulated) -> str:
    actions, keys = counted(len(done.run.actions), "action"), counted(len(done.changes), "key")
    return f"{actions}, {keys} written, {counted(done.calls, 'effect')}"
