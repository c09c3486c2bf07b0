"""From a schedule somebody gave to one that can be kept: what is allowed, and how it reads.

The expression of a cron schedule is looked at by runtime/cron.py, which knows the syntax.
"""

from __future__ import annotations

from typing import Final

from vigyc.lang.errors import Invalid
from vigyc.model.duration import duration_text
from vigyc.model.schedule import AUTO, Adaptive, Cron, Fixed, Schedule

LONGEST_MS: Final = 36_525 * 86_400_000  # a century
MODES: Final = ("rate", "delay")


def checked_schedule(schedule: Schedule, minimum_ms: int = 1) -> Schedule:
    """`schedule` if it is one, with no interval under `minimum_ms`. Raises Invalid."""
    when = schedule.when
    if isinstance(when, Fixed):
        _check_interval("tick interval", when.interval_ms, minimum_ms)
        if when.mode not in MODES:
            raise Invalid(f"schedule mode {when.mode!r}: it must be {' or '.join(MODES)}")
    elif isinstance(when, Adaptive):
        _check_adaptive(when, minimum_ms)
    elif not isinstance(when, Cron):
        raise Invalid(f"schedule {when!r}: it must be fixed, cron or adaptive")
    if schedule.offset_ms != AUTO:
        _check_length("offset", schedule.offset_ms)
    _check_length("initial delay", schedule.initial_delay_ms)
    _check_length("jitter", schedule.jitter_ms)
    least = _least_interval_ms(schedule)
    if least is not None and schedule.jitter_ms >= least:
        raise Invalid(f"jitter {schedule.jitter_ms} ms: it must be less than the interval, {least} ms")
    return schedule


def describe(schedule: Schedule) -> str:
    """A schedule for people: `fixed(500ms)`, `cron(*/5 * * * *, UTC)`, `fixed(10s), offset auto, jitter 1s`."""
    parts = [_when_text(schedule)]
    if schedule.offset_ms == AUTO:
        parts.append("offset auto")
    elif schedule.offset_ms:
        parts.append(f"offset {duration_text(schedule.offset_ms)}")
    if schedule.jitter_ms:
        parts.append(f"jitter {duration_text(schedule.jitter_ms)}")
    if schedule.initial_delay_ms:
        parts.append(f"initial delay {duration_text(schedule.initial_delay_ms)}")
    return ", ".join(parts)


def _when_text(schedule: Schedule) -> str:
    when = schedule.when
    if isinstance(when, Cron):
        return f"cron({when.expr}, {when.timezone})"
    if isinstance(when, Adaptive):
        return f"adaptive({duration_text(when.min_ms)} to {duration_text(when.max_ms)}, {when.hint_key})"
    return f"fixed({duration_text(when.interval_ms)}{'' if when.mode == 'rate' else ', delay'})"


def _least_interval_ms(schedule: Schedule) -> int | None:
    """The least time between two ticks; None for cron, where that is in the expression."""
    when = schedule.when
    if isinstance(when, Cron):
        return None
    return when.interval_ms if isinstance(when, Fixed) else when.min_ms


def _check_adaptive(when: Adaptive, minimum_ms: int) -> None:
    _check_interval("shortest tick interval", when.min_ms, minimum_ms)
    _check_interval("longest tick interval", when.max_ms, minimum_ms)
    if when.min_ms > when.max_ms:
        raise Invalid(
            f"adaptive schedule: its shortest interval, {when.min_ms} ms, is over its longest, {when.max_ms} ms"
        )
    if not isinstance(when.hint_key, str) or not when.hint_key.strip():
        raise Invalid("adaptive schedule: it needs a hint key, the kv key that holds the interval")


def _check_interval(what: str, ms: object, minimum_ms: int) -> None:
    _check_whole(what, ms)
    if ms < minimum_ms:  # type: ignore[operator]
        raise Invalid(f"invalid {what} {ms} ms: must be >= {minimum_ms}")
    _check_length(what, ms)


def _check_length(what: str, ms: object) -> None:
    _check_whole(what, ms)
    if not 0 <= ms <= LONGEST_MS:  # type: ignore[operator]
        raise Invalid(f"{what} {ms} ms: it must be from 0 to {LONGEST_MS} ms (a century)")


def _check_whole(what: str, ms: object) -> None:
    if ms.__class__ is not int:
        raise Invalid(f"{what} {ms!r}: it must be a whole number of ms")
