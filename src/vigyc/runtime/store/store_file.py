"""From an open store's file to transactions on it: one connection writes, one reads, one moves the log into the file.

**Writing.** One lock, one connection, `BEGIN IMMEDIATE` only. The writer never moves the log: if that failed inside a
COMMIT, the commit would look failed and be done. Should COMMIT fail all the same, the file is asked: every transaction
leaves a `proof`, a row that is there if and only if it was done. If not even that can be read, or the disk failed to
sync, no connection is trusted any more: before anything else happens the file is opened anew and checked, and the log
is emptied into it, so that what was in doubt is on the disk before anybody is told that it is.

**Reading.** Each reading is one short snapshot, so it never holds the log back for long.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import apsw

from vigyc.lang.errors import CommitUnknown, StoreError
from vigyc.runtime.store.connection import connect, connect_again, reason

LOG_LIMIT: Final = 64 * 2**20  # bytes that the log's file keeps when it is empty
SHORTEN_AT: Final = 16 * 2**20  # bytes from which on it is emptied although there is much to write

_SYNC_FAILED = frozenset({apsw.SQLITE_IOERR_FSYNC, apsw.SQLITE_IOERR_DIR_FSYNC})


class Transaction:
    """A write under way: `sql` executes its statements; `proof` is a query that finds a row once it is done."""

    __slots__ = ("proof", "sql")

    def __init__(self, sql: apsw.Cursor) -> None:
        self.sql = sql
        self.proof: tuple[str, tuple[Any, ...]] | None = None


class StoreFile:
    """The file of a store and its connections; usable from any thread."""

    def __init__(self, path: str | os.PathLike[str], durability: str, patience: float) -> None:
        self.path = os.fspath(path)
        self._durability = durability
        self._patience = patience
        self._writing = threading.Lock()
        self._reading = threading.Lock()  # taken after the one before, if at all, as is the next
        self._moving = threading.Lock()
        self._closed = False
        self._suspect = False
        self._connect()

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that is committed at the end of the block, undone if that raises.

        Raises StoreError when nothing was changed, CommitUnknown when that cannot be told.
        """
        with self._writing:
            try:
                self._trust()
                cursor = self._writer.cursor()
                cursor.execute("BEGIN IMMEDIATE")
            except apsw.Error as error:
                raise self._refused(error) from error
            transaction = Transaction(cursor)
            try:
                yield transaction
            except BaseException as error:
                self._undo()
                if isinstance(error, apsw.Error | UnicodeEncodeError | OverflowError):
                    raise self._refused(error) from error
                raise
            try:
                cursor.execute("COMMIT")
            except apsw.Error as error:
                self._undo()
                self._clear_up(error, transaction.proof)
            except BaseException:
                self._undo()
                raise

    @contextmanager
    def reading(self) -> Iterator[apsw.Cursor]:
        """A snapshot to read from; raises StoreError."""
        if self._suspect:
            with self._writing:
                self._trust()
        with self._reading:
            try:
                cursor = self._reader.cursor()
                cursor.execute("BEGIN")
                try:
                    yield cursor
                finally:
                    if self._reader.in_transaction:
                        cursor.execute("COMMIT")
            except apsw.Error as error:
                raise StoreError(f"cannot read {self.path}: {reason(error)}") from error

    def checkpoint(self, *, idle: bool) -> int:
        """Move the log into the file, and with `idle`, or when it is long, empty it; the pages still in it.

        Under a busy writer the log is never moved to its end, and so would grow for ever: then the writer waits, for
        what little came while most of it was moved.
        """
        with self._writing:
            self._trust()
        with self._moving:
            waiting = self._move("PASSIVE")
        if (idle and not waiting) or self.log_size() > SHORTEN_AT:
            with self._writing, self._moving:
                waiting = self._move("TRUNCATE")
        return waiting

    def log_size(self) -> int:
        """The bytes of the log's file."""
        try:
            return os.stat(f"{self.path}-wal").st_size
        except OSError:
            return 0

    def close(self) -> None:
        """Close; again is nothing."""
        with self._writing, self._reading, self._moving:
            self._closed = True
            self._disconnect()

    # -- under the locks

    def _connect(self) -> None:
        self._writer = connect(self.path, self._durability, self._patience)
        try:
            self._writer.execute("PRAGMA wal_autocheckpoint = 0")
            self._reader = connect_again(self.path, self._patience)
            self._mover = connect_again(self.path, 0, write=True)
            for connection in (self._writer, self._mover):
                connection.execute(f"PRAGMA journal_size_limit = {LOG_LIMIT}")
            self._mover.execute(f"PRAGMA synchronous = {self._writer.pragma('synchronous')}")
        except apsw.Error as error:
            self._writer.close(True)
            raise StoreError(f"cannot open {self.path}: {reason(error)}") from error

    def _disconnect(self) -> None:
        for connection in (self._reader, self._mover, self._writer):  # whoever is last empties the log
            with suppress(apsw.Error):  # what was acknowledged is in the file or in the log
                connection.close(True)

    def _trust(self) -> None:
        """Open the file anew, and check it, if no connection is to be trusted."""
        if self._closed:
            raise StoreError("the store is closed")
        if not self._suspect:
            return
        with self._reading, self._moving:
            self._disconnect()
            self._connect()
            try:
                found = self._writer.execute("PRAGMA quick_check(1)").get
                self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)  # nothing in doubt stays in the log
            except apsw.Error as error:
                raise StoreError(f"cannot check {self.path}: {reason(error)}") from error
            if found != "ok":
                raise StoreError(f"{self.path} is damaged: {found}")
            self._suspect = False

    def _move(self, how: str) -> int:
        try:
            row: Any = self._mover.execute(f"PRAGMA wal_checkpoint({how})").fetchone()
        except apsw.Error as error:
            self._suspect = self._suspect or _failed_to_sync(error)
            raise StoreError(f"cannot move the log into {self.path}: {reason(error)}") from error
        _, pages, moved = row
        return int(max(pages - moved, 0))

    def _undo(self) -> None:
        with suppress(apsw.ConnectionClosedError):
            try:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
            except apsw.Error:
                self._suspect = True

    def _refused(self, error: Exception) -> StoreError:
        return StoreError(f"cannot write {self.path}, which stays as it was: {reason(error)}")

    def _clear_up(self, error: apsw.Error, proof: tuple[str, tuple[Any, ...]] | None) -> None:
        """Find out whether a transaction was done whose COMMIT failed; returns if it was."""
        self._suspect = self._suspect or _failed_to_sync(error)
        try:
            self._trust()
            done = self._is_done(proof)
        except (apsw.Error, StoreError) as trouble:
            self._suspect = True
            raise CommitUnknown(
                f"it is not known whether the last write to {self.path} was done: {reason(error)}"
            ) from trouble
        if not done:
            raise self._refused(error) from error

    def _is_done(self, proof: tuple[str, tuple[Any, ...]] | None) -> bool:
        if proof is None:
            raise StoreError("the transaction leaves no trace")
        fresh = connect_again(self.path, self._patience)
        try:
            return fresh.execute(*proof).get is not None
        finally:
            fresh.close(True)


def _failed_to_sync(error: apsw.Error) -> bool:
    return getattr(error, "extendedresult", 0) in _SYNC_FAILED
