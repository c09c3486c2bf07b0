"""A store with vigies that have ticked, and cases upon it: what the verifiers judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from vigyc.effects.policy import NOTHING, Policy
from vigyc.effects.powers import Powers
from vigyc.enhance.verifiers.case import Case, Denied
from vigyc.enhance.verifiers.table import VERIFIERS
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.run import Run
from vigyc.model.vigy import Vigy
from vigyc.programs import Programs
from vigyc.runtime.bench import Bench
from vigyc.runtime.entry import Entry
from vigyc.runtime.store.memory_store import MemoryStore
from vigyc.runtime.store.port import Store
from vigyc.runtime.store.sqlite import open_store
from vigyc.runtime.time_source import Timeline, VirtualTime
from vigyc.service.edit import Edit
from vigyc.service.registry import Registry


class World:
    """A store, the programs of a runtime upon it, and a clock that stands still until it is moved."""

    def __init__(self, store: Store, policy: Policy = NOTHING, *, record_all: bool = False) -> None:
        self.store = store
        self.time = VirtualTime()
        self.programs = Programs(cache=False, powers=Powers(lambda name, labels: policy), record_all=record_all)
        self.registry = Registry(store, self.programs, self.time, 1, lambda vigy_id: None)
        self._fence = store.acquire("test", None, self.time.wall_ms())
        assert self._fence is not None

    def register(self, program: str, name: str = "x", kv: dict[str, Any] | None = None, **given: Any) -> Vigy:
        vigy = self.registry.register(program, name, Edit(None, "1s", None, None, None), **given).vigy
        if kv:
            self.store.edit_kv(vigy.id, kv, (), self.time.wall_ms())
        return self.vigy(name)

    def vigy(self, name: str = "x") -> Vigy:
        found = self.store.named(name)
        assert found is not None
        return found

    def tick(self, name: str = "x", deadline: float = 5.0) -> Run:
        """One tick, committed; a second later than the one before."""
        self.time.advance(1_000)
        vigy = self.vigy(name)
        bench = Bench(self.store, self.time, Timeline(self.time), self.programs.load, deadline, deliver=False)
        done = bench.perform(bench.job(Entry(vigy, None), self.time.monotonic(), 0))
        assert self._fence is not None
        (committed,) = self.store.commit(self._fence, [done.record])
        return committed.run

    def case(self, program: str, name: str = "x", *, approved: bool = False, **setting: Any) -> Case:
        vigy = self.vigy(name)
        (base,) = [version for version in self.store.versions(vigy.id) if version.number == vigy.version]
        given = EnhanceSetting(**setting)
        return Case(vigy, base, program, vigy.modules, given, approved, self.programs, self.store, self.time)

    def verdict(self, axis: str, program: str, **given: Any) -> str:
        """What `axis` says of `program`: its evidence, or `DENIED` and the reason."""
        try:
            return VERIFIERS[axis](self.case(program, **given))
        except Denied as denial:
            return f"DENIED {denial}"


Worlds = Callable[..., World]


@pytest.fixture(params=["memory", "file"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    store: Store = MemoryStore() if request.param == "memory" else open_store(tmp_path / "vigyc.db")
    yield World(store)
    store.close()


@pytest.fixture
def worlds() -> Iterator[Worlds]:
    """Makes worlds in memory, with a policy or other settings."""
    made: list[World] = []

    def make(policy: Policy = NOTHING, **given: Any) -> World:
        made.append(World(MemoryStore(), policy, **given))
        return made[-1]

    yield make
    for world in made:
        world.programs.powers.close()
        world.store.close()
