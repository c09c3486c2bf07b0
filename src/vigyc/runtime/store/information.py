"""From the file of a store to what there is to know about it at a glance, without changing anything."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import apsw

from vigyc.runtime.store.migrations import pending, version_of
from vigyc.runtime.store.owner import Owner, owner_of
from vigyc.runtime.store.snapshot import check_store, has_table, snapshot


class Counts(NamedTuple):
    """How many of each there are; `oldest_run` and `newest_run` are when they began, in ms since 1970."""

    vigies: int = 0
    enabled: int = 0
    runs: int = 0
    events: int = 0
    kv_keys: int = 0
    oldest_run: int | None = None
    newest_run: int | None = None


class Information(NamedTuple):
    """A store. Sizes are in bytes; `free_pages` are pages of the file that hold nothing.

    `pending` are the names of the migrations it has not taken; `owner` is the runtime that ticks it, or did.
    """

    path: str
    size: int
    wal_size: int
    page_size: int
    pages: int
    free_pages: int
    version: int
    pending: tuple[str, ...]
    application_id: int
    journal_mode: str
    counts: Counts
    owner: Owner | None


def information(path: str | os.PathLike[str], now: int) -> Information:
    """What there is to know about the store at `path`, at `now`. Raises NotFound, StoreError."""
    name = os.fspath(path)
    check_store(name)
    log = Path(name + "-wal")
    wal_size = log.stat().st_size if log.is_file() else 0
    with snapshot(name) as connection:
        return Information(
            name,
            Path(name).stat().st_size,
            wal_size,
            int(connection.pragma("page_size")),
            int(connection.pragma("page_count")),
            int(connection.pragma("freelist_count")),
            version_of(connection),
            tuple(step.name for step in pending(connection)),
            int(connection.pragma("application_id")),
            str(connection.pragma("journal_mode")),
            _counts(connection),
            owner_of(connection, now),
        )


def _counts(connection: apsw.Connection) -> Counts:
    kv_keys = connection.execute("SELECT count(*) FROM kv").get if has_table(connection, "kv") else 0
    if not has_table(connection, "runs"):
        return Counts(kv_keys=kv_keys)
    row: Any = connection.execute(
        """SELECT (SELECT count(*) FROM vigies), (SELECT count(*) FROM vigies WHERE enabled),
          (SELECT count(*) FROM runs), (SELECT count(*) FROM events), ?,
          (SELECT started_at FROM runs ORDER BY seq LIMIT 1),
          (SELECT started_at FROM runs ORDER BY seq DESC LIMIT 1)""",
        (kv_keys,),
    ).fetchone()
    return Counts(*row)
