"""The engine against a model that knows nothing but the rules: whatever is done to it, in whatever order.

Single flight, no tick of what is disabled or gone, none early, none lost for good, backoff and its reset, requests
served once, kv and counters in step with the runs, a sequence without holes; through failures, failing commits,
restarts, changes from outside and jumps of the time of day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine.world import World, count
from vigyc.lang.errors import StoreError
from vigyc.model.run import FAILED, OK, SCHEDULE
from vigyc.model.schedule import Fixed, Schedule
from vigyc.model.vigy import Vigy
from vigyc.runtime.host import Host
from vigyc.runtime.housekeeper import Retention
from vigyc.runtime.limits import EngineLimits
from vigyc.runtime.store.memory_store import MemoryStore
from vigyc.runtime.time_source import VirtualTime

BACKOFF = (0, 1000, 2000, 4000, 8000, 16_000, 30_000)
SLOW_MS = 150

ALL = Retention(10**6, 10**6, 10**6)  # days enough for every jump: what was pruned cannot be counted


class FlakyStore(MemoryStore):
    """A store whose commits fail as long as it is told so."""

    broken = False

    def commit(self, fence, records):
        if self.broken:
            raise StoreError("the disk is full")
        return super().commit(fence, records)


@dataclass
class Known:
    """What the model knows of a vigy: since when it should tick, how it ends, and the elapsed times of its starts."""

    vigy: Vigy
    interval: int
    anchor: int
    fails: bool = False
    slow: bool = False
    starts: list[int] = field(default_factory=list)
    forced: int = 0
    earlier: int = 0  # runs before the schedule it has now


class EngineModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.store = FlakyStore()
        self.time = VirtualTime()
        self.known: dict[str, Known] = {}
        self.inside: list[str] = []
        self.names = 0
        self.trouble_at = -(10**9)
        self.world = self._world()

    def _world(self) -> World:
        world = World(store=self.store, time=self.time, limits=EngineLimits(poll=0.05), retention=ALL)
        for name in self.known:
            world.programs[name] = self._program(name)
        return world

    @property
    def elapsed(self) -> int:
        return round(self.time.monotonic() * 1000)

    def _program(self, name: str):
        def tick(host: Host) -> Host:
            known = self.known[name]
            assert name not in self.inside, "two ticks of one vigy at once"
            assert known.vigy.enabled or known.forced, "a tick of what is disabled"
            self.inside.append(name)
            try:
                known.starts.append(self.elapsed)
                if known.slow:
                    self.time.advance(SLOW_MS)
                if known.fails:
                    raise ValueError("as told")
                return count(host)
            finally:
                self.inside.remove(name)

        return tick

    # -- what may happen

    @precondition(lambda self: len(self.known) < 6)
    @rule(interval=st.sampled_from([100, 250, 1000, 5000]), fails=st.booleans(), slow=st.booleans())
    def register(self, interval: int, fails: bool, slow: bool) -> None:
        self.names += 1
        name = f"v{self.names}"
        self.world.programs[name] = self._program(name)
        vigy = self.world.register(name, name, Schedule(Fixed(interval)))
        self.known[name] = Known(vigy, interval, self.elapsed, fails, slow)

    def _some(self, data: st.DataObject) -> Known:
        return self.known[data.draw(st.sampled_from(sorted(self.known)))]

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def disable(self, data: st.DataObject) -> None:
        known = self._some(data)
        known.vigy = self.world.update(known.vigy, "disabled", enabled=False)

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def enable(self, data: st.DataObject) -> None:
        known = self._some(data)
        if not known.vigy.enabled:
            now = self.time.wall_ms()
            known.vigy = self.world.update(known.vigy, "enabled", enabled=True, anchored_at=now)
            known.anchor = self.elapsed
            self._begin_anew(known)

    @precondition(lambda self: self.known)
    @rule(data=st.data(), interval=st.sampled_from([100, 250, 1000, 5000]))
    def reschedule(self, data: st.DataObject, interval: int) -> None:
        known = self._some(data)
        now = self.time.wall_ms()
        known.vigy = self.world.update(known.vigy, schedule=Schedule(Fixed(interval)), anchored_at=now)
        known.interval, known.anchor = interval, self.elapsed
        self._begin_anew(known)

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def mend_or_break(self, data: st.DataObject) -> None:
        known = self._some(data)
        known.fails = not known.fails

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        known = self._some(data)
        vigy = self.store.vigy(known.vigy.id)
        assert vigy is not None
        self.store.remove(vigy, self.time.wall_ms())
        self.world.engine.refresh(vigy.id)
        del self.known[vigy.name]

    @precondition(lambda self: self.known and not self.store.broken)
    @rule(data=st.data())
    def ask(self, data: st.DataObject) -> None:
        known = self._some(data)
        known.forced += 1
        before = len(known.starts)
        run = self.world.engine.tick(known.vigy.id)
        known.forced -= 1
        assert run.result == (FAILED if known.fails else OK)
        assert run.trigger != SCHEDULE
        assert len(known.starts) == before + 1

    @precondition(lambda self: self.known)
    @rule(data=st.data(), value=st.integers(0, 1000))
    def edit_the_kv(self, data: st.DataObject, value: int) -> None:
        known = self._some(data)
        self.store.edit_kv(known.vigy.id, {"by hand": value}, (), self.time.wall_ms())
        self.world.engine.refresh(known.vigy.id)

    @rule(ms=st.sampled_from([50, 200, 1000, 7000]))
    def let_time_pass(self, ms: int) -> None:
        end = self.elapsed + ms
        while self.elapsed < end:
            self.world.engine.step()
            self.time.advance(10)
        self.world.engine.step()
        self._nobody_is_forgotten()

    @rule(ms=st.integers(1, 60_000))
    def sleep(self, ms: int) -> None:
        """The machine was suspended, or the host busy with other things."""
        self.time.advance(ms)
        self.world.engine.step()

    @rule(ms=st.integers(-(10**9), 10**9))
    def jump(self, ms: int) -> None:
        self.time.jump(ms)
        for known in self.known.values():  # what is due next is told by another clock than the last run
            self._compare_from_here(known)

    @rule()
    def restart(self) -> None:
        self.world.engine.stop(0)
        self.world = self._world()
        for known in self.known.values():  # the time of day may have jumped: the grid begins anew with it
            self._begin_anew(known)

    def _begin_anew(self, known: Known) -> None:
        known.starts.clear()
        self._compare_from_here(known)

    def _compare_from_here(self, known: Known) -> None:
        known.earlier = len(self.store.runs(known.vigy.id, limit=100_000))

    @rule(broken=st.booleans())
    def break_the_disk(self, broken: bool) -> None:
        self.store.broken = broken
        self.trouble_at = self.elapsed

    # -- what must hold

    def _nobody_is_forgotten(self) -> None:
        """Who is enabled and not failing has ticked within its interval, and what the others took."""
        if self.store.broken or self.elapsed - self.trouble_at < 7000:
            return
        for name, known in self.known.items():
            standing = self.store.standing(known.vigy.id)
            if known.vigy.enabled and not standing.failures and known.starts:
                allowed = known.interval + 1000 + SLOW_MS * len(self.known)
                assert self.elapsed - known.starts[-1] <= allowed, f"{name} was forgotten"

    @invariant()
    def none_is_early(self) -> None:
        if self.store.broken or self.elapsed - self.trouble_at < 7000:
            return
        for known in self.known.values():
            runs = [run for run in self.store.runs(known.vigy.id, limit=1000) if run.trigger == SCHEDULE]
            for run in runs:
                assert run.due_at is not None
                assert run.started_at >= run.due_at

    @invariant()
    def kv_and_counters_are_those_of_the_runs(self) -> None:
        for known in self.known.values():
            runs = self.store.runs(known.vigy.id, limit=100_000)
            ok = sum(run.result == OK for run in runs)
            standing = self.store.standing(known.vigy.id)
            assert standing.tick_count == ok
            assert standing.runs == len([run for run in runs if run.result != "skipped"])
            assert self.store.kv(known.vigy.id).get("n", 0) == ok
            ticks = [run.tick for run in reversed(runs) if run.result == OK]
            assert ticks == list(range(1, ok + 1))

    @invariant()
    def failures_back_off(self) -> None:
        for known in self.known.values():
            runs = list(reversed(self.store.runs(known.vigy.id, limit=100_000)))[known.earlier :]
            failures = 0
            for before, after in pairwise(runs):
                failures = failures + 1 if before.result == FAILED else 0
                if failures and after.trigger == SCHEDULE and before.started_at < after.started_at:
                    assert after.due_at - before.started_at >= BACKOFF[min(failures, 6)]

    @invariant()
    def the_agenda_holds_who_is_enabled(self) -> None:
        if self.world.engine.owns and not self.store.broken:
            self.world.engine.step()
            ids = [vigy_id for _, vigy_id in self.world.engine.upcoming(100)]
            assert sorted(ids) == sorted(known.vigy.id for known in self.known.values() if known.vigy.enabled)

    @invariant()
    def the_sequence_has_no_hole(self) -> None:
        seqs = [notice.seq for notice in self.store.notices(0, limit=100_000)]
        assert len(set(seqs)) == len(seqs)
        assert self.world.bus.last == self.store.last_seq()


TestEngineModel = EngineModel.TestCase
TestEngineModel.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@pytest.mark.parametrize("failures", range(9))
def test_the_backoff_is_that_of_the_original(failures: int) -> None:
    store = MemoryStore()
    world = World(store=store)
    left = [failures]

    def flaky(host: Host) -> Host:
        if left[0]:
            left[0] -= 1
            raise ValueError("not yet")
        return host

    world.programs["flaky"] = flaky
    vigy = world.register("flaky", "flaky", Schedule(Fixed(10, "delay")))
    while not store.standing(vigy.id).tick_count:
        world.engine.step()
        world.time.advance(1)
    at = [run.started_at for run in reversed(store.runs(vigy.id))]
    expected = [10 + BACKOFF[min(nth + 1, 6)] for nth in range(failures)]
    assert [b - a for a, b in pairwise(at)] == expected
