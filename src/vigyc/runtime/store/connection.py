"""From a path to an open store: the file is made or recognised, and refused in one clear line otherwise.

Nothing is changed in a file before it is known to be a store. Durability: the file is in WAL mode; `full` waits for the
disk at every commit (`synchronous=FULL`), `normal` may lose the last commits in a power cut, never the file.
"""

from __future__ import annotations

import os
from pathlib import Path

import apsw

from vigyc.lang.errors import StoreError
from vigyc.runtime.store.schema import APPLICATION_ID, CREATE, VERSION

_SYNCHRONOUS = {"full": "FULL", "normal": "NORMAL"}
_OPEN = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE


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
        _recognise(connection, name)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {_SYNCHRONOUS[durability]}")
    except (apsw.Error, StoreError) as error:
        connection.close(True)
        raise error if isinstance(error, StoreError) else StoreError(f"cannot open {name}: {reason(error)}") from error
    return connection


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
        if place.is_dir():
            raise StoreError(f"cannot open {name}: it is a directory")
        if not place.parent.is_dir():
            raise StoreError(f"cannot open {name}: there is no directory {place.parent}")
    try:
        connection = apsw.Connection(name, flags=_OPEN)
    except (apsw.Error, ValueError, UnicodeEncodeError) as error:
        raise StoreError(f"cannot open {name}: {reason(error)}") from error
    if connection.readonly("main"):
        connection.close(True)
        raise StoreError(f"cannot open {name}: it is read-only")
    return connection


def _recognise(connection: apsw.Connection, name: str) -> None:
    """Make the tables in a file that is empty; refuse one that is not a store, or of a version to come."""
    if _is_empty(connection):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _is_empty(connection):  # another process may have made them meanwhile
                connection.execute(CREATE)
            connection.execute("COMMIT")
        except apsw.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise StoreError(f"cannot open {name}: it is an SQLite file, but not a vigyc store")
    version = _pragma(connection, "user_version")
    if version > VERSION:
        raise StoreError(f"cannot open {name}: a newer vigyc made it (version {version}, known are up to {VERSION})")


def _is_empty(connection: apsw.Connection) -> bool:
    marks = _pragma(connection, "application_id") or _pragma(connection, "user_version")
    return not marks and connection.execute("SELECT count(*) FROM sqlite_master").get == 0


def _pragma(connection: apsw.Connection, name: str) -> int:
    value = connection.execute(f"PRAGMA {name}").get
    return value if isinstance(value, int) else 0
