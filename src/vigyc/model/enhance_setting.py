"""From what an operator says of how issues are to be worked off to a setting of the enhance pipeline.

A setting is re-read for every epoch, which keeps a snapshot of it. What it refers to (a flow, axes) is checked when it
is written and when it is used, by enhance/settings.py; what a value may be, by its reader (enhance_codec.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

RERUN: Final = "rerun"
REJECT: Final = "reject"
CONFLICTS: Final = (RERUN, REJECT)

LATEST: Final = "latest"
FIXED: Final = "fixed"
SEMVER: Final = "semver_req"
SELECTORS: Final = (LATEST, FIXED, SEMVER)

AXES: Final = (
    "reads", "canonical", "noop", "compiles", "capabilities", "tests", "dry-run", "replay", "convergence",
    "idempotence", "budget",
)  # fmt: skip
"""The axes there are, in the order they are told; each is a module of enhance/verifiers."""
FLOOR: Final = AXES[:5]
"""Those that no setting can leave out."""


class VersionSelector(NamedTuple):
    """Which version of a flow: the `latest`, the one with `value` as digest or number, the newest `value` admits."""

    kind: str = LATEST
    value: str = ""


class Canary(NamedTuple):
    """Before the head moves, the candidate ticks in shadow `shadow_ticks` times, each after a new run; after it,
    `watch_ticks` runs are watched, and a larger share of failures or denials than before takes it back."""

    shadow_ticks: int = 0
    watch_ticks: int = 0


class EnhanceSetting(NamedTuple):
    """How issues are worked off. Durations are in ms.

    `flow` is the vigy whose program orchestrates (None: the one that comes with vigyc), `flow_version` which version of
    it. `proposer` is for the flow: `{"kind": "rules"}`, `{"kind": "model", ...}`, `{"kind": "command", ...}`.
    `repairs` is how often denials go back to the proposer. `ttl_ms` is the time for an epoch, `verifier_ms` that of one
    verifier. A fault that may pass is tried again `attempts` times in all, after `backoff_ms`, doubled each time, at
    most `backoff_max_ms`. `replays` runs are replayed, of which the share `replay_changes` may differ; `settle_ticks`
    are simulated; neither time nor effects may be above `factor` times the parent's. `paused` says why the queue waits.
    """

    name: str = "default"
    flow: str | None = None
    flow_version: VersionSelector = VersionSelector()
    verifiers: tuple[str, ...] = AXES
    proposer: Mapping[str, Any] = {"kind": "rules"}
    repairs: int = 2
    ttl_ms: int = 120_000
    verifier_ms: int = 10_000
    attempts: int = 3
    backoff_ms: int = 1_000
    backoff_max_ms: int = 60_000
    on_conflict: str = RERUN
    replays: int = 10
    replay_changes: float = 1.0
    settle_ticks: int = 20
    factor: float = 2.0
    canary: Canary | None = None
    max_program_bytes: int = 256 * 1024
    max_pending: int = 1_000
    per_minute: int = 60
    paused: str | None = None
    updated_at: int = 0
