"""Rows that cannot be read are told, and take nothing else with them; what goes in small steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.stores import APPLY, NOW, a_sqlite_store, a_tick, a_vigy, an_event, the_lease, ticked
from store.strangers import stranger
from vigyc.lang.errors import StoreError
from vigyc.model.condition import Condition
from vigyc.model.lease import Fence
from vigyc.model.notice import EVENT
from vigyc.model.standing import Standing
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.sqlite import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vigy.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    made = a_sqlite_store(path)
    yield made
    made.close()


@pytest.fixture
def fence(store: SqliteStore) -> Fence:
    return the_lease(store)


@pytest.fixture
def two(store: SqliteStore) -> list[Vigy]:
    return [store.create(a_vigy("one")), store.create(a_vigy("two"))]


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE vigies SET schedule_json = '{' WHERE name = 'one'",
        "UPDATE vigies SET schedule_json = '{\"kind\":\"never\"}' WHERE name = 'one'",
        "UPDATE vigies SET labels_json = '3' WHERE name = 'one'",
        "DELETE FROM versions WHERE vigy_id LIKE '6f6e65%'",
        "UPDATE versions SET modules_json = 'x' WHERE vigy_id LIKE '6f6e65%'",
    ],
)
def test_a_vigy_that_cannot_be_read_is_left_out(store: SqliteStore, two: list[Vigy], path: Path, harm: str) -> None:
    assert store.vigies() == two
    assert store.damage() == []
    stranger(path, harm)
    assert store.vigies() == two[1:]
    (line,) = store.damage()
    assert line.startswith(f"vigy one ({two[0].id}) cannot be read: ")
    with pytest.raises(StoreError, match=r"vigy one .* cannot be read"):
        store.vigy(two[0].id)
    assert store.vigy(two[1].id) == two[1]
    with pytest.raises(StoreError, match=r"vigy one .* cannot be read"):
        store.meant(["two", "one"])
    assert store.meant(["two"]) == two[1:]


def test_a_state_that_cannot_be_read_is_left_out(store: SqliteStore, fence: Fence, two: list[Vigy], path: Path) -> None:
    standing = Standing(tick_count=1, conditions={"c": Condition("c", "true", None, None, NOW)})
    store.commit(fence, [a_tick(vigy, 1, standing=standing) for vigy in two])
    stranger(path, f"UPDATE vigy_state SET state_json = '[' WHERE vigy_id = '{two[0].id}'")
    assert store.standings() == {two[1].id: standing}
    assert [line[:20] for line in store.damage()] == ["the state of vigy 6f"]
    with pytest.raises(StoreError, match="the state of vigy"):
        store.standing(two[0].id)
    with pytest.raises(StoreError, match="the state of vigy"):
        store.standings_of([vigy.id for vigy in two])
    assert store.standings_of([two[1].id]) == {two[1].id: standing}


def test_a_run_that_cannot_be_read_says_so(store: SqliteStore, fence: Fence, two: list[Vigy], path: Path) -> None:
    ticked(store, fence, two[0], 1, run={"actions": (APPLY,)})
    fine = ticked(store, fence, two[1], 1)
    stranger(path, "UPDATE runs SET actions_json = '[{' WHERE id = 'one-1'")
    newest, damaged = store.runs()
    assert newest == fine.run
    assert (damaged.id, damaged.result, damaged.actions) == ("one-1", "ok", ())
    assert damaged.error is not None
    assert damaged.error.startswith("the record of this run is damaged (")
    assert [notice.seq for notice in store.notices(0)] == [1, 2, 3, 4, 5]


def test_an_event_that_cannot_be_read_says_so(store: SqliteStore, fence: Fence, two: list[Vigy], path: Path) -> None:
    record = a_tick(two[0], 1)
    store.commit(fence, [record._replace(notices=(an_event(record.run, "hello"),))])
    stranger(path, "UPDATE events SET data_json = '{' WHERE kind = 'event'")
    (event,) = [notice for notice in store.notices(0) if notice.kind == EVENT]
    assert event.data is None
    assert event.message is not None
    assert event.message.endswith("it said: hello")


def test_a_damaged_value_names_its_vigy(store: SqliteStore, fence: Fence, two: list[Vigy], path: Path) -> None:
    ticked(store, fence, two[0], 1, writes={"a": [1, 2]})
    stranger(path, "UPDATE kv SET value = x'92'")
    with pytest.raises(StoreError, match=f"cannot read the kv of vigy {two[0].id}: the value of a key is damaged"):
        store.kv(two[0].id)


def test_pruning_goes_in_small_steps(store: SqliteStore, fence: Fence, two: list[Vigy]) -> None:
    numbers = iter(range(1, 1203))
    for _ in range(6):
        store.commit(fence, [a_tick(two[0], next(numbers)) for _ in range(200)])
    limits = {"runs_per_vigy": 10, "events": 10_000, "older_than": 0}
    assert [store.prune(fence, **limits) for _ in range(4)] == [500, 500, 190, 0]
    assert [run.id for run in store.runs(limit=100)] == [f"one-{number}" for number in range(1200, 1190, -1)]
