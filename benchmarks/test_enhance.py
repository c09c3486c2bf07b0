"""The enhance pipeline: issues worked off one after the other, by the rule-based proposer, every axis judged."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import Any

import vigyc
from measure import record
from vigyc.model.issue import APPLIED

EPOCHS = 40
RUNS = 10
ROUNDS = 5

# Fifty lines: what reconcilers are made of, with a number to be changed.
FIFTY = (
    "(define limit 3)\n"
    + "\n".join(
        f"""
;; step {n}: look, compare, say
(define (level-{n} reading) (if (> reading (+ limit {n})) "high" "low"))
(define reading-{n} (vigy-get "reading-{n}" {n}))
(vigy-observed "level-{n}" (level-{n} reading-{n}))"""
        for n in range(9)
    )
    + """
(vigy-incr "ticks")
(if (> (vigy-get "ticks" 0) limit)
    (vigy-update (hash-map "to" limit))
    (vigy-noop))
"""
)


def epochs_per_second(path: Path) -> float:
    """How many issues a second become versions, in one thread, upon a store in a file."""
    settings = vigyc.Settings(record="all")
    with vigyc.Runtime.open(path, settings=settings, cache=False) as runtime:
        runtime.register(FIFTY, name="fifty")
        for _ in range(RUNS):
            runtime.tick("fifty")
        runtime.enhance.put_setting("fast", {"per_minute": 1_000_000})
        numbers = iter(range(4, 10_000))

        def work_off(count: int) -> float:
            for _ in range(count):
                runtime.enhance.submit("fifty", f"set limit to {next(numbers)}", setting="fast")
            start = time.perf_counter()
            assert runtime.enhance.drain() == count
            return time.perf_counter() - start

        work_off(5)
        rates = [EPOCHS / work_off(EPOCHS) for _ in range(ROUNDS)]
        newest = runtime.enhance.log(limit=1)[0]
        assert newest.outcome == APPLIED
        assert f"{RUNS} recorded runs" in {verdict.axis: verdict.detail for verdict in newest.verdicts}["replay"]
    return median(rates)


def test_epochs(benchmark: Any, tmp_path: Path) -> None:
    assert FIFTY.count("\n") >= 49
    found = epochs_per_second(tmp_path / "store.db")
    what = f"epochs of a 50-line program, rule-based proposer, all axes, {RUNS} runs replayed, on one core"
    record(benchmark, "enhance", what, ">= 20/s", lambda: None, value=f"{found:.0f}/s")
