"""What goes wrong at the worst moment: whoever ticks goes on, each tick happens once, and nobody waits for ever."""

from __future__ import annotations

import multiprocessing
import os
import threading
from dataclasses import dataclass, field
from functools import partial

import pytest

from engine.test_threads import QUICK, running, until
from engine.world import World, count
from vigyc.lang.errors import CommitUnknown, Conflict, NotFound, StoreError
from vigyc.model.run import Run
from vigyc.model.schedule import every
from vigyc.runtime.engine import EngineLimits
from vigyc.runtime.host import Host
from vigyc.runtime.store.memory_store import MemoryStore
from vigyc.runtime.time_source import SystemTime, VirtualTime


class Troubled(MemoryStore):
    """A store whose next calls of a method may raise an error, before or after it did its work."""

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[str, list[BaseException]] = {}
        self.after: dict[str, list[BaseException]] = {}
        self.damaged: set[str] = set()

    def _call(self, name: str, *arguments: object, **named: object) -> object:
        if self.before.get(name):
            raise self.before[name].pop(0)
        done = getattr(super(), name)(*arguments, **named)
        if self.after.get(name):
            raise self.after[name].pop(0)
        return done

    def commit(self, fence, records):
        return self._call("commit", fence, records)

    def changes(self, after):
        return self._call("changes", after)

    def requests(self):
        return self._call("requests")

    def abort_open_runs(self, fence, at):
        return self._call("abort_open_runs", fence, at)

    def vigy(self, vigy_id):
        if vigy_id in self.damaged:
            raise StoreError(f"vigy {vigy_id} cannot be read")
        return self._call("vigy", vigy_id)


@dataclass
class Rough(World):
    """A world on a troubled store."""

    store: Troubled = field(default_factory=Troubled)


def ticks(world: World, vigy_id: str) -> list[int]:
    """The numbers of its ticks, in order."""
    return [run.tick for run in reversed(world.store.runs(vigy_id, limit=10_000))]


def beside(world: World) -> World:
    """Another runtime on the same store."""
    return World(store=world.store, time=world.time, programs=world.programs, limits=world.limits)


def someone_registers(world: World, name: str) -> str:
    """Another process registers a vigy; its id."""
    return beside(world).register(name).id


def test_a_store_that_fails_while_it_tells_of_a_new_vigy_loses_it_not() -> None:
    world = Rough()
    world.engine.step()
    vigy_id = someone_registers(world, "new")
    world.store.before["vigy"] = [StoreError("not now")]
    world.run(500)
    assert ticks(world, vigy_id) == [1]
    world.store.before["changes"] = [StoreError("not now")]
    other = world.register("other")
    world.run(500)
    assert ticks(world, other.id) == [1]


def test_a_vigy_that_cannot_be_read_keeps_nobody_from_being_heard_of() -> None:
    world = Rough()
    first = world.register("first")
    world.engine.step()
    broken = world.register("broken", enabled=False)
    world.store.damaged.add(broken.id)
    world.store.ask(broken.id, world.time.wall_ms())
    asked = world.store.ask(first.id, world.time.wall_ms())
    second = someone_registers(world, "second")
    world.run(500)
    assert world.store.answer(asked).run_id is not None
    assert ticks(world, second) == [1]
    assert world.engine.trouble is not None
    world.store.damaged.clear()
    world.run(500)
    assert ticks(world, broken.id) == [1]


def test_an_edit_of_the_kv_between_two_readings_is_not_lost() -> None:
    world = Rough()
    vigy = world.register("a")
    world.engine.step()
    changes = world.store.changes

    def edit_after(after: int) -> object:
        found = changes(after)
        if found:
            world.store.edit_kv(vigy.id, {"n": 100}, (), world.time.wall_ms())
            world.store.changes = changes
        return found

    world.store.changes = edit_after
    beside(world).update(vigy, labels={"a": "b"})
    world.time.advance(1000)
    world.engine.step()
    assert world.store.kv(vigy.id) == {"n": 101}


def test_a_request_that_was_answered_while_it_was_read_is_not_ticked_again() -> None:
    world = Rough()
    vigy = world.register("a", enabled=False)
    number = world.store.ask(vigy.id, world.time.wall_ms())
    before = world.store.requests()
    world.engine.step()
    assert world.store.answer(number).run_id is not None
    world.store.requests = lambda: before
    world.run(300)
    assert ticks(world, vigy.id) == [1]
    del world.store.requests
    world.run(300)
    again = world.store.ask(vigy.id, world.time.wall_ms())
    world.run(300)
    assert world.store.answer(again).run_id is not None
    assert ticks(world, vigy.id) == [1, 2]


def test_a_request_is_heard_again_after_its_tick_could_not_be_stored() -> None:
    world = Rough()
    vigy = world.register("a", enabled=False)
    world.store.before["commit"] = [StoreError("full"), StoreError("full")]
    numbers = [world.store.ask(vigy.id, world.time.wall_ms()) for _ in range(3)]
    world.run(3000)
    answers = [world.store.answer(number).run_id for number in numbers]
    assert len(set(answers) - {None}) == 3
    assert ticks(world, vigy.id) == [1, 2, 3]


def test_who_asks_the_one_that_ticks_hears_when_the_vigy_is_gone_or_was_changed() -> None:
    world = World(time=SystemTime(), limits=QUICK)
    second = beside(world)
    asks, told = threading.Event(), []

    def meddled(host: Host) -> Host:
        asks.set()
        if not host.kv:
            world.store.edit_kv(meddler.id, {"n": 10}, (), world.time.wall_ms())
        return count(host)

    world.programs["meddled"] = meddled
    world.programs["wait"] = lambda host: (asks.set(), gate.wait(5), host)[2]
    gate = threading.Event()
    meddler = world.register("meddler", "meddled", enabled=False)
    doomed = world.register("doomed", "wait", enabled=False)

    def ask(vigy_id: str) -> None:
        try:
            told.append(second.engine.tick(vigy_id, timeout=20))
        except NotFound as error:
            told.append(error)

    with running(world):
        ask(meddler.id)
        asks.clear()
        thread = threading.Thread(target=ask, args=(doomed.id,))
        thread.start()
        assert asks.wait(5)
        world.store.remove(doomed, world.time.wall_ms())
        gate.set()
        thread.join()
    assert told[0].result == "ok"
    assert world.store.kv(meddler.id) == {"n": 11}
    assert isinstance(told[1], NotFound)


def test_a_refused_commit_makes_late_ticks_and_none_that_nobody_wanted() -> None:
    world = Rough()
    often, seldom = world.register("often", schedule=every(1000)), world.register("seldom", schedule=every(3_600_000))
    world.engine.step()
    began = world.time.wall_ms()
    world.store.before["commit"] = [StoreError("full")] * 6
    with pytest.raises(StoreError):
        world.engine.tick(seldom.id)
    assert world.engine.trouble == "full"
    world.run(10_000)
    assert world.engine.trouble is None
    assert ticks(world, seldom.id) == [1]
    assert ticks(world, often.id) == list(range(1, len(ticks(world, often.id)) + 1))
    late = next(run for run in world.store.runs(often.id, limit=100) if run.missed)
    assert late.due_at == began + 1000
    assert late.missed == (late.started_at - late.due_at) // 1000 >= 4


def test_a_commit_of_which_nothing_is_known_is_looked_up() -> None:
    for when in ("before", "after"):
        world = Rough()
        vigy = world.register("a")
        world.engine.step()
        getattr(world.store, when)["commit"] = [CommitUnknown("who knows")]
        world.run(5000)
        found = ticks(world, vigy.id)
        assert found == list(range(1, len(found) + 1))
        assert len(found) >= 5
        assert world.store.kv(vigy.id) == {"n": len(found)}
        assert world.engine.trouble is None


def test_a_vigy_enabled_while_its_tick_could_not_be_stored_ticks() -> None:
    world = Rough()
    vigy = world.register("a", "enabling", enabled=False)

    def enabling(host: Host) -> Host:
        if not world.store.vigy(vigy.id).enabled:
            world.update(vigy, "enabled", enabled=True)
            world.engine._attendant.hear()  # as the watcher would
        return count(host)

    world.programs["enabling"] = enabling
    world.engine.step()
    world.store.before["commit"] = [StoreError("full")]
    with pytest.raises(StoreError):
        world.engine.tick(vigy.id)
    world.run(3000)
    assert ticks(world, vigy.id)


@pytest.mark.parametrize("where", ["commit", "changes", "requests", "vigy"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interrupted_step_loses_no_vigy(where: str, when: str) -> None:
    world = Rough()
    vigies = [world.register(f"v{n}") for n in range(5)]
    world.engine.step()
    world.time.advance(1000)
    getattr(world.store, when)[where] = [KeyboardInterrupt()]
    late = someone_registers(world, "late")
    with pytest.raises(KeyboardInterrupt):
        world.run(1000)
    world.run(5000)
    for vigy_id in (late, *(vigy.id for vigy in vigies)):
        found = ticks(world, vigy_id)
        assert found == list(range(1, len(found) + 1))
        assert len(found) >= 5
        assert world.store.kv(vigy_id) == {"n": len(found)}


def test_a_step_interrupted_in_a_tick_loses_no_vigy() -> None:
    world = World()
    tries = []

    def interrupted(host: Host) -> Host:
        tries.append(host.tick_count)
        if len(tries) == 2:
            count(host)
            raise KeyboardInterrupt
        return count(host)

    world.programs["interrupted"] = interrupted
    vigies = [world.register("a", "interrupted"), world.register("b"), world.register("c")]
    world.engine.step()
    with pytest.raises(KeyboardInterrupt):
        world.run(1000)
    world.run(5000)
    for vigy in vigies:
        found = ticks(world, vigy.id)
        assert found == list(range(1, len(found) + 1))
        assert len(found) >= 5
        assert world.store.kv(vigy.id) == {"n": len(found)}


def test_a_tick_from_before_the_lease_was_lost_is_not_stored_under_the_next() -> None:
    first = World()
    second = beside(first)
    vigy = first.register("a", "long", every(60_000))
    asleep = []

    def long(host: Host) -> Host:
        if not asleep:
            asleep.append(True)
            first.time.advance(5000)
            assert second.engine.tick(vigy.id).tick == 1
            second.engine.stop(0)
            for _ in range(2):  # as the watcher would: it loses the lease, and takes it again
                first.engine._attendant.attend()
            assert first.engine.owns
        return count(host)

    first.programs["long"] = long
    first.engine._attendant.attend()
    second.engine.step()
    first.engine.step()
    assert ticks(first, vigy.id) == [1]
    first.time.advance(61_000)
    first.engine.step()
    assert ticks(first, vigy.id) == [1, 2]
    assert first.store.kv(vigy.id) == {"n": 2}
    assert first.engine.trouble is None


def test_a_runtime_that_takes_over_for_a_tick_ticks_no_vigy_twice_at_once() -> None:
    first = World(time=SystemTime(), limits=QUICK)
    gate, at_once, most = threading.Event(), [], []

    def one_at_a_time(host: Host) -> Host:
        at_once.append(host)
        most.append(len(at_once))
        gate.wait(5)
        at_once.pop()
        return count(host)

    first.programs["one"] = one_at_a_time
    vigy = first.register("a", "one", every(60_000), enabled=False)
    first.engine.step()
    found: list[Run] = []
    with running(beside(first)) as second:
        first.engine.stop(0)
        thread = threading.Thread(target=lambda: found.append(second.engine.tick(vigy.id, timeout=10)))
        thread.start()
        until(lambda: most)
        asked = first.store.ask(vigy.id, first.time.wall_ms())
        assert not gate.wait(0.2)
        gate.set()
        thread.join()
        until(lambda: first.store.answer(asked).run_id is not None)
    assert max(most) == 1
    assert [run.tick for run in found] == [1]


def test_what_an_earlier_holder_left_open_is_ended_though_the_store_failed_at_first() -> None:
    world = Rough()
    vigy = world.register("a", enabled=False)
    world.engine.step()
    job = world.engine._bench.job(world.engine._roster.entry(vigy.id), 0.0, 0)
    world.engine._attendant.open(job)
    again = beside(world)
    world.engine.tenure.give_back()
    world.store.before["abort_open_runs"] = [StoreError("not now")]
    again.engine.step()
    again.run(300)
    assert [run.result for run in world.store.runs(vigy.id)] == ["aborted"]
    assert again.engine.trouble is None


def test_trouble_with_looking_is_over_when_looking_goes_well() -> None:
    world = Rough()
    world.engine.step()
    world.store.before["requests"] = [StoreError("not now")]
    world.run(100)
    assert world.engine.trouble == "not now"
    world.run(200)
    assert world.engine.trouble is None  # though nothing was committed


class Counted(SystemTime):
    """A clock that counts how often it is looked at."""

    looks = 0

    def monotonic(self) -> float:
        self.looks += 1
        return super().monotonic()


def test_a_runtime_that_stands_by_and_edits_rests() -> None:
    first = World(time=SystemTime())
    second = World(store=first.store, time=Counted(), programs=first.programs)
    with running(first), running(second):
        assert first.engine.owns
        vigy = second.register("a", enabled=False)
        before = second.time.looks
        assert not threading.Event().wait(0.3)
        assert second.time.looks - before < 200
        assert second.engine.tick(vigy.id, timeout=5).tick == 1
        assert second.engine.trouble is None


def test_one_thread_is_enough_for_slow_vigies() -> None:
    world = World(time=SystemTime(), limits=QUICK._replace(threads=1, slow=0.01))
    world.programs["nap"] = lambda host: (threading.Event().wait(0.02), count(host))[1]
    vigy = world.register("slow", "nap", every(1))
    with running(world):
        until(lambda: len(ticks(world, vigy.id)) >= 3)


def in_a_child(world: World, vigy_id: str, told: object) -> None:
    try:
        for use in (world.engine.step, world.engine.start, partial(world.engine.tick, vigy_id)):
            try:
                use()
            except Conflict as error:
                told.send(str(error))
        world.engine.stop(0)
        told.send("done")
    finally:
        os._exit(0)


def test_a_forked_process_cannot_tick_with_its_parents_lease() -> None:
    world = World()
    vigy = world.register("a")
    world.engine.step()
    reading, writing = multiprocessing.Pipe(duplex=False)
    child = os.fork()
    if child == 0:
        in_a_child(world, vigy.id, writing)
    writing.close()
    with reading:
        for _ in range(3):
            assert reading.recv() == "a forked process cannot use this runtime; open another there"
        assert reading.recv() == "done"
    os.waitpid(child, 0)
    assert world.store.lease().holder == world.engine.tenure.name


def test_stopping_answers_who_waits_for_a_tick_that_nothing_can_cut() -> None:
    world = World(time=SystemTime(), limits=QUICK)
    gate, begun = threading.Event(), threading.Event()

    def stuck(host: Host) -> Host:
        begun.set()
        while not gate.is_set():
            try:
                gate.wait(10)
            except BaseException:
                continue
        return count(host)

    world.programs["stuck"] = stuck
    vigy = world.register("a", "stuck", enabled=False)
    told: list[object] = []

    def ask() -> None:
        with pytest.raises(Conflict) as caught:
            world.engine.tick(vigy.id, timeout=30)
        told.append(str(caught.value))

    world.engine.start()
    thread = threading.Thread(target=ask)
    thread.start()
    assert begun.wait(5)
    world.engine.stop(0.05)
    thread.join(5)
    assert told == ["the runtime was stopped"]
    world.engine.start()
    gate.set()
    assert world.engine.tick(vigy.id).tick == 1  # what was stuck is not stored, whenever it ends
    world.engine.stop(1)
    assert ticks(world, vigy.id) == [1]


def test_nothing_grows_with_the_number_of_ticks() -> None:
    world = World(limits=EngineLimits())
    vigies = [world.register(f"v{n}", schedule=every(10)) for n in range(20)]
    subscription = world.bus.subscribe()
    assert isinstance(world.time, VirtualTime)

    def sizes() -> dict[str, int]:
        engine, roster = world.engine, world.engine._roster
        return {
            "heap": len(roster.agenda._heap), "requested": len(roster.requested), "stale": len(roster.stale),
            "unread": len(roster._unread), "in hand": len(roster._in_hand), "entries": len(roster.entries),
            "done": len(engine.committer.done), "running": len(engine._running), "feeds": len(world.bus._feeds),
            "recent": len(subscription._feed._recent),
        }  # fmt: skip

    def live(rounds: int) -> None:
        for number in range(rounds):
            vigy = vigies[number % 20]
            world.store.ask(vigy.id, world.time.wall_ms())
            world.engine.tick(vigy.id)
            world.update(vigy, labels={"n": str(number)})
            world.run(100)

    live(20)
    before = sizes()
    live(100)
    after = sizes()
    assert sum(len(ticks(world, vigy.id)) for vigy in vigies) > 4000
    assert all(after[name] <= max(before[name], 2 * 20 + 64) for name in after if name != "recent"), (before, after)
    assert after["recent"] <= 1024
