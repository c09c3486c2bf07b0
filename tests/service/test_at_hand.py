"""What is answered from memory is what the store would answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from vigyc.model.vigy import Vigy
from vigyc.service.runtime import Runtime

PATIENCE = 20.0


@pytest.fixture(params=["memory", "file"])
def started(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Runtime]:
    path = ":memory:" if request.param == "memory" else tmp_path / "vigyc.db"
    with Runtime.open(path, cache=False) as runtime:
        runtime.start()
        yield runtime


def found(runtime: Runtime, ref: str) -> Vigy:
    """The vigy, as soon as it is at hand."""
    until = time.monotonic() + PATIENCE
    while (vigy := runtime.at_hand.vigy(ref)) is None:
        assert time.monotonic() < until, f"{ref} is not at hand"
        time.sleep(0.001)
    return vigy


def is_unknown(runtime: Runtime, ref: str) -> bool:
    """Whether it is not at hand although all the others are."""
    found(runtime, "other")
    return runtime.at_hand.vigy(ref) is None


def test_nothing_is_at_hand_unless_the_runtime_ticks_by_itself() -> None:
    with Runtime.open(cache=False) as runtime:
        vigy = runtime.register("(vigy-noop)", name="a", every="1h").vigy
        runtime.tick("a")
        runtime.step()
        assert runtime.at_hand.vigy(vigy.id) is None
        runtime.start()
        assert found(runtime, vigy.id) == vigy
        runtime.stop()
        assert runtime.at_hand.vigy(vigy.id) is None


def test_it_is_found_by_id_and_by_name_and_by_nothing_less(started: Runtime) -> None:
    started.register("(vigy-noop)", name="other")
    vigy = started.register("(vigy-noop)", name="a", every="1h", labels={"team": "x"}, deadline=500).vigy
    assert found(started, vigy.id) == found(started, "a") == started.get("a") == vigy
    assert is_unknown(started, vigy.id[:8])
    assert is_unknown(started, "b")
    assert is_unknown(started, "")


def test_names_are_those_of_now(started: Runtime) -> None:
    started.register("(vigy-noop)", name="other")
    one, two = (started.register("(vigy-noop)", name=name, every="1h").vigy for name in "ab")
    started.update("a", name="c")
    started.update("b", name="a")
    assert found(started, "a").id == two.id
    assert found(started, "c").id == one.id
    assert is_unknown(started, "b")
    started.delete("a")
    assert is_unknown(started, "a")
    assert is_unknown(started, two.id)


def test_who_changes_it_reads_the_change(started: Runtime) -> None:
    vigy = started.register('(vigy-incr "n")', name="a", every=10).vigy
    for number in range(300):
        changed = started.update("a", labels={"n": str(number)})
        at_hand = started.at_hand.vigy(vigy.id)
        assert at_hand is None or at_hand == changed
        by_name = started.at_hand.vigy("a")
        assert by_name is None or by_name == changed
    assert found(started, "a") == started.get("a")


def test_nobody_reads_what_was_replaced_before_they_asked(started: Runtime) -> None:
    """Several change vigies that tick all the time, others look: none sees less than what was known as done."""
    ids = [started.register('(vigy-incr "n")', name=f"v{each}", every=10).vigy.id for each in range(4)]
    done = dict.fromkeys(ids, 0)
    ending = threading.Event()
    wrong: list[str] = []
    hits = 0

    def look() -> None:
        nonlocal hits
        while not ending.is_set():
            for each in ids:
                least = done[each]
                vigy = started.at_hand.vigy(each)
                if vigy is not None:
                    hits += 1
                    if vigy.generation < least:
                        wrong.append(f"{vigy.generation} < {least}")

    def change(mine: str) -> None:
        for number in range(60):
            done[mine] = started.update(mine, labels={"n": str(number)}).generation
            time.sleep(0.002)

    looking = [threading.Thread(target=look) for _ in range(2)]
    changing = [threading.Thread(target=change, args=(each,)) for each in ids]
    for thread in (*looking, *changing):
        thread.start()
    for thread in changing:
        thread.join()
    for each in ids:
        assert found(started, each) == started.get(each)
    ending.set()
    for thread in looking:
        thread.join()
    assert wrong == []
    assert hits


def test_what_others_change_is_heard(tmp_path: Path) -> None:
    with Runtime.open(tmp_path / "vigyc.db", cache=False) as here, Runtime.open(tmp_path / "vigyc.db") as there:
        vigy = here.register("(vigy-noop)", name="a", every="1h").vigy
        here.start()
        assert found(here, "a") == vigy
        changed = there.update("a", labels={"by": "another"})
        until = time.monotonic() + PATIENCE
        while here.at_hand.vigy("a") != changed:
            assert time.monotonic() < until
            time.sleep(0.001)


def test_who_was_told_of_a_change_never_gets_what_was_before(tmp_path: Path) -> None:
    with Runtime.open(tmp_path / "vigyc.db", cache=False) as here, Runtime.open(tmp_path / "vigyc.db") as there:
        here.register('(vigy-incr "n")', name="ticks", every=10)  # its commits carry what others did to the bus
        vigy = here.register("(vigy-noop)", name="a", every="1h").vigy
        here.start()
        found(here, "a")
        with here.subscribe(vigy="a", kinds=["updated"]) as told:
            for number in range(40):
                changed = (here if number % 2 else there).update("a", labels={"n": str(number)})
                assert told.get(PATIENCE) is not None
                for _ in range(20):
                    assert (here.at_hand.vigy(vigy.id) or changed) == changed
