"""From one attempt at an issue to its entry in the log: what was tried, upon what, what the verifiers said, what came.

An entry is written once, in the transaction that ends the epoch, and never changed. Every epoch has one, also one that
ended in a fault, and one whose worker was never heard of again (`lost`), which whoever recovers its issue writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

APPLIED: Final = "applied"
REJECTED: Final = "rejected"
FAILED: Final = "failed"  # a permanent fault
RETRY: Final = "retry"  # a fault that may pass; the issue is pending again
DEAD: Final = "dead"  # the last of such attempts
CONFLICT: Final = "conflict"  # the head moved meanwhile, and the issue goes on from the new one
PAUSED: Final = "paused"  # the configuration is at fault; the queue waits
CANCELLED: Final = "cancelled"
LOST: Final = "lost"  # its worker was never heard of again
REVERTED: Final = "reverted"  # an applied version was taken back
OUTCOMES: Final = (APPLIED, REJECTED, FAILED, RETRY, DEAD, CONFLICT, PAUSED, CANCELLED, LOST, REVERTED)

PASS: Final = "pass"
DENY: Final = "deny"


class Verdict(NamedTuple):
    """What one verifier found: `status` is `pass` or `deny`, `detail` the evidence or the reason."""

    axis: str
    status: str
    detail: str
    duration_us: int = 0

    @property
    def passed(self) -> bool:
        """Whether it found nothing against the candidate."""
        return self.status == PASS


class Epoch(NamedTuple):
    """One attempt at an issue, as the log keeps it. Times are ms since 1970.

    `base` is the version it began from, `version` the one it made, if it did; `digest` and `content` name the text of
    the candidate, `program` is that text where it did not become a version. `setting` is the setting as it was, `flow`
    which flow ran: `name`, `version`, `digest`. `patch` is the proposal as the flow left it, `claims` what the flow
    said of its commit and the application did not find so. `calls` are the effects of the flow with what they were
    given and gave, secrets masked; `tokens` and `cost` what they took.
    """

    id: str
    issue_id: str
    vigy_id: str
    attempt: int
    outcome: str
    began_at: int
    ended_at: int
    base: int | None = None
    base_digest: str | None = None
    version: int | None = None
    label: str | None = None
    bump: str | None = None
    digest: str | None = None
    content: str | None = None
    program: str | None = None
    rationale: str = ""
    reasons: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    patch: Mapping[str, Any] | None = None
    claims: tuple[str, ...] = ()
    setting: Mapping[str, Any] = {}
    flow: Mapping[str, Any] = {}
    calls: tuple[Mapping[str, Any], ...] = ()
    tokens: int = 0
    cost: int = 0
    seq: int = 0
