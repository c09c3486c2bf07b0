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
        parts = _object_of(row[8]), _object_of(row[9]), *row[10:12], bool(row[12])
        return Issue._make((*row[:8], *parts, *row[13:19], _object_of(row[19]), tuple(loads(row[20])), row[21]))
    except _UNREADABLE as error:
        raise StoreError(f"issue {row[0]} of vigy {row[1]} cannot be read: {error}") from error


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
        reasons, claims, calls = (tuple(loads(row[at])) for at in (16, 19, 22))
        verdicts = tuple([Verdict(**verdict) for verdict in loads(row[17])])
        objects = _object_of(row[18]), claims, _object_of(row[20]), _object_of(row[21])
        return Epoch._make((*row[:16], reasons, verdicts, *objects, calls, *row[23:]))
    except _UNREADABLE as error:
        raise StoreError(f"the entry of epoch {row[0]} of issue {row[1]} cannot be read: {error}") from error


def _object_text(data: Mapping[str, Any] | None) -> str | None:
    return None if data is None else json_text(dict(data))


def _object_of(text: str | None) -> dict[str, Any] | None:
    found = None if text is None else loads(text)
    if found is not None and found.__class__ is not dict:
        raise ValueError("what must be an object is none")
    return found
