"""The stream going out: what a publisher pays for readers that do not read, and for those that do."""

from __future__ import annotations

import gc
import itertools
from statistics import median, quantiles
from time import perf_counter_ns
from typing import Any

import pytest

from measure import record
from vigyc.model.notice import EVENT, Notice
from vigyc.runtime.bus import Bus
from vigyc.runtime.store.memory_store import MemoryStore

COUNT = 4096


def publishing(bus: Bus, numbers: itertools.count[int], count: int) -> list[float]:
    """µs for each of `count` publications of one notice."""
    took = []
    publish = bus.publish
    gc.collect()
    gc.freeze()
    for seq in itertools.islice(numbers, count):
        notices = [Notice(seq, 0, EVENT, "a0", "b", "seen")]
        start = perf_counter_ns()
        publish(notices)
        took.append((perf_counter_ns() - start) / 1000)
    gc.unfreeze()
    return took


@pytest.mark.parametrize("of", ["everything", "a vigy each"])
def test_publish_to_a_hundred_stuck_subscribers(benchmark: Any, of: str) -> None:
    bus = Bus(MemoryStore())
    numbers = itertools.count(1)
    stuck = [bus.subscribe(vigy_id=None if of == "everything" else f"a{i}") for i in range(100)]
    took = publishing(bus, numbers, COUNT)
    what = f"publishing a notice, with 100 subscribers to {of} that do not read"
    value = f"{median(took):.1f} µs (p99 {quantiles(took, n=100)[-1]:.1f} µs)"
    record(benchmark, "bus", what, "<= 20 µs", lambda: publishing(bus, numbers, 100), value=value)
    for subscription in stuck:
        subscription.close()


def test_read(benchmark: Any) -> None:
    bus = Bus(MemoryStore())
    numbers = itertools.count(1)
    with bus.subscribe(capacity=2 * COUNT) as subscription:

        def read() -> float:
            publishing(bus, numbers, COUNT)
            start = perf_counter_ns()
            for _ in range(COUNT):
                subscription.get(0)
            return (perf_counter_ns() - start) / 1000 / COUNT

        value = f"{median(read() for _ in range(7)):.1f} µs"
        record(benchmark, "bus", "reading a notice that waits", "-", read, value=value)
