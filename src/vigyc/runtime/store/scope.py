"""From what a tick changed to rows of the store: a vigy's kv that lasts.

The kv is read once and then lives in memory; a commit writes the keys the tick changed, and the counters, in one
transaction. A tick that changed no key executes no SQL: its count is carried in memory and written with the next
change, by `flush`, or when the store is closed. The trade: after a crash `tick_count` and `previous_tick_ms` may be
those of the last tick that changed something; every key is exactly as committed.

When a write fails nothing is lost and nothing is half done: the kv in memory is what the file holds, and the counters
are those of the tick before.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any

import apsw

from vigyc.lang.errors import StoreError
from vigyc.runtime.host import Host
from vigyc.runtime.store.connection import reason
from vigyc.runtime.store.encoding import NATIVE, pack, unpack, unstorable
from vigyc.runtime.store.memory import MemoryScope

COUNTERS = "__sys::ticks"  # the row [tick_count, previous_tick_ms]; programs do not see it

_READ = "SELECT key, value FROM kv WHERE scope = ?"
_WRITE = "INSERT INTO kv VALUES (?, ?, ?) ON CONFLICT (scope, key) DO UPDATE SET value = excluded.value"
_DELETE = "DELETE FROM kv WHERE scope = ? AND key = ?"


class Scope(MemoryScope):
    """One vigy's kv and counters in a store; made by `KvStore.scope`. A scope belongs to one thread at a time."""

    __slots__ = ("_counted", "_cursor", "_lock", "name")

    def __init__(self, store: apsw.Connection, lock: Any, name: str) -> None:
        self.name = name
        self._cursor = store.cursor()
        self._lock = lock
        super().__init__()
        self.reload()

    def reload(self) -> None:
        """Read everything anew, for when another process may have written; raises StoreError."""
        try:
            with self._lock:
                rows: Any = self._cursor.execute(_READ, (self.name,))
                kv: dict[str, Any] = {key: v if v.__class__ is not bytes else unpack(v) for key, v in rows}
            count, start = kv.pop(COUNTERS, (0, None))
        except apsw.Error as error:
            raise StoreError(f"cannot read scope {self.name!r}: {reason(error)}") from error
        except (ValueError, TypeError) as error:
            raise StoreError(f"cannot read scope {self.name!r}: the value of a key is damaged ({error})") from error
        self.tick_count, self.previous_tick_ms = count, start
        self._counted = True
        self.kv.clear()
        self.kv.update(kv)
        self._held = kv

    def commit(self, host: Host) -> None:
        """Write what the tick of `host` changed and the counters, in one transaction; raises StoreError.

        If that fails, the kv is as before the tick.
        """
        if host.dirty or host.deleted:
            try:
                self._write(host.dirty, host.deleted, host.tick_count + 1, host.tick_start_ms)
            except StoreError:
                self.rollback(host)
                raise
            except BaseException:
                self.reload()  # interrupted, and only the file knows whether before or after its commit
                raise
            self._counted = True
        else:
            self._counted = False
        super().commit(host)

    def flush(self) -> None:
        """Write the counters of ticks that changed nothing else; raises StoreError."""
        if not self._counted:
            self._write((), (), self.tick_count, self.previous_tick_ms)
            self._counted = True

    def _write(self, dirty: Collection[str], deleted: Collection[str], count: int, start: int | None) -> None:
        name, kv, cursor = self.name, self.kv, self._cursor
        with self._lock:
            try:
                rows = [
                    (name, key, value if (value := kv[key]).__class__ in NATIVE else pack(value))
                    for key in sorted(dirty)
                ]
                rows.append((name, COUNTERS, pack((count, start))))
                cursor.execute("BEGIN IMMEDIATE")
                cursor.executemany(_WRITE, rows)
                if deleted:
                    cursor.executemany(_DELETE, [(name, key) for key in sorted(deleted)])
                cursor.execute("COMMIT")
            except BaseException as error:
                with suppress(apsw.Error):  # the connection may be closed
                    if cursor.connection.in_transaction:
                        cursor.execute("ROLLBACK")
                if not isinstance(error, apsw.Error | ValueError | OverflowError | TypeError):
                    raise
                what = unstorable(kv, dirty) or reason(error)
                raise StoreError(f"cannot write scope {name!r}, which stays as it was: {what}") from error
