"""From a store with gaps in it to one of the least size: written anew, and its log emptied."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import apsw

from vigyc.lang.errors import StoreError
from vigyc.runtime.store.connection import connect_again, reason
from vigyc.runtime.store.owner import check_unowned
from vigyc.runtime.store.snapshot import check_store

_PATIENCE = 5.0  # seconds


class Vacuumed(NamedTuple):
    """The bytes of a store and its log, before and after."""

    before: int
    after: int


def vacuum(path: str | os.PathLike[str], now: int) -> Vacuumed:
    """Write the store at `path` anew. Raises NotFound, Conflict if a runtime ticks it at `now`, StoreError."""
    name = os.fspath(path)
    check_store(name)
    before = bytes_of(name)
    try:
        connection = connect_again(name, _PATIENCE, write=True)
        try:
            check_unowned(connection, name, now)
            connection.execute("VACUUM")
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        finally:
            connection.close(True)
    except apsw.Error as error:
        raise StoreError(f"cannot vacuum {name}, which stays as it was: {reason(error)}") from error
    return Vacuumed(before, bytes_of(name))


def bytes_of(name: str) -> int:
    """The size of a store and its log."""
    return sum(place.stat().st_size for place in (Path(name), Path(name + "-wal")) if place.is_file())
