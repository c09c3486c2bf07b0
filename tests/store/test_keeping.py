"""Shrinking a store, looking at it, bringing it up to date."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from store.kept import a_whole_vigy, closed, execute, filled, fingerprints, old_store
from store.stores import NOW, the_lease
from vigyc.lang.errors import Conflict, NotFound, StoreError
from vigyc.runtime.holder import own_name
from vigyc.runtime.store.information import Counts, information
from vigyc.runtime.store.kv import open_kv
from vigyc.runtime.store.migrations import STEPS, VERSION
from vigyc.runtime.store.owner import SILENT_MS, Owner
from vigyc.runtime.store.schema import APPLICATION_ID
from vigyc.runtime.store.sqlite import open_store
from vigyc.runtime.store.upgrade import Upgrade, planned, upgrade
from vigyc.runtime.store.vacuum import vacuum
from vigyc.runtime.store.verify import verify

ELSEWHERE = "far-away boot 17 4711 abcd"


def a_dead_holder() -> str:
    """The name of a runtime whose process has ended."""
    code = "from vigyc.runtime.holder import own_name; print(own_name())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vigyc.db"


# -- vacuum


def test_vacuum_gives_back_what_was_deleted(path: Path) -> None:
    store = open_store(path)
    vigy = store.create(a_whole_vigy())
    store.edit_kv(vigy.id, {f"k{number}": "x" * 50_000 for number in range(40)}, (), NOW)
    store.edit_kv(vigy.id, {"kept": 1}, [f"k{number}" for number in range(40)], NOW)
    try:
        before, after = vacuum(path, NOW)
        assert before > 2_000_000
        assert after < 200_000
        assert after == path.stat().st_size
        assert store.kv(vigy.id) == {"kept": 1}
        store.edit_kv(vigy.id, {"kept": 2}, (), NOW)
    finally:
        store.close()
    assert verify(path) == []


def test_vacuum_waits_for_no_runtime(path: Path) -> None:
    store = filled(path)
    fence = the_lease(store, own_name())
    with pytest.raises(Conflict, match=f"process {os.getpid()} ticks .*; stop it first"):
        vacuum(path, NOW)
    store.release(fence)
    vacuum(path, NOW)
    store.close()


def test_a_runtime_that_died_is_not_waited_for(path: Path) -> None:
    store = filled(path)
    the_lease(store, a_dead_holder())
    store.close()
    vacuum(path, NOW)


def test_a_runtime_elsewhere_is_believed_as_long_as_it_speaks(path: Path) -> None:
    store = filled(path)
    the_lease(store, ELSEWHERE, NOW)
    store.close()
    with pytest.raises(Conflict, match=f"runtime {ELSEWHERE} ticks"):
        vacuum(path, NOW + SILENT_MS)
    vacuum(path, NOW + SILENT_MS + 1)


def test_what_is_no_store_is_left_alone(path: Path) -> None:
    with pytest.raises(NotFound):
        vacuum(path, NOW)
    apsw.Connection(str(path)).execute("CREATE TABLE t (x)")
    before = fingerprints(path.parent)
    for look in (lambda: vacuum(path, NOW), lambda: information(path, NOW), lambda: planned(path)):
        with pytest.raises(StoreError, match="not a vigyc store"):
            look()
    assert fingerprints(path.parent) == before


def test_a_store_that_somebody_writes_is_not_waited_for_long(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vigyc.runtime.store.vacuum._PATIENCE", 0.01)
    store = filled(path)
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process has it locked"):
        vacuum(path, NOW)
    other.close()
    store.close()


# -- information


def test_what_there_is_to_know(path: Path) -> None:
    closed(path)
    before = fingerprints(path.parent)
    found = information(path, NOW)
    assert fingerprints(path.parent) == before
    assert found.counts == Counts(2, 2, 3, 15, 5, NOW + 1000, NOW + 3000)
    assert found.size == path.stat().st_size == found.pages * found.page_size
    assert (found.path, found.wal_size, found.version, found.pending) == (str(path), 0, VERSION, ())
    assert (found.application_id, found.journal_mode, found.owner) == (APPLICATION_ID, "wal", None)


def test_a_store_in_use(path: Path) -> None:
    store = filled(path)
    name = own_name()
    fence = the_lease(store, name)
    found = information(path, NOW)
    assert found.owner == Owner(name, os.getpid(), fence.epoch, NOW, True)
    assert found.wal_size > 0
    store.close()


def test_an_owner_that_died(path: Path) -> None:
    store = filled(path)
    the_lease(store, a_dead_holder())
    store.close()
    owner = information(path, NOW).owner
    assert owner is not None
    assert not owner.alive


def test_an_empty_store(path: Path) -> None:
    open_store(path).close()
    assert information(path, NOW).counts == Counts()


def test_what_is_free_is_told(path: Path) -> None:
    closed(path)
    execute(path, "CREATE TABLE large (x)", "INSERT INTO large VALUES (zeroblob(100000))", "DROP TABLE large")
    assert information(path, NOW).free_pages >= 24


# -- migrations


def test_an_old_store_is_brought_up_to_date_and_kept(path: Path) -> None:
    old_store(path)
    names = tuple(step.name for step in STEPS[1:])
    assert information(path, NOW).pending == names
    assert information(path, NOW).counts == Counts(kv_keys=2)
    assert planned(path) == Upgrade(1, VERSION, names)
    assert upgrade(path, keep=True) == Upgrade(1, VERSION, names, f"{path}.v1.bak")
    assert planned(path) == Upgrade(VERSION, VERSION, ())
    assert verify(path) == []
    with open_kv(path) as kv:
        assert kv.scope("counter").kv == {"n": 3}
    assert information(f"{path}.v1.bak", NOW).version == 1


def test_a_copy_of_before_is_never_overwritten(path: Path) -> None:
    old_store(path)
    (path.parent / "vigyc.db.v1.bak").write_text("precious")
    with pytest.raises(Conflict, match="is there already"):
        upgrade(path, keep=True)
    assert planned(path).before == 1
    assert upgrade(path, keep=False).kept is None
    assert planned(path).steps == ()


def test_a_store_of_today_is_left_alone(path: Path) -> None:
    closed(path)
    before = fingerprints(path.parent)
    assert upgrade(path, keep=True) == Upgrade(VERSION, VERSION, ())
    assert fingerprints(path.parent) == before


def test_a_store_that_is_not_there_is_not_made(path: Path) -> None:
    for look in (lambda: planned(path), lambda: upgrade(path, keep=False), lambda: information(path, NOW)):
        with pytest.raises(NotFound, match="there is no store"):
            look()
    assert list(path.parent.iterdir()) == []
