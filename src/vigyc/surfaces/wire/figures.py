"""From the figures of a runtime to JSON data: counters, and ten minutes in slots of two seconds."""

from __future__ import annotations

from typing import Any

from vigyc.model.run import TIMED_OUT
from vigyc.model.timestamp import rfc3339
from vigyc.service.pulse import Counts, Moment
from vigyc.service.stats import Stats


def stats_json(stats: Stats) -> dict[str, Any]:
    """The figures; lateness is in ms, over the last minute."""
    census, course, extent = stats.census, stats.course, stats.extent
    p50, p99 = course.recent.quantiles(0.5, 0.99)
    return {
        "now": rfc3339(stats.now),
        "started_at": rfc3339(stats.counts.since),
        "total": census.total,
        "phases": dict(census.phases),
        "failing": census.failing,
        "ticks_per_second": round(course.ticks_per_second, 1),
        "errors_per_minute": course.errors_per_minute,
        "lateness_ms": {"p50": p50, "p99": p99, "max": course.recent.max},
        "wal_bytes": extent.wal_bytes,
        "kv_bytes": extent.kv_bytes,
        "outbox": extent.outbox,
        "subscribers": stats.subscribers,
        "counters": _counters_json(stats.counts, stats.dropped),
        "series": [_moment_json(moment) for moment in course.series],
    }


def _counters_json(counts: Counts, dropped: int) -> dict[str, Any]:
    effects: dict[str, dict[str, int]] = {}
    for (name, outcome), number in counts.effects.items():
        effects.setdefault(name, {})[outcome] = number
    return {
        "ticks": dict(counts.results),
        "missed": counts.missed,
        "timeouts": counts.results.get(TIMED_OUT, 0),
        "effects": effects,
        "denied": counts.denied,
        "dropped": dropped,
    }


def _moment_json(moment: Moment) -> dict[str, Any]:
    return {**moment._asdict(), "at": rfc3339(moment.at)}
