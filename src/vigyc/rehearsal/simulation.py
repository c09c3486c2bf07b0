"""From a vigy as it stands to its next ticks, one after the other, with nothing done and nothing kept.

The ticks are made by what makes all ticks, upon a copy of the kv. Effects that would change something are told, and not
done; those that only look are done, under the vigy's policy. What an extension of the host does in Python it does in
earnest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter_ns
from typing import Any, NamedTuple

from vigyc.effects.gate import Gate
from vigyc.effects.powers import Powers
from vigyc.model.action import ABSENT
from vigyc.model.run import OK, Run
from vigyc.model.standing import Standing
from vigyc.model.vigy import Vigy
from vigyc.programs import Programs
from vigyc.runtime.bench import Bench
from vigyc.runtime.due import next_due
from vigyc.runtime.entry import Entry
from vigyc.runtime.roster import hint
from vigyc.runtime.store.memory import MemoryScope
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import Timeline, TimeSource


class Change(NamedTuple):
    """What would become of a key: ABSENT `before` is a new one, ABSENT `after` one that goes."""

    key: str
    before: Any
    after: Any


class Simulated(NamedTuple):
    """A tick that was not kept: the run as it would be told, the kv it would change, where the vigy would stand.

    `calls` is how many effects it called, `cost` what they cost by the vigy's policy. `lasted_ns` is how long it took
    by the clock on the wall, whatever the simulation's shows.
    """

    run: Run
    changes: tuple[Change, ...]
    standing: Standing
    calls: int
    cost: int
    lasted_ns: int

    @property
    def succeeded(self) -> bool:
        """Whether the tick came off."""
        return self.run.result == OK


class Simulation:
    """Ticks of `vigy` from this `kv` and `standing` on, by the clock `time`; close it, or use it with `with`.

    `deadline` is how many seconds a tick may take if the vigy says nothing else, `console` takes what is printed
    (default: standard error). A simulation belongs to one thread at a time; its budgets and connections are its own.
    """

    def __init__(
        self,
        vigy: Vigy,
        kv: Mapping[str, Any],
        standing: Standing,
        store: Store,
        programs: Programs,
        time: TimeSource,
        deadline: float,
        console: Callable[[str], object] | None = None,
    ) -> None:
        self._vigy = vigy
        self._given = store, programs
        self._deadline = deadline
        self._console = console
        self.time = time
        self.kv = dict(kv)  # as of the last tick that came off; the scope's is what ticks work on
        self._anchored_at = min(vigy.anchored_at, time.wall_ms())  # the clock may begin before the vigy did
        self._entry = entry = Entry(vigy, standing)
        entry.scope = scope = MemoryScope(dict(kv))
        scope.tick_count, scope.previous_tick_ms = standing.tick_count, standing.previous_tick_ms
        self._powers = powers = Powers(programs.powers.policy_of, console)
        self._bench = Bench(
            store, time, Timeline(time), lambda it: programs.load_unseen(it, powers), deadline, deliver=False
        )

    def __enter__(self) -> Simulation:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def tick(self) -> Simulated:
        """One tick, now. An error of the program is in the run."""
        entry, began = self._entry, perf_counter_ns()
        done = self._bench.perform(self._bench.job(entry, self.time.monotonic(), 0))
        lasted = perf_counter_ns() - began
        record = done.record
        changes = [Change(key, self.kv.get(key, ABSENT), value) for key, value in record.writes.items()]
        changes += [Change(key, self.kv[key], ABSENT) for key in record.deletes if key in self.kv]
        changes.sort(key=lambda change: change.key)
        if record.run.result == OK:
            done.scope.commit(done.host)
            self.kv.update(record.writes)
            for key in record.deletes:
                self.kv.pop(key, None)
        entry.standing = record.standing
        calls, cost = _spent(done.host.gate)
        return Simulated(record.run, tuple(changes), record.standing, calls, cost, lasted)

    def waits_ms(self) -> int:
        """How long after now its schedule has the next tick. Raises SettingsError for cron without cronsim."""
        now, standing = self.time.wall_ms(), self._entry.standing
        failures = 0 if standing is None else standing.failures
        scheduled = self._vigy._replace(anchored_at=self._anchored_at)
        return max(next_due(scheduled, now, now, failures, hint(self._entry)) - now, 1)

    def fork(self, time: TimeSource) -> Simulation:
        """Another simulation that goes on from here, by a clock of its own."""
        assert self._entry.standing is not None  # from the beginning
        store, programs = self._given
        return Simulation(
            self._vigy, self.kv, self._entry.standing, store, programs, time, self._deadline, self._console
        )

    def close(self) -> None:
        """Let go of what it opened."""
        self._powers.close()


def _spent(gate: object) -> tuple[int, int]:
    """How many effects passed `gate`, and their cost."""
    if not isinstance(gate, Gate):
        return 0, 0
    costs = gate.session.policy.costs
    cost = sum(costs.get(call.operation.name, call.operation.cost) for call in gate.calls)
    return len(gate.calls) + gate.unrecorded, cost
