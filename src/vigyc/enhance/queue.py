"""From somebody's wish to an issue in the queue, and what people decide of it there: cancel, retry, approve.

Nothing is worked off here: submitting checks that the wish can be understood, and stores it. Texts of people are data;
none of them is ever a format, a path or SQL.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, TypeAlias

from vigyc.enhance.patch import patch_json, read_patch
from vigyc.enhance.settings import all_settings, setting_named
from vigyc.lang.errors import Conflict, Invalid, NotFound
from vigyc.model import epoch as outcomes
from vigyc.model.argument import checked_text
from vigyc.model.enhance_codec import read_epoch
from vigyc.model.epoch import Epoch
from vigyc.model.issue import APPLIED, BUSY, CANCELLED, ENDED, PENDING, REJECTED, TRIAL, Issue
from vigyc.model.name import TESTS
from vigyc.model.reading import mapping
from vigyc.model.run_id import RunIds
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.port import QueueLimits, Store

LONGEST_INTENT: Final = 10_000  # characters
LARGEST_CONSTRAINTS: Final = 64 * 1024  # bytes of JSON
LONGEST_KEY: Final = 200

Change: TypeAlias = Callable[[Issue], tuple[Issue, Epoch | None]]

_ATTEMPTS: Final = 10
_MINUTE_MS: Final = 60_000


def submit(
    store: Store,
    ids: RunIds,
    vigy: Vigy,
    intent: str,
    at: int,
    *,
    constraints: Mapping[str, Any] | None = None,
    proposal: Mapping[str, Any] | None = None,
    setting: str = "default",
    author: str | None = None,
    key: str | None = None,
) -> tuple[Issue, bool]:
    """A new issue against `vigy`, or the one that its author submitted with this key before; whether it is new.

    One against what the pipeline itself stands on is held until it is approved. Raises Invalid, NotFound for a setting
    that is not there, Conflict for a key that was used for something else, TooMany where the queue is full.
    """
    wanted = setting_named(store, setting)
    issue = Issue(
        ids.make(at), vigy.id, _intent(intent), PENDING, at, at,
        setting=setting,
        constraints=_constraints(constraints),
        proposal=None if proposal is None else patch_json(read_patch(proposal)),
        author=None if author is None else _line("author", author),
        key=None if key is None else _line("key", key),
        held=protection(store, vigy) is not None,
        due_at=at,
    )  # fmt: skip
    return store.submit(issue, QueueLimits(wanted.max_pending, wanted.per_minute, at - _MINUTE_MS))


def protection(store: Store, vigy: Vigy) -> str | None:
    """Why an issue against `vigy` takes somebody's approval; None if it does not.

    What decides on changes must not be changed by what it decides on: flows, and the tests of programs.
    """
    for setting in all_settings(store):
        if setting.flow in {vigy.id, vigy.name}:
            return f"{vigy.name} is the flow of the setting {setting.name!r}"
    if vigy.name.endswith(TESTS):
        return f"{vigy.name} tests another program"
    return None


def cancel(store: Store, issue: Issue, at: int, author: str | None = None, note: str | None = None) -> Issue:
    """End an issue that has not ended; one that is worked off is stopped, and its epoch logged. Raises Conflict."""
    reason = f"cancelled by {_line('author', author)}" if author else "cancelled"
    if note:
        reason += f": {checked_text('note', note)[:1000]}"

    def ended(known: Issue) -> tuple[Issue, Epoch | None]:
        if known.state in ENDED:
            raise Conflict(f"issue {known.id} has ended already: it is {known.state}")
        entry = _cut_short(known, at, reason) if known.state in BUSY else None
        return known._replace(
            state=CANCELLED, reasons=(reason,), updated_at=at, leased_by=None, leased_until=None, trial=None
        ), entry

    return _changed(store, issue, at, ended)


def retry(store: Store, issue: Issue, at: int) -> Issue:
    """Have an issue that ended without a new version worked off once more, with all its attempts. Raises Conflict."""

    def again(known: Issue) -> tuple[Issue, None]:
        if known.state not in ENDED or known.state == APPLIED:
            advice = "it is worked off anyway" if known.state not in ENDED else "submit a new issue for a new change"
            raise Conflict(f"issue {known.id} cannot be retried: it is {known.state}, and {advice}")
        vigy = store.vigy(known.vigy_id)
        held = vigy is not None and known.approved_by is None and protection(store, vigy) is not None
        return known._replace(
            state=PENDING, attempts=0, due_at=at, reasons=(), version=None, trial=None, held=held, updated_at=at
        ), None

    return _changed(store, issue, at, again)


def approve(store: Store, issue: Issue, at: int, author: str) -> Issue:
    """Let an issue change what is protected, and need more than its program may do now. Raises Conflict."""
    who = _line("author", author)

    def approved(known: Issue) -> tuple[Issue, None]:
        if known.state in BUSY:
            raise Conflict(f"issue {known.id} is worked off just now; approve it when that has ended")
        if known.state in ENDED and known.state != REJECTED:
            raise Conflict(f"issue {known.id} has ended: it is {known.state}")
        return known._replace(approved_by=who, held=False, updated_at=at), None

    return _changed(store, issue, at, approved)


def _changed(store: Store, issue: Issue, at: int, change: Change) -> Issue:
    """Make `change` of an issue be so, whoever else changes it meanwhile."""
    known = issue
    for attempt in range(_ATTEMPTS):
        after, entry = change(known)
        try:
            return store.settle(known, after, at, entry)[0]
        except Conflict:
            found = store.issue(known.id)
            if found is None:
                raise NotFound(f"there is no issue {known.id}") from None
            if found.revision == known.revision or attempt == _ATTEMPTS - 1:
                raise
            known = found
    raise AssertionError("the last attempt returns or raises")


def _cut_short(issue: Issue, at: int, reason: str) -> Epoch:
    """The entry of an epoch that is under way, and ends now; of one in trial with all that was found by then."""
    assert issue.epoch is not None
    if issue.state == TRIAL and issue.trial is not None:
        with suppress(Invalid, KeyError, TypeError):  # what cannot be read any more is no reason to go on with it
            so_far, program = read_epoch(issue.trial["entry"], "trial"), issue.trial["candidate"]["program"]
            return so_far._replace(outcome=outcomes.CANCELLED, ended_at=at, reasons=(reason,), program=program)
    return Epoch(
        issue.epoch, issue.id, issue.vigy_id, issue.attempts, outcomes.CANCELLED, issue.updated_at, at,
        reasons=(reason,),
    )  # fmt: skip


def _intent(text: str) -> str:
    found = checked_text("intent", text).strip()
    if not found:
        raise Invalid("intent: say what is to change; it is empty")
    if len(found) > LONGEST_INTENT:
        raise Invalid(f"intent: it has {len(found)} characters, and at most {LONGEST_INTENT} are read")
    return found


def _constraints(data: object) -> Mapping[str, Any]:
    if data is None:
        return {}
    found = mapping(data, "constraints")
    try:
        text = json.dumps(found, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise Invalid(f"constraints: they must be JSON data ({error})") from error
    if json.loads(text) != found:
        raise Invalid("constraints: they must be JSON data (the keys of an object are texts)")
    if (size := len(text.encode())) > LARGEST_CONSTRAINTS:
        raise Invalid(f"constraints: they have {size} bytes as JSON, and at most {LARGEST_CONSTRAINTS} are read")
    return found


def _line(what: str, given: object) -> str:
    text = checked_text(what, given)
    if not text or len(text) > LONGEST_KEY or not text.isprintable():
        raise Invalid(f"{what}: it must be 1 to {LONGEST_KEY} characters that can be printed")
    return text
