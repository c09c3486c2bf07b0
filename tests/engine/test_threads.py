"""What a started engine does, in real time, with real threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from engine.world import World, count
from vigyc.lang.errors import Conflict
from vigyc.model.run import Run
from vigyc.model.schedule import every
from vigyc.runtime.host import Host
from vigyc.runtime.limits import EngineLimits
from vigyc.runtime.store.memory_store import MemoryStore
from vigyc.runtime.time_source import SystemTime

QUICK = EngineLimits(deadline=0.4, slow=0.05, poll=0.02, lease_ttl=0.5)


def until(condition: Callable[[], object], patience: float = 10.0) -> None:
    """Wait until `condition` holds; fail if it does not for so many seconds."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.005)


def spin(host: Host) -> Host:
    while True:
        pass


@contextmanager
def running(world: World) -> Iterator[World]:
    world.engine.start()
    try:
        yield world
    finally:
        world.engine.stop(0.1)


def make(limits: EngineLimits = QUICK) -> World:
    world = World(time=SystemTime(), limits=limits)
    world.programs["spin"] = spin
    return world


def test_it_ticks_by_itself_and_hears_of_what_is_registered() -> None:
    world = make()
    first = world.register("a", schedule=every(20))
    with running(world):
        until(lambda: world.store.standing(first.id).runs >= 5)
        second = world.register("b", schedule=every(20))
        until(lambda: world.store.standing(second.id).runs >= 5)
    runs = world.store.standing(first.id).runs
    time.sleep(0.06)
    assert world.store.standing(first.id).runs == runs
    assert world.store.lease().holder == ""


def test_a_runaway_tick_is_cut_at_its_deadline_and_delays_nobody() -> None:
    world = make()
    hog = world.register("hog", "spin", every(50))
    quick = [world.register(f"v{n}", schedule=every(20)) for n in range(20)]
    with running(world):
        until(lambda: world.store.standing(hog.id).timed_out >= 2)
        assert world.engine.lateness().p50 <= 100
    run = world.store.runs(hog.id)[-1]
    assert (run.result, run.error_kind, run.error) == ("timed_out", "halted", "stopped at its deadline of 0.4 s")
    assert 350_000 <= run.duration_us < 3_000_000
    assert all(world.store.standing(each.id).runs > 10 for each in quick)
    assert all(world.store.standing(each.id).failed == 0 for each in quick)


def test_a_tick_that_takes_long_is_seen_while_it_runs() -> None:
    world = make()
    release = threading.Event()

    def wait(host: Host) -> Host:
        release.wait(5)
        return count(host)

    world.programs["wait"] = wait
    vigy = world.register("slow", "wait", enabled=False)
    with running(replace_limits(world, deadline=10.0)) as world:
        thread = threading.Thread(target=world.engine.tick, args=(vigy.id,))
        thread.start()
        until(world.store.open_runs)
        status = world.engine.status(vigy.id)
        assert status is not None
        assert status.running_since is not None
        release.set()
        thread.join()
        assert world.store.open_runs() == []
    assert [run.result for run in world.store.runs(vigy.id)] == ["ok"]


def replace_limits(world: World, **changes: float) -> World:
    return replace(world, limits=world.limits._replace(**changes))


def test_stopping_cuts_what_does_not_end() -> None:
    world = replace_limits(make(), deadline=60.0)
    vigy = world.register("hog", "spin", every(1000))
    world.engine.start()
    until(world.store.open_runs)
    world.engine.stop(0.05)
    run = world.store.runs(vigy.id)[0]
    assert (run.result, run.error) == ("aborted", "cut when the runtime was stopped")
    assert world.store.open_runs() == []


def test_many_ask_at_once_and_each_is_answered() -> None:
    world = make()
    vigy = world.register("a", enabled=False)
    found: list[int] = []

    def ask() -> None:
        for _ in range(20):
            found.append(world.engine.tick(vigy.id).tick)

    with running(world):
        threads = [threading.Thread(target=ask) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 100
    assert world.store.kv(vigy.id) == {"n": max(found)}


def test_two_engines_and_one_lease() -> None:
    first = make()
    second = World(store=first.store, time=SystemTime(), programs=first.programs, limits=QUICK)
    vigy = first.register("a", schedule=every(10))
    with running(first):
        until(lambda: first.engine.owns)
        with running(second):
            until(lambda: first.store.standing(vigy.id).runs >= 5)
            assert not second.engine.owns
            asked = second.engine.tick(vigy.id, timeout=5)
            assert asked.trigger == "request"
            first.engine.stop(0.1)
            until(lambda: second.engine.owns)
            runs = first.store.standing(vigy.id).runs
            until(lambda: second.store.standing(vigy.id).runs > runs)
    ticks = [run.tick for run in reversed(first.store.runs(vigy.id, limit=10_000))]
    assert ticks == list(range(1, len(ticks) + 1))


def test_a_holder_that_went_silent_is_succeeded_and_its_commits_are_refused() -> None:
    first = make()
    vigy = first.register("a", enabled=False)
    assert first.engine.tick(vigy.id).tick == 1  # it holds the lease, and does nothing more to keep it
    second = World(store=first.store, time=SystemTime(), programs=first.programs, limits=QUICK)
    with running(second):
        until(lambda: second.engine.owns)
        assert second.engine.tick(vigy.id).tick == 2
        assert first.engine.tick(vigy.id, timeout=5).tick == 3  # asked of the second
        assert second.engine.owns


def test_starting_twice_and_stepping_a_started_engine() -> None:
    world = make()
    with running(world):
        with pytest.raises(Conflict):
            world.engine.start()
        with pytest.raises(Conflict):
            world.engine.step()


def test_no_thread_is_left() -> None:
    before = threading.active_count()
    world = make()
    world.register("a", schedule=every(5))
    with running(world):
        until(lambda: world.engine.lateness().ticks > 5)
    until(lambda: threading.active_count() <= before + 1)  # the watcher of deadlines stays


class Buggy(MemoryStore):
    """A store in which a method fails now and then in a way no store should."""

    fails_in = ""
    left = 0

    def _maybe(self, name: str) -> None:
        if self.fails_in == name and self.left:
            self.left -= 1
            raise RuntimeError(f"a bug in {name}")

    def commit(self, fence, records):
        self._maybe("commit")
        return super().commit(fence, records)

    def changes(self, after):
        self._maybe("changes")
        return super().changes(after)

    def checkpoint(self, *, idle):
        self._maybe("checkpoint")
        return super().checkpoint(idle=idle)


@pytest.mark.parametrize("where", ["commit", "changes", "checkpoint"])
def test_a_bug_stops_nothing_for_good(where: str, caplog: pytest.LogCaptureFixture) -> None:
    store = Buggy()
    world = World(store=store, time=SystemTime(), limits=QUICK)
    vigies = [world.register(f"v{n}", schedule=every(20)) for n in range(3)]
    with running(world):
        until(lambda: all(store.standing(each.id).runs >= 2 for each in vigies))
        store.fails_in, store.left = where, 2
        until(lambda: not store.left)
        before = [store.standing(each.id).runs for each in vigies]
        until(lambda: all(store.standing(v.id).runs > n + 2 for v, n in zip(vigies, before, strict=True)))
        late = world.register("late", schedule=every(20))
        until(lambda: store.standing(late.id).runs >= 2)
        for each in vigies:
            assert store.kv(each.id) == {"n": store.standing(each.id).tick_count}
    assert f"a bug in {where}" in caplog.text


def test_two_slow_ticks_at_once_leave_a_leader() -> None:
    world = make()
    gates = {name: threading.Event() for name in ("one", "two")}
    for name, gate in gates.items():
        world.programs[name] = lambda host, gate=gate: (gate.wait(5), count(host))[1]
    slow = [world.register(name, name, every(60_000)) for name in gates]
    quick = world.register("quick", schedule=every(20))
    with running(replace_limits(world, deadline=10.0)) as world:
        until(lambda: len(world.store.open_runs()) == 2)
        before = world.store.standing(quick.id).runs
        until(lambda: world.store.standing(quick.id).runs > before + 5)
        for gate in gates.values():
            gate.set()
        until(lambda: all(world.store.standing(each.id).tick_count == 1 for each in slow))


class Counting(MemoryStore):
    """A store that knows how many ticks each commit held."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def commit(self, fence, records):
        self.sizes.append(len(records))
        return super().commit(fence, records)


def test_ticks_that_come_close_together_are_committed_together_unless_somebody_waits() -> None:
    store = Counting()
    world = World(store=store, time=SystemTime(), limits=EngineLimits())
    vigies = [world.register(f"v{n}", schedule=every(100)) for n in range(100)]
    with running(world):
        until(lambda: world.engine.lateness().ticks > 500)
        assert len(store.sizes) * 3 < sum(store.sizes)
        began = time.monotonic()
        answered = [world.engine.tick(each.id) for each in vigies]
        assert all(run.result == "ok" for run in answered)
        assert time.monotonic() - began < 1.0  # 100 times the 10 ms that nobody who waits has to wait


def test_who_asks_while_a_scheduled_tick_runs_gets_a_tick_that_began_afterwards() -> None:
    world = make()
    gate, begun = threading.Event(), threading.Event()

    def wait(host: Host) -> Host:
        begun.set()
        gate.wait(5)
        return count(host)

    world.programs["wait"] = wait
    vigy = world.register("slow", "wait", every(60_000))
    found: list[Run] = []
    with running(replace_limits(world, deadline=10.0)) as world:
        assert begun.wait(5)
        thread = threading.Thread(target=lambda: found.append(world.engine.tick(vigy.id)))
        thread.start()
        time.sleep(0.05)
        gate.set()
        thread.join()
    assert [(run.trigger, run.tick) for run in found] == [("request", 2)]
