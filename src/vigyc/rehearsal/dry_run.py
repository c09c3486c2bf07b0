"""From a vigy as it stands to what its next tick would do, with nothing done: no run, kv, lease or cache entry."""

from __future__ import annotations

from typing import NamedTuple

from vigyc.model.run import Run
from vigyc.model.standing import Standing
from vigyc.model.vigy import Vigy
from vigyc.programs import Programs
from vigyc.rehearsal.simulation import Change, Simulation
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource

__all__ = ["Change", "DryRun", "dry_run"]


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
    with Simulation(vigy, store.kv(vigy.id), store.standing(vigy.id), store, programs, time, deadline) as simulation:
        done = simulation.tick()
    return DryRun(vigy, done.run, done.changes, done.standing)
