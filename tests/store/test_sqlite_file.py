"""The file of a store: how it is made, who may read it, and what is said when it cannot be opened or written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from store.stores import a_sqlite_store, a_vigy, the_lease, ticked
from store.strangers import held_by_a_stranger, stranger
from vigyc.lang.errors import StoreError
from vigyc.runtime.store.migrations import VERSION
from vigyc.runtime.store.sqlite import open_store


def test_missing_directories_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "vigy.db"
    open_store(path).close()
    assert path.is_file()


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "vigy.db"
    store = open_store(path)
    try:
        store.create(a_vigy())
        modes = {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in os.listdir(tmp_path)}
    finally:
        store.close()
    assert modes == {"vigy.db": 0o600, "vigy.db-wal": 0o600, "vigy.db-shm": 0o600}


def test_the_mode_of_a_file_that_is_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "vigy.db"
    open_store(path).close()
    path.chmod(0o640)
    open_store(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_was_stored_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    store = a_sqlite_store(tmp_path / "vigy.db")
    made = store.create(a_vigy())
    committed = ticked(store, the_lease(store), made, 1)
    store.close()
    again = a_sqlite_store(tmp_path / "vigy.db")
    try:
        assert again.vigies() == [made]
        assert again.runs() == [committed.run]
        assert again.kv(made.id) == {"count": 1}
        assert again.last_seq() == committed.run.seq
    finally:
        again.close()


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda path: path.mkdir(), "it is a directory"),
        (lambda path: path.write_bytes(b"no database at all" * 500), "it is not an SQLite file"),
        (lambda path: stranger(path, "CREATE TABLE mine (x)"), "it is an SQLite file, but not a vigyc store"),
        (lambda path: path.parent.joinpath("file").write_text("x"), None),
    ],
    ids=["directory", "not SQLite", "another program's", "file for a directory"],
)
def test_what_is_no_store_is_refused_in_one_line(tmp_path: Path, make: object, why: str | None) -> None:
    path = tmp_path / "vigy.db"
    make(path)  # type: ignore[operator]
    if why is None:
        path, why = tmp_path / "file" / "vigy.db", r"its directory cannot be made \(.*\)"
    with pytest.raises(StoreError, match=rf"^cannot open {path}: {why}$"):
        open_store(path)


def test_memory_is_not_a_file() -> None:
    with pytest.raises(StoreError, match="MemoryStore"):
        open_store(":memory:")


def test_a_file_of_a_newer_vigyc_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "vigy.db"
    open_store(path).close()
    stranger(path, f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(
        StoreError, match=rf"a newer vigyc made it \(version {VERSION + 1}, known are up to {VERSION}\)"
    ):
        open_store(path)
    assert path.read_bytes() == before


def test_a_place_that_may_not_be_written() -> None:
    script = (
        "import os, sys\nfrom vigyc.runtime.store.sqlite import open_store\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        "for path in sys.argv[1:]:\n"
        "    try: open_store(path)\n"
        "    except Exception as error: print(type(error).__name__, error)\n"
    )
    with TemporaryDirectory() as name:  # root may do anything, so root has somebody else try, who must get there
        place = Path(name)
        place.chmod(0o755)
        there = place / "vigy.db"
        open_store(there).close()
        there.chmod(0o444)
        command = [sys.executable, "-c", script, there, place / "new.db", place / "sub" / "new.db"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert told == [
        f"StoreError cannot open {there}: it is read-only",
        f"StoreError cannot open {place}/new.db: its permissions, or those of its directory, do not allow it",
        f"StoreError cannot open {place}/sub/new.db: its directory cannot be made (Permission denied)",
    ]


def test_who_waits_for_another_writer_in_vain_is_told(tmp_path: Path) -> None:
    path = tmp_path / "vigy.db"
    store = open_store(path, patience=0.05)
    try:
        with held_by_a_stranger(path, "BEGIN IMMEDIATE"):
            with pytest.raises(StoreError, match=r"stays as it was: another process has it locked$"):
                store.create(a_vigy())
            assert store.vigies() == []  # reading goes on
        store.create(a_vigy())
        assert store.last_seq() == 1
    finally:
        store.close()


def test_the_writer_leaves_the_log_to_the_checkpoint(tmp_path: Path) -> None:
    store = a_sqlite_store(tmp_path / "vigy.db", durability="normal")
    log = tmp_path / "vigy.db-wal"
    try:
        fence, vigy = the_lease(store), store.create(a_vigy())
        for number in range(1, 30):
            ticked(store, fence, vigy, number, writes={"big": f"{number:02}" * 100_000})
        assert log.stat().st_size > 4096 * 1000  # past where SQLite would by itself
        size = log.stat().st_size
        assert store.checkpoint(idle=False) == 0
        assert log.stat().st_size == size
        assert store.checkpoint(idle=True) == 0
        assert log.stat().st_size == 0
        assert store.kv(vigy.id) == {"big": "29" * 100_000}
    finally:
        store.close()


def test_a_reader_elsewhere_holds_the_log_but_nobody_up(tmp_path: Path) -> None:
    path = tmp_path / "vigy.db"
    store = a_sqlite_store(path, patience=0.05)
    try:
        fence, vigy = the_lease(store), store.create(a_vigy())
        with held_by_a_stranger(path, "BEGIN", "SELECT count(*) FROM runs"):
            ticked(store, fence, vigy, 1)
            assert store.checkpoint(idle=True) > 0
            ticked(store, fence, vigy, 2)
        assert store.checkpoint(idle=True) == 0
    finally:
        store.close()
