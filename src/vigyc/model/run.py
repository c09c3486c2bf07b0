"""From one tick to its record: when, why, what came of it, and everything it said.

A run is known by its id (UUIDv7) before it is stored, and by its sequence number afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from vigyc.model.action import Action
from vigyc.model.condition import Condition
from vigyc.model.effect import Effect
from vigyc.model.event import Event
from vigyc.model.log_line import LogLine

OK: Final = "ok"
FAILED: Final = "failed"
TIMED_OUT: Final = "timed_out"
ABORTED: Final = "aborted"  # cut at shutdown, or found open after a crash
SKIPPED: Final = "skipped"  # the vigy was changed meanwhile: nothing of the tick was kept
RESULTS: Final = (OK, FAILED, TIMED_OUT, ABORTED, SKIPPED)

SCHEDULE: Final = "schedule"
REQUEST: Final = "request"
TRIGGERS: Final = (SCHEDULE, REQUEST)


class Report(NamedTuple):
    """What a tick said besides its actions; `kv_set` and `kv_deleted` are the keys it changed.

    `effects` are the calls of effects it made, the first of them where there are very many; `denied` is how many of all
    its calls the policy refused.
    """

    logs: tuple[LogLine, ...] = ()
    events: tuple[Event, ...] = ()
    conditions: tuple[Condition, ...] = ()
    desired: Mapping[str, Any] = {}
    observed: Mapping[str, Any] = {}
    trace: Mapping[str, Any] = {}
    metrics: Mapping[str, float] = {}
    output: str = ""
    kv_set: tuple[str, ...] = ()
    kv_deleted: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    denied: int = 0


EMPTY_REPORT: Final = Report()


class Run(NamedTuple):
    """One tick of a vigy. Times are ms since 1970, `duration_us` is in microseconds.

    `ended_at` is None while it runs. `error` is text with its place, `error_kind` its tag. `due_at` is when it should
    have begun (None for a request), `missed` how many ticks before it were not made. `tick` is the tick's number as the
    program sees it, `version` the edition of the program that ran.
    """

    id: str
    vigy_id: str
    started_at: int
    ended_at: int | None = None
    result: str = OK
    error: str | None = None
    actions: tuple[Action, ...] = ()
    seq: int = 0
    trigger: str = SCHEDULE
    due_at: int | None = None
    missed: int = 0
    tick: int = 0
    version: int = 1
    duration_us: int = 0
    error_kind: str | None = None
    report: Report = EMPTY_REPORT
