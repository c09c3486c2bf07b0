"""From a tick that is not kept as it was to the run that is stored of it, and says why."""

from __future__ import annotations

from typing import Final

from vigyc.model.run import ABORTED, EMPTY_REPORT, FAILED, SKIPPED, Report, Run
from vigyc.runtime.store.encoding import plain_text

SUPERSEDED: Final = "superseded: the vigy was changed while it ticked"
LEFT_OPEN: Final = "aborted: the runtime ended while it ticked"
UNSTORABLE: Final = "unstorable"  # the kind of the error


def skipped(run: Run) -> Run:
    """A tick of a vigy that was changed meanwhile: nothing else of it is kept."""
    return run._replace(result=SKIPPED, error=SUPERSEDED, actions=(), error_kind=None, report=EMPTY_REPORT)


def aborted(run: Run, at: int) -> Run:
    """A run that an earlier holder of the lease left open."""
    return run._replace(ended_at=at, result=ABORTED, error=LEFT_OPEN)


def refused(run: Run, kind: str, why: str) -> Run:
    """The failure that a tick becomes whose values are not stored; what it said in words stays."""
    said = run.report
    report = Report(logs=said.logs, events=said.events, output=said.output)
    error = plain_text(f"not stored: {why}")
    return run._replace(result=FAILED, error=error, error_kind=kind, actions=(), report=report)
