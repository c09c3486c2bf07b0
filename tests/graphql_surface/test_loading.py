"""Nested fields do not cost a visit each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import apsw
import pytest

from graphql_surface.served import Served, serving
from vigyc.runtime.store.store_file import StoreFile
from vigyc.service.runtime import Runtime
from vigyc.surfaces.wire.caller import Caller
from vigyc.surfaces.wire.desk import Desk

NESTED = (
    "{ vigies(limit: 500) { id name phase why lastResult state { conditions { name } } standing { tickCount }"
    " runs(limit: 2) { id vigy { name } } } }"
)


@pytest.fixture
def visits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The operations for which a thread is entered, each with how many answers it is to bring."""
    made: list[tuple[str, int]] = []
    each = Desk.perform_each

    async def counted(self: Desk, caller: Caller, name: str, data: list[object]) -> list[object]:
        made.append((name, len(data)))
        return await each(self, caller, name, data)

    monkeypatch.setattr(Desk, "perform_each", counted)
    return made


def test_the_visits_do_not_grow_with_the_vigies(served: Served, visits: list[tuple[str, int]]) -> None:
    for number in range(40):
        served.runtime.register("(vigy-noop)", name=f"v{number}", every="1h")
        served.runtime.tick(f"v{number}")
    told = served.data(NESTED)["vigies"]
    assert all(each["runs"][0]["vigy"] == {"name": each["name"]} for each in told)
    assert sorted(visits) == [
        ("get_standing", 40), ("get_vigy", 40), ("get_vigy_state", 40), ("list_runs", 40), ("list_vigies", 1),
    ]  # fmt: skip


def test_the_same_is_asked_only_once(served: Served, visits: list[tuple[str, int]]) -> None:
    served.runtime.register("(vigy-noop)", name="a", every="1h")
    for _ in range(5):
        served.runtime.tick("a")
    told = served.data("{ a: recentRuns(limit: 5) { vigy { name } } b: recentRuns(limit: 5) { vigy { name } } }")
    assert told["a"] == told["b"] == [{"vigy": {"name": "a"}}] * 5
    assert sorted(visits) == [("get_vigy", 1), ("list_runs", 1)]


@pytest.fixture
def filed(tmp_path: Path) -> Iterator[Served]:
    with Runtime.open(tmp_path / "vigyc.db", cache=False) as runtime, serving(runtime) as found:
        yield found


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[StoreFile]:
    """The store's file, once for each time that it is read."""
    made: list[StoreFile] = []
    read = StoreFile.reading

    def counted(self: StoreFile) -> AbstractContextManager[apsw.Cursor]:
        made.append(self)
        return read(self)

    monkeypatch.setattr(StoreFile, "reading", counted)
    return made


def test_the_readings_of_the_store_do_not_grow_with_the_vigies(filed: Served, readings: list[StoreFile]) -> None:
    counts = []
    for first, last in ((0, 3), (3, 30)):
        for number in range(first, last):
            filed.runtime.register("(vigy-apply 1)", name=f"v{number}", every="1h")
            filed.runtime.tick(f"v{number}")
        readings.clear()
        told = filed.data(NESTED)["vigies"]
        counts.append(len(readings))
        assert [len(each["runs"]) for each in told] == [1] * last
        assert {each["standing"]["tickCount"] for each in told} == {1}
    assert counts[0] == counts[1]
