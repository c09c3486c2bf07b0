"""From how much of the past is to be kept to the rows that go, a few at a time.

What is to go is looked up in one reading, without holding up who writes, and then deleted in short transactions, one a
call. The lookup counts runs by an index of nothing but vigies and sequence numbers, and looks further only into vigies
that have too many, or whose oldest run is too old.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

import apsw

from vigyc.model.lease import Fence
from vigyc.runtime.store.lease import check
from vigyc.runtime.store.store_file import StoreFile

AT_ONCE: Final = 500  # rows a transaction
_AHEAD: Final = 20_000  # rows of one lookup

_FULL: Final = """SELECT held.vigy_id, held.count, held.newest FROM (
  SELECT vigy_id, count(*) AS count, min(seq) AS oldest, max(seq) AS newest FROM runs GROUP BY vigy_id
) AS held JOIN runs ON runs.seq = held.oldest
WHERE held.count > 1 AND (held.count > ?1 OR runs.started_at < ?2)"""
_OLDEST: Final = """SELECT seq, started_at, seq IN (SELECT seq FROM outbox) FROM runs
WHERE vigy_id = ? AND seq < ? ORDER BY seq"""
_SPARE: Final = "SELECT seq FROM events ORDER BY seq DESC LIMIT 1 OFFSET ?"
_EVENTS: Final = "SELECT seq FROM events WHERE seq <= ? OR at < ? ORDER BY seq LIMIT ?"


class Retention:
    """What is known to be too old, and not deleted yet."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file
        self._runs: deque[int] = deque()
        self._events: deque[int] = deque()
        self._limits: tuple[int, ...] = (0, 0, 0)

    def prune(self, fence: Fence, runs_per_vigy: int, events: int, older_than: int) -> int:
        """Delete some of what is not to be kept; how many rows went. Raises Fenced."""
        self._limit(-runs_per_vigy, -events, older_than)
        if not self._runs and not self._events:
            with self._file.reading() as sql:
                self._runs.extend(islice(_runs_to_go(sql, runs_per_vigy, older_than), _AHEAD))
                self._events.extend(_events_to_go(sql, events, older_than))
        table, doomed = ("runs", self._runs) if self._runs else ("events", self._events)
        gone = list(islice(doomed, AT_ONCE))
        with self._file.writing() as transaction:
            check(transaction.sql, fence)
            if gone:
                transaction.sql.executemany(f"DELETE FROM {table} WHERE seq = ?", [(seq,) for seq in gone])
                transaction.proof = f"SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE seq = ?)", (gone[0],)
        for _ in gone:
            doomed.popleft()
        return len(gone)

    def _limit(self, *limits: int) -> None:
        """Look anew if something is to be kept now that was not when it was looked up."""
        if any(now < before for now, before in zip(limits, self._limits, strict=True)):
            self._runs.clear()
            self._events.clear()
        self._limits = limits


def _runs_to_go(sql: apsw.Cursor, keep: int, older_than: int) -> Iterator[int]:
    """Runs beyond the newest `keep` of their vigy or older; never the last of a vigy, or one in the outbox."""
    found: list[Any] = sql.execute(_FULL, (keep, older_than)).fetchall()
    for vigy_id, count, newest in found:
        rows: Iterable[Any] = sql.connection.execute(_OLDEST, (vigy_id, newest))
        for at, (seq, started_at, waits) in enumerate(rows):
            if at >= count - keep and started_at >= older_than:
                break
            if not waits:
                yield seq


def _events_to_go(sql: apsw.Cursor, keep: int, older_than: int) -> list[int]:
    spare = sql.execute(_SPARE, (keep,)).get
    return [seq for (seq,) in sql.execute(_EVENTS, (-1 if spare is None else spare, older_than, _AHEAD))]
