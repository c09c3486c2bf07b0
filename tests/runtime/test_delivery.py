"""Actions on their way to a host: each at least once, in order per vigy, and none forgotten."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from store.stores import MAKERS, NOW, a_memory_store, a_tick, a_vigy, the_lease
from vigyc.lang.errors import Conflict, StoreError
from vigyc.model.action import Action
from vigyc.model.lease import Fence
from vigyc.model.notice import RESOLVED
from vigyc.model.pending import PendingAction
from vigyc.model.run import Run
from vigyc.model.vigy import Vigy
from vigyc.runtime import delivery
from vigyc.runtime.bus import Bus
from vigyc.runtime.delivery import Delivery
from vigyc.runtime.store.memory_store import MemoryStore
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import VirtualTime


class World:
    """A store with two vigies, a delivery on it, and a host that notes what it is told and fails as planned."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.time = VirtualTime(NOW)
        self.one, self.two = self._vigy("one"), self._vigy("two")
        self.fence: Fence | None = the_lease(store)
        self.bus = Bus(store)
        self.told: list[object] = []
        self.answers: dict[object, object] = {}
        self.failures: dict[object, int] = {}
        self.delivery = self.deliver_anew()
        self.ticks = 0

    def _vigy(self, name: str) -> Vigy:
        known = self.store.named(name)
        return known if known is not None else self.store.create(a_vigy(name))

    def deliver_anew(self, **more: int) -> Delivery:
        """As a process does that has just begun."""
        self.delivery = Delivery(self.store, self.bus, lambda: self.fence, self.carry_out, self.time, **more)
        return self.delivery

    def carry_out(self, action: PendingAction) -> object:
        what = action.action.payload
        self.told.append(what)
        if self.failures.get(what, 0) > 0:
            self.failures[what] -= 1
            raise OSError(f"no {what} today")
        return self.answers.get(what)

    def tick(self, *payloads: object, vigy: Vigy | None = None) -> Run:
        """A tick that wants these applied."""
        self.ticks += 1
        actions = tuple(Action("apply", payload) for payload in payloads)
        record = a_tick(vigy or self.one, self.ticks, run={"actions": actions}, deliver=True)
        assert self.fence is not None
        (committed,) = self.store.commit(self.fence, [record])
        self.bus.publish(committed.notices)
        return committed.run

    def results(self, run: Run) -> list[tuple[str | None, str | None]]:
        stored = self.store.run(run.id)
        assert stored is not None
        return [(action.result, action.message) for action in stored.actions]

    def pass_time(self, seconds: float) -> float | None:
        self.time.advance(round(seconds * 1000))
        return self.delivery.deliver_due()


@pytest.fixture(params=MAKERS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with closing(MAKERS[request.param](tmp_path / "vigyc.db")) as store:
        yield World(store)


def test_what_was_decided_is_carried_out_in_order(world: World) -> None:
    first, second = world.tick("a", "b"), world.tick("c")
    assert world.delivery.deliver_due() is None
    assert world.told == ["a", "b", "c"]
    assert world.results(first) + world.results(second) == [("ok", None)] * 3
    assert world.store.outbox() == []
    assert world.delivery.deliver_due() is None
    assert world.told == ["a", "b", "c"]


def test_the_handler_says_what_came_of_it(world: World) -> None:
    world.answers = {"b": "skipped", "c": ("failed", "out of memory"), "d": ("ok", "done twice"), "e": ("ok", None)}
    run = world.tick("a", "b", "c", "d", "e")
    world.delivery.deliver_due()
    assert world.results(run) == [
        ("ok", None),
        ("skipped", None),
        ("failed", "out of memory"),
        ("ok", "done twice"),
        ("ok", None),
    ]


@pytest.mark.parametrize("answer", [True, "fine", ("ok", 3), ("ok", "a", "b"), ["ok", None], 7])
def test_an_answer_that_means_nothing_is_a_failure_that_is_not_repeated(world: World, answer: object) -> None:
    world.answers = {"a": answer}
    run = world.tick("a")
    world.delivery.deliver_due()
    (result,) = world.results(run)
    assert result[0] == "failed"
    assert f"the handler returned {answer!r}; it returns None, a status" in str(result[1])


def test_results_go_out_on_the_bus(world: World) -> None:
    run = world.tick("a", "b")
    world.answers = {"b": ("failed", "no")}
    with world.bus.subscribe() as reader:
        world.delivery.deliver_due()
        notices = [reader.get(0), reader.get(0)]
    assert [(n.kind, n.run_id, n.data) for n in notices if n] == [
        (RESOLVED, run.id, {"index": 0, "status": "ok", "message": None}),
        (RESOLVED, run.id, {"index": 1, "status": "failed", "message": "no"}),
    ]


def test_a_failure_is_tried_again_later_and_later_then_given_up(world: World) -> None:
    world.failures = {"a": 99}
    run = world.tick("a")
    waits = [world.delivery.deliver_due()]
    for wait in (1, 2, 4):
        assert world.pass_time(wait - 0.001) == pytest.approx(0.001)
        waits.append(world.pass_time(0.001))
    assert waits == [1, 2, 4, 8]
    assert world.results(run) == [(None, None)]
    assert world.pass_time(8) is None
    assert world.told == ["a"] * 5
    assert world.results(run) == [("failed", "OSError: no a today (attempt 5 of 5)")]


def test_with_more_attempts_the_waits_stop_growing(world: World) -> None:
    world.deliver_anew(attempts=9)
    world.failures = {"a": 99}
    world.tick("a")
    waits = [world.delivery.deliver_due()]
    while waits[-1] is not None:
        waits.append(world.pass_time(waits[-1]))
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30, None]


def test_what_fails_holds_back_its_vigy_and_no_other(world: World) -> None:
    world.failures = {"a": 2}
    world.tick("a", "b")
    world.tick("x", vigy=world.two)
    world.tick("c")
    assert world.delivery.deliver_due() == 1
    assert world.told == ["a", "x"]
    world.tick("y", vigy=world.two)
    assert world.pass_time(0.5) == 0.5
    assert world.told == ["a", "x", "y"]
    assert world.pass_time(0.5) == 2
    assert world.pass_time(2) is None
    assert world.told == ["a", "x", "y", "a", "a", "b", "c"]


def test_a_long_queue_that_waits_does_not_hide_what_is_behind_it(world: World) -> None:
    world.failures = {0: 1}
    world.tick(*range(60))
    world.tick(*range(60, 120))
    world.tick("x", vigy=world.two)
    assert world.delivery.deliver_due() == 1
    assert world.told == [0, "x"]
    assert world.pass_time(1) is None
    assert world.told == [0, "x", *range(120)]


def test_attempts_are_counted_over_processes(world: World) -> None:
    world.failures = {"a": 99}
    run = world.tick("a")
    world.delivery.deliver_due()
    world.pass_time(1)
    assert [action.attempts for action in world.store.outbox()] == [2]
    world.deliver_anew()
    assert world.delivery.deliver_due() == 4
    world.pass_time(4)
    world.pass_time(8)
    assert len(world.told) == 5
    assert world.results(run)[0][0] == "failed"


def test_what_an_earlier_process_left_is_taken_up(tmp_path: Path) -> None:
    for make in MAKERS.values():
        if make is a_memory_store:
            continue
        with closing(make(tmp_path / "vigyc.db")) as store:
            run = World(store).tick("a", "b")
        with closing(make(tmp_path / "vigyc.db")) as store:
            world = World(store)
            world.delivery.deliver_due()
            assert world.told == ["a", "b"]
            assert world.results(run) == [("ok", None)] * 2


def test_without_the_lease_nothing_is_delivered(world: World) -> None:
    world.tick("a")
    fence, world.fence = world.fence, None
    assert world.delivery.deliver_due() == 1
    assert world.told == []
    world.fence = fence
    world.delivery.deliver_due()
    assert world.told == ["a"]


def test_a_lease_lost_while_delivering_ends_it(world: World) -> None:
    world.failures = {"a": 1}
    world.tick("a")
    world.tick("x", vigy=world.two)
    the_lease(world.store, "another")
    assert world.delivery.deliver_due() == 1
    assert world.told == ["a"]


def test_what_somebody_resolved_by_hand_is_not_carried_out(world: World) -> None:
    world.failures = {"a": 1}
    run = world.tick("a", "b", "c")
    assert world.delivery.deliver_due() == 1
    world.store.resolve(run.id, 0, "skipped", "never mind", NOW)
    world.store.resolve(run.id, 1, "ok", None, NOW)
    assert world.delivery.deliver_due() is None
    assert world.told == ["a", "c"]
    assert world.results(run) == [("skipped", "never mind"), ("ok", None), ("ok", None)]


def test_a_handler_may_resolve_actions_itself(world: World) -> None:
    run = world.tick("a", "b")

    def by_itself(action: PendingAction) -> None:
        world.carry_out(action)
        for index in (0, 1):
            world.store.resolve(action.run_id, index, "ok", "by hand", NOW)

    Delivery(world.store, world.bus, lambda: world.fence, by_itself, world.time).deliver_due()
    assert world.told == ["a"]
    assert world.results(run) == [("ok", "by hand")] * 2


def test_the_actions_of_a_deleted_vigy_are_not_carried_out(world: World) -> None:
    world.failures = {"a": 1}
    world.tick("a", "b")
    world.tick("x", vigy=world.two)
    assert world.delivery.deliver_due() == 1
    world.store.remove(world.one, NOW)
    assert world.pass_time(1) is None
    assert world.told == ["a", "x"]


class Moody(MemoryStore):
    """A store that cannot be written, or read, at times."""

    sulks: str = ""

    def resolve(self, run_id: str, index: int, status: str, message: str | None, at: int) -> Run:
        if self.sulks == "resolve":
            raise StoreError("not now")
        return super().resolve(run_id, index, status, message, at)

    def outbox(self, limit: int = 1000) -> list[PendingAction]:
        if self.sulks == "outbox":
            raise StoreError("not now")
        if self.sulks == "bug":
            raise RuntimeError("a bug")
        return super().outbox(limit)

    def attempted(self, fence: Fence, action: PendingAction) -> None:
        if self.sulks == "attempted":
            raise StoreError("not now")
        super().attempted(fence, action)


def test_a_result_that_could_not_be_stored_is_stored_later() -> None:
    store = Moody()
    world = World(store)
    run = world.tick("a", "b")
    store.sulks = "resolve"
    assert world.delivery.deliver_due() == 1
    assert world.pass_time(1) == 1
    store.sulks = ""
    assert world.pass_time(1) is None
    assert world.told == ["a", "b"]
    assert world.results(run) == [("ok", None)] * 2


def test_attempts_that_could_not_be_counted_are_counted_here() -> None:
    store = Moody()
    world = World(store)
    world.failures = {"a": 99}
    run = world.tick("a")
    store.sulks = "attempted"
    wait: float | None = 0
    while wait is not None:
        wait = world.pass_time(wait)
    assert world.told == ["a"] * 5
    assert world.results(run)[0][0] == "failed"


def test_an_outbox_that_cannot_be_read_is_read_later() -> None:
    store = Moody()
    world = World(store)
    world.tick("a")
    store.sulks = "outbox"
    assert world.delivery.deliver_due() == 1
    store.sulks = ""
    assert world.pass_time(1) is None
    assert world.told == ["a"]


# -- in a thread


def test_a_thread_delivers_what_is_there_and_what_comes(world: World) -> None:
    world.tick("a")
    reader = world.bus.subscribe(kinds=[RESOLVED])
    world.delivery.start()
    assert reader.get(30) is not None
    world.tick("b")
    world.delivery.notify()
    assert reader.get(30) is not None
    assert world.delivery.stop()
    assert world.told == ["a", "b"]
    world.tick("c")
    world.delivery.notify()
    assert reader.get(0.02) is None


def test_stopping_finishes_the_call_in_hand(world: World) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(action: PendingAction) -> str:
        begun.set()
        go_on.wait(30)
        return "skipped"

    run = world.tick("a", "b")
    delivery = Delivery(world.store, world.bus, lambda: world.fence, slowly, world.time)
    delivery.start()
    begun.wait(30)
    assert not delivery.stop(0.01)
    with pytest.raises(Conflict, match="under way"):
        delivery.start()
    go_on.set()
    assert delivery.stop()
    assert world.results(run) == [("skipped", None), (None, None)]


def test_a_handler_that_wants_to_exit_does_not_end_delivery(world: World) -> None:
    def leaving(action: PendingAction) -> None:
        world.told.append(action.action.payload)
        raise SystemExit(3)

    run = world.tick("a")
    Delivery(world.store, world.bus, lambda: world.fence, leaving, world.time, attempts=1).deliver_due()
    assert world.results(run) == [("failed", "SystemExit: 3 (attempt 1 of 1)")]


def test_whatever_a_handler_raises_ends_no_delivery(world: World) -> None:
    def cancelled(action: PendingAction) -> None:
        world.told.append(action.action.payload)
        raise asyncio.CancelledError

    run = world.tick("a", "b")
    reader = world.bus.subscribe(kinds=[RESOLVED])
    world.delivery = Delivery(world.store, world.bus, lambda: world.fence, cancelled, world.time, attempts=1)
    world.delivery.start()
    assert reader.get(30) is not None
    assert reader.get(30) is not None
    assert world.delivery.stop()
    assert [status for status, _ in world.results(run)] == ["failed", "failed"]


def test_a_bug_does_not_end_delivery(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    store = Moody()
    world = World(store)
    monkeypatch.setattr(delivery, "PAUSE", 0.01)
    world.tick("a")
    store.sulks = "bug"
    reader = world.bus.subscribe(kinds=[RESOLVED])
    world.delivery.start()
    while "a bug" not in caplog.text:
        threading.Event().wait(0.001)
    store.sulks = ""
    assert reader.get(30) is not None
    assert world.delivery.stop()
    assert world.told == ["a"]


def test_a_handler_may_stop_delivery(world: World) -> None:
    stopped = threading.Event()

    def stopping(action: PendingAction) -> None:
        world.told.append(action.action.payload)
        assert delivery.stop()
        stopped.set()

    world.tick("a", "b")
    delivery = Delivery(world.store, world.bus, lambda: world.fence, stopping, world.time)
    delivery.start()
    stopped.wait(30)
    assert delivery.stop()
    assert world.told == ["a"]
