"""From wishes to the rows of the queue: submitting, finding whose turn it is, leases, and what a deleted vigy leaves.

Whoever takes an issue looks first without holding up anybody who writes, and again in the transaction that takes it:
so no two workers have one issue, and a queue in which nothing is due costs no writing. What the looking walks over is
an index of the issues that wait, in their order. An issue whose row is damaged is passed over, and holds up nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Final

import apsw

from vigyc.lang.errors import Conflict, NotFound, StoreError
from vigyc.model.issue import BUSY, ENDED, STATES, Issue
from vigyc.runtime.store import epochs, stream
from vigyc.runtime.store.encoding import json_text
from vigyc.runtime.store.issue_rows import ISSUE_COLUMNS, issue_of, issue_row, salvaged
from vigyc.runtime.store.issue_steps import SET_BACK_MS, check_room, check_same_wish, orphaned, span, taken, told
from vigyc.runtime.store.port import Queue, QueueLimits
from vigyc.runtime.store.reading import page, readable
from vigyc.runtime.store.store_file import Transaction

OPEN: Final = tuple(state for state in STATES if state not in ENDED)

_SELECT: Final = f"SELECT {ISSUE_COLUMNS} FROM issues"
_ADD: Final = f"INSERT INTO issues ({ISSUE_COLUMNS}) VALUES ({', '.join('?' * 22)})"
_PUT: Final = f"UPDATE issues SET ({ISSUE_COLUMNS}) = ({', '.join('?' * 22)}) WHERE id = ?1"
_TAKE: Final = """UPDATE issues SET state = ?, updated_at = ?, revision = ?, attempts = ?, epoch = ?, leased_by = ?,
leased_until = ? WHERE id = ?"""
_KEEP: Final = """UPDATE issues SET leased_until = max(coalesce(leased_until, ?1), ?1)
WHERE id = ?2 AND epoch = ?3 AND state = 'leased' RETURNING leased_until"""
# The two conditions below are those of the indexes, word by word: so SQLite knows that it may use them.
_WAITING: Final = "state = 'pending' AND held = 0"
_BUSY: Final = f"state IN ({', '.join(repr(state) for state in STATES if state in BUSY)})"
_TURN: Final = f"""SELECT {ISSUE_COLUMNS} FROM issues AS mine INDEXED BY issues_waiting
WHERE {_WAITING} AND (due_at <= ?1 OR updated_at > ?1 + {SET_BACK_MS}) %s
AND vigy_id NOT IN (SELECT vigy_id FROM issues INDEXED BY issues_busy WHERE {_BUSY})
AND setting NOT IN (SELECT name FROM enhance_settings WHERE paused IS NOT NULL)
AND NOT EXISTS (
  SELECT 1 FROM issues AS other INDEXED BY issues_in_line WHERE {_WAITING} AND other.vigy_id = mine.vigy_id
  AND (other.submitted_at, other.id) < (mine.submitted_at, mine.id) %s)
ORDER BY submitted_at, id LIMIT 1"""
_ANY: Final = _TURN % ("", "")
_BUT: Final = "AND {}.id NOT IN (SELECT value FROM json_each(?2))"
_ANY_BUT: Final = _TURN % (_BUT.format("mine"), _BUT.format("other"))
_SAME_KEY: Final = f"{_SELECT} WHERE key = ? AND author IS ?"
_PENDING: Final = "SELECT count(*) FROM issues WHERE state = 'pending'"
_SUBMITTED: Final = "SELECT count(*) FROM issues WHERE author IS ? AND submitted_at BETWEEN ? AND ?"
_OLDEST: Final = "SELECT min(submitted_at) FROM issues WHERE state = 'pending'"
_OPEN_OF: Final = f"{_SELECT} WHERE vigy_id = ? AND state IN (SELECT value FROM json_each(?)) ORDER BY id"


def find(sql: apsw.Cursor, issue_id: str) -> Issue | None:
    """One issue; raises StoreError when its row is damaged."""
    row = sql.execute(f"{_SELECT} WHERE id = ?", (issue_id,)).fetchone()
    return None if row is None else issue_of(row)


def issues(
    sql: apsw.Cursor, states: Collection[str], vigy_id: str | None, before: str | None, limit: int
) -> tuple[list[Issue], list[str]]:
    """Issues, the newest first, and what could not be read."""
    where, values = "1", tuple[Any, ...]()
    if states:
        where, values = f"state IN ({', '.join('?' * len(states))})", tuple(states)
    if vigy_id is not None:
        where, values = f"{where} AND vigy_id = ?", (*values, vigy_id)

    def rows(below: str | None, most: int) -> list[Any]:
        bound, given = ("1", values) if below is None else ("id < ?", (*values, below))
        return sql.execute(f"{_SELECT} WHERE {where} AND {bound} ORDER BY id DESC LIMIT ?", (*given, most)).fetchall()

    return page(rows, issue_of, 0, before, limit)


def expired(sql: apsw.Cursor, at: int) -> tuple[list[Issue], list[str]]:
    """The leased issues whose lease ended before `at`, and what could not be read."""
    where = f"{_BUSY} AND state = 'leased' AND leased_until < ?"
    return readable(issue_of, sql.execute(f"{_SELECT} WHERE {where} ORDER BY id", (at,)))


def queue(sql: apsw.Cursor) -> Queue:
    """How many there are, by state."""
    counts: Iterable[Any] = sql.execute("SELECT state, count(*) FROM issues GROUP BY state")
    return Queue(dict(counts), sql.execute(_OLDEST).get)


def submit(transaction: Transaction, issue: Issue, limits: QueueLimits) -> tuple[Issue, bool]:
    """Store a new issue, or find the one of the same author and key; raises NotFound, Conflict, TooMany, Invalid."""
    sql = transaction.sql
    if issue.key is not None:
        row = sql.execute(_SAME_KEY, (issue.key, issue.author)).fetchone()
        if row is not None:
            check_same_wish(known := issue_of(row), issue)
            return known, False
    if sql.execute("SELECT 1 FROM vigies WHERE id = ?", (issue.vigy_id,)).get is None:
        raise NotFound(f"there is no vigy {issue.vigy_id}")
    if sql.execute("SELECT 1 FROM issues WHERE id = ?", (issue.id,)).get is not None:
        raise Conflict(f"issue {issue.id} is there already")
    submitted = sql.execute(_SUBMITTED, (issue.author, *span(issue, limits))).get
    check_room(issue, limits, sql.execute(_PENDING).get, submitted)
    return _store(transaction, _ADD, issue, None), True


def turn(sql: apsw.Cursor, at: int) -> tuple[Issue | None, list[str]]:
    """The oldest issue whose turn it is, and what would have been it and could not be read."""
    passed: list[str] = []
    damage: list[str] = []
    row = sql.execute(_ANY, (at,)).fetchone()
    while row is not None:
        try:
            return issue_of(row), damage
        except StoreError as error:
            passed.append(row[0])
            damage.append(str(error))
        row = sql.execute(_ANY_BUT, (at, json_text(passed))).fetchone()
    return None, damage


def take(transaction: Transaction, owner: str, epoch: str, at: int, until: int) -> Issue | None:
    """Lease the oldest issue whose turn it is, if there is one."""
    sql = transaction.sql
    before, _ = turn(sql, at)
    if before is None:
        return None
    after = taken(before, owner, epoch, at, until)
    (notice,) = stream.append(transaction, [told(after, before)])
    sql.execute(_TAKE, (after.state, at, notice.seq, after.attempts, epoch, owner, until, before.id))
    return after._replace(revision=notice.seq)


def keep(transaction: Transaction, issue_id: str, epoch: str, until: int) -> bool:
    """Lengthen a lease, never shorten it; False if it is no longer held."""
    held = transaction.sql.execute(_KEEP, (until, issue_id, epoch)).get is not None
    if held:
        transaction.proof = "SELECT 1 FROM issues WHERE id = ? AND leased_until >= ?", (issue_id, until)
    return held


def put(transaction: Transaction, after: Issue, before: Issue, label: str | None = None) -> Issue:
    """Store an issue that there is as it is from now on, and tell; as it was stored."""
    return _store(transaction, _PUT, after, before, label)


def cancel_open(transaction: Transaction, vigy_id: str, at: int) -> None:
    """End what is open of a vigy that is deleted, with the entries of the epochs under way."""
    sql = transaction.sql
    for row in sql.execute(_OPEN_OF, (vigy_id, json_text(list(OPEN)))).fetchall():
        before = salvaged(row)
        after, entry = orphaned(before, at)
        stored = put(transaction, after, before)
        if entry is not None and not epochs.has_entry(sql, entry.id):
            epochs.add(sql, entry._replace(seq=stored.revision))


def _store(
    transaction: Transaction, statement: str, issue: Issue, was: Issue | None, label: str | None = None
) -> Issue:
    (notice,) = stream.append(transaction, [told(issue, was, label)])
    stored = issue._replace(revision=notice.seq)
    transaction.sql.execute(statement, issue_row(stored))
    return stored
