"""From an older file to today's tables: numbered steps, each in a transaction of its own.

A file says in its header how far it is (`user_version`), and tells in the table `migrations` when each step was taken.
Whoever opens it takes the steps that are missing; a process that dies between two steps leaves the rest to the next.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import apsw

from vigyc.runtime.store.schema import KV
from vigyc.runtime.store.tables import ENHANCE, RECORDINGS, RUNTIME


class Step(NamedTuple):
    """One step: `sql` makes a file of version `number - 1` one of version `number`."""

    number: int
    name: str
    sql: str


STEPS: Final = (
    Step(1, "kv", KV),
    Step(2, "runtime", RUNTIME),
    Step(3, "recordings", RECORDINGS),
    Step(4, "enhance", ENHANCE),
)
VERSION: Final = STEPS[-1].number

_LEDGER_SINCE = 2
_RECORD = "INSERT INTO migrations VALUES (?, ?, CAST(unixepoch('subsec') * 1000 AS INTEGER))"


def version_of(connection: apsw.Connection) -> int:
    """How far the file is."""
    return int(connection.pragma("user_version"))


def pending(connection: apsw.Connection) -> tuple[Step, ...]:
    """The steps that the file has not taken."""
    done = version_of(connection)
    return tuple(step for step in STEPS if step.number > done)


def migrate(connection: apsw.Connection) -> None:
    """Take the steps that are missing; raises apsw.Error, with the steps before kept."""
    for step in pending(connection):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if version_of(connection) < step.number:  # another process may have taken it meanwhile
                _take(connection, step)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _take(connection: apsw.Connection, step: Step) -> None:
    connection.execute(step.sql)
    connection.execute(f"PRAGMA user_version = {step.number}")
    if step.number >= _LEDGER_SINCE:
        connection.execute(_RECORD, (step.number, step.name))
