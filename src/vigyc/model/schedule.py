"""From how often a vigy should tick to data: a schedule, and how far apart its ticks are spread.

When a vigy is due is derived from its schedule and its last start (runtime/due.py), never from the tick before having
scheduled this one.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

AUTO: Final = "auto"


class Fixed(NamedTuple):
    """Every `interval_ms`: at a fixed `rate` (start to start, on a grid), or after a fixed `delay` (end to start)."""

    interval_ms: int
    mode: Literal["rate", "delay"] = "rate"


class Cron(NamedTuple):
    """When the clock of `timezone` shows what `expr` says: five fields, or six with the seconds first."""

    expr: str
    timezone: str = "UTC"


class Adaptive(NamedTuple):
    """After as many ms as the kv holds under `hint_key`: at least `min_ms`, at most (and without a hint) `max_ms`."""

    min_ms: int
    max_ms: int
    hint_key: str


When: TypeAlias = Fixed | Cron | Adaptive


class Schedule(NamedTuple):
    """When a vigy ticks.

    `offset_ms` shifts all its ticks (`AUTO`: by an amount below the interval that follows from the vigy's id),
    `jitter_ms` delays each by up to so much (always the same for the same tick), `initial_delay_ms` holds the first
    back.
    """

    when: When
    offset_ms: int | Literal["auto"] = 0
    jitter_ms: int = 0
    initial_delay_ms: int = 0


def every(interval_ms: int) -> Schedule:
    """A tick every `interval_ms`, the first at once."""
    return Schedule(Fixed(interval_ms))
