"""A copy of a store: of one moment, whole, owned by nobody, or not there at all."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import apsw
import pytest

from store.kept import closed, filled, fingerprints, old_store
from store.stores import NOW, the_lease
from vigyc.lang.errors import Conflict, NotFound, StoreError
from vigyc.runtime.store.backup import backup
from vigyc.runtime.store.information import information
from vigyc.runtime.store.sqlite import open_store
from vigyc.runtime.store.verify import verify


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return closed(tmp_path / "vigyc.db")


def test_a_copy_is_a_store_with_the_same_in_it(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "copies.db"
    assert backup(source, target) == target.stat().st_size
    assert verify(target) == []
    original, copy = open_store(source), open_store(target)
    try:
        assert copy.vigies() == original.vigies()
        assert copy.notices(0) == original.notices(0)
        assert [copy.kv(vigy.id) for vigy in copy.vigies()] == [original.kv(vigy.id) for vigy in original.vigies()]
        assert copy.outbox() == original.outbox()
    finally:
        original.close()
        copy.close()


def test_a_copy_is_one_file_that_is_its_owners_alone(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    backup(source, folder / "copy.db")
    assert [file.name for file in folder.iterdir()] == ["copy.db"]
    assert stat.S_IMODE((folder / "copy.db").stat().st_mode) == 0o600


def test_the_store_is_as_it_was(source: Path, tmp_path: Path) -> None:
    before = fingerprints(source.parent)
    (tmp_path / "copies").mkdir()
    target = tmp_path / "copies" / "copy.db"
    backup(source, target)
    shutil.rmtree(target.parent)
    assert fingerprints(source.parent) == before


def test_a_copy_has_no_owner_and_no_earlier_epoch(tmp_path: Path) -> None:
    source, target = tmp_path / "vigyc.db", tmp_path / "copy.db"
    store = filled(source)
    fence = the_lease(store, "the owner")
    backup(source, target)
    copy = open_store(target)
    try:
        lease = copy.lease()
        assert lease is not None
        assert (lease.holder, lease.epoch) == ("", fence.epoch)
        taken = copy.acquire("another", lease, NOW)
        assert taken is not None
        assert taken.epoch == fence.epoch + 1
        assert store.renew(fence, NOW)
    finally:
        copy.close()
        store.close()


def test_whoever_writes_meanwhile_goes_on_and_the_copy_is_of_the_beginning(tmp_path: Path) -> None:
    source, target = tmp_path / "vigyc.db", tmp_path / "copy.db"
    store = filled(source)
    (one, two) = store.vigies()
    for key in range(12):
        store.edit_kv(two.id, {f"large {key}": "x" * 1_000_000}, (), NOW)
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        store.edit_kv(one.id, {"meanwhile": len(told)}, (), NOW)
        assert store.checkpoint(idle=True) >= 0

    try:
        backup(source, target, progress)
        assert len(told) >= 3
        assert told == sorted(told)
        assert told[-1][0] == told[-1][1]
        assert store.kv(one.id)["meanwhile"] == len(told)
    finally:
        store.close()
    copy = open_store(target)
    try:
        assert "meanwhile" not in copy.kv(one.id)
        assert len(copy.kv(two.id)) == 12
    finally:
        copy.close()
    assert verify(target) == []


def test_what_is_in_the_log_of_a_crash_is_copied(tmp_path: Path) -> None:
    store = filled(tmp_path / "vigyc.db")
    crashed = tmp_path / "crashed.db"
    for suffix in ("", "-wal"):
        shutil.copy(tmp_path / f"vigyc.db{suffix}", f"{crashed}{suffix}")
    log = Path(f"{crashed}-wal").read_bytes()
    assert log
    backup(crashed, tmp_path / "copy.db")
    assert Path(f"{crashed}-wal").read_bytes() == log
    copy = open_store(tmp_path / "copy.db")
    try:
        assert copy.vigies() == store.vigies()
    finally:
        copy.close()
        store.close()


def test_a_file_that_is_there_is_replaced_only_if_that_is_said(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    target.write_text("precious")
    with pytest.raises(Conflict, match="is there already"):
        backup(source, target)
    assert target.read_text() == "precious"
    backup(source, target, overwrite=True)
    assert verify(target) == []


def test_a_store_is_never_replaced_by_its_copy(source: Path, tmp_path: Path) -> None:
    (tmp_path / "other name.db").hardlink_to(source)
    for target in (source, tmp_path / "." / "vigyc.db", tmp_path / "other name.db"):
        with pytest.raises(Conflict, match="is the store itself"):
            backup(source, target, overwrite=True)


@pytest.mark.parametrize("suffix", ["-wal", "-shm", "-journal"])
def test_a_log_beside_the_target_would_be_taken_for_its_own(source: Path, tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"copy.db{suffix}").write_text("of another file")
    with pytest.raises(Conflict, match=f"copy.db{suffix} lies beside it"):
        backup(source, tmp_path / "copy.db", overwrite=True)
    assert not (tmp_path / "copy.db").exists()


def test_a_target_that_cannot_be(source: Path, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="is a directory"):
        backup(source, tmp_path, overwrite=True)
    with pytest.raises(StoreError, match=r"cannot write .*: no such file or directory"):
        backup(source, tmp_path / "nowhere" / "copy.db")


def test_what_is_no_store_is_not_copied(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no store"):
        backup(tmp_path / "absent.db", tmp_path / "copy.db")
    apsw.Connection(str(tmp_path / "other.db")).execute("CREATE TABLE t (x)")
    with pytest.raises(StoreError, match="not a vigyc store"):
        backup(tmp_path / "other.db", tmp_path / "copy.db")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["other.db"]


def test_a_damaged_store_gives_no_copy(source: Path, tmp_path: Path) -> None:
    connection = apsw.Connection(str(source))
    page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'runs'").get
    size = connection.pragma("page_size")
    connection.close()
    data = bytearray(source.read_bytes())
    data[(page - 1) * size] ^= 0xFF
    source.write_bytes(data)
    with pytest.raises(StoreError, match="damaged"):
        backup(source, tmp_path / "copy.db")
    assert [file.name for file in tmp_path.iterdir()] == ["vigyc.db"]


def test_an_interrupt_leaves_nothing_behind(source: Path, tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup(source, tmp_path / "copy.db", interrupt)
    assert [file.name for file in tmp_path.iterdir()] == ["vigyc.db"]


def test_an_older_store_is_copied_as_it_is(tmp_path: Path) -> None:
    from_before = tmp_path / "old.db"
    old_store(from_before)
    backup(from_before, tmp_path / "copy.db")
    assert information(tmp_path / "copy.db", NOW).version == 1
