"""Measuring two ways of doing one thing: interleaved rounds in one process, and the median of their ratios.

Absolute times drift while a run lasts; the ratio within a round does not. The garbage collector is told to leave alone
what was there before (`gc.freeze`), and the order within a round is drawn by lot.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from statistics import median
from time import perf_counter_ns
from typing import Any

ROUNDS = 31
SLICE_NS = 4_000_000  # one measurement lasts about this long


def timed(run: Callable[[], Any], times: int) -> float:
    """ns per call over `times` calls."""
    turns = range(times)
    start = perf_counter_ns()
    for _ in turns:
        run()
    return (perf_counter_ns() - start) / times


def repeats(run: Callable[[], Any]) -> int:
    """How many calls fill one slice."""
    once = max(timed(run, 1), 1)
    if once < SLICE_NS / 100:
        once = max(timed(run, 100), 1)
    return max(1, round(SLICE_NS / once))


def compare(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int = ROUNDS) -> dict[str, float]:
    """`ratio` ours / theirs, and the median ns of each."""
    ours()
    theirs()
    counts = {ours: repeats(ours), theirs: repeats(theirs)}
    pairs = []
    lot = random.Random(0)
    gc.collect()
    gc.freeze()
    try:
        for _ in range(rounds):
            order = [ours, theirs]
            lot.shuffle(order)
            took = {run: timed(run, counts[run]) for run in order}
            pairs.append((took[ours], took[theirs]))
    finally:
        gc.unfreeze()
    return {
        "ratio": median(a / b for a, b in pairs),
        "ns": median(a for a, _ in pairs),
        "baseline_ns": median(b for _, b in pairs),
    }


def record(benchmark: Any, group: str, what: str, target: str, run: Callable[[], Any], **found: Any) -> None:
    """Hand a result to pytest-benchmark: its own rounds of `run`, and beside them what the README's table says."""
    benchmark.group = group
    benchmark.extra_info.update(what=what, target=target, **found)
    benchmark.pedantic(run, rounds=5, iterations=1, warmup_rounds=1)
