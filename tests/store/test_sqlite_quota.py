"""Limits on the kv of a vigy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.stores import NOW, a_sqlite_store, a_tick, a_vigy, the_lease, ticked
from vigyc.lang.errors import Invalid
from vigyc.model.lease import Fence
from vigyc.model.run import FAILED, OK
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.quota import Quota
from vigyc.runtime.store.sqlite import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vigy.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    made = a_sqlite_store(path, quota=Quota(keys=3, total_bytes=100, value_bytes=50))
    yield made
    made.close()


@pytest.fixture
def fence(store: SqliteStore) -> Fence:
    return the_lease(store)


@pytest.fixture
def one(store: SqliteStore) -> Vigy:
    return store.create(a_vigy())


def test_too_many_keys(store: SqliteStore, fence: Fence, one: Vigy) -> None:
    assert ticked(store, fence, one, 1, writes={"a": 1, "b": 2, "c": 3}).run.result == OK
    refused = ticked(store, fence, one, 2, writes={"a": 9, "d": 4})
    assert (refused.run.result, refused.run.error_kind) == (FAILED, "kv-quota")
    assert refused.run.error == (
        "not stored: with key 'd' the kv would hold 4 keys, and 3 is the most;"
        " delete some, or raise the setting kv_keys"
    )
    assert store.kv(one.id) == {"a": 1, "b": 2, "c": 3}
    assert store.run("one-2") == refused.run
    assert store.standing(one.id).failed == 1


def test_at_the_limit_keys_may_be_changed_replaced_and_deleted(store: SqliteStore, fence: Fence, one: Vigy) -> None:
    for number, (writes, deletes) in enumerate(
        [({"a": 1, "b": 2, "c": 3}, ()), ({"a": 9, "b": 8, "c": 7}, ()), ({"d": 1}, ("a",)), ({}, ("b", "c"))], 1
    ):
        assert ticked(store, fence, one, number, writes=writes, deletes=deletes).run.result == OK
    assert store.kv(one.id) == {"d": 1}


def test_a_large_value(store: SqliteStore, fence: Fence, one: Vigy) -> None:
    assert ticked(store, fence, one, 1, writes={"a": "x" * 50}).run.result == OK
    refused = ticked(store, fence, one, 2, writes={"a": "é" * 26})
    assert refused.run.error_kind == "kv-quota"
    assert refused.run.error == (
        "not stored: the value of key 'a' has 52 bytes, and 50 is the most a value may have;"
        " the setting kv_value_bytes raises it"
    )
    assert ticked(store, fence, one, 3, writes={"a": ["x" * 60]}).run.result == FAILED
    assert store.kv(one.id) == {"a": "x" * 50}


def test_too_many_bytes_in_all(store: SqliteStore, fence: Fence, one: Vigy) -> None:
    assert ticked(store, fence, one, 1, writes={"a": "x" * 49}).run.result == OK
    assert ticked(store, fence, one, 2, writes={"b": "x" * 49}).run.result == OK  # 100 with the keys
    refused = ticked(store, fence, one, 3, writes={"c": 1})
    assert refused.run.error == (
        "not stored: with key 'c' the kv would hold 109 bytes, and 100 is the most;"
        " delete some, or raise the setting kv_bytes"
    )
    assert ticked(store, fence, one, 4, writes={"b": "y" * 10, "c": 1}).run.result == OK


def test_a_limit_holds_within_one_batch(store: SqliteStore, fence: Fence, one: Vigy) -> None:
    batch = [a_tick(one, 1, writes={"a": 1, "b": 1}), a_tick(one, 2, writes={"c": 1}), a_tick(one, 3, writes={"d": 1})]
    assert [done.run.result for done in store.commit(fence, batch)] == [OK, OK, FAILED]
    assert store.kv(one.id) == {"a": 1, "b": 1, "c": 1}


def test_an_edit_from_outside_is_invalid(store: SqliteStore, fence: Fence, one: Vigy) -> None:
    ticked(store, fence, one, 1, writes={"a": 1, "b": 1})
    for writes in ({"c": 1, "d": 1}, {"c": "x" * 51}, {"b": "x" * 50, "c": "x" * 50}):
        with pytest.raises(Invalid, match="setting kv_"):
            store.edit_kv(one.id, writes, (), NOW)
    edited = store.edit_kv(one.id, {"c": 1}, (), NOW)
    assert ticked(store, fence, edited, 2, writes={"d": 1}).run.error_kind == "kv-quota"


def test_what_another_process_wrote_counts(store: SqliteStore, fence: Fence, one: Vigy, path: Path) -> None:
    ticked(store, fence, one, 1, writes={"a": 1})
    other = a_sqlite_store(path)
    edited = other.edit_kv(one.id, {"b": 1, "c": 1}, (), NOW)
    other.close()
    assert ticked(store, fence, edited, 2, writes={"d": 1}).run.error_kind == "kv-quota"
