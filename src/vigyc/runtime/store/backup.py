"""From a store that may be in use to a copy of it at one moment: one file, whole, which nobody owns.

The copy is made beside its target under another name, checked, brought to the disk, and only then given its name: a
file of that name is a good copy. Whoever ticks the store goes on; only its log cannot be emptied meanwhile.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import apsw

from vigyc.lang.errors import Conflict, StoreError
from vigyc.runtime.store.connection import reason
from vigyc.runtime.store.snapshot import check_store, has_table, snapshot

Progress: TypeAlias = Callable[[int, int], None]
"""Called with how many pages are copied, and how many there are."""

_PAGES = 1024  # in one step
_BESIDE = ("-wal", "-shm", "-journal")  # what SQLite puts beside a file that is in use


def backup(
    path: str | os.PathLike[str],
    target: str | os.PathLike[str],
    progress: Progress | None = None,
    *,
    overwrite: bool = False,
) -> int:
    """Copy the store at `path` to `target`; the size of the copy in bytes.

    Raises NotFound, Conflict if the target is there (unless `overwrite`) or in use, StoreError.
    """
    check_store(os.fspath(path))
    place = Path(target)
    _check_free(Path(path), place, overwrite)
    part = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with snapshot(path) as source:
            _copy(source, part, progress)
        _finish(part)
        size = part.stat().st_size
        _give_name(part, place)
    except apsw.Error as error:
        raise StoreError(f"cannot write {place}: {reason(error)}") from error
    except OSError as error:
        raise StoreError(f"cannot write {place}: {(error.strerror or str(error)).lower()}") from error
    finally:
        for suffix in ("", *_BESIDE):
            with suppress(OSError):
                part.with_name(part.name + suffix).unlink()
    return size


def _check_free(path: Path, target: Path, overwrite: bool) -> None:
    if target.is_dir():
        raise Conflict(f"cannot write {target}: it is a directory")
    if target.exists():
        if target.samefile(path):
            raise Conflict(f"{target} is the store itself")
        if not overwrite:
            raise Conflict(f"{target} is there already; choose another name, or say that it is to be overwritten")
    for suffix in _BESIDE:
        other = target.with_name(target.name + suffix)
        if other.exists():
            raise Conflict(f"cannot write {target}: it is in use, or was left in use ({other.name} lies beside it)")


def _copy(source: apsw.Connection, part: Path, progress: Progress | None) -> None:
    """Copy page by page; the transaction that is open keeps what is copied the same from the first to the last."""
    source.execute("SELECT 1 FROM sqlite_master").fetchone()
    copy = apsw.Connection(str(part), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        copy.pragma("journal_mode", "OFF")
        copy.pragma("synchronous", "OFF")
        with copy.backup("main", source, "main") as running:
            while not running.done:
                running.step(_PAGES)
                if progress is not None:
                    progress(running.page_count - running.remaining, running.page_count)
    finally:
        copy.close(True)


def _finish(part: Path) -> None:
    """Make of the copy a store of its own, and see that it is sound."""
    copy = apsw.Connection(str(part), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        copy.pragma("journal_mode", "DELETE")  # one file is all there is
        if has_table(copy, "lease"):
            copy.execute("UPDATE lease SET holder = '', beat = beat + 1")
        found = copy.execute("PRAGMA quick_check(1)").get
        if found != "ok":
            raise StoreError(f"the store is damaged, and so would be its copy: {found}; `verify` tells more")
    finally:
        copy.close(True)


def _give_name(part: Path, target: Path) -> None:
    _to_disk(part)
    part.replace(target)
    _to_disk(target.parent)


def _to_disk(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
