"""Ticks in memory: what a tick costs beside a call, and beside the same work by hand on the same host object."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import vigyc
from measure import compare, record
from programs import tick_program
from vigyc.model.action import Action
from vigyc.model.condition import Condition
from vigyc.model.log_line import LogLine
from vigyc.runtime.host import fresh


def ticking(tick: Callable[[vigyc.Host], Any]) -> Callable[[], Any]:
    """A function that ticks once: a fresh host, the kv carried over, the clock one second on."""
    kv: dict[str, Any] = {}
    clock = itertools.count(1_000_000, 1000)
    count = itertools.count()

    def once() -> Any:
        now = next(clock)
        return tick(fresh(kv, now, now - 1000, next(count)))

    return once


def by_hand(host: vigyc.Host) -> vigyc.Host:
    """The fifteen lines of ticks/reconciler.tatara, in Python."""
    kv = host.kv
    target = kv.get("target", 3)
    current = kv.get("current", 0)
    attempts = kv.get("attempts", 0)
    now = host.tick_start_ms
    host.desired["replicas"] = target
    host.observed["replicas"] = current
    host.metrics["replica_gap"] = float(target - current)
    if target == current:
        kv["attempts"] = 0
        kv["current"] = 0
        host.dirty.update(("attempts", "current"))
        host.actions.append(Action("noop", result="ok"))
        host.conditions.append(Condition("Ready", "true", "InSync", None, now))
    elif now - kv.get("__ratelimit::scale", now - 1500) < 1500:
        host.actions.append(Action("defer", result="skipped", message="rate limited"))
        host.conditions.append(Condition("Ready", "false", "RateLimited", "scale window closed", now))
    else:
        kv["__ratelimit::scale"] = now
        kv["attempts"] = attempts + 1
        kv["current"] = current + 1
        host.dirty.update(("__ratelimit::scale", "attempts", "current"))
        backoff = min(1000 * 2**attempts, 30000)
        host.actions.append(Action("update", {"from": current, "to": current + 1, "backoff": backoff}))
        host.conditions.append(Condition("Ready", "false", "Scaling", f"scaling to {target}", now))
    host.logs.append(LogLine("info", f"tick {host.tick_count} gap {target - current}"))
    return host


def test_reconciler(benchmark: Any) -> None:
    ours, hand = ticking(tick_program("reconciler").tick), ticking(by_hand)
    for _ in range(50):
        assert ours().snapshot() == hand().snapshot()
    record(benchmark, "ticks", "the 15-line reconciler", "<= 2.0", ours, **compare(ours, hand))


def test_noop(benchmark: Any) -> None:
    ours, empty = ticking(tick_program("noop").tick), ticking(lambda host: host)
    found = compare(ours, empty)
    over = (found["ns"] - found["baseline_ns"]) / 1000
    record(benchmark, "ticks", "`(vigy-noop)` over an empty call", "<= 1 us", ours, value=f"{over:.2f} us", **found)


def _resident_kib() -> int:
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("this system does not say how much memory a process has")


def test_a_million_ticks_leave_memory_as_it_was(benchmark: Any) -> None:
    once = ticking(tick_program("reconciler").tick)
    for _ in range(20_000):
        once()
    gc.collect()
    before = _resident_kib()
    for _ in range(1_000_000):
        once()
    gc.collect()
    grown = _resident_kib() - before
    assert grown < 1024
    record(benchmark, "ticks", "memory after a million ticks", "flat", once, value=f"{grown:+} KiB")
