"""From the records of ticks to rows, in one transaction: the hottest way through a store.

What can be refused because of its value alone is encoded, and refused, before the transaction begins. Inside it the
generations of all its vigies are read by one query; runs and standings are gathered and written by one statement each.
A tick whose values cannot be stored is stored as a failed run, and sinks nobody else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

import apsw

from vigyc.model.lease import Fence
from vigyc.model.notice import Notice
from vigyc.model.run import EMPTY_REPORT, OK, Run
from vigyc.runtime.store import stream
from vigyc.runtime.store.encoding import pack, plain_text, unstorable
from vigyc.runtime.store.generations import Generations
from vigyc.runtime.store.lease import check
from vigyc.runtime.store.outcomes import UNSTORABLE, aborted, refused, skipped
from vigyc.runtime.store.port import Committed, TickRecord
from vigyc.runtime.store.quota import KIND, Quota, Usage
from vigyc.runtime.store.run_rows import (
    RUN_COLUMNS,
    STANDING_COLUMNS,
    action_text,
    actions_text,
    report_text,
    state_text,
)  # fmt: skip
from vigyc.runtime.store.store_file import Transaction

_new = tuple.__new__  # a NamedTuple without its checks
_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1


class Encoded(NamedTuple):
    """A tick as it is written: `kv` are rows of `size` bytes; `state` is None when it is as before.

    `refused` says that nothing but the run, which is a failure, is stored.
    """

    record: TickRecord
    run: Run
    kv: list[tuple[str, str, Any]]
    size: int
    actions: str
    report: str
    state: str | None
    refused: bool = False


class OverQuota(Exception):
    """A value is larger than it may be."""


def encode(record: TickRecord, quota: Quota) -> Encoded:
    """A record as it is written; one that no store can hold becomes a failure that says why."""
    run = record.run
    try:
        kv, size = kv_rows(run.vigy_id, record.writes, quota)
        state = state_text(record.standing) if record.state_changed else None
        if run.error is not None:
            run = run._replace(error=plain_text(run.error))
        return _new(Encoded, (record, run, kv, size, actions_text(run.actions), report_text(run.report), state, False))
    except OverQuota as error:
        return _as_failure(record, KIND, str(error))
    except (ValueError, OverflowError, TypeError) as error:
        why = unstorable(record.writes, record.writes) or f"what the tick said cannot be stored: {error}"
        return _as_failure(record, UNSTORABLE, why)


def kv_rows(vigy_id: str, writes: Mapping[str, Any], quota: Quota) -> tuple[list[tuple[str, str, Any]], int]:
    """Rows of the table kv and how many bytes they are; raises OverQuota, ValueError, OverflowError, TypeError."""
    rows: list[tuple[str, str, Any]] = []
    total = 0
    for key, value in writes.items():
        stored, size, cls = value, 8, value.__class__
        if cls is str:
            size = len(value) if value.isascii() else len(value.encode())
        elif cls is int:
            if not _INT_MIN <= value <= _INT_MAX:
                raise OverflowError
        elif cls is not float:
            stored = pack(value)
            size = len(stored)
        if size > quota.value_bytes:
            raise OverQuota(quota.value_refused(key, size))
        total += size + (len(key) if key.isascii() else len(key.encode()))
        rows.append((vigy_id, key, stored))
    return rows, total


def _as_failure(record: TickRecord, kind: str, why: str) -> Encoded:
    run = refused(record.run, kind, why)
    return Encoded(record, run, [], 0, "[]", report_text(run.report), None, True)


def commit(
    transaction: Transaction, fence: Fence, ticks: Sequence[Encoded], usage: Usage, generations: Generations
) -> list[Committed]:
    """Store ticks; raises Fenced."""
    sql = transaction.sql
    check(sql, fence)
    if not ticks:
        return []
    batch = Batch(sql)
    current = generations.of(sql, [tick.run.vigy_id for tick in ticks])
    for tick in ticks:
        record = tick.record
        vigy_id, generation = tick.run.vigy_id, record.generation
        if vigy_id in batch.seen:
            batch.flush()
        if current.get(vigy_id) != generation:
            batch.skip(tick)
        elif tick.refused:
            batch.refuse(tick)
        elif (
            tick.kv and (why := usage.refuse(sql, vigy_id, generation, tick.kv, tick.size, record.deletes)) is not None
        ):
            batch.refuse(_as_failure(record, KIND, why))
        else:
            batch.keep(tick)
    batch.write()
    stream.prove_run(transaction, batch.committed[0].run)
    return batch.committed


def abort_open(transaction: Transaction, fence: Fence, at: int) -> list[Committed]:
    """End all open runs as aborted; raises Fenced."""
    sql = transaction.sql
    check(sql, fence)
    batch = Batch(sql)
    known = {vigy_id for (vigy_id,) in sql.execute("SELECT id FROM vigies")}
    for open_run in open_runs(sql):
        run = batch.abort(aborted(open_run, at))
        if run.vigy_id in known:
            batch.count(run, 0)
    batch.write()
    if batch.committed:
        stream.prove_run(transaction, batch.committed[0].run)
    return batch.committed


# -- runs that are open

_OPEN: Final = "id, vigy_id, started_at, trigger, due_at, missed, tick, version"
_BEGIN: Final = f"""INSERT OR REPLACE INTO open_runs ({_OPEN})
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE NOT EXISTS (SELECT 1 FROM runs WHERE id = ?1)"""


def begin_run(transaction: Transaction, fence: Fence, run: Run) -> None:
    """Store that a tick began, unless it has ended already; raises Fenced."""
    check(transaction.sql, fence)
    transaction.sql.execute(_BEGIN, (*run[:3], *run[8:13]))
    transaction.proof = "SELECT 1 FROM open_runs WHERE id = ?1 UNION SELECT 1 FROM runs WHERE id = ?1", (run.id,)


def open_runs(sql: apsw.Cursor, run_id: str | None = None) -> list[Run]:
    """Runs that have not ended, in the order they were stored; all, or the one with this id."""
    rows = sql.execute(f"SELECT {_OPEN} FROM open_runs WHERE ?1 IS NULL OR id = ?1 ORDER BY rowid", (run_id,))
    return [Run._make((*row[:3], None, OK, None, (), 0, *row[3:8], 0, None, EMPTY_REPORT)) for row in rows]


# -- a batch of rows

_KV: Final = "INSERT INTO kv VALUES (?, ?, ?) ON CONFLICT (scope, key) DO UPDATE SET value = excluded.value"
_KV_DELETE: Final = "DELETE FROM kv WHERE scope = ? AND key = ?"
_RUN: Final = f"INSERT INTO runs ({RUN_COLUMNS}) VALUES ({', '.join('?' * 16)})"
_COLUMNS: Final = STANDING_COLUMNS.split(", ")
_INSERT: Final = f"INSERT INTO vigy_state (vigy_id, {STANDING_COLUMNS}) VALUES ({', '.join('?' * 14)})"
_STANDING: Final = f"""{_INSERT} ON CONFLICT (vigy_id) DO UPDATE SET
{", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[:-1])}"""
_STATE: Final = f"{_STANDING}, state_json = excluded.state_json"
_COUNT: Final = f"""{_INSERT} ON CONFLICT (vigy_id) DO UPDATE SET
{", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[2:7])},
{", ".join(f"{column} = {column} + excluded.{column}" for column in _COLUMNS[7:12])}"""
_REPLY: Final = "UPDATE requests SET run_id = ? WHERE id = ? AND run_id IS NULL AND error IS NULL"
_OUTBOX: Final = "INSERT INTO outbox (seq, position, run_id, vigy_id, action_json, attempts) VALUES (?, ?, ?, ?, ?, 0)"


class Batch:
    """Ticks on their way into the tables; `committed` is what has come of them.

    What was gathered of a vigy in `seen` must be flushed before the vigy comes again.
    """

    def __init__(self, sql: apsw.Cursor) -> None:
        self.committed: list[Committed] = []
        self.seen: set[str] = set()
        self._sql = sql
        self._seq = stream.last_seq(sql)
        self._opened = {run_id for (run_id,) in sql.execute("SELECT id FROM open_runs")}
        self._runs: list[list[Any]] = []
        self._events: list[Notice] = []
        self._kv: list[tuple[str, str, Any]] = []
        self._gone: list[tuple[str, str]] = []
        self._states: list[tuple[Any, ...]] = []
        self._standings: list[tuple[Any, ...]] = []
        self._recordings: list[tuple[int, bytes]] = []

    def keep(self, tick: Encoded) -> None:
        """All of a tick."""
        record, run, kv, _, actions, report, state, _ = tick
        run = self._append(run, actions, report, record)
        vigy_id = run.vigy_id
        self.seen.add(vigy_id)
        self._kv += kv
        if record.deletes:
            self._gone += [(vigy_id, key) for key in record.deletes if plain_text(key) == key]
        standing = record.standing
        if standing.error is not None:
            standing = standing._replace(error=plain_text(standing.error))
        if state is None:
            self._standings.append((vigy_id, *standing[:12], "{}"))
        else:
            self._states.append((vigy_id, *standing[:12], state))
        if record.deliver and run.actions:
            self._deliver(run)
        if record.recording is not None:
            self._recordings.append((run.seq, record.recording))

    def refuse(self, tick: Encoded) -> None:
        """A tick whose values cannot be stored: the failure, and where the vigy stands after it."""
        self.count(self._append(tick.run, tick.actions, tick.report, tick.record), 1)

    def skip(self, tick: Encoded) -> None:
        """A tick that came too late: only that it was skipped."""
        self._append(skipped(tick.run), "[]", "{}", tick.record._replace(notices=()), superseded=True)

    def abort(self, run: Run) -> Run:
        """A run that was left open."""
        return self._append(run, "[]", "{}", None)

    def count(self, run: Run, failures: int) -> None:
        """Add a run that is no success to where its vigy stands."""
        row = (
            run.vigy_id, 0, None, run.id, run.started_at, run.ended_at, run.result, run.error, failures, 1, failures, 0,
            run.missed * failures, "{}",
        )  # fmt: skip
        self._sql.execute(_COUNT, row)

    def flush(self) -> None:
        """Write what was gathered of kv and standings."""
        sql = self._sql
        for statement, rows in (
            (_KV, self._kv), (_KV_DELETE, self._gone), (_STATE, self._states), (_STANDING, self._standings),
        ):  # fmt: skip
            if rows:
                sql.executemany(statement, rows)
                rows.clear()
        self.seen.clear()

    def write(self) -> None:
        """Write all that was gathered."""
        self.flush()
        self._sql.executemany(_RUN, self._runs)
        if self._recordings:
            self._sql.executemany("INSERT INTO recordings VALUES (?, ?)", self._recordings)
        if self._events:
            stream.write_events(self._sql, self._events)
        stream.set_last_seq(self._sql, self._seq)

    def _append(self, run: Run, actions: str, report: str, record: TickRecord | None, superseded: bool = False) -> Run:
        """Give a run and its notices their numbers."""
        seq = self._seq = self._seq + 1
        cells: list[Any] = [*run]
        cells[7] = seq
        run = _new(Run, cells)
        cells[6], cells[15] = actions, report
        self._runs.append(cells)
        told: tuple[Notice, ...] = (stream.told(run),)
        if record is not None:
            if record.notices:
                told += self._number(record.notices)
            if record.request is not None:
                self._sql.execute(_REPLY, (run.id, record.request))
        self.committed.append(_new(Committed, (run, told, superseded)))
        if self._opened and run.id in self._opened:
            self._sql.execute("DELETE FROM open_runs WHERE id = ?", (run.id,))
        return run

    def _number(self, notices: Sequence[Notice]) -> tuple[Notice, ...]:
        numbered = tuple([notice._replace(seq=self._seq + at) for at, notice in enumerate(notices, 1)])
        self._seq += len(numbered)
        self._events += numbered
        return numbered

    def _deliver(self, run: Run) -> None:
        waiting = [
            (run.seq, position, run.id, run.vigy_id, action_text(action))
            for position, action in enumerate(run.actions)
            if action.result is None
        ]
        self._sql.executemany(_OUTBOX, waiting)


def write_kv(sql: apsw.Cursor, vigy_id: str, rows: Sequence[tuple[str, str, Any]], deletes: Collection[str]) -> None:
    """Change a kv."""
    sql.executemany(_KV, rows)
    sql.executemany(_KV_DELETE, [(vigy_id, key) for key in deletes if plain_text(key) == key])
