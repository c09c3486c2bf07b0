"""From how it goes with the enhance pipeline to what a doctor says of it: which issues wait, and why they do."""

from __future__ import annotations

from collections.abc import Iterator

from vigyc.model.issue import STATES
from vigyc.service.check_result import OK, WARN, CheckResult
from vigyc.service.enhancement import EnhanceStatus


def check_issues(status: EnhanceStatus) -> Iterator[CheckResult]:
    """A line for each setting that is paused, else one for the queue; nothing where there never was an issue."""
    for setting in status.paused:
        remedy = f"vigyc enhance resume {setting.name}, once that is mended"
        yield CheckResult("issues", WARN, f"the setting {setting.name} is paused: {setting.paused}", remedy)
    counts = status.queue.counts
    told = ", ".join(f"{counts[state]} {state}" for state in STATES if counts.get(state))
    if told and not status.paused:
        yield CheckResult("issues", OK, told)
