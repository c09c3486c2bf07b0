"""What anybody reads in a store's file with plain SQLite."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from store.stores import APPLY, NOW, a_sqlite_store, a_tick, a_vigy, an_event, the_lease, ticked
from store.strangers import stranger
from vigyc.model.run import FAILED


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "vigy.db"
    store = a_sqlite_store(path)
    fence = the_lease(store)
    one = store.create(a_vigy("one"))
    store.create(a_vigy("two", enabled=False))
    record = a_tick(one, 1, run={"actions": (APPLY,)}, writes={"n": 1, "list": [1, None], "text": "x"})
    store.commit(fence, [record._replace(notices=(an_event(record.run, "hello"),))])
    ticked(store, fence, one, 2, run={"result": FAILED, "error": "no"})
    store.close()
    return path


def test_vigies(path: Path) -> None:
    assert stranger(path, "SELECT id, name, enabled FROM vigies ORDER BY name") == [
        ["6f6e650000000000", "one", 1], ["74776f0000000000", "two", 0],
    ]  # fmt: skip


def test_runs_with_stamps_that_sort(path: Path) -> None:
    sql = "SELECT vigy_id, result, started_at, ended_at, error FROM vigy_runs ORDER BY started_at DESC LIMIT 10"
    one = "6f6e650000000000"
    assert stranger(path, sql) == [
        [one, "failed", "2026-09-21T14:13:22.000Z", "2026-09-21T14:13:22.005Z", "no"],
        [one, "ok", "2026-09-21T14:13:21.000Z", "2026-09-21T14:13:21.005Z", None],
    ]
    (actions,) = stranger(path, "SELECT actions_json FROM vigy_runs WHERE result = 'ok'")[0]
    assert json.loads(actions) == [{"kind": "apply", "payload": {"replicas": 3}}]


def test_the_stream(path: Path) -> None:
    rows = stranger(path, "SELECT seq, kind, run_id, message, payload_json FROM vigy_events ORDER BY seq")
    assert [(seq, kind) for seq, kind, *_ in rows] == [
        (1, "owner"), (2, "registered"), (3, "registered"), (4, "run"), (5, "event"), (6, "run"),
    ]  # fmt: skip
    assert rows[4][2:] == ["one-1", "hello", '{"kind":"custom"}']


def test_kv_as_json(path: Path) -> None:
    rows = stranger(path, "SELECT key, value_json FROM vigy_kv WHERE vigy_id = '6f6e650000000000' ORDER BY key")
    assert rows == [["list", "[1,null]"], ["n", "1"], ["text", '"x"']]


def test_a_schedule_is_readable_text(path: Path) -> None:
    (text,) = stranger(path, "SELECT schedule_json FROM vigies LIMIT 1")[0]
    assert json.loads(text) == {
        "kind": "fixed", "interval_ms": 1000, "mode": "rate", "offset_ms": 0, "jitter_ms": 0, "initial_delay_ms": 0,
    }  # fmt: skip


def test_a_program_is_there_once_and_goes_with_the_last_who_has_it(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    store = a_sqlite_store(path)
    one, two = store.create(a_vigy("one")), store.create(a_vigy("two"))
    store.create(a_vigy("three", program="(other)"))
    assert stranger(path, "SELECT text FROM programs ORDER BY text") == [["(other)"], ["(vigy-incr :count)"]]
    store.remove(one, NOW)
    assert len(stranger(path, "SELECT digest FROM programs")) == 2
    store.remove(two, NOW)
    assert stranger(path, "SELECT text FROM programs") == [["(other)"]]
    store.close()
