"""From a place to a database on which statements of a program run, one at a time, under guard.

What a statement must not do is a refusal, which the gate counts; what it cannot do is a failure. A statement that gives
rows and must not change anything is stopped before it begins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, NoReturn

import apsw

from vigyc.effects.databases.beneath import CREATE, READ, WRITE, Folder, open_beneath
from vigyc.effects.databases.failure import failure_of
from vigyc.effects.databases.guard import Guard
from vigyc.effects.decision import Decision
from vigyc.effects.files.outside import Outside
from vigyc.effects.gate import Gate
from vigyc.effects.place import Place
from vigyc.effects.result import EffectFailed

Row = tuple[Any, ...]
Bound = tuple[Any, ...] | Mapping[str, Any]

_PAGE: Final = 4096  # bytes, as SQLite makes them
_NUMBER: Final = 8  # bytes that a number in a row counts for
_NOTHING_MORE: Final = re.compile(r"(?>[ \t\n\f\r;]|--[^\n]*|/\*(?>.*?\*/|.*))*", re.DOTALL)


class Database:
    """An open database; `kind` is the kind of effect it was opened as. Close it."""

    def __init__(self, gate: Gate, kind: str, connection: apsw.Connection, folder: Folder | None) -> None:
        self.kind = kind
        self.connection = connection
        self.transacts = False
        self._folder = folder
        self._guard = Guard(connection, gate.limits)

    @contextmanager
    def operation(self, gate: Gate, op: str) -> Iterator[None]:
        """Within operation `op`: it has the time of one, and what SQLite says becomes its failure or a refusal."""
        guard = self._guard
        guard.start(gate)
        if self.transacts and not self.connection.in_transaction:
            raise EffectFailed("rolled-back", f"{op}: the transaction was rolled back")
        try:
            yield
        except (apsw.Error, KeyError, UnicodeError) as error:
            self._fail(gate, op, error)
        except Outside as refused:
            raise gate.refuse(Decision(False, self.kind, "", refused.rule)) from refused

    def _fail(self, gate: Gate, op: str, error: Exception) -> NoReturn:
        guard = self._guard
        if guard.noted is not None:
            raise gate.refuse(Decision(False, self.kind, *guard.noted)) from error
        if guard.transacts:
            raise EffectFailed("transaction", f"{op}: transactions are made by sql-transaction") from error
        if guard.too_large:
            raise EffectFailed("too-large", f"{op}: it takes too much memory") from error
        raise failure_of(error, op) from error

    def rows(
        self, gate: Gate, op: str, statement: str, bound: Bound = (), *, changes: bool = False
    ) -> tuple[list[str], list[Row]]:
        """The names of the columns and the rows of one statement of a program. Raises EffectFailed, TickError."""
        with self.operation(gate, op):
            pages = self._make_room(gate) if changes else 0
            cursor = self.connection.cursor()
            names: list[str] = []
            cursor.exec_trace = _check(op, statement, changes, names)
            try:
                with self._guard.in_force(statement):
                    rows = _fetched(gate, op, cursor.execute(statement, bound))
            finally:
                cursor.close(True)
            if changes and gate.left("bytes") is not None:
                gate.charge("bytes", (self._pages() - pages) * _PAGE)
            return names, rows

    def own(self, gate: Gate, op: str, statement: str, bound: Bound = ()) -> list[Row]:
        """The rows of a statement of the runtime's own."""
        with self.operation(gate, op):
            return list(self.connection.execute(statement, bound))

    def known(self, gate: Gate, op: str, statement: str, bound: Bound) -> list[Row]:
        """The rows of a known statement that sets off what the file has in store: triggers, views, under guard."""
        with self.operation(gate, op), self._guard.in_force():
            return list(self.connection.execute(statement, bound))

    def settle(self, gate: Gate, op: str) -> None:
        """See that it is a database, and make it ready. Raises EffectFailed, TickError."""
        with self.operation(gate, op):
            self._guard.settle(self.connection, gate.limits)

    def _make_room(self, gate: Gate) -> int:
        """Let the file grow by what one call may write; how many pages it has now."""
        pages = self._pages()
        most = pages if self._folder is not None else 0
        self.connection.pragma("max_page_count", most + gate.most("bytes", gate.limits.write_bytes) // _PAGE)
        return pages

    def _pages(self) -> int:
        found: int = self.connection.pragma("page_count")
        return found

    def close(self) -> None:
        """Close it; what a transaction did that is under way is undone."""
        try:
            with suppress(apsw.Error):  # such as a lock tried on a file open for reading, which SQLite does without
                self.connection.close(True)
        finally:
            if self._folder is not None:
                self._folder.close()


def open_database(gate: Gate, kind: str, op: str, place: Place, *, create: bool, read_only: bool) -> Database:
    """The database at `place`, checked to be one. Raises EffectFailed, TickError `denied`."""
    if place.text.lower().startswith("file:") or place.text == ":memory:":
        raise gate.refuse(Decision(False, kind, place.text, "it is no path"))
    flags = READ if read_only else CREATE if create else WRITE
    try:
        connection, folder = open_beneath(place, flags)
    except Outside as refused:
        raise gate.refuse(Decision(False, kind, place.text, refused.rule)) from refused
    except (apsw.Error, UnicodeError) as error:
        raise failure_of(error, f"{op} {place.text}") from error
    return _checked(gate, kind, f"{op} {place.text}", connection, folder)


def open_in_memory(gate: Gate, kind: str, op: str) -> Database:
    """A database of its own that is in memory, of at most as many bytes as a call may write."""
    connection = apsw.Connection(":memory:", flags=CREATE, statementcachesize=0)
    return _checked(gate, kind, op, connection, None)


def _checked(gate: Gate, kind: str, op: str, connection: apsw.Connection, folder: Folder | None) -> Database:
    database = Database(gate, kind, connection, folder)
    try:
        database.settle(gate, op)
    except BaseException:
        database.close()
        raise
    return database


def _check(op: str, whole: str, changes: bool, names: list[str]) -> Callable[[apsw.Cursor, str, object], bool]:
    """What SQLite asks before a statement begins: that it is the only one of `whole`, and may do what it does.

    The names of its columns are put into `names`.
    """

    def trace(cursor: apsw.Cursor, statement: str, bound: object) -> bool:
        if not cursor.has_vdbe:
            if statement == whole:
                raise EffectFailed("sql-error", f"{op}: there is no statement")
            return True
        if not _NOTHING_MORE.fullmatch(whole, len(statement)):
            raise EffectFailed("sql-error", f"{op}: there is more than one statement")
        if not changes and not cursor.is_readonly:
            raise EffectFailed("not-read-only", f"{op}: the statement would change the database")
        names.extend(column[0] for column in cursor.get_description())
        for name in names:
            if names.count(name) > 1:
                raise EffectFailed("duplicate-column", f"{op}: two columns are called {name}; tell them apart with AS")
        return True

    return trace


def _fetched(gate: Gate, op: str, cursor: apsw.Cursor) -> list[Row]:
    """The rows, no more and no larger than one call may have; they are charged for."""
    most, room = gate.limits.rows, gate.most("bytes", gate.limits.read_bytes)
    size = 0
    rows: list[Row] = []
    for row in cursor:
        size += sum([len(value) if value.__class__ in {str, bytes} else _NUMBER for value in row])
        if len(rows) >= most or size > room:
            raise EffectFailed("too-large", f"{op}: more than {most} rows or {room} bytes; ask for fewer")
        rows.append(row)
    gate.charge("bytes", size)
    return rows
