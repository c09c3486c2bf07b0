"""From a word for how something went to the colour it has on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click

from vigyc.model import epoch as verdicts
from vigyc.model import issue as issues
from vigyc.model import run as results
from vigyc.service import overview as phases

HUES: Final[Mapping[str, str]] = {
    results.OK: "green", results.FAILED: "red", results.TIMED_OUT: "red", results.ABORTED: "yellow",
    results.SKIPPED: "yellow", phases.RUNNING: "cyan", phases.BACKING_OFF: "red", phases.LATE: "yellow",
    phases.DISABLED: "bright_black", phases.PAUSED: "yellow", phases.STANDBY: "yellow",
    issues.LEASED: "cyan", issues.TRIAL: "cyan", issues.APPLIED: "green", issues.REJECTED: "red", issues.DEAD: "red",
    issues.CANCELLED: "bright_black", issues.REVERTED: "yellow", verdicts.PASS: "green", verdicts.DENY: "red",
    verdicts.RETRY: "yellow", verdicts.CONFLICT: "yellow", verdicts.LOST: "yellow",
}  # fmt: skip


def painted(text: str) -> str:
    """`text` in the colour of its first word, if that has one."""
    hue = HUES.get(text.partition(" ")[0])
    return text if hue is None else click.style(text, fg=hue)
