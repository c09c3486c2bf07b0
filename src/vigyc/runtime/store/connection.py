"""From a path to an open store: the file is made or recognised, and refused in one clear line otherwise.

Nothing is changed in a file before it is known to be a store; a store of an older version is brought up to date. A new
file is its owner's alone. Durability: the file is in WAL mode; `full` waits for the disk at every commit
(`synchronous=FULL`), `normal` may lose the last commits in a power cut, never the file.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import apsw

from vigyc.lang.errors import StoreError
from vigyc.runtime.store.migrations import STEPS, VERSION, Step, migrate, pending, version_of
from vigyc.runtime.store.schema import APPLICATION_ID

_SYNCHRONOUS = {"full": "FULL", "normal": "NORMAL"}
_MAKE = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE


def connect(path: str | os.PathLike[str], durability: str, patience: float) -> apsw.Connection:
    """The store at `path`, made if nothing is there; waits up to `patience` seconds for other processes.

    Raises StoreError.
    """
    if durability not in _SYNCHRONOUS:
        raise StoreError(f"durability {durability!r} is neither 'full' nor 'normal'")
    name = os.fspath(path)
    connection = _open(name)
    try:
        connection.set_busy_timeout(int(patience * 1000))
        if not _is_empty(connection):
            _recognise(connection, name)
        migrate(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {_SYNCHRONOUS[durability]}")
    except (apsw.Error, StoreError) as error:
        connection.close(True)
        raise error if isinstance(error, StoreError) else StoreError(f"cannot open {name}: {reason(error)}") from error
    return connection


def connect_again(path: str | os.PathLike[str], patience: float, *, write: bool = False) -> apsw.Connection:
    """One more connection to a store that is open already, for reading unless `write`; raises apsw.Error."""
    connection = apsw.Connection(os.fspath(path), flags=apsw.SQLITE_OPEN_READWRITE)
    connection.set_busy_timeout(int(patience * 1000))
    if not write:
        connection.execute("PRAGMA query_only = 1")
    return connection


def steps_to_take(path: str | os.PathLike[str]) -> tuple[int, tuple[Step, ...]]:
    """The version of the file at `path` (0: there is none) and the steps that opening it would take.

    Nothing is changed. Raises StoreError for what is not a store.
    """
    name = os.fspath(path)
    if not Path(name).exists():
        return 0, STEPS
    try:
        connection = apsw.Connection(name, flags=apsw.SQLITE_OPEN_READONLY)
        try:
            if not _is_empty(connection):
                _recognise(connection, name)
            return version_of(connection), pending(connection)
        finally:
            connection.close(True)
    except apsw.Error as error:
        raise StoreError(f"cannot open {name}: {reason(error)}") from error


def reason(error: Exception) -> str:
    """What went wrong in the words of somebody who owns the file."""
    if isinstance(error, apsw.NotADBError):
        return "it is not an SQLite file"
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return "another process has it locked"
    if isinstance(error, apsw.FullError):
        return "the disk or the file's quota is full"
    if isinstance(error, apsw.ReadOnlyError):
        return "it is read-only"
    if isinstance(error, apsw.CorruptError):
        return "the file is damaged"
    if isinstance(error, apsw.CantOpenError):
        return "its permissions, or those of its directory, do not allow it"
    if isinstance(error, apsw.ConnectionClosedError | apsw.CursorClosedError):
        return "the store is closed"
    return str(error)


def _open(name: str) -> apsw.Connection:
    if name != ":memory:":
        place = Path(name)
        if os.path.isdir(place):  # unlike is_dir, no error where it may not be looked at
            raise StoreError(f"cannot open {name}: it is a directory")
        if not os.path.isdir(place.parent):
            raise StoreError(f"cannot open {name}: there is no directory {place.parent}")
        with suppress(OSError):  # SQLite will say why
            os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        connection = apsw.Connection(name, flags=_MAKE)
    except (apsw.Error, ValueError, UnicodeEncodeError) as error:
        raise StoreError(f"cannot open {name}: {reason(error)}") from error
    if connection.readonly("main"):
        connection.close(True)
        raise StoreError(f"cannot open {name}: it is read-only")
    return connection


def _recognise(connection: apsw.Connection, name: str) -> None:
    """Refuse a file that is not a store, or of a version to come."""
    if connection.pragma("application_id") != APPLICATION_ID:
        raise StoreError(f"cannot open {name}: it is an SQLite file, but not a vigyc store")
    version = version_of(connection)
    if version > VERSION:
        raise StoreError(f"cannot open {name}: a newer vigyc made it (version {version}, known are up to {VERSION})")


def _is_empty(connection: apsw.Connection) -> bool:
    marks = connection.pragma("application_id") or connection.pragma("user_version")
    return not marks and connection.execute("SELECT count(*) FROM sqlite_master").get == 0
