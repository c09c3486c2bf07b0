"""From a file to the key/value store of many vigies, and back: one SQLite file, a scope per vigy.

Plain SQLite shows what is in it: `SELECT * FROM kv_json` (schema.py says how). One process writes a scope at a time;
several may read the file, and write other scopes. Whoever opens it with another copy of SQLite (Python's own sqlite3)
does so in another process: two copies in one process undo each other's locks. `import vigyc` does not load this.
"""

from __future__ import annotations

import os
import threading
from types import TracebackType
from typing import Any

import apsw

from vigyc.lang.errors import StoreError
from vigyc.runtime.store.connection import connect, reason
from vigyc.runtime.store.scope import Scope

_SCOPES = "SELECT DISTINCT scope FROM kv ORDER BY scope"


class KvStore:
    """An open store; close it, or use it in a `with`, to have the counters of the last ticks written.

    It may be used from several threads, each scope from one at a time.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._scopes: dict[str, Scope] = {}

    def __enter__(self) -> KvStore:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def scope(self, name: str) -> Scope:
        """The scope called `name`, always the same object; empty when nothing was stored. Raises StoreError."""
        found = self._scopes.get(name)
        return found if found is not None else self._scopes.setdefault(name, Scope(self._connection, self._lock, name))

    def scopes(self) -> list[str]:
        """The names of the scopes that hold anything, in order; raises StoreError."""
        try:
            with self._lock:
                rows: list[Any] = self._connection.execute(_SCOPES).fetchall()
        except apsw.Error as error:
            raise StoreError(f"cannot read the store: {reason(error)}") from error
        return [name for (name,) in rows]

    def flush(self) -> None:
        """Write the counters of ticks that changed nothing else; raises StoreError."""
        for scope in list(self._scopes.values()):
            scope.flush()

    def close(self) -> None:
        """Flush and close; a closed store may be closed again. Raises StoreError when the last write fails."""
        scopes, self._scopes = self._scopes, {}
        try:
            for scope in scopes.values():
                scope.flush()
        finally:
            self._connection.close()


def open_kv(path: str | os.PathLike[str], *, durability: str = "full", patience: float = 5.0) -> KvStore:
    """Open the store at `path`, made if there is none; its directory must be there.

    `durability` is `full` (every commit is on disk) or `normal` (a power cut may cost the last commits, faster);
    `patience` is how long to wait, in seconds, for another process that is writing. Raises StoreError.
    """
    return KvStore(connect(path, durability, patience))
