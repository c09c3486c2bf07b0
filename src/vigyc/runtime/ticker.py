"""From a program, a scope and a clock to ticks: each commits wholly or not at all.

The short loop for whoever embeds vigyc: no schedule, no record of runs, one vigy. A tick that fails leaves the kv, the
counters and the conditions as they were; what it said until then is in `host`.
"""

from __future__ import annotations

from typing import Any, Protocol

from vigyc.model.condition import Condition, settled
from vigyc.runtime.clock import Clock, system_clock
from vigyc.runtime.host import Host, fresh
from vigyc.runtime.store.memory import MemoryScope


class Tickable(Protocol):
    """What a ticker runs: a compiled program."""

    def tick(self, host: Host, *, deadline: float | None = None) -> Host:
        """Run once against `host`, for at most `deadline` seconds."""


class Ticker:
    """Ticks `program` against `scope`: a scope of a store, a dict to begin with, or nothing for an empty kv.

    `deadline` is how many seconds a tick may take, None for any number. `host` is the host of the latest tick, failed
    or not; `conditions` are the latest by name. A ticker belongs to one thread at a time.
    """

    __slots__ = ("clock", "conditions", "deadline", "host", "program", "scope")

    def __init__(
        self,
        program: Tickable,
        scope: MemoryScope | dict[str, Any] | None = None,
        *,
        clock: Clock = system_clock,
        deadline: float | None = None,
    ) -> None:
        self.program = program
        self.scope = scope if isinstance(scope, MemoryScope) else MemoryScope(scope)
        self.clock = clock
        self.deadline = deadline
        self.host: Host | None = None
        self.conditions: dict[str, Condition] = {}

    def tick(self) -> Host:
        """Run the program once on a host of its own and commit what it did; the host, its `kv` the live one.

        Raises what the program raised (TickError, Halted) or StoreError, after putting back the kv.
        """
        scope = self.scope
        self.host = host = fresh(scope.kv, self.clock(), scope.previous_tick_ms, scope.tick_count)
        try:
            self.program.tick(host, deadline=self.deadline)
        except BaseException:
            scope.rollback(host)
            host.abandon()
            raise
        try:
            scope.commit(host)
        except BaseException:
            host.abandon()
            raise
        if host.conditions:
            self.conditions = settled(self.conditions, host.conditions)
        return host
