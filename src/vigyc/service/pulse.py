"""From the stream of a runtime to its figures: counts since it is listened to, and the newest ten minutes in slots.

It hears what goes out on the bus, a batch at a time, from whoever publishes; so it must be quick, and it is: a tick is
counted in well under a microsecond, and only what a tick said besides is looked at one by one. What another process
ticks is counted too, as it is read from the store.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Final, NamedTuple

from vigyc.model.notice import GAP, Notice
from vigyc.model.run import EMPTY_REPORT, OK, SKIPPED, Run
from vigyc.runtime.spread import Spread
from vigyc.runtime.time_source import TimeSource

SLOT_MS: Final = 2_000
SLOTS: Final = 300
RECENT: Final = 30
"""Of so many slots are the percentiles of the lateness and the errors per minute."""
RATED: Final = 5
"""Of so many whole slots are the ticks per second."""
VIGIES: Final = 200
NAMES: Final = 50
"""Numbers that programs measured are kept of so many vigies, so many of each."""

_log = logging.getLogger("vigyc")


class Moment(NamedTuple):
    """A slot as it is shown: from `at` (ms since 1970) on; lateness in ms."""

    at: int
    ticks: int
    failed: int
    p50: int
    p99: int


class Slot:
    """What happened in two seconds from `at` (ms since 1970) on; once they are over, it is `closed` and shown so."""

    __slots__ = ("at", "closed", "durations", "failed", "lateness", "ticks")

    def __init__(self, at: int) -> None:
        self.at = at
        self.ticks = 0
        self.failed = 0
        self.durations = Spread()
        self.lateness = Spread()
        self.closed: Moment | None = None

    def shown(self) -> Moment:
        """As it is shown."""
        return self.closed or Moment(self.at, self.ticks, self.failed, *self.lateness.quantiles(0.5, 0.99))


class Counts(NamedTuple):
    """What was counted since `since` (ms since 1970).

    `results` are ticks by result, `effects` calls by name and outcome; `gaps` are notices that were gone before they
    could be heard. `durations` are in microseconds, `lateness` is in ms. `measured` are the newest numbers of programs,
    by vigy and name, `unkept` how many were not kept because there are too many.
    """

    since: int
    results: Mapping[str, int]
    missed: int
    denied: int
    effects: Mapping[tuple[str, str], int]
    gaps: int
    durations: Spread
    lateness: Spread
    measured: Mapping[str, Mapping[str, float]]
    unkept: int


class Course(NamedTuple):
    """The newest ten minutes, oldest first, and what they come to; `recent` is the lateness of the last minute."""

    series: tuple[Moment, ...]
    ticks_per_second: float
    errors_per_minute: int
    recent: Spread


class Pulse:
    """Counts what it hears; `hear` and reading are for any thread."""

    def __init__(self, time: TimeSource) -> None:
        self.since = time.wall_ms()
        self._time = time
        self._lock = Lock()
        self._results: Counter[str] = Counter()
        self._effects: Counter[tuple[str, str]] = Counter()
        self._missed = self._denied = self._gaps = self._unkept = 0
        self._durations, self._lateness = Spread(), Spread()  # of the slots before the newest
        self._measured: dict[str, dict[str, float]] = {}
        self._slots: deque[Slot] = deque([Slot(_slot_at(self.since))], maxlen=SLOTS)

    def hear(self, notices: Sequence[Notice]) -> None:
        """Count these in. It does not raise: that it cannot count must not hinder a tick."""
        try:
            with self._lock:
                self._count(notices)
        except Exception:
            _log.exception("figures are missing: %d notices could not be counted", len(notices))

    def counts(self) -> Counts:
        """What was counted so far."""
        with self._lock:
            newest = self._slots[-1]
            durations, lateness = self._durations.copy(), self._lateness.copy()
            durations.merge(newest.durations)
            lateness.merge(newest.lateness)
            measured = {vigy_id: dict(numbers) for vigy_id, numbers in self._measured.items()}
            return Counts(
                self.since, dict(self._results), self._missed, self._denied, dict(self._effects), self._gaps, durations,
                lateness, measured, self._unkept,
            )  # fmt: skip

    def course(self) -> Course:
        """How it went, slot by slot up to now."""
        with self._lock:
            self._slot()
            slots = list(self._slots)
            series = tuple(slot.shown() for slot in slots)
            recent = Spread()
            for slot in slots[-RECENT:]:
                recent.merge(slot.lateness)
        whole = slots[-RATED - 1 : -1]
        seconds = len(whole) * SLOT_MS / 1000
        rate = sum(slot.ticks for slot in whole) / seconds if whole else 0.0
        return Course(series, rate, sum(slot.failed for slot in slots[-RECENT:]), recent)

    # -- under the lock

    def _count(self, notices: Sequence[Notice]) -> None:
        runs = [notice.run for notice in notices if notice.run is not None]
        if len(runs) < len(notices):
            self._gaps += sum(notice.seq - notice.data["from"] + 1 for notice in notices if notice.kind == GAP)
        if not runs:
            return
        results = Counter([run.result for run in runs])
        self._results.update(results)
        slot = self._slot()
        slot.ticks += len(runs)
        slot.failed += len(runs) - results[OK] - results[SKIPPED]
        slot.durations.add([run.duration_us for run in runs])
        slot.lateness.add([max(run.started_at - run.due_at, 0) for run in runs if run.due_at is not None])
        self._missed += sum([run.missed for run in runs])
        for run in runs:
            if run.report is not EMPTY_REPORT:
                self._look_into(run)

    def _look_into(self, run: Run) -> None:
        """Count what a tick said besides."""
        report = run.report
        self._denied += report.denied
        if report.effects:
            self._effects.update([(effect.name, effect.outcome) for effect in report.effects])
        if report.metrics:
            if run.vigy_id not in self._measured and len(self._measured) >= VIGIES:
                self._unkept += len(report.metrics)
                return
            kept = self._measured.setdefault(run.vigy_id, {})
            for name, number in report.metrics.items():
                if name in kept or len(kept) < NAMES:
                    kept[name] = number
                else:
                    self._unkept += 1

    def _slot(self) -> Slot:
        """The slot of now, those that nothing happened in before it."""
        at = _slot_at(self._time.wall_ms())
        newest = self._slots[-1]
        if at == newest.at:
            return newest
        newest.closed = newest.shown()
        self._durations.merge(newest.durations)
        self._lateness.merge(newest.lateness)
        if at < newest.at or at - newest.at > SLOTS * SLOT_MS:  # the time of day was set, or nobody was here for long
            self._slots.clear()
        else:
            self._slots.extend(Slot(between) for between in range(newest.at + SLOT_MS, at, SLOT_MS))
        self._slots.append(Slot(at))
        return self._slots[-1]


def _slot_at(now: int) -> int:
    return now - now % SLOT_MS
