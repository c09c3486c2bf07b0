"""A store that fails at any call of an epoch leaves nothing by half, and nothing that is never taken up."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from enhance.epochs import BROKEN, COUNTS_TWICE, World, check
from vigyc.lang.errors import CommitUnknown, StoreError
from vigyc.model.enhance_setting import Canary
from vigyc.model.issue import APPLIED, REJECTED, Issue
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.memory_store import MemoryStore

WRITES = {"settle", "take_issue"}


class Failing:
    """A store whose calls fail from number `at` on, `times` of them; with `done` what was to be written is there."""

    def __init__(self) -> None:
        self.whole = MemoryStore()
        self.called: list[str] = []
        self.at: range = range(0)
        self.done = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.whole, name)

        def called(*args: Any, **options: Any) -> Any:
            number = len(self.called)
            self.called.append(name)
            if number not in self.at:
                return found(*args, **options)
            if self.done:
                found(*args, **options)
                raise CommitUnknown("who knows")
            raise StoreError("the disk is full")

        return called


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def course(source: str, shadow: int) -> tuple[Failing, World, Vigy, Issue]:
    store = Failing()
    world = World(store=store)  # type: ignore[arg-type]
    world.setting(backoff_ms=1, backoff_max_ms=1, canary=Canary(shadow, 0))
    target = world.register("one")
    issue = world.submit(target, source)
    store.called.clear()
    return store, world, target, issue


def work(store: Failing, world: World, target: Vigy, shadow: int) -> None:
    """Two looks of a worker, and a tick of the target between them, which does not count."""
    with suppress(StoreError):
        world.worker().drain()
    if shadow:
        called, store.called, at, store.at = store.called, [], store.at, range(0)
        world.tick(target)
        store.called, store.at = called, at
        with suppress(StoreError):
            world.worker().drain()


@pytest.mark.parametrize(
    ("source", "shadow", "end"), [(COUNTS_TWICE, 0, APPLIED), (BROKEN, 0, REJECTED), (COUNTS_TWICE, 1, APPLIED)]
)
@pytest.mark.parametrize(("times", "done"), [(1, False), (1, True), (3, False), (1000, False)])
def test_an_issue_ends_once_wherever_the_store_fails(
    source: str, shadow: int, end: str, times: int, done: bool
) -> None:
    store, world, target, issue = course(source, shadow)
    work(store, world, target, shadow)
    calls = store.called
    assert len(calls) > 10
    for number, name in enumerate(calls):
        if done and name not in WRITES:
            continue
        store, world, target, issue = course(source, shadow)
        store.at, store.done = range(number, number + times), done
        work(store, world, target, shadow)
        store.at = range(0)
        for _ in range(3):
            world.time.advance(31_000)  # type: ignore[attr-defined]
            if shadow:
                world.tick(target)
            world.worker().drain()
        known = store.whole.issue(issue.id)
        assert known is not None
        outcomes = [entry.outcome for entry in world.entries(issue)]
        assert (known.state, outcomes.count(end), outcomes[-1]) == (end, 1, end), (number, name, outcomes)
        assert world.head(target).version == 1 + (end == APPLIED)
        check(store.whole)
