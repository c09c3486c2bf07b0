"""From issues, and entries of their log, to the cells of their rows, and back; a damaged row raises StoreError."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from json import loads
from typing import Any, Final

from vigyc.lang.errors import Invalid, StoreError
from vigyc.model.epoch import Epoch, Verdict
from vigyc.model.issue import NEXT, Issue
from vigyc.runtime.store.encoding import json_text, plain_text

ISSUE_COLUMNS: Final = (
    "id, vigy_id, intent, state, submitted_at, updated_at, revision, setting, constraints_json, proposal_json, author,"
    " key, held, approved_by, attempts, due_at, epoch, leased_by, leased_until, trial_json, reasons_json, version"
)
EPOCH_COLUMNS: Final = (
    "id, issue_id, vigy_id, attempt, outcome, began_at, ended_at, base, base_digest, version, label, bump, digest,"
    " content, program, rationale, reasons_json, verdicts_json, patch_json, claims_json, setting_json, flow_json,"
    " calls_json, tokens, cost, seq"
)

_UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


def issue_row(issue: Issue) -> tuple[Any, ...]:
    """The cells of an issue. Raises Invalid for what no store could hold."""
    try:
        return (
            *issue[:2], plain_text(issue.intent), *issue[3:8], _object_text(issue.constraints),
            _object_text(issue.proposal), *issue[10:19], _object_text(issue.trial), json_text(list(issue.reasons)),
            issue.version,
        )  # fmt: skip
    except (ValueError, TypeError) as error:
        raise Invalid(f"issue {issue.id} cannot be stored: {error}") from error


def issue_of(row: Sequence[Any]) -> Issue:
    """An issue from its row; raises StoreError when it is damaged."""
    try:
        if row[3] not in NEXT:
            raise ValueError(f"there is no state {row[3]!r:.60}")
        parts = _object(row[8]), _object_of(row[9]), *row[10:12], bool(row[12])
        return Issue._make((*row[:8], *parts, *row[13:19], _object_of(row[19]), _texts(row[20]), row[21]))
    except _UNREADABLE as error:
        raise StoreError(f"issue {row[0]} of vigy {row[1]} cannot be read: {error}") from error


def salvaged(row: Sequence[Any]) -> Issue:
    """An issue from its row; what cannot be read of it is left empty, for one that ends whatever it was about."""
    try:
        return issue_of(row)
    except StoreError:
        return issue_of((*row[:8], "{}", None, *row[10:19], None, "[]", row[21]))


def epoch_row(epoch: Epoch) -> tuple[Any, ...]:
    """The cells of an entry of the log. Raises Invalid for what no store could hold."""
    try:
        return (
            *epoch[:14], plain_text(epoch.program), plain_text(epoch.rationale), json_text(list(epoch.reasons)),
            json_text([verdict._asdict() for verdict in epoch.verdicts]), _object_text(epoch.patch),
            json_text(list(epoch.claims)), _object_text(epoch.setting), _object_text(epoch.flow),
            json_text([dict(call) for call in epoch.calls]), *epoch[23:],
        )  # fmt: skip
    except (ValueError, TypeError) as error:
        raise Invalid(f"the entry of epoch {epoch.id} cannot be stored: {error}") from error


def epoch_of(row: Sequence[Any]) -> Epoch:
    """An entry of the log from its row; raises StoreError when it is damaged."""
    try:
        verdicts = tuple([Verdict(**verdict) for verdict in _list(row[17])])
        calls = tuple([_checked(call) for call in _list(row[22])])
        parts = _texts(row[16]), verdicts, _object_of(row[18]), _texts(row[19]), _object(row[20]), _object(row[21])
        return Epoch._make((*row[:16], *parts, calls, *row[23:]))
    except _UNREADABLE as error:
        raise StoreError(f"the entry of epoch {row[0]} of issue {row[1]} cannot be read: {error}") from error


def _object_text(data: Mapping[str, Any] | None) -> str | None:
    return None if data is None else json_text(dict(data))


def _object_of(text: str | None) -> dict[str, Any] | None:
    return None if text is None else _object(text)


def _object(text: str) -> dict[str, Any]:
    return _checked(loads(text))


def _checked(found: Any) -> dict[str, Any]:
    if found.__class__ is not dict:
        raise ValueError("what must be an object is none")
    data: dict[str, Any] = found
    return data


def _list(text: str) -> list[Any]:
    found = loads(text)
    if found.__class__ is not list:
        raise ValueError("what must be a list is none")
    items: list[Any] = found
    return items


def _texts(text: str) -> tuple[str, ...]:
    found = _list(text)
    if not all(item.__class__ is str for item in found):
        raise ValueError("what must be texts are none")
    return tuple(found)
