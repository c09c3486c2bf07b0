"""From the end of an epoch to its entry in the log, and from the log to the newest entries; none is ever changed."""

from __future__ import annotations

from typing import Any, Final

import apsw

from vigyc.lang.errors import Conflict
from vigyc.model.epoch import Epoch
from vigyc.runtime.store.issue_rows import EPOCH_COLUMNS, epoch_of, epoch_row
from vigyc.runtime.store.reading import page

_ADD: Final = f"INSERT INTO epochs ({EPOCH_COLUMNS}) VALUES ({', '.join('?' * 26)})"
_SELECT: Final = f"SELECT {EPOCH_COLUMNS} FROM epochs"


def add(sql: apsw.Cursor, entry: Epoch) -> Epoch:
    """Store an entry that has its number; raises Conflict if its epoch has one."""
    if has_entry(sql, entry.id):
        raise Conflict(f"epoch {entry.id} has its entry in the log already")
    sql.execute(_ADD, epoch_row(entry))
    return entry


def has_entry(sql: apsw.Cursor, epoch_id: str) -> bool:
    """Whether an epoch has ended."""
    return sql.execute("SELECT 1 FROM epochs WHERE id = ?", (epoch_id,)).get is not None


def epoch(sql: apsw.Cursor, epoch_id: str) -> Epoch | None:
    """The entry of one epoch; raises StoreError when its row is damaged."""
    row = sql.execute(f"{_SELECT} WHERE id = ?", (epoch_id,)).fetchone()
    return None if row is None else epoch_of(row)


def epochs(
    sql: apsw.Cursor, issue_id: str | None, vigy_id: str | None, before: int | None, limit: int
) -> tuple[list[Epoch], list[str]]:
    """Entries, newest first, and what could not be read."""
    where, values = "1", tuple[Any, ...]()
    of_vigy = "vigy_id = ?" if issue_id is None else "+vigy_id = ?"  # those of one issue are the fewer
    for column, value in (("issue_id = ?", issue_id), (of_vigy, vigy_id)):
        if value is not None:
            where, values = f"{where} AND {column}", (*values, value)

    def rows(below: int | None, most: int) -> list[Any]:
        bound, given = ("1", values) if below is None else ("seq < ?", (*values, below))
        return sql.execute(f"{_SELECT} WHERE {where} AND {bound} ORDER BY seq DESC LIMIT ?", (*given, most)).fetchall()

    return page(rows, epoch_of, -1, before, limit)
