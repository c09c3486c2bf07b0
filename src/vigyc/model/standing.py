"""From all the ticks of a vigy so far to where it stands: counters, its last run, and its state.

`desired` and `observed` are those of the latest successful tick that stated any; conditions are the latest by name
(decision D28).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from vigyc.model.condition import Condition
from vigyc.model.pending import PendingAction


class Standing(NamedTuple):
    """Where a vigy stands. Times are ms since 1970.

    `tick_count` and `previous_tick_ms` are what programs see: successful ticks, and when the last of them began.
    `run_id` to `error` are of the last run of any kind. `failures` counts failures since the last success; `runs`,
    `failed`, `timed_out`, `missed` and `denied` (calls of effects that the policy refused) count from the beginning.
    """

    tick_count: int = 0
    previous_tick_ms: int | None = None
    run_id: str | None = None
    started_at: int | None = None
    ended_at: int | None = None
    result: str | None = None
    error: str | None = None
    failures: int = 0
    runs: int = 0
    failed: int = 0
    timed_out: int = 0
    missed: int = 0
    conditions: Mapping[str, Condition] = {}
    desired: Mapping[str, Any] = {}
    observed: Mapping[str, Any] = {}
    denied: int = 0


class State(NamedTuple):
    """A vigy's state at one moment, for a surface; `pending` are the unresolved actions of its last run."""

    vigy_id: str
    desired: Mapping[str, Any]
    observed: Mapping[str, Any]
    conditions: tuple[Condition, ...]
    pending: tuple[PendingAction, ...]
    captured_at: int
