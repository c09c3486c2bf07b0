"""The stream as it goes out: whole and in order for every reader, however slow, whoever publishes."""

from __future__ import annotations

import gc
import random
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from store.stores import MAKERS, a_memory_store, a_tick, a_vigy, an_event, the_lease
from vigyc.lang.errors import Invalid, StoreError
from vigyc.model.notice import EVENT, GAP, OWNER, REGISTERED, RUN, Notice
from vigyc.model.vigy import Vigy
from vigyc.runtime.bus import Bus
from vigyc.runtime.feed import Feed
from vigyc.runtime.store.memory_store import MemoryStore
from vigyc.runtime.store.port import Store
from vigyc.runtime.stretch import gap
from vigyc.runtime.subscription import Subscription


class World:
    """A store with two vigies that tick, and a bus on it. Two registrations and the lease are numbers 1 to 3."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.one = store.create(a_vigy("one"))
        self.two = store.create(a_vigy("two"))
        self.fence = the_lease(store)
        self.bus = Bus(store)
        self.count = 0

    def commit(self, ticks: int = 1, vigy: Vigy | None = None, **fields: object) -> list[Notice]:
        """Ticks that are stored and not published."""
        vigy = vigy or self.one
        records = [a_tick(vigy, self.count + i, **fields) for i in range(ticks)]
        self.count += ticks
        return [notice for committed in self.store.commit(self.fence, records) for notice in committed.notices]

    def tick(self, ticks: int = 1, vigy: Vigy | None = None) -> None:
        """Ticks that are published one by one."""
        for notice in self.commit(ticks, vigy):
            self.bus.publish([notice])

    def prune(self, runs: int) -> None:
        self.store.prune(self.fence, runs_per_vigy=runs, events=1000, older_than=0)


@pytest.fixture(params=MAKERS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with closing(MAKERS[request.param](tmp_path / "vigyc.db")) as store:
        yield World(store)


def waiting(subscription: Subscription) -> list[Notice]:
    """All that can be read without waiting."""
    return list(iter(lambda: subscription.get(0), None))


def numbers(notices: Sequence[Notice]) -> list[int | tuple[int, int]]:
    """The numbers of notices, those of a gap as (from, to)."""
    return [(n.data["from"], n.data["to"]) if n.kind == GAP else n.seq for n in notices]


def covered(notices: Sequence[Notice]) -> list[int]:
    """Every number that was told, one by one or in a gap."""
    told: list[int] = []
    for number in numbers(notices):
        told += [number] if isinstance(number, int) else range(number[0], number[1] + 1)
    return told


# -- what goes out


def test_from_now_on(world: World) -> None:
    world.tick()
    with world.bus.subscribe() as reader:
        assert reader.seq == 4
        world.tick(3)
        assert numbers(waiting(reader)) == [5, 6, 7]
        assert reader.seq == 7


def test_a_run_comes_with_its_events(world: World) -> None:
    with world.bus.subscribe() as reader:
        record = a_tick(world.one, 1)
        (committed,) = world.store.commit(world.fence, [record._replace(notices=(an_event(record.run),))])
        world.bus.publish(committed.notices)
        run, event = waiting(reader)
    assert (run.kind, run.run) == (RUN, committed.run)
    assert (event.kind, event.message) == (EVENT, "seen")


def test_every_reader_gets_everything(world: World) -> None:
    readers = [world.bus.subscribe() for _ in range(3)]
    world.tick(5)
    assert [numbers(waiting(reader)) for reader in readers] == [[4, 5, 6, 7, 8]] * 3


def test_what_went_out_already_is_ignored(world: World) -> None:
    with world.bus.subscribe() as reader:
        notices = world.commit(4)
        world.bus.publish(notices[:2])
        world.bus.publish(notices[:2])
        world.bus.publish(notices[1:])
        world.bus.publish([])
        assert numbers(waiting(reader)) == [4, 5, 6, 7]


def test_a_hole_is_filled_from_the_store(world: World) -> None:
    with world.bus.subscribe() as reader:
        notices = world.commit(5)
        world.bus.publish(notices[3:4])
        assert numbers(waiting(reader)) == [4, 5, 6, 7]
        world.bus.publish(notices[:3])
        assert waiting(reader) == []
        world.bus.publish(notices[4:])
        assert numbers(waiting(reader)) == [8]


def test_a_hole_wider_than_a_page(world: World) -> None:
    with world.bus.subscribe(capacity=5000) as reader:
        world.commit(2500)
        world.bus.publish(world.commit())
        assert numbers(waiting(reader)) == list(range(4, 2505))


def test_polling_sends_what_others_stored(world: World) -> None:
    other = Bus(world.store)
    with other.subscribe() as reader:
        world.tick(3)
        other.poll()
        other.poll()
        assert numbers(waiting(reader)) == [4, 5, 6]
        assert other.last == world.bus.last == 6


def test_numbers_that_are_gone_are_a_gap(world: World) -> None:
    with world.bus.subscribe() as reader:
        world.commit(10)
        world.prune(3)  # keeps 11, 12, 13
        world.commit(1, world.two)
        world.bus.poll()
        missed, *rest = waiting(reader)
    assert (missed.kind, missed.seq, missed.data) == (GAP, 10, {"from": 4, "to": 10, "count": 7})
    assert numbers(rest) == [11, 12, 13, 14]


def test_numbers_that_are_gone_at_the_end_are_a_gap(world: World) -> None:
    with world.bus.subscribe() as reader:
        last = world.commit(2)[-1]
        world.store.remove(world.one, at=0)
        world.bus.publish([last])
        assert numbers(waiting(reader)) == [(4, 5)]
        world.bus.poll()
        assert numbers(waiting(reader)) == [6]


def test_out_of_order_from_two_threads(world: World) -> None:
    reader = world.bus.subscribe(capacity=10_000)
    notices = world.commit(2000)
    lot = random.Random(3)
    lots: tuple[list[Notice], list[Notice]] = ([], [])
    for notice in notices:
        lots[lot.random() < 0.5].append(notice)
    threads = [threading.Thread(target=lambda mine=mine: [world.bus.publish([n]) for n in mine]) for mine in lots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers(waiting(reader)) == list(range(4, 2004))


class Moody(MemoryStore):
    """A store that cannot be read at times."""

    sulks = False

    def notices(self, after: int, *, limit: int = 1000, vigy_id: str | None = None) -> list[Notice]:
        if self.sulks:
            raise StoreError("not now")
        return super().notices(after, limit=limit, vigy_id=vigy_id)


def test_what_cannot_be_read_is_caught_up_with() -> None:
    store = Moody()
    world = World(store)
    reader = world.bus.subscribe()
    store.sulks = True
    notices = world.commit(4)
    world.bus.publish(notices[1:2])
    world.bus.poll()
    assert (waiting(reader), world.bus.last) == ([], 3)
    store.sulks = False
    world.bus.publish(notices[3:])
    assert numbers(waiting(reader)) == [4, 5, 6, 7]


def test_history_that_cannot_be_read_is_asked_for_again() -> None:
    store = Moody()
    world = World(store)
    reader = world.bus.subscribe(after=0)
    store.sulks = True
    with pytest.raises(StoreError, match="not now"):
        reader.get(0)
    store.sulks = False
    assert numbers(waiting(reader)) == [1, 2, 3]


# -- history


def test_history_then_live(world: World) -> None:
    world.tick(600)
    with world.bus.subscribe(after=0) as reader:
        first = [reader.get(0) for _ in range(300)]
        world.tick(50)
        rest = waiting(reader)
        world.tick(2)
        assert numbers([*first, *rest, *waiting(reader)]) == list(range(1, 656))


def test_resuming_goes_on_where_one_was(world: World) -> None:
    with world.bus.subscribe() as reader:
        world.tick(10)
        seen = [reader.get(0) for _ in range(4)]
    with world.bus.subscribe(after=reader.seq) as reader:
        assert numbers([*seen, *waiting(reader)]) == list(range(4, 14))


def test_what_is_stored_and_not_published_comes_once(world: World) -> None:
    world.tick(2)
    late = world.commit(2)
    with world.bus.subscribe(after=3) as reader:
        assert numbers(waiting(reader)) == [4, 5]
        world.bus.publish(late)
        assert numbers(waiting(reader)) == [6, 7]


def test_after_a_number_this_process_has_not_heard_of(world: World) -> None:
    world.commit(3)
    with world.bus.subscribe(after=5) as reader:
        assert numbers(waiting(reader)) == [6]


def test_after_a_number_that_does_not_exist_is_from_now_on(world: World) -> None:
    with world.bus.subscribe(after=99) as reader:
        world.tick()
        assert numbers(waiting(reader)) == [4]


def test_history_older_than_what_is_kept_begins_with_a_gap(world: World) -> None:
    world.tick(20)
    world.prune(5)
    with world.bus.subscribe(after=7) as reader:
        assert numbers(waiting(reader)) == [(8, 18), 19, 20, 21, 22, 23]


def test_history_that_is_gone_altogether_is_a_gap(world: World) -> None:
    world.tick(3)
    world.store.remove(world.one, at=0)
    with world.bus.subscribe(after=3) as reader:
        assert numbers(waiting(reader)) == [(4, 6)]
        world.bus.poll()
        assert numbers(waiting(reader)) == [7]


def test_resuming_after_a_restart(tmp_path: Path) -> None:
    for make in MAKERS.values():
        if make is a_memory_store:
            continue
        with closing(make(tmp_path / "vigyc.db")) as store:
            world = World(store)
            with world.bus.subscribe() as reader:
                world.tick(5)
                seen = [reader.get(0), reader.get(0)]
        with closing(make(tmp_path / "vigyc.db")) as store:
            bus = Bus(store)
            assert bus.last == 8
            with bus.subscribe(after=reader.seq) as reader:
                assert numbers([*seen, *waiting(reader)]) == [4, 5, 6, 7, 8]


# -- slow readers


def test_a_stalled_reader_gets_one_gap_then_the_newest_then_live(world: World) -> None:
    with world.bus.subscribe(capacity=10) as reader:
        world.tick(2)
        assert numbers([n for n in [reader.get(0)] if n]) == [4]
        world.tick(498)
        told = waiting(reader)
        assert numbers(told) == [(5, 498), *range(499, 504)]
        assert reader.seq == 503
        world.tick(2)
        assert numbers(waiting(reader)) == [504, 505]


def test_a_batch_larger_than_the_queue(world: World) -> None:
    with world.bus.subscribe(capacity=4) as reader:
        world.bus.publish(world.commit(10))
        assert numbers(waiting(reader)) == [(4, 11), 12, 13]


def test_a_slow_reader_is_told_every_number_once(world: World) -> None:
    lot = random.Random(5)
    with world.bus.subscribe(capacity=8) as reader:
        told = []
        for _ in range(60):
            world.tick(lot.randrange(8))
            told += [notice for _ in range(lot.randrange(6)) if (notice := reader.get(0)) is not None]
        told += waiting(reader)
    assert covered(told) == list(range(4, world.bus.last + 1))
    assert any(notice.kind == GAP for notice in told)


def test_refilling_gives_the_exact_sequence(world: World) -> None:
    with world.bus.subscribe(capacity=8, refill=True) as reader:
        world.tick(1000)
        first = [reader.get(0) for _ in range(700)]
        world.tick(30)
        assert numbers([*first, *waiting(reader)]) == list(range(4, 1034))
        world.tick(20)
        assert numbers(waiting(reader)) == list(range(1034, 1054))


def test_refilling_tells_what_is_not_kept_any_more(world: World) -> None:
    with world.bus.subscribe(capacity=2, refill=True) as reader:
        world.tick(20)
        world.prune(5)
        assert numbers(waiting(reader)) == [(4, 18), 19, 20, 21, 22, 23]


def test_after_an_overflow_another_subscription_gives_the_exact_sequence(world: World) -> None:
    with world.bus.subscribe(capacity=8) as reader:
        world.tick(100)
        gap = reader.get(0)
        assert gap is not None
    with world.bus.subscribe(after=gap.data["from"] - 1) as reader:
        assert numbers(waiting(reader)) == list(range(4, 104))


def test_a_hundred_stuck_readers_do_not_hinder_a_fast_one(world: World) -> None:
    stuck = [world.bus.subscribe(capacity=64) for _ in range(100)]
    fast = world.bus.subscribe(capacity=10_000)
    seen: list[Notice] = []
    thread = threading.Thread(target=lambda: seen.extend(fast))
    thread.start()
    world.tick(1500)
    world.bus.close()
    thread.join()
    assert numbers(seen) == list(range(4, 1504))
    assert [numbers(waiting(reader)) for reader in stuck] == [[(4, 1471), *range(1472, 1504)]] * 100


def test_whatever_the_threads_do_every_number_is_told_once_and_in_order(world: World) -> None:
    ways = ({"capacity": 5}, {"capacity": 5, "refill": True}, {"after": 0, "capacity": 10_000})
    readers = [world.bus.subscribe(**how) for how in ways]
    told: list[list[Notice]] = [[], [], []]
    reading = [threading.Thread(target=lambda r=r, t=t: t.extend(r)) for r, t in zip(readers, told, strict=True)]
    batches = [world.commit(1 + i % 7) for i in range(80)]
    publishing = [
        threading.Thread(target=lambda mine=batches[i::2]: [world.bus.publish(batch) for batch in mine]) for i in (0, 1)
    ]
    for thread in reading + publishing:
        thread.start()
    for thread in publishing:
        thread.join()
    last = world.bus.last
    for reader in readers:
        while reader.seq < last:
            threading.Event().wait(0.001)
    world.bus.close()
    for thread in reading:
        thread.join()
    assert [covered(each) for each in told] == [[*range(4, last + 1)], [*range(4, last + 1)], [*range(1, last + 1)]]
    assert not any(notice.kind == GAP for notice in told[1] + told[2])


# -- filters


def test_only_one_vigy(world: World) -> None:
    with world.bus.subscribe(vigy_id=world.two.id) as reader:
        for vigy in (world.one, world.two, world.one, world.two):
            world.tick(1, vigy)
        assert numbers(waiting(reader)) == [5, 7]


def test_only_some_kinds(world: World) -> None:
    with world.bus.subscribe(after=0, kinds=[REGISTERED, OWNER]) as reader:
        world.tick(2)
        assert [notice.kind for notice in waiting(reader)] == [REGISTERED, REGISTERED, OWNER]
        world.tick(2)
        world.store.create(a_vigy("three"))
        world.bus.poll()
        assert numbers(waiting(reader)) == [8]


def test_what_is_filtered_out_fills_no_queue_and_is_no_gap(world: World) -> None:
    with world.bus.subscribe(vigy_id=world.two.id, capacity=3) as reader:
        world.tick(50)
        world.tick(3, world.two)
        world.tick(50)
        assert numbers(waiting(reader)) == [54, 55, 56]


def test_a_filtered_reader_that_stalls_is_told_of_a_gap(world: World) -> None:
    with world.bus.subscribe(vigy_id=world.two.id, capacity=2) as reader:
        for vigy in [world.two, world.one] * 4:
            world.tick(1, vigy)
        assert numbers(waiting(reader)) == [(4, 9), 10]
        world.tick(1, world.two)
        assert numbers(waiting(reader)) == [12]


def test_filtered_history(world: World) -> None:
    for vigy in (world.one, world.two, world.one, world.two):
        world.tick(300, vigy)
    with world.bus.subscribe(after=3, vigy_id=world.two.id) as reader:
        assert numbers(waiting(reader)) == [*range(304, 604), *range(904, 1204)]


def test_what_is_not_kept_is_told_whatever_the_filter(world: World) -> None:
    world.tick(20)
    world.prune(5)
    with world.bus.subscribe(after=3, vigy_id=world.two.id) as reader:
        assert numbers(waiting(reader)) == [(4, 18)]


# -- waiting and ending


def test_waiting_until_something_comes(world: World) -> None:
    reader = world.bus.subscribe()
    seen: list[Notice | None] = []
    thread = threading.Thread(target=lambda: seen.append(reader.get(30)))
    thread.start()
    world.tick()
    thread.join()
    assert [notice.seq for notice in seen if notice] == [4]


def test_waiting_ends_in_time(world: World) -> None:
    with world.bus.subscribe() as reader:
        assert reader.get(0.01) is None
        assert not reader.closed


def test_closing_ends_waiting_and_iterating(world: World) -> None:
    reader = world.bus.subscribe()
    seen: list[Notice] = []
    ready = threading.Event()

    def read() -> None:
        for notice in reader:
            seen.append(notice)
            ready.set()

    thread = threading.Thread(target=read)
    thread.start()
    world.tick()
    ready.wait(30)
    reader.close()
    thread.join()
    reader.close()
    assert numbers(seen) == [4]
    assert reader.closed
    assert reader.get() is None


def test_closing_the_bus_ends_all_after_what_they_hold(world: World) -> None:
    live, stalled, history = (
        world.bus.subscribe(),
        world.bus.subscribe(capacity=2),
        world.bus.subscribe(after=0),
    )
    world.tick(3)
    world.bus.close()
    world.bus.close()
    assert [numbers(list(reader)) for reader in (live, stalled, history)] == [[4, 5, 6], [(4, 5), 6], []]
    late = world.bus.subscribe()
    assert late.closed
    assert late.get() is None


def test_a_reader_that_waits_is_woken_once(world: World) -> None:
    calls: list[int] = []
    with world.bus.subscribe(vigy_id=world.two.id) as reader:
        reader.when_ready(lambda: calls.append(world.bus.last))
        world.tick(2)
        assert calls == []
        world.tick(3, world.two)
        assert calls == [6]
        reader.when_ready(lambda: calls.append(0))
        assert calls == [6, 0]


def test_one_that_wakes_may_use_the_bus(world: World) -> None:
    seen: list[Notice] = []
    reader = world.bus.subscribe(capacity=1)
    reader.when_ready(lambda: seen.extend(waiting(reader)))
    world.bus.publish(world.commit(3))
    assert numbers(seen) == [(4, 5), 6]


def test_history_is_read_by_the_reader_only(world: World) -> None:
    world.tick(2)
    with world.bus.subscribe(after=4) as reader:
        assert reader.take() is None
        assert reader.reads_store
        reader.read_on()
        reader.read_on()
        assert not reader.reads_store
        assert numbers([n for n in [reader.take()] if n]) == [5]
        assert reader.reads_store
        reader.read_on()
        assert not reader.reads_store
        assert reader.take() is None


def test_a_reader_that_is_forgotten_leaves_nothing_behind(world: World) -> None:
    reader = world.bus.subscribe(vigy_id=world.two.id)
    assert reader.get(0.001) is None
    gone = weakref.ref(reader)
    del reader
    gc.collect()
    world.tick()
    assert gone() is None


@pytest.mark.parametrize("wrong", [{"capacity": 0}, {"after": -1}])
def test_what_cannot_be_subscribed_to(world: World, wrong: dict[str, int]) -> None:
    with pytest.raises(Invalid, match="at least"):
        world.bus.subscribe(**wrong)


def test_gaps_with_nothing_of_interest_between_them_are_told_as_one() -> None:
    feed = Feed("one", None, 10)
    kept = [Notice(seq, 0, EVENT, vigy) for seq, vigy in ((3, "two"), (6, "two"), (9, "one"))]
    found = feed.wanted([gap(1, 2, 0), kept[0], gap(4, 5, 0), kept[1], gap(7, 8, 0), kept[2], gap(10, 10, 0)])
    assert [(notice.seq, notice.kind) for notice in found] == [(8, GAP), (9, EVENT), (10, GAP)]
    assert found[0].data == {"from": 1, "to": 8, "count": 6}
    assert found[0].message == "6 notices were not delivered"
