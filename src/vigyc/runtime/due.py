"""From a schedule and the last start to when the next tick is due: arithmetic on ms of the engine's timeline.

Ticks at a fixed rate stand on a grid: `anchored_at` + initial delay + offset + n intervals. Point n is due after a
delay of its own, the jitter, which is always the same for the same vigy and n, and less than an interval: so points are
due in their order, each once, and what is due next is the first point due after the last start, whatever asked for that
start. Cron keeps to the time of day: its occurrences are found there and brought back to the timeline, shifted and
delayed like points of a grid. The other schedules count from the last tick, but nothing comes before the initial delay
is over. A tick that failed holds the next one back, more so with each failure in a row.

An offset `auto` is a part of the interval (of the shortest one if it adapts, of a minute for cron) that follows from
the vigy's id.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise, takewhile
from typing import Final

from blake3 import blake3

from vigyc.model.schedule import AUTO, Adaptive, Cron, Fixed
from vigyc.model.vigy import Vigy
from vigyc.runtime.cron import occurrences

COUNTED: Final = 1_000  # the missed ticks of a cron schedule are counted up to here

_BACKOFFS_MS: Final = (0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000)
_MINUTE_MS: Final = 60_000


def next_due(
    vigy: Vigy, last_start: int | None, last_end: int | None, failures: int, hint_ms: int | None, drift: int = 0
) -> int:
    """When `vigy` is due, after a tick from `last_start` to `last_end` and so many `failures` in a row.

    A start before the schedule's anchor does not count. `hint_ms` is what the kv of an adaptive one asks for; the time
    of day is `drift` ahead of the timeline. Raises SettingsError for cron without cronsim.
    """
    when = vigy.schedule.when
    if last_start is None or last_start < vigy.anchored_at:
        return next(_cron_dues(vigy, when, None, drift)) if isinstance(when, Cron) else _first(vigy)
    backoff = backoff_ms(failures) if failures else 0
    if isinstance(when, Cron):
        return next(_cron_dues(vigy, when, last_start, drift)) + backoff
    if isinstance(when, Fixed) and when.mode == "rate":
        return _next_point(vigy, when, last_start)[1] + backoff
    begin = last_start if last_end is None or isinstance(when, Adaptive) else last_end
    due = begin + _interval(when, hint_ms) + _jitter(vigy, last_start, vigy.schedule.jitter_ms)
    return max(due, _first(vigy)) + backoff


def missed(vigy: Vigy, due: int, now: int, hint_ms: int | None, drift: int = 0) -> int:
    """How many more ticks came due after the one due at `due`, up to `now`: those a tick that begins now stands for."""
    if now <= due:
        return 0
    when = vigy.schedule.when
    if isinstance(when, Fixed) and now - due < when.interval_ms - vigy.schedule.jitter_ms:
        return 0  # as nearly always
    if isinstance(when, Cron):
        dues = takewhile(lambda each: each <= now, _cron_dues(vigy, when, due, drift))
        return sum(1 for _ in islice(dues, COUNTED))
    if isinstance(when, Fixed) and when.mode == "rate":
        return _next_point(vigy, when, now)[0] - _next_point(vigy, when, due)[0]
    return (now - due) // _interval(when, hint_ms)


def backoff_ms(failures: int) -> int:
    """How much longer to wait after so many failures in a row: 1 s, doubled each time, 30 s at most."""
    return _BACKOFFS_MS[min(failures, len(_BACKOFFS_MS) - 1)]


def _first(vigy: Vigy) -> int:
    return _base(vigy) + _jitter(vigy, 0, vigy.schedule.jitter_ms)


def _base(vigy: Vigy) -> int:
    """Where the grid begins."""
    schedule = vigy.schedule
    offset = schedule.offset_ms
    return vigy.anchored_at + schedule.initial_delay_ms + (_auto_offset(vigy) if offset == AUTO else offset)


def _next_point(vigy: Vigy, when: Fixed, moment: int) -> tuple[int, int]:
    """The first point of the grid that is due after `moment`: its number, and when it is due."""
    base, jitter = _base(vigy), vigy.schedule.jitter_ms
    number = max((moment - base) // when.interval_ms, 0)
    due = base + number * when.interval_ms + _jitter(vigy, number, jitter)
    if due <= moment:
        number += 1
        due = base + number * when.interval_ms + _jitter(vigy, number, jitter)
    return number, due


def _interval(when: Fixed | Adaptive, hint_ms: int | None) -> int:
    if isinstance(when, Fixed):
        return when.interval_ms
    return when.max_ms if hint_ms is None else min(max(hint_ms, when.min_ms), when.max_ms)


def _cron_dues(vigy: Vigy, cron: Cron, after: int | None, drift: int) -> Iterator[int]:
    """When the occurrences of `cron` are due, strictly after `after` (None: all since the anchor), in order."""
    schedule = vigy.schedule
    offset = _auto_offset(vigy) if schedule.offset_ms == AUTO else schedule.offset_ms
    anchor = vigy.anchored_at + schedule.initial_delay_ms - 1
    begin = anchor if after is None else max(anchor, after - offset - schedule.jitter_ms)
    for occurrence, following in pairwise(occurrences(cron, begin + drift)):
        due = (
            occurrence - drift + offset + _jitter(vigy, occurrence, min(schedule.jitter_ms, following - occurrence - 1))
        )
        if after is None or due > after:
            yield due


def _auto_offset(vigy: Vigy) -> int:
    when = vigy.schedule.when
    span = _MINUTE_MS if isinstance(when, Cron) else when.interval_ms if isinstance(when, Fixed) else when.min_ms
    return _share(vigy.id, span)


def _jitter(vigy: Vigy, number: int, most: int) -> int:
    """From 0 to `most`: always the same for the same vigy and number."""
    return _share(f"{vigy.id} {number}", most + 1) if most else 0


def _share(seed: str, below: int) -> int:
    """A number from 0 to just under `below` that follows from `seed`, evenly spread over seeds."""
    return int.from_bytes(blake3(seed.encode()).digest(length=8), "big") * below >> 64
