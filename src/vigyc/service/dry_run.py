"""From a vigy as it stands to what its next tick would do, with nothing done: no run, no kv, no lease, no cache entry.

The tick is made by what makes all ticks, upon a copy. Effects that would change something are told, and not done; those
that only look are done, under the vigy's policy. What an extension of the host does in Python it does in earnest.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from vigyc.effects.powers import Powers
from vigyc.model.action import ABSENT
from vigyc.model.run import Run
from vigyc.model.standing import Standing
from vigyc.model.vigy import Vigy
from vigyc.runtime.bench import Bench
from vigyc.runtime.entry import Entry
from vigyc.runtime.store.memory import MemoryScope
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import Timeline, TimeSource
from vigyc.service.programs import Programs


class Change(NamedTuple):
    """What would become of a key: ABSENT `before` is a new one, ABSENT `after` one that goes."""

    key: str
    before: Any
    after: Any


class DryRun(NamedTuple):
    """A tick that was not kept: the run as it would be told, the kv it would change, where the vigy would stand."""

    vigy: Vigy
    run: Run
    changes: tuple[Change, ...]
    standing: Standing


def dry_run(vigy: Vigy, store: Store, programs: Programs, time: TimeSource, deadline: float) -> DryRun:
    """One tick of `vigy`, for at most its own deadline, else `deadline` seconds. An error of the program is in the run.

    Raises StoreError when the store cannot be read.
    """
    before, standing = store.kv(vigy.id), store.standing(vigy.id)
    entry = Entry(vigy, standing)
    entry.scope = MemoryScope(dict(before))
    entry.scope.tick_count, entry.scope.previous_tick_ms = standing.tick_count, standing.previous_tick_ms
    powers = Powers(programs.powers.policy_of)  # whose budgets and connections are its own
    bench = Bench(store, time, Timeline(time), lambda it: programs.load_unseen(it, powers), deadline, deliver=False)
    try:
        record = bench.perform(bench.job(entry, time.monotonic(), 0)).record
    finally:
        powers.close()
    writes = [Change(key, before.get(key, ABSENT), value) for key, value in record.writes.items()]
    deletes = [Change(key, before[key], ABSENT) for key in record.deletes if key in before]
    return DryRun(vigy, record.run, tuple(sorted([*writes, *deletes], key=lambda change: change.key)), record.standing)
