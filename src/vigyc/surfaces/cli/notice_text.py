"""From a notice of the stream to the lines people read of it, and the sieve that says which of them are wanted.

A run is told by its logs, by its actions that carry anything, and by itself; the events of its program and the ticks it
missed are notices of their own and follow it in the stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from vigyc.model import issue as issues
from vigyc.model import notice as kinds
from vigyc.model import run as results
from vigyc.model.action import ABSENT
from vigyc.model.log_line import LEVELS
from vigyc.model.notice import Notice
from vigyc.model.run import Run
from vigyc.runtime.holder import called
from vigyc.surfaces.cli.output import one_line
from vigyc.surfaces.cli.run_text import action_text

LOG: Final = "log"
ACTION: Final = "action"
KINDS: Final = (
    kinds.RUN, LOG, ACTION, kinds.EVENT, kinds.DENIED, kinds.MISSED, *kinds.REGISTRY, kinds.RESOLVED, kinds.OWNER,
    kinds.PAUSED, kinds.RESUMED, kinds.ISSUE, kinds.ENHANCE,
)  # fmt: skip
"""What can be asked for; a gap is always told."""

_RESULT_LEVELS: Final[Mapping[str, str]] = {
    results.OK: "info", results.FAILED: "error", results.TIMED_OUT: "error", results.ABORTED: "warn",
    results.SKIPPED: "warn",
}  # fmt: skip
_NOTICE_LEVELS: Final[Mapping[str, str]] = {kinds.GAP: "warn", kinds.MISSED: "warn", kinds.DENIED: "warn"}

_STATE_LEVELS: Final[Mapping[str, str]] = {
    issues.REJECTED: "warn", issues.REVERTED: "warn", issues.FAILED: "error", issues.DEAD: "error",
}  # fmt: skip


class Line(NamedTuple):
    """A line: of which of `KINDS` (or a gap), how serious (one of the levels of logs), headed by `word`."""

    kind: str
    level: str
    word: str
    text: str


class Sieve(NamedTuple):
    """What is wanted of the stream: vigies by id, kinds, a least level, a text that is in the line (in any case)."""

    vigies: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    level: str = LEVELS[0]
    text: str = ""

    def lines(self, notice: Notice) -> list[Line]:
        """The wanted lines of a notice."""
        if notice.kind != kinds.GAP and self.vigies and notice.vigy_id not in self.vigies:
            return []
        return [line for line in _lines(notice) if notice.kind == kinds.GAP or self._wants(line)]

    def _wants(self, line: Line) -> bool:
        return (
            (not self.kinds or line.kind in self.kinds)
            and LEVELS.index(line.level) >= LEVELS.index(self.level)
            and self.text.casefold() in f"{line.word} {line.text}".casefold()
        )


def owner_named(notice: Notice) -> str:
    """Who ticks from now on, as a notice of kind `owner` says."""
    return called(str(notice.data["holder"]))


def _lines(notice: Notice) -> Iterator[Line]:
    if notice.run is not None:
        yield from _lines_of_run(notice.run)
    else:
        yield Line(notice.kind, _level(notice), notice.kind, _text(notice))


def _lines_of_run(run: Run) -> Iterator[Line]:
    for log in run.report.logs:
        yield Line(LOG, log.level, log.level, one_line(log.message))
    for action in run.actions:
        if action.payload is not ABSENT or action.message is not None:
            yield Line(ACTION, "error" if action.result == "failed" else "info", ACTION, one_line(action_text(action)))
    yield Line(kinds.RUN, _RESULT_LEVELS[run.result], run.result, _run(run))


def _run(run: Run) -> str:
    told = run.error if run.error is not None else ", ".join(action.kind for action in run.actions)
    return f"tick {run.tick}{f': {one_line(told)}' if told else ''}"


def _level(notice: Notice) -> str:
    if notice.kind == kinds.ISSUE:
        return _STATE_LEVELS.get(str(_data(notice).get("state")), "info")
    return _NOTICE_LEVELS.get(notice.kind, "info")


def _data(notice: Notice) -> Mapping[str, Any]:
    return notice.data if isinstance(notice.data, dict) else {}


def _text(notice: Notice) -> str:
    data = _data(notice)
    if notice.kind == kinds.EVENT:
        told = f"{data.get('kind', '')} {notice.message or ''}"
    elif notice.kind == kinds.OWNER:
        told = f"{owner_named(notice)} ticks from now on"
    elif notice.kind == kinds.RESOLVED:
        told = f"action {data.get('index')} of run {notice.run_id}: {data.get('status')}  {notice.message or ''}"
    elif notice.kind == kinds.ISSUE:
        told = f"{data.get('issue')}  {notice.message or ''}"
    elif notice.kind in kinds.REGISTRY:
        told = ""
    else:
        told = notice.message or ""
    return one_line(told.strip())
