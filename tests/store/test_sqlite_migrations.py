"""A file of an older version is brought up to date, step by step, whatever happens in between."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import apsw
import msgpack
import pytest

from store.stores import a_vigy, the_lease, ticked
from store.strangers import stranger
from vigyc.lang.errors import StoreError
from vigyc.runtime.store.connection import steps_to_take
from vigyc.runtime.store.kv import open_kv
from vigyc.runtime.store.migrations import STEPS, VERSION
from vigyc.runtime.store.schema import KV
from vigyc.runtime.store.sqlite import open_store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vigy.db"


def the_first_vigyc(path: Path) -> None:
    """A file as the first version made it, with something in it."""
    connection = apsw.Connection(str(path))
    connection.execute(f"BEGIN; {KV} PRAGMA user_version = 1; COMMIT; PRAGMA journal_mode = WAL")
    rows = [
        ("ticker", "a", 1),
        ("ticker", "b", msgpack.packb([None])),
        ("ticker", "__sys::ticks", msgpack.packb([4, 9])),
    ]
    connection.executemany("INSERT INTO kv VALUES (?, ?, ?)", rows)
    connection.close()


def test_the_steps_are_numbered_without_holes() -> None:
    assert [step.number for step in STEPS] == list(range(1, VERSION + 1))


def test_a_file_of_the_first_version_is_brought_up_to_date(path: Path) -> None:
    the_first_vigyc(path)
    store = open_store(path)
    try:
        vigy = store.create(a_vigy())
        ticked(store, the_lease(store), vigy, 1)
    finally:
        store.close()
    assert stranger(path, "PRAGMA user_version") == [[VERSION]]
    with open_kv(path) as kv:
        scope = kv.scope("ticker")
        assert (scope.kv, scope.tick_count, scope.previous_tick_ms) == ({"a": 1, "b": [None]}, 4, 9)
        assert kv.scope(vigy.id).kv == {"count": 1}


def test_the_ledger_says_when_each_step_was_taken(path: Path) -> None:
    open_store(path).close()
    ledger = stranger(path, "SELECT number, name, applied_at FROM migrations ORDER BY number")
    assert [(number, name) for number, name, _ in ledger] == [(step.number, step.name) for step in STEPS]
    assert ledger[0][2] is None  # there was no ledger yet
    assert all(at > 1_700_000_000_000 for _, _, at in ledger[1:])


def test_opening_again_changes_nothing(path: Path) -> None:
    open_store(path).close()
    before = path.read_bytes()
    open_store(path).close()
    open_kv(path).close()
    assert path.read_bytes() == before


DIES_IN_STEP_2 = """
import os, sys
import vigyc.runtime.store.migrations as migrations
from vigyc.runtime.store.sqlite import open_store
take = migrations._take
def dies(connection, step):
    if sys.argv[2] == "before" and step.number == 2:
        os._exit(9)
    take(connection, step)
    if sys.argv[2] == "after" and step.number == 2:
        os._exit(9)
migrations._take = dies
open_store(sys.argv[1])
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_who_dies_between_two_steps_leaves_the_rest_to_the_next(path: Path, when: str) -> None:
    done = subprocess.run([sys.executable, "-c", DIES_IN_STEP_2, path, when], check=False)
    assert done.returncode == 9
    version, steps = steps_to_take(path)
    assert (version, [step.number for step in steps]) == (1, list(range(2, VERSION + 1)))
    store = open_store(path)
    assert store.create(a_vigy()).generation == 1
    store.close()


def test_two_processes_may_migrate_one_file_at_once(path: Path) -> None:
    the_first_vigyc(path)
    code = "import sys; from vigyc.runtime.store.sqlite import open_store; open_store(sys.argv[1]).close()"
    openers = [subprocess.Popen([sys.executable, "-c", code, path]) for _ in range(3)]
    assert [opener.wait() for opener in openers] == [0, 0, 0]
    assert stranger(path, "SELECT count(*) FROM migrations") == [[VERSION]]


def test_what_opening_would_do_can_be_asked_before(path: Path) -> None:
    assert steps_to_take(path) == (0, STEPS)
    assert not path.exists()
    the_first_vigyc(path)
    before = path.read_bytes()
    assert steps_to_take(path) == (1, STEPS[1:])
    assert path.read_bytes() == before
    open_store(path).close()
    assert steps_to_take(path) == (VERSION, ())
    stranger(path, f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(StoreError, match="a newer vigyc made it"):
        steps_to_take(path)


def test_only_a_store_has_steps_to_take(path: Path) -> None:
    path.write_bytes(b"no database at all" * 500)
    with pytest.raises(StoreError, match=r"^cannot open .*: it is not an SQLite file$"):
        steps_to_take(path)
    path.unlink()
    stranger(path, "CREATE TABLE mine (x)")
    with pytest.raises(StoreError, match="not a vigyc store"):
        steps_to_take(path)
