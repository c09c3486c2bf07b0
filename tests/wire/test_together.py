"""What is asked for together is answered as one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.strangers import stranger
from vigyc.lang.errors import StoreError
from vigyc.runtime.time_source import VirtualTime
from vigyc.service.runtime import Runtime
from vigyc.surfaces.wire.caller import Caller, Role
from vigyc.surfaces.wire.door import LocalDoor

TALKATIVE = """
(vigy-incr "n") (vigy-desired "size" 3) (vigy-condition "Ready" "true" "Done" "all is well") (vigy-apply "it")
"""
FAILING = "(vigy-get)"
OF_ONE = ("get_vigy", "get_vigy_state", "get_standing")


@pytest.fixture(scope="module", params=["memory", "file"])
def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDoor]:
    """Vigies that ticked, failed, never ticked, or are named almost like another's id."""
    place: Path | str = ":memory:" if request.param == "memory" else tmp_path_factory.mktemp("wire") / "vigyc.db"
    with Runtime.open(place, time=VirtualTime(), cache=False) as runtime:
        for name, program in (("talks", TALKATIVE), ("fails", FAILING), ("waits", "(vigy-noop)")):
            runtime.register(program, name=name, every="1h")
        runtime.register("(vigy-noop)", name=runtime.get("waits").id[:9], every="1h")
        for _ in range(3):
            runtime.tick("talks")
            runtime.tick("fails")
        yield LocalDoor(runtime)


def refs(door: LocalDoor) -> list[object]:
    ids = [vigy.id for vigy in door.runtime.list()]
    return [*ids, *(each[:9] for each in ids), "talks", "fails", "waits", "wait", "nobody", "", "\0", "\ud800", None, 5]


def one_by_one(door: LocalDoor, name: str, data: list[dict[str, Any]]) -> list[Any]:
    found: list[Any] = []
    for each in data:
        try:
            found.append(door.perform(name, each))
        except Exception as error:
            found.append(error)
    return found


def told(answers: list[Any]) -> list[Any]:
    """Errors as what can be compared."""
    return [(type(each), str(each)) if isinstance(each, Exception) else each for each in answers]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_of_one_vigy_each(door: LocalDoor, data: st.DataObject) -> None:
    known = refs(door)
    name = data.draw(st.sampled_from(OF_ONE))
    asked = [{"id": ref} for ref in data.draw(st.lists(st.sampled_from(known), max_size=8))]
    assert told(door.perform_each(name, asked)) == told(one_by_one(door, name, asked))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_runs(door: LocalDoor, data: st.DataObject) -> None:
    some = st.fixed_dictionaries(
        {},
        optional={
            "vigy": st.sampled_from(refs(door)),
            "limit": st.sampled_from((1, 2, 1000, 0, "x")),
            "before": st.sampled_from((None, 0, 3, 6, 9**18, -1)),
            "results": st.sampled_from(([], ["ok"], ["failed", "ok"], ["odd"])),
        },
    )
    asked = data.draw(st.lists(some, max_size=6))
    assert told(door.perform_each("list_runs", asked)) == told(one_by_one(door, "list_runs", asked))


def test_one_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    with Runtime.open(tmp_path / "vigyc.db", cache=False) as runtime:
        for name in ("good", "bad"):
            runtime.register("(vigy-noop)", name=name, every="1h")
        stranger(tmp_path / "vigyc.db", "UPDATE vigies SET labels_json = '3' WHERE name = 'bad'")
        for name in OF_ONE:
            good, bad = LocalDoor(runtime).perform_each(name, [{"id": "good"}, {"id": "bad"}])
            assert isinstance(good, dict)
            assert isinstance(bad, StoreError)


def test_who_may_not_is_told_so_each_time(door: LocalDoor) -> None:
    nobody = LocalDoor(door.runtime, Caller("nobody", Role(1)))
    assert [type(each).__name__ for each in nobody.perform_each("disable_vigy", [{"id": "a"}, {"id": "b"}])] == [
        "NotAllowed", "NotAllowed",
    ]  # fmt: skip
