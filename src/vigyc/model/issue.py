"""From a wish to change a vigy's program to an issue: who wants what of which vigy, and how far it has come.

An issue waits, is leased by a worker for one attempt (an epoch), and ends; what may follow what is `NEXT`. Every change
of it raises its `revision`, which is the number of the notice that tells of it, so no change is ever lost to another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

PENDING: Final = "pending"
LEASED: Final = "leased"  # a worker has it
TRIAL: Final = "trial"  # verified; its program ticks in shadow beside the one in force
APPLIED: Final = "applied"
REJECTED: Final = "rejected"  # the verifiers or the flow said no; the reasons say what to do
FAILED: Final = "failed"  # a fault that trying again would not mend
CANCELLED: Final = "cancelled"
DEAD: Final = "dead"  # a fault that might have passed, and did not in as many attempts as it had
REVERTED: Final = "reverted"  # applied, and taken back because runs failed after it

NEXT: Final[Mapping[str, frozenset[str]]] = {
    PENDING: frozenset({LEASED, CANCELLED}),
    LEASED: frozenset({PENDING, TRIAL, APPLIED, REJECTED, FAILED, CANCELLED, DEAD}),
    TRIAL: frozenset({PENDING, APPLIED, REJECTED, FAILED, CANCELLED, DEAD}),
    APPLIED: frozenset({REVERTED}),
    REJECTED: frozenset({PENDING}),
    FAILED: frozenset({PENDING}),
    CANCELLED: frozenset({PENDING}),
    DEAD: frozenset({PENDING}),
    REVERTED: frozenset({PENDING}),
}
"""From a state to those that may follow it; an ended issue goes back to pending only when somebody asks for that."""

STATES: Final = tuple(NEXT)
ENDED: Final = frozenset({APPLIED, REJECTED, FAILED, CANCELLED, DEAD, REVERTED})
BUSY: Final = frozenset({LEASED, TRIAL})
"""The states in which a target's other issues wait."""


class Issue(NamedTuple):
    """A wish, and what became of it. Times are ms since 1970.

    `intent` is free text, `constraints` JSON for proposers that understand it, `proposal` a patch that somebody has
    made already. `key` makes submitting it again harmless. `held` says that it waits until somebody approves it,
    `approved_by` who did. It is not taken before `due_at`; `attempts` counts the epochs that were begun. `epoch` is
    the one under way or the last, `leased_by` and `leased_until` whose it is and for how long. `trial` is what a trial
    or a watch must know (enhance/canary). `reasons` are why it ended as it did, `version` the version it made.
    """

    id: str
    vigy_id: str
    intent: str
    state: str
    submitted_at: int
    updated_at: int
    revision: int = 0
    setting: str = "default"
    constraints: Mapping[str, Any] = {}
    proposal: Mapping[str, Any] | None = None
    author: str | None = None
    key: str | None = None
    held: bool = False
    approved_by: str | None = None
    attempts: int = 0
    due_at: int = 0
    epoch: str | None = None
    leased_by: str | None = None
    leased_until: int | None = None
    trial: Mapping[str, Any] | None = None
    reasons: tuple[str, ...] = ()
    version: int | None = None
