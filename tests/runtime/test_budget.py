"""Deadlines: a program that runs away is stopped, and nobody else is."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from vigyc.lang.errors import Halted
from vigyc.runtime import budget
from vigyc.runtime.budget import arm, deadline, disarm


@pytest.fixture(autouse=True)
def _nothing_stays_armed() -> Iterator[None]:
    yield
    assert not budget._armed


@pytest.fixture
def _quick_switches() -> Iterator[None]:
    """Threads switch as often as they can, so that shots come at every place."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def spin(seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def work(rounds: int) -> int:
    total = 0
    for i in range(rounds):
        total += i
    return total


def guarded(seconds: float, body: Callable[[], object]) -> bool:
    """Whether `body` came to its end."""
    try:
        token = arm(seconds)
        try:
            body()
        finally:
            disarm(token)
    except Halted:
        return False
    return True


def guarded_with(seconds: float, body: Callable[[], object]) -> bool:
    try:
        with deadline(seconds):
            body()
    except Halted:
        return False
    return True


both = pytest.mark.parametrize("guard", [guarded, guarded_with])


@both
def test_what_runs_away_is_stopped_soon(guard: Callable[..., bool]) -> None:
    begin = time.monotonic()
    assert not guard(0.05, spin)
    assert 0.05 <= time.monotonic() - begin < 2


@both
def test_what_ends_in_time_is_left_alone(guard: Callable[..., bool]) -> None:
    assert guard(0.05, lambda: work(10))
    spin(0.15)


@both
def test_a_deadline_that_has_passed_stops_at_once(guard: Callable[..., bool]) -> None:
    assert not guard(-1.0, spin)
    assert not guard(0.0, spin)


def test_endless_deadlines_are_allowed() -> None:
    assert guarded(float("inf"), lambda: work(10))
    assert guarded(1e12, lambda: work(10))


def test_a_shorter_deadline_after_a_longer_one_is_kept() -> None:
    def inner() -> None:
        assert not guarded(0.05, spin)

    begin = time.monotonic()
    assert guarded(60, inner)
    assert time.monotonic() - begin < 5


@both
def test_the_outer_deadline_ends_the_inner_region(guard: Callable[..., bool]) -> None:
    reached = []

    def outer() -> None:
        with deadline(60):
            spin()
        reached.append("after")

    assert not guard(0.05, outer)
    assert reached == []


def test_a_halt_that_is_swallowed_comes_again() -> None:
    swallowed = 0

    def stubborn() -> None:
        nonlocal swallowed
        while True:
            try:
                spin()
            except Halted:
                swallowed += 1
                if swallowed == 3:
                    raise

    assert not guarded(0.02, stubborn)
    assert swallowed == 3


def test_threads_have_their_own_deadlines() -> None:
    ended: dict[str, bool] = {}

    def run(name: str, seconds: float, rounds: int) -> None:
        ended[name] = guarded(seconds, lambda: [work(1000) for _ in range(rounds)])

    threads = [
        threading.Thread(target=run, args=("endless", 0.05, 10**9)),
        threading.Thread(target=run, args=("patient", 60, 50)),
        threading.Thread(target=run, args=("later", 0.15, 10**9)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == {"endless": False, "patient": True, "later": False}


def test_there_is_one_watcher_and_it_is_a_daemon() -> None:
    for _ in range(3):
        assert not guarded(0.001, spin)
    watchers = [thread for thread in threading.enumerate() if thread.name == "vigyc-deadlines"]
    assert [thread.daemon for thread in watchers] == [True]


def race(guard: Callable[..., bool], rounds: int, seed: int, seen: Counter[str]) -> None:
    """Deadlines that pass about when the work ends; whatever comes after the region is a leak."""
    chance = random.Random(seed)
    for _ in range(rounds):
        try:
            size = chance.randrange(4000)
            ended = guard(chance.random() * 0.0003, lambda size=size: work(size))
            seen["ended" if ended else "halted"] += 1
            for _ in range(20):
                work(3)
        except Halted:
            seen["leaked"] += 1


@both
@pytest.mark.usefixtures("_quick_switches")
def test_no_halt_comes_after_its_region(guard: Callable[..., bool]) -> None:
    seen: Counter[str] = Counter()
    race(guard, 10_000, 1, seen)
    work(100_000)
    assert seen["leaked"] == 0
    assert seen["halted"] > 100
    assert seen["ended"] > 100


@pytest.mark.usefixtures("_quick_switches")
def test_no_halt_comes_after_its_region_in_any_of_many_threads() -> None:
    tallies: list[Counter[str]] = [Counter() for _ in range(4)]
    threads = [
        threading.Thread(target=race, args=((guarded, guarded_with)[i % 2], 1500, i, seen))
        for i, seen in enumerate(tallies)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [seen["leaked"] for seen in tallies] == [0, 0, 0, 0]
    assert all(seen["halted"] > 10 for seen in tallies)


@pytest.mark.usefixtures("_quick_switches")
def test_nested_regions_race_too() -> None:
    seen: Counter[str] = Counter()
    chance = random.Random(5)

    def inner() -> None:
        for guard in (guarded_with, guarded):
            seen["ended" if guard(chance.random() * 0.0003, lambda: work(1500)) else "halted"] += 1

    for _ in range(3000):
        try:
            guarded(chance.random() * 0.0006, inner)
            work(30)
        except Halted:
            seen["leaked"] += 1
    assert seen["leaked"] == 0
    assert seen["halted"] > 100


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="3.12 warns of any fork beside threads")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
def test_a_forked_child_has_deadlines_of_its_own() -> None:
    assert not guarded(0.01, spin)
    child = os.fork()
    if child == 0:
        stopped = not guarded(0.05, spin)
        os._exit(7 if stopped else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
