"""The runtime: ticks that last beside bare SQLite; ten thousand vigies registered, started, ticking in time, idle."""

from __future__ import annotations

import gc
import itertools
import time
import tracemalloc
from pathlib import Path
from typing import Any

import apsw
import pytest

import vigyc
from measure import compare, record
from vigyc.model.run import Report
from vigyc.model.run_id import RunIds
from vigyc.model.standing import Standing
from vigyc.runtime.store.port import TickRecord
from vigyc.runtime.time_source import SystemTime, VirtualTime

VIGIES = 256
MANY = 10_000

COUNTING = """
(define n (vigy-incr "count"))
(vigy-set "name" "item")
(vigy-set "seen" (vigy-tick))
"""


class ByHand:
    """What a tick leaves, written with apsw alone: the tables, rows and grouping of the runtime."""

    def __init__(self, path: Path, group: int) -> None:
        self.db = apsw.Connection(str(path))
        self.db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")
        self.group = group
        self.numbers = itertools.count(10**9)

    def __call__(self) -> None:
        for start in range(0, VIGIES, self.group):
            self._commit(range(start, min(start + self.group, VIGIES)))

    def _commit(self, vigies: range) -> None:
        kv, runs, states = [], [], []
        for vigy in vigies:
            n = next(self.numbers)
            name, run = f"hand-{vigy:011}", f"01a1fdbb-4cb2-7000-b99b-{n:012}"
            kv += [(name, "count", n), (name, "name", "item"), (name, "seen", n)]
            runs.append(
                (n, run, name, n, n, "ok", "[]", "schedule", n, 0, n, 1, 50, '{"kv_set":["count","name","seen"]}')
            )
            states.append((name, n, n, run, n, n, "ok", None, 0, n, 0, 0, 0, "{}"))
        db = self.db
        db.execute("BEGIN IMMEDIATE")
        db.executemany(
            "INSERT INTO kv VALUES (?, ?, ?) ON CONFLICT (scope, key) DO UPDATE SET value = excluded.value", kv
        )
        db.executemany(
            "INSERT INTO runs (seq, id, vigy_id, started_at, ended_at, result, actions_json, trigger, due_at, missed,"
            " tick, version, duration_us, report_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", runs,
        )  # fmt: skip
        db.executemany(f"INSERT OR REPLACE INTO vigy_state VALUES ({', '.join('?' * 14)})", states)
        db.execute("UPDATE counters SET value = ? WHERE name = 'hand'", (n,))
        db.execute("COMMIT")


class Skipping(SystemTime):
    """The clocks of this machine, set forward by `skipped` seconds."""

    skipped = 0

    def wall_ms(self) -> int:
        return super().wall_ms() + self.skipped * 1000

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped


def open_runtime(place: Path, time_source: Any = None) -> vigyc.Runtime:
    return vigyc.Runtime.open(place / "vigy.db", time=time_source)


def records_of(vigies: list[vigyc.Vigy], ids: RunIds, moment: int) -> list[TickRecord]:
    """What an engine hands to its store for a tick of each."""
    return [
        TickRecord(
            vigyc.Run(
                ids.make(moment), vigy.id, moment, moment, "ok", None, (), 0, "schedule", moment, 0, 1, 1, 50, None,
                Report(kv_set=("count", "name", "seen")),
            ),
            vigy.generation,
            Standing(1, moment, None, moment, moment, "ok"),
            False,
            {"count": moment, "name": "item", "seen": moment},
        )
        for vigy in vigies
    ]  # fmt: skip


def test_storing_ticks(benchmark: Any, tmp_path: Path) -> None:
    with open_runtime(tmp_path) as runtime, vigyc.Runtime.open(tmp_path / "bare.db"):
        vigies = [runtime.register(COUNTING, name=f"v{number}").vigy for number in range(VIGIES)]
        runtime.tick("v0")
        store, fence, ids = runtime._store, runtime._engine.tenure.fence, RunIds()
        moments = itertools.count(1_800_000_000_000)
        batches = [records_of(vigies, ids, next(moments)) for _ in range(200)]

        def ours() -> None:
            store.commit(fence, batches.pop())

        found = compare(ours, ByHand(tmp_path / "bare.db", VIGIES), rounds=101)
        share = found["baseline_ns"] / found["ns"]
        value = f"{share:.0%} ({VIGIES / found['ns'] * 1e9:,.0f} ticks/s, {VIGIES} a commit)"
        what = "storing ticks (3 keys, run, state; FULL): share of what bare apsw does with the same rows and grouping"
        record(benchmark, "runtime", what, ">= 60 %", ours, value=value, **found)


def test_ticks_that_last(benchmark: Any, tmp_path: Path) -> None:
    clock = Skipping()
    with open_runtime(tmp_path, clock) as runtime, vigyc.Runtime.open(tmp_path / "bare.db"):
        for number in range(VIGIES):
            runtime.register(COUNTING, name=f"v{number}", every="10s")
        commits: list[int] = []
        runtime._engine.committer.on_commit = lambda: commits.append(1)
        runtime._engine.housekeeper.keep_house = lambda: None  # what it does once a second is in neither measure

        def ours() -> None:
            clock.skipped += 10
            runtime.step()

        for _ in range(20):
            ours()
        group = round(VIGIES * 20 / len(commits))
        found = compare(ours, ByHand(tmp_path / "bare.db", group))
        share = found["baseline_ns"] / found["ns"]
        value = f"{share:.0%} ({VIGIES / found['ns'] * 1e9:,.0f} ticks/s, {group} a commit)"
        what = "the whole of such ticks, programs run and scheduled: share of the same"
        record(benchmark, "runtime", what, "-", ours, value=value, **found)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A store with ten thousand vigies, each with a program of its own, and how long registering them took."""
    place = tmp_path_factory.mktemp("crowd")
    with open_runtime(place) as runtime:
        started = time.perf_counter()
        for number in range(MANY):
            runtime.register(f"{COUNTING}; {number}", name=f"v{number}", every="10s")
        took = time.perf_counter() - started
    return place, took


def test_registering_many(benchmark: Any, crowd: tuple[Path, float]) -> None:
    what = f"registering {MANY:,} vigies, each with a program of its own, one by one"
    with open_runtime(crowd[0]) as runtime:
        numbers = itertools.count(MANY)

        def one() -> None:
            number = next(numbers)
            runtime.register(f"{COUNTING}; {number}", name=f"v{number}", every="10s", enabled=False)
            runtime.delete(f"v{number}")

        record(benchmark, "runtime", what, "<= 20 s", one, value=f"{crowd[1]:.1f} s")


def test_starting_with_many(benchmark: Any, crowd: tuple[Path, float]) -> None:
    started = time.perf_counter()
    with open_runtime(crowd[0]) as runtime:
        runtime.start()
        ready = time.perf_counter() - started
        while runtime._engine.lateness().ticks < MANY:
            time.sleep(0.01)
        ticked = time.perf_counter() - started
        runtime.stop()

        def again() -> None:
            runtime.start()
            runtime.stop()

        what = f"start with {MANY:,} registered, programs from the cache"
        value = f"{ready:.2f} s; all ticked once after {ticked:.2f} s"
        record(benchmark, "runtime", what, "<= 3 s", again, value=value)


def test_lateness_of_many(benchmark: Any, crowd: tuple[Path, float]) -> None:
    with open_runtime(crowd[0]) as runtime:
        runtime.start()
        time.sleep(8)  # the late ticks of the start
        before = runtime.standing("v0").runs
        time.sleep(22)
        late = runtime.health().lateness
        assert runtime.standing("v0").runs >= before + 2
        what = f"lateness, {MANY:,} vigies every 10 s for 20 s: p50 / p99 / worst"
        value = f"{late.p50} / {late.p99} / {late.max} ms"
        record(benchmark, "runtime", what, "p99 <= 50 ms", runtime.health, value=value)


def test_memory_of_an_idle_vigy(benchmark: Any, crowd: tuple[Path, float]) -> None:
    clock = VirtualTime(1_900_000_000_000)
    with open_runtime(crowd[0], clock) as runtime:
        runtime.get("v0")
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        runtime.step()
        clock.advance(10_000)
        runtime.step()
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        what = f"memory of a vigy that has ticked and waits, program and kv loaded ({MANY:,} of them)"
        record(benchmark, "runtime", what, "<= 20 KB", runtime.health, value=f"{grown / MANY / 1000:.1f} KB")
