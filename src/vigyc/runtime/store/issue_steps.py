"""From an issue and what is to become of it to the issue as it is stored next, and the notice that tells of it.

What both stores do alike with an issue, and what both refuse; nothing here reads or writes.
"""

from __future__ import annotations

from typing import Final

from vigyc.lang.errors import Conflict, Invalid, TooMany
from vigyc.model import epoch as outcomes
from vigyc.model.epoch import Epoch
from vigyc.model.issue import BUSY, CANCELLED, LEASED, NEXT, Issue
from vigyc.model.notice import ENHANCE, ISSUE, Notice
from vigyc.runtime.holder import called
from vigyc.runtime.store.encoding import json_text, plain_text
from vigyc.runtime.store.port import QueueLimits

DELETED: Final = "its vigy was deleted"
SET_BACK_MS: Final = 60_000
"""What was stored so much later than it is now was stored by a clock that was set back since."""
_LONGEST: Final = 200  # characters of a reason that a notice tells


def check_same_wish(known: Issue, issue: Issue) -> None:
    """Raises Conflict unless `known`, which has the key of `issue`, wants the same."""
    if _wish(known) != _wish(issue):
        raise Conflict(f"the key {issue.key!r} was used for another wish, issue {known.id}; use another key")


def check_room(issue: Issue, limits: QueueLimits, pending: int, submitted: int) -> None:
    """Raises TooMany if `pending` issues wait already, or the author has `submitted` as many as allowed."""
    if pending >= limits.pending:
        raise TooMany(f"{pending} issues are pending, and at most {limits.pending} may be; wait until some have ended")
    if submitted >= limits.submitted:
        who = "nobody in particular" if issue.author is None else issue.author
        raise TooMany(f"{who} submitted {submitted} issues just now, and at most {limits.submitted} are taken; wait")


def span(issue: Issue, limits: QueueLimits) -> tuple[int, int]:
    """From when to when (ms since 1970) what the author of `issue` submitted counts: as far ahead as back, for other
    processes look at the clock a little earlier; beyond that the clock was set back, which must not lock anybody out.
    """
    return limits.since, 2 * issue.submitted_at - limits.since


def check_next(known: Issue, before: Issue, after: Issue) -> None:
    """Raises Conflict unless `known` still is as `before`, and its state may be followed by that of `after`."""
    if known.revision != before.revision:
        raise Conflict(f"issue {known.id} was changed meanwhile, it is {known.state}; look again and repeat")
    if after.state != known.state and after.state not in NEXT[known.state]:
        raise Conflict(f"issue {known.id} is {known.state}, which cannot become {after.state!r:.40}")


def taken(issue: Issue, owner: str, epoch: str, at: int, until: int) -> Issue:
    """A pending issue leased for one attempt."""
    return issue._replace(
        state=LEASED, updated_at=at, attempts=issue.attempts + 1, epoch=epoch, leased_by=owner, leased_until=until
    )


def orphaned(issue: Issue, at: int) -> tuple[Issue, Epoch | None]:
    """An open issue when its vigy is deleted, and the entry of the epoch that is under way, if one is."""
    entry = None
    if issue.state in BUSY and issue.epoch is not None:
        entry = Epoch(
            issue.epoch, issue.id, issue.vigy_id, issue.attempts, outcomes.CANCELLED, issue.updated_at, at,
            reasons=(DELETED,),
        )  # fmt: skip
    return issue._replace(
        state=CANCELLED, updated_at=at, reasons=(DELETED,), leased_by=None, leased_until=None, trial=None
    ), entry


def told(issue: Issue, was: Issue | None, label: str | None = None) -> Notice:
    """The notice of an issue as it is from now on; `label` is that of the version it made."""
    data = {
        "issue": issue.id, "state": issue.state, "was": None if was is None else was.state, "epoch": issue.epoch,
    }  # fmt: skip
    return Notice(0, issue.updated_at, ISSUE, issue.vigy_id, message=_message(issue, was, label), data=data)


def told_setting(name: str, paused: str | None, at: int, *, removed: bool = False) -> Notice:
    """The notice of a setting of the pipeline that was stored or removed."""
    state = "removed" if removed else "changed" if paused is None else f"paused: {paused}"
    data = {"setting": name, "paused": paused, "removed": removed}
    return Notice(0, at, ENHANCE, message=f"setting {name}: {state}", data=data)


def _message(issue: Issue, was: Issue | None, label: str | None) -> str:
    if was is None:
        return "submitted; it waits for approval" if issue.held else "submitted"
    if label is not None:
        return f"{issue.state} as version {issue.version} ({label})"
    if issue.state == was.state:
        return f"approved by {issue.approved_by}" if issue.approved_by != was.approved_by else f"still {issue.state}"
    if issue.state == LEASED:
        return f"taken by {called(issue.leased_by or '')}, attempt {issue.attempts}"
    return f"{issue.state}: {issue.reasons[0][:_LONGEST]}" if issue.reasons else issue.state


def _wish(issue: Issue) -> tuple[str | None, ...]:
    """What an issue is about, in the form in which it is stored."""
    try:
        proposal = None if issue.proposal is None else json_text(dict(issue.proposal))
        return issue.vigy_id, plain_text(issue.intent), issue.setting, json_text(dict(issue.constraints)), proposal
    except (ValueError, TypeError) as error:
        raise Invalid(f"issue {issue.id} cannot be stored: {error}") from error
