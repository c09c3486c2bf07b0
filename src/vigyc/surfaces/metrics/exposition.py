"""From the figures of a runtime to what Prometheus reads: one family of metrics for each.

The names and the labels of all series are ours; what people and programs name stands only in the values of labels, and
only for as many vigies as the limit says.
"""

from __future__ import annotations

import importlib
import platform
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)  # fmt: skip
from prometheus_client.registry import Collector

from vigyc.model.run import RESULTS, TIMED_OUT
from vigyc.runtime.spread import Spread
from vigyc.service.overview import DUE, LATE, PHASES, RUNNING, Overview
from vigyc.service.runtime import Runtime
from vigyc.service.stats import Stats

VIGIES: Final = 200
"""Up to so many vigies have series of their own."""

_MICROSECOND: Final = 1_000_000
_MILLISECOND: Final = 1_000
_TOOK: Final = (
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    5_000_000, 10_000_000, 60_000_000,
)  # fmt: skip
_LATE: Final = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000)
_VERSION: Final[str] = importlib.import_module("vigyc").__version__


class Figures(Collector):
    """Collects the figures of `runtime` whenever they are asked for; up to `vigies` vigies by name."""

    def __init__(self, runtime: Runtime, vigies: int = VIGIES) -> None:
        self._runtime = runtime
        self._vigies = vigies

    def collect(self) -> Iterable[Metric]:
        """All of them. Raises StoreError."""
        stats = self._runtime.stats()
        total = stats.census.total
        shown = self._runtime.overview() if total <= self._vigies else []
        return [
            InfoMetricFamily("vigyc_build", "What runs.", {"version": _VERSION, "python": platform.python_version()}),
            *_ticks(stats),
            *_effects(stats),
            *_store(stats),
            *_standing(stats),
            _gauge("vigy_labels_dropped", "1 if there are too many vigies for their own series.", total > self._vigies),
            *_by_vigy(shown, stats.counts.measured),
        ]  # fmt: skip


def _ticks(stats: Stats) -> Iterable[Metric]:
    counts = stats.counts
    since = counts.since / _MILLISECOND
    ticks = CounterMetricFamily("vigyc_ticks", "Ticks by result.", labels=["result"])
    for result in RESULTS:
        ticks.add_metric([result], counts.results.get(result, 0), created=since)
    yield ticks
    yield _histogram("tick_seconds", "How long ticks took.", counts.durations, _TOOK, _MICROSECOND)
    yield _histogram("lateness_seconds", "How late ticks began.", counts.lateness, _LATE, _MILLISECOND)
    yield _counter("missed", "Ticks that were not made.", counts.missed)
    yield _counter("timeouts", "Ticks that were cut at their deadline.", counts.results.get(TIMED_OUT, 0))


def _effects(stats: Stats) -> Iterable[Metric]:
    effects = CounterMetricFamily("vigyc_effects", "Calls of effects.", labels=["effect", "outcome"])
    for names, number in stats.counts.effects.items():
        effects.add_metric(list(map(_text, names)), number)
    yield effects
    yield _counter("denied", "Calls of effects that the policy refused.", stats.counts.denied)


def _store(stats: Stats) -> Iterable[Metric]:
    yield _histogram("store_commit_seconds", "How long commits took.", stats.commits, _TOOK, _MICROSECOND)
    yield _gauge("wal_bytes", "The size of the store's log.", stats.extent.wal_bytes)
    yield _gauge("kv_bytes", "What all vigies remember together.", stats.extent.kv_bytes)
    yield _counter("cache_hits", "Programs whose compiled code was kept.", stats.cache_hits)
    yield _counter("cache_misses", "Programs that had to be compiled.", stats.cache_misses)
    yield _gauge("bus_subscribers", "Who listens to the stream.", stats.subscribers)
    yield _counter("bus_dropped", "Notices that a subscriber was too slow for.", stats.dropped)
    yield _counter("bus_gaps", "Notices that were gone before this process could read them.", stats.counts.gaps)


def _standing(stats: Stats) -> Iterable[Metric]:
    phases = stats.census.phases
    vigies = GaugeMetricFamily("vigyc_vigies", "Vigies by phase.", labels=["phase"])
    for phase in PHASES:
        vigies.add_metric([phase], phases.get(phase, 0))
    yield vigies
    yield _gauge("failing", "Vigies whose last tick failed.", stats.census.failing)
    queue = GaugeMetricFamily("vigyc_queue_depth", "What waits to be done.", labels=["queue"])
    queue.add_metric(["due"], phases.get(DUE, 0) + phases.get(LATE, 0))
    queue.add_metric(["running"], phases.get(RUNNING, 0))
    queue.add_metric(["outbox"], stats.extent.outbox)
    yield queue


def _by_vigy(shown: Sequence[Overview], measured: Mapping[str, Mapping[str, float]]) -> Iterable[Metric]:
    ticks = CounterMetricFamily("vigyc_vigy_ticks", "Ticks of a vigy since it was registered.", labels=["vigy"])
    failures = GaugeMetricFamily("vigyc_vigy_failures", "Failures since its last success.", labels=["vigy"])
    success = GaugeMetricFamily(
        "vigyc_vigy_last_success_timestamp_seconds", "When its last successful tick began.", labels=["vigy"]
    )
    programs = GaugeMetricFamily("vigyc_program_metric", "What programs measured.", labels=["vigy", "name"])
    for vigy, standing, *_ in shown:
        ticks.add_metric([vigy.name], standing.runs)
        failures.add_metric([vigy.name], standing.failures)
        if standing.previous_tick_ms is not None:
            success.add_metric([vigy.name], standing.previous_tick_ms / _MILLISECOND)
        for name, number in {_text(name): number for name, number in measured.get(vigy.id, {}).items()}.items():
            programs.add_metric([vigy.name, name], number)
    return ticks, failures, success, programs


def _counter(name: str, doc: str, value: int) -> Metric:
    return CounterMetricFamily(f"vigyc_{name}", doc, value)


def _gauge(name: str, doc: str, value: int) -> Metric:
    return GaugeMetricFamily(f"vigyc_{name}", doc, value)


def _histogram(name: str, doc: str, spread: Spread, bounds: Sequence[int], unit: int) -> Metric:
    """A histogram in seconds of whole numbers, `unit` of which are a second."""
    counted = zip(bounds, spread.up_to(bounds), strict=True)
    buckets: list[Any] = [(str(bound / unit), below) for bound, below in counted]
    return HistogramMetricFamily(f"vigyc_{name}", doc, [*buckets, ("+Inf", spread.count)], spread.total / unit)


def _text(name: str) -> str:
    """`name` as UTF-8 can hold it."""
    return name.encode("utf-8", "backslashreplace").decode()
