"""From something that happened to an entry of the stream: runs, events of programs, and changes of the registry.

Sequence numbers are dense: every number is one run or one other notice, in the order of commits, over all processes.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, NamedTuple

from vigyc.lang.errors import Invalid
from vigyc.model.run import Run

RUN: Final = "run"
DENIED: Final = "denied"  # the policy refused an effect; data is {"name": ..., "resource": ..., "rule": ...}
EVENT: Final = "event"  # a program's own; data is {"kind": ...}
MISSED: Final = "missed"  # data is {"count": ...}
GAP: Final = "gap"  # never stored: what a subscriber did not get; data is {"from": ..., "to": ..., "count": ...}

REGISTERED: Final = "registered"
UPDATED: Final = "updated"
ENABLED: Final = "enabled"
DISABLED: Final = "disabled"
DELETED: Final = "deleted"
KV_EDITED: Final = "kv-edited"
REGISTRY: Final = (REGISTERED, UPDATED, ENABLED, DISABLED, DELETED, KV_EDITED)

RESOLVED: Final = "resolved"  # an action's result was reported; data is {"index": ..., "status": ..., "message": ...}
OWNER: Final = "owner"  # a runtime took the lease; data is {"holder": ..., "epoch": ...}
PAUSED: Final = "paused"
RESUMED: Final = "resumed"
ISSUE: Final = "issue"  # an issue changed; data is {"issue": ..., "state": ..., "was": ...}
ENHANCE: Final = "enhance"  # a setting of the pipeline changed; data is {"setting": ..., "paused": ...}

KINDS: Final = (RUN, EVENT, DENIED, MISSED, GAP, *REGISTRY, RESOLVED, OWNER, PAUSED, RESUMED, ISSUE, ENHANCE)


class Notice(NamedTuple):
    """An entry of the stream, one of `KINDS`. `at` is ms since 1970, `data` is JSON; `run` is there for kind `run`."""

    seq: int
    at: int
    kind: str
    vigy_id: str | None = None
    run_id: str | None = None
    message: str | None = None
    data: Any = None
    run: Run | None = None


def checked_kinds(kinds: Collection[str]) -> frozenset[str]:
    """`kinds` if all of them are kinds of notices. Raises Invalid."""
    if isinstance(kinds, str) or not set(kinds) <= set(KINDS):
        raise Invalid(f"kinds {kinds!r}: they must be some of {', '.join(KINDS)}")
    return frozenset(kinds)
