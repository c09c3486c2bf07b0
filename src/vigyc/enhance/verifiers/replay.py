"""From the target's last recorded runs to what the candidate would have made of them, effects answered from the record.

A run that came off then must come off now. One in which the candidate asks for other effects than were recorded has
left its record, and nothing can be said of it: such runs are counted apart. Of the others, the share that differs must
not be above what the setting allows. Runs that were stopped at their deadline come last, since they may be so again,
and none is begun that would not be over in a verifier's time.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import Final

from vigyc.enhance.verifiers import grounds
from vigyc.enhance.verifiers.case import Case, Denied
from vigyc.enhance.verifiers.changes import explained
from vigyc.enhance.verifiers.telling import counted, listed, shortened
from vigyc.lang.errors import CompileError
from vigyc.model.run import OK, TIMED_OUT, Run
from vigyc.rehearsal.replay import Again, Record
from vigyc.runtime.reconciler import Reconciler

AXIS: Final = "replay"
_SHORT: Final = 600  # characters of what is told beside the differences
_BY: Final = 0.85  # of a verifier's time, when the last run is to be over


def verify(case: Case) -> str:
    """The evidence. Raises Denied."""
    records = grounds.records(case)
    if not records:
        why = "runs without effects are recorded where the setting `record` is `all`"
        return f"no run of {case.vigy.name} is recorded: {why}" if case.setting.replays else "no run is to be replayed"
    _, candidate = grounds.sides(case)
    program = grounds.program(case, candidate)
    if isinstance(program, CompileError):
        raise Denied("the text cannot be compiled")
    runs = _again(case, records, program)
    failing = [again for run, again in runs if run.result == OK and again.run.result != OK and again.divergence is None]
    if failing:
        told = listed((f"run {again.run.id}: {shortened(again.run.error or '')}" for again in failing), _SHORT)
        raise Denied(f"{len(failing)} of {counted(len(runs), 'recorded run')} came off then and fails now: {told}")
    followed = [again for _, again in runs if again.divergence is None]
    differing = [again for again in followed if again.differences]
    share = len(differing) / len(followed) if followed else 0.0
    told = _told(followed, differing) + _apart([again for _, again in runs if again.divergence is not None])
    if len(runs) < len(records):
        told += f"; there was time for {len(runs)} of {len(records)}"
    if share > case.setting.replay_changes:
        raise Denied(
            f"{share:.0%} of the recorded runs would have gone otherwise, and {case.setting.replay_changes:.0%} may "
            f"(`replay_changes` of the setting): {told}"
        )
    return told


def _again(case: Case, records: Sequence[Record], program: Reconciler) -> list[tuple[Run, Again]]:
    """The recorded runs with how they come off again, newest first; those that there is time for, at least one."""
    began, seconds = monotonic(), grounds.tick_seconds(case)
    last = began + case.setting.verifier_ms / 1000 * _BY
    found: dict[int, Again] = {}
    longest = 0.0
    for at in sorted(range(len(records)), key=lambda at: records[at].run.result == TIMED_OUT):
        started = monotonic()
        if found and started + longest > last:
            break
        found[at] = records[at].again(program, seconds)
        longest = max(longest, monotonic() - started)
    return [(records[at].run, found[at]) for at in sorted(found)]


def _told(followed: list[Again], differing: list[Again]) -> str:
    same = f"{len(followed) - len(differing)} of {counted(len(followed), 'recorded run')} as before"
    return f"{same}; different: {explained(differing)}" if differing else same


def _apart(left: list[Again]) -> str:
    """Those of which nothing can be said."""
    if not left:
        return ""
    why = listed(dict.fromkeys(f"{again.divergence}" for again in left), _SHORT)
    return (
        f"; {counted(len(left), 'run')} apart, in which it asks for other effects than were recorded, so that nothing "
        f"can be said of them (as in {left[0].run.id}): {why}"
    )
