"""From vigies to their rows, and every change of them.

Each change raises the generation, which is the number of the notice that tells of it: so not even a vigy that was
deleted and registered again has one twice.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

import apsw

from vigyc.lang.errors import Conflict, Invalid, NotFound
from vigyc.model.label import bumped, bumped_of
from vigyc.model.notice import DELETED, KV_EDITED, REGISTERED, Notice
from vigyc.model.vigy import Version, Vigy
from vigyc.runtime.store import issues, stream
from vigyc.runtime.store.encoding import unstorable
from vigyc.runtime.store.generations import raised
from vigyc.runtime.store.port import Edition
from vigyc.runtime.store.quota import Usage
from vigyc.runtime.store.reading import readable
from vigyc.runtime.store.store_file import Transaction
from vigyc.runtime.store.ticks import OverQuota, kv_rows, write_kv
from vigyc.runtime.store.vigy_rows import VERSION_SELECT, VIGY_SELECT, modules_text, row_of, version_of, vigy_of

_PUT: Final = "INSERT OR REPLACE INTO vigies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_PROGRAM: Final = "INSERT OR IGNORE INTO programs VALUES (?, ?)"
_VERSION: Final = f"INSERT INTO versions VALUES ({', '.join('?' * 12)})"
_NEWEST: Final = "SELECT number, label FROM versions WHERE vigy_id = ? ORDER BY number DESC LIMIT 1"
_LABELS: Final = "SELECT label FROM versions WHERE vigy_id = ?"
_LABELLED: Final = "SELECT 1 FROM versions WHERE vigy_id = ? AND label = ?"
_ORPHANS: Final = """DELETE FROM programs WHERE digest IN (SELECT value FROM json_each(?))
AND digest NOT IN (SELECT digest FROM versions)"""
_PURGED: Final = (
    "DELETE FROM kv WHERE scope = ?",
    "DELETE FROM vigy_state WHERE vigy_id = ?",
    "DELETE FROM runs WHERE vigy_id = ?",
    "DELETE FROM open_runs WHERE vigy_id = ?",
    "DELETE FROM outbox WHERE vigy_id = ?",
    "DELETE FROM requests WHERE vigy_id = ?",
)


def find(sql: apsw.Cursor, vigy_id: str) -> Vigy:
    """One vigy; raises NotFound, StoreError when its row is damaged."""
    row = sql.execute(f"{VIGY_SELECT} WHERE vigies.id = ?", (vigy_id,)).fetchone()
    if row is None:
        raise NotFound(f"there is no vigy {vigy_id}")
    return vigy_of(row)


def versions(sql: apsw.Cursor, vigy_id: str) -> tuple[list[Version], list[str]]:
    """The editions of a vigy's program, newest first, and what could not be read."""
    return readable(version_of, sql.execute(f"{VERSION_SELECT} WHERE vigy_id = ? ORDER BY number DESC", (vigy_id,)))


def version(sql: apsw.Cursor, vigy_id: str, number: int) -> Version | None:
    """One edition; raises StoreError when it is damaged."""
    row = sql.execute(f"{VERSION_SELECT} WHERE vigy_id = ? AND number = ?", (vigy_id, number)).fetchone()
    return None if row is None else version_of(row)


def label(sql: apsw.Cursor, vigy: Vigy) -> str:
    """The label of the version that `vigy` is of."""
    return str(sql.execute("SELECT label FROM versions WHERE vigy_id = ? AND number = ?", (vigy.id, vigy.version)).get)


def create(transaction: Transaction, vigy: Vigy, edition: Edition) -> Vigy:
    """Store a new vigy and its version 1; raises Conflict.

    One that comes back has its data again, but its program begins anew; its labels go on from where they were.
    """
    sql = transaction.sql
    if sql.execute("SELECT 1 FROM vigies WHERE id = ?", (vigy.id,)).get is not None:
        raise Conflict(f"vigy {vigy.id} is there already")
    _check_name(sql, vigy)
    place = _next(sql, vigy.id, edition.bump)
    _drop_versions(sql, vigy.id)
    _add_version(sql, vigy, edition, place, None)
    return _put(transaction, vigy, REGISTERED, vigy.created_at)


def change(transaction: Transaction, before: Vigy, after: Vigy, kind: str, edition: Edition) -> Vigy:
    """Replace `before` by `after`; raises Conflict, NotFound."""
    sql = transaction.sql
    known = sql.execute("SELECT generation FROM vigies WHERE id = ?", (before.id,)).get
    if known is None:
        raise NotFound(f"there is no vigy {before.id}")
    if known != before.generation:
        raise Conflict(f"vigy {before.name} was changed meanwhile; look again and repeat")
    _check_name(sql, after)
    if (after.program, after.modules) != (before.program, before.modules):
        place = _next(sql, after.id, edition.bump)
        after = after._replace(version=place.number)
        _add_version(sql, after, edition, place, before.version)
    return _put(transaction, after, kind, after.updated_at)


def remove(transaction: Transaction, vigy: Vigy, at: int, *, keep_data: bool) -> None:
    """Delete a vigy; raises NotFound. What it told stays in the stream, but for its runs."""
    sql = transaction.sql
    name = sql.execute("DELETE FROM vigies WHERE id = ? RETURNING name", (vigy.id,)).get
    if name is None:
        raise NotFound(f"there is no vigy {vigy.id}")
    if not keep_data:
        issues.cancel_open(transaction, vigy.id, at)
        for statement in _PURGED:
            sql.execute(statement, (vigy.id,))
        _drop_versions(sql, vigy.id)
    (notice,) = stream.append(transaction, [Notice(0, at, DELETED, vigy.id, message=name)])
    raised(sql, notice.seq)


def edit_kv(
    transaction: Transaction, vigy_id: str, writes: Mapping[str, Any], deletes: Collection[str], at: int, usage: Usage
) -> Vigy:
    """Change a kv from outside; raises NotFound, Invalid."""
    sql = transaction.sql
    vigy = find(sql, vigy_id)
    try:
        rows, size = kv_rows(vigy_id, writes, usage.quota)
    except OverQuota as error:
        raise Invalid(str(error)) from error
    except (ValueError, OverflowError, TypeError) as error:
        raise Invalid(unstorable(writes, writes) or str(error)) from error
    if rows and (why := usage.refuse(sql, vigy_id, vigy.generation, rows, size, deletes)) is not None:
        raise Invalid(why)
    write_kv(sql, vigy_id, rows, deletes)
    return _put(transaction, vigy, KV_EDITED, at)


def _check_name(sql: apsw.Cursor, vigy: Vigy) -> None:
    taken = sql.execute("SELECT id FROM vigies WHERE name = ? AND id <> ?", (vigy.name, vigy.id)).get
    if taken is not None:
        raise Conflict(f"the name {vigy.name!r} is taken by vigy {taken}")


class _Place(NamedTuple):
    """Where a new version comes: its number and label, and what raised that (None for the first)."""

    number: int
    label: str
    bump: str | None


def _next(sql: apsw.Cursor, vigy_id: str, bump: str) -> _Place:
    """The place after the newest version that is kept. Raises Invalid for what is no bump.

    Where its label is none, or the next is taken, somebody has changed the file: the next goes above all others.
    """
    newest = sql.execute(_NEWEST, (vigy_id,)).fetchone()
    if newest is None:
        return _Place(1, bumped(None, bump), None)
    number, label = newest
    try:
        found = bumped(label, bump)
    except Invalid:
        found = label
    if sql.execute(_LABELLED, (vigy_id, found)).get is not None:
        found = bumped_of([each for (each,) in sql.execute(_LABELS, (vigy_id,))], bump)
    return _Place(number + 1, found, bump)


def _add_version(sql: apsw.Cursor, vigy: Vigy, edition: Edition, place: _Place, parent: int | None) -> None:
    """Keep the program of `vigy`, made from version `parent`, with the label of `place`."""
    author, note, _, content, epoch = edition
    sql.execute(_PROGRAM, (vigy.digest, vigy.program))
    text = vigy.id, vigy.version, vigy.digest, modules_text(vigy.modules), vigy.updated_at, author, note
    sql.execute(_VERSION, (*text, place.label, place.bump, parent, content, epoch))


def _drop_versions(sql: apsw.Cursor, vigy_id: str) -> None:
    digests = sql.execute("SELECT json_group_array(digest) FROM versions WHERE vigy_id = ?", (vigy_id,)).get
    sql.execute("DELETE FROM versions WHERE vigy_id = ?", (vigy_id,))
    sql.execute(_ORPHANS, (digests,))


def _put(transaction: Transaction, vigy: Vigy, kind: str, at: int) -> Vigy:
    """Store a vigy as it is from now on, and tell."""
    (notice,) = stream.append(transaction, [Notice(0, at, kind, vigy.id, message=vigy.name)])
    stored = vigy._replace(generation=notice.seq)
    transaction.sql.execute(_PUT, row_of(stored))
    raised(transaction.sql, stored.generation)
    return stored
