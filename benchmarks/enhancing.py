"""From a directory to how many issues a second become versions: a process of its own, on one core, which prints it."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from statistics import median

import vigyc
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
    with vigyc.Runtime.open(path, settings=vigyc.Settings(record="all"), cache=False) as runtime:
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


if __name__ == "__main__":
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(epochs_per_second(Path(sys.argv[1]) / "store.db"))
