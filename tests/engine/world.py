"""A store, a clock that is moved by hand, and an engine on them, whose vigies run Python functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from vigyc.lang.digest import digest
from vigyc.model.notice import UPDATED
from vigyc.model.schedule import Schedule, every
from vigyc.model.vigy import Vigy
from vigyc.model.vigy_id import vigy_id
from vigyc.runtime.bus import Bus
from vigyc.runtime.engine import Engine
from vigyc.runtime.host import Host
from vigyc.runtime.housekeeper import Retention
from vigyc.runtime.limits import EngineLimits
from vigyc.runtime.store.memory_store import MemoryStore
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource, VirtualTime

Tick = Callable[[Host], Host]
EVERY_SECOND = every(1000)


def count(host: Host) -> Host:
    """A program that counts its ticks in its kv."""
    host.kv["n"] = host.kv.get("n", 0) + 1
    host.dirty.add("n")
    return host


class Function:
    """A function as what ticks."""

    def __init__(self, function: Tick) -> None:
        self.tick = function


@dataclass
class World:
    """`engine` ticks what is in `store`; a vigy's program is the name of a function in `programs`."""

    store: Store = field(default_factory=MemoryStore)
    time: TimeSource = field(default_factory=VirtualTime)
    programs: dict[str, Tick] = field(default_factory=lambda: {"count": count})
    limits: EngineLimits = field(default_factory=EngineLimits)
    retention: Retention = field(default_factory=Retention)

    def __post_init__(self) -> None:
        self.bus = Bus(self.store)
        self.engine = Engine(self.store, self.bus, self._load, self.time, self.limits, self.retention)

    def _load(self, vigy: Vigy) -> Function:
        return Function(self.programs[vigy.program])

    def register(
        self, name: str, program: str = "count", schedule: Schedule = EVERY_SECOND, *, enabled: bool = True
    ) -> Vigy:
        now = self.time.wall_ms()
        vigy = Vigy(
            vigy_id(name, program), name, program, digest(program), schedule, {}, enabled, 1, 1, now, now, now,
        )  # fmt: skip
        made = self.store.create(vigy)
        self.engine.refresh(made.id)
        return made

    def update(self, vigy: Vigy, kind: str = UPDATED, **changes: object) -> Vigy:
        now = self.time.wall_ms()
        before = self.store.vigy(vigy.id)
        assert before is not None
        after = self.store.change(before, before._replace(updated_at=now, **changes), kind)
        self.engine.refresh(after.id)
        return after

    def run(self, ms: int, step: int = 10) -> None:
        """Let `ms` pass, in steps, with an engine step after each."""
        assert isinstance(self.time, VirtualTime)
        for _ in range(ms // step):
            self.time.advance(step)
            self.engine.step()
