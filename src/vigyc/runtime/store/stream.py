"""From what happened to its place in the stream: one dense counter, and the rows of what is not a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from json import loads
from typing import Any, Final

import apsw

from vigyc.model.notice import RUN, Notice
from vigyc.model.run import Run
from vigyc.runtime.store.encoding import json_text, plain_text
from vigyc.runtime.store.run_rows import RUN_COLUMNS, run_of
from vigyc.runtime.store.store_file import Transaction
from vigyc.runtime.store.tables import REGISTRY_KINDS

_new = tuple.__new__  # a NamedTuple by the short way, for what every run makes

_EVENT: Final = "seq, at, kind, vigy_id, run_id, message, data_json"
_RUN_PROOF: Final = "SELECT 1 FROM runs WHERE seq = ? AND id = ?"
_EVENT_PROOF: Final = "SELECT 1 FROM events WHERE seq = ? AND kind = ? AND at = ? AND vigy_id IS ?"
_APPEND: Final = f"INSERT INTO events ({_EVENT}) VALUES (?, ?, ?, ?, ?, ?, ?)"
_CHANGES: Final = f"""SELECT {_EVENT} FROM events INDEXED BY events_of_registry
WHERE kind IN {REGISTRY_KINDS} AND seq > ? ORDER BY seq"""


def last_seq(sql: apsw.Cursor) -> int:
    """The newest number."""
    return int(sql.execute("SELECT value FROM counters WHERE name = 'seq'").get)


def first_seq(sql: apsw.Cursor) -> int:
    """The oldest number that is kept; one past the newest if none is."""
    ((run, event),) = sql.execute("SELECT (SELECT min(seq) FROM runs), (SELECT min(seq) FROM events)")
    kept = [seq for seq in (run, event) if seq is not None]
    return min(kept) if kept else last_seq(sql) + 1


def set_last_seq(sql: apsw.Cursor, seq: int) -> None:
    """Numbers up to `seq` are given."""
    sql.execute("UPDATE counters SET value = ? WHERE name = 'seq'", (seq,))


def append(transaction: Transaction, notices: Sequence[Notice]) -> list[Notice]:
    """Give `notices` their numbers and store them."""
    if not notices:
        return []
    sql = transaction.sql
    seq = last_seq(sql)
    numbered = [notice._replace(seq=seq + at) for at, notice in enumerate(notices, 1)]
    write_events(sql, numbered)
    set_last_seq(sql, numbered[-1].seq)
    first = numbered[0]
    transaction.proof = _EVENT_PROOF, (first.seq, first.kind, first.at, first.vigy_id)
    return numbered


def write_events(sql: apsw.Cursor, notices: Iterable[Notice]) -> None:
    """Store notices that have their numbers and are not runs."""
    rows = []
    for seq, at, kind, vigy_id, run_id, message, data, _ in notices:
        rows.append((seq, at, kind, vigy_id, run_id, plain_text(message), None if data is None else json_text(data)))
    sql.executemany(_APPEND, rows)


def prove_run(transaction: Transaction, run: Run) -> None:
    """The transaction is done if `run` is stored."""
    transaction.proof = _RUN_PROOF, (run.seq, run.id)


def told(run: Run) -> Notice:
    """A run as an entry of the stream."""
    run_id, vigy_id, started_at, ended_at = run[:4]
    return _new(Notice, (run[7], started_at if ended_at is None else ended_at, RUN, vigy_id, run_id, None, None, run))


def notices(sql: apsw.Cursor, after: int, limit: int, vigy_id: str | None) -> list[Notice]:
    """The stream after a number, of one vigy or of all."""
    of_vigy, values = ("", ()) if vigy_id is None else (" AND vigy_id = ?", (vigy_id,))
    where = f"WHERE seq > ?{of_vigy} ORDER BY seq LIMIT ?"
    bounds: tuple[Any, ...] = (after, *values, limit)
    found = [_event_of(row) for row in sql.execute(f"SELECT {_EVENT} FROM events {where}", bounds)]
    found += [told(run_of(row)) for row in sql.execute(f"SELECT {RUN_COLUMNS} FROM runs {where}", bounds)]
    found.sort(key=lambda notice: notice.seq)
    return found[:limit]


def newest(sql: apsw.Cursor, kind: str, vigy_id: str | None, before: int | None, limit: int) -> list[Notice]:
    """The entries of `kind`, which is not that of runs, newest first."""
    of_vigy, values = ("", ()) if vigy_id is None else (" AND vigy_id = ?", (vigy_id,))
    where = f"WHERE kind = ? AND seq < ?{of_vigy} ORDER BY seq DESC LIMIT ?"
    bounds: tuple[Any, ...] = (kind, 2**63 - 1 if before is None else before, *values, limit)
    return [_event_of(row) for row in sql.execute(f"SELECT {_EVENT} FROM events {where}", bounds)]


def changes(sql: apsw.Cursor, after: int) -> list[Notice]:
    """The notices of the registry's kinds after a number."""
    return [_event_of(row) for row in sql.execute(_CHANGES, (after,))]


def _event_of(row: Any) -> Notice:
    seq, at, kind, vigy_id, run_id, message, data = row
    try:
        return Notice(seq, at, kind, vigy_id, run_id, message, None if data is None else loads(data))
    except (ValueError, TypeError, RecursionError) as error:
        damaged = f"the data of this entry are damaged ({error}); it said: {message}"
        return Notice(seq, at, kind, vigy_id, run_id, damaged)
