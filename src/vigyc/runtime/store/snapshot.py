"""From the path of a store to one moment of it: a connection that reads, and leaves every file as it was.

Whoever ticks the store goes on meanwhile. A log that nobody moved into the file (after a crash) stays where it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from vigyc.lang.errors import NotFound, StoreError
from vigyc.runtime.store.connection import connect_again, reason, steps_to_take

_PATIENCE = 5.0  # seconds


@contextmanager
def snapshot(path: str | os.PathLike[str]) -> Iterator[apsw.Connection]:
    """The file at `path` as it is at the first reading, whatever it is; raises NotFound, StoreError."""
    name = os.fspath(path)
    _check_there(name)
    log = Path(name + "-wal")
    left_behind = log.is_file() and log.stat().st_size > 0
    try:
        connection = connect_again(name, _PATIENCE)
        try:
            connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, int(left_behind))
            connection.execute("BEGIN")
            yield connection
        finally:
            connection.close(True)
    except apsw.Error as error:
        raise StoreError(f"cannot read {name}: {reason(error)}") from error


def check_store(name: str) -> None:
    """Raise NotFound, StoreError unless the file `name` is a store, be it an older one."""
    _check_there(name)
    steps_to_take(name)


def has_table(connection: apsw.Connection, name: str) -> bool:
    """Whether the file is far enough to have this table."""
    return connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)).get is not None


def _check_there(name: str) -> None:
    if not Path(name).is_file():
        raise NotFound(f"there is no store {name}")
