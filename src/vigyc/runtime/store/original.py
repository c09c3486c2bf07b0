"""From a file of the original to what it holds, row by row: a row that cannot be read is told and left out.

The file is as the original's second and last migration made it: `vigies`, `vigy_runs`, `vigy_kv`, the ledger
`seaql_migrations`, and `vigy_events`, in which there never is anything. Nothing in it guards the rows, so every cell is
looked at. Ids are compared as they are written there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from heapq import nlargest
from typing import Any, Final, NamedTuple

import apsw

from vigyc.lang.errors import Invalid, StoreError
from vigyc.model.action import Action
from vigyc.model.run import FAILED, OK, SKIPPED, Run
from vigyc.runtime.json_value import from_json
from vigyc.runtime.store.run_rows import actions_of
from vigyc.runtime.store.schema import APPLICATION_ID
from vigyc.runtime.store.snapshot import has_table
from vigyc.runtime.store.stamps import stamp_ns

MIGRATIONS: Final = frozenset({"m20260520_000001_init", "m20260521_000002_vigy_kv"})
RESULTS: Final = (OK, FAILED, SKIPPED)

_VIGY: Final = ("id", "name", "program", "created_at", "updated_at", "labels_json")
_RUN: Final = ("id", "started_at", "ended_at", "result", "error", "actions_json")
_UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError, Invalid)


class OriginalVigy(NamedTuple):
    """A row of `vigies`; its texts are not looked at further, `interval` should be ms and `labels` an object."""

    id: str
    name: str
    program: str
    created_at: str
    updated_at: str
    labels: Any
    interval: Any
    enabled: bool


class OriginalRuns(NamedTuple):
    """The newest runs of a vigy with when they began (ns since 1970), oldest first; how many there are, and failed."""

    newest: list[tuple[int, Run]]
    total: int
    failed: int


class Original:
    """An open file of the original; `problems` is what was wrong with it as far as it was read."""

    def __init__(self, connection: apsw.Connection, name: str) -> None:
        if connection.pragma("application_id") == APPLICATION_ID:
            raise StoreError(f"{name} is a vigyc store already, not a file of the original")
        if not all(has_table(connection, table) for table in ("vigies", "vigy_runs", "seaql_migrations")):
            raise StoreError(f"{name} is an SQLite file, but not one of the original: it lacks its tables")
        self._connection = connection
        self._has_kv = has_table(connection, "vigy_kv")
        self.problems: list[str] = []
        for (version,) in connection.execute("SELECT version FROM seaql_migrations"):
            if version not in MIGRATIONS:
                self.problems.append(f"the file is newer than what is known of the original: migration {version!r}")

    def vigies(self) -> Iterator[OriginalVigy]:
        """The vigies in the order they were stored."""
        for row, interval, enabled, *cells in self._connection.execute(
            f"SELECT rowid, tick_interval_ms, enabled, {_cells(_VIGY)} FROM vigies ORDER BY rowid"
        ):
            try:
                own, name, program, created, updated, labels = map(_text, cells, _VIGY)
                parsed = _json(labels, "labels_json")
                yield OriginalVigy(own, name, program, created, updated, parsed, interval, bool(enabled))
            except _UNREADABLE as error:
                self.problems.append(f"vigy {_shown(cells[0], row)} is left out: {error}")

    def kv(self, vigy_id: str) -> dict[str, Any]:
        """What a vigy remembers."""
        found: dict[str, Any] = {}
        if self._has_kv:
            for key, value in self._connection.execute(
                f"SELECT {_cells(('key', 'value_json'))} FROM vigy_kv WHERE vigy_id = ? ORDER BY key", (vigy_id,)
            ):
                try:
                    found[_text(key, "key")] = from_json(_json(_text(value, "value_json"), "value_json"))
                except _UNREADABLE as error:
                    self.problems.append(f"key {_shown(key)} of vigy {vigy_id} is left out: {error}")
        return found

    def runs(self, vigy_id: str, keep: int) -> OriginalRuns:
        """The newest `keep` runs of a vigy by their time, which is not the order of their stamps as text."""
        rows = [(at, row) for at, row in nlargest(keep, self._stamps(vigy_id))]
        newest = []
        for at, row in reversed(rows):
            (cells,) = self._connection.execute(f"SELECT {_cells(_RUN)} FROM vigy_runs WHERE rowid = ?", (row,))
            try:
                newest.append((at, _run(vigy_id, at, cells)))
            except _UNREADABLE as error:
                self.problems.append(f"run {_shown(cells[0], row)} of vigy {vigy_id} is left out: {error}")
        ((total, failed),) = self._connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE result = 'failed') FROM vigy_runs WHERE vigy_id = ?", (vigy_id,)
        )
        return OriginalRuns(newest, total, failed)

    def strays(self) -> int:
        """How many runs and keys there are of vigies that are not there any more: the original leaves them behind."""
        tables = ("vigy_runs", "vigy_kv") if self._has_kv else ("vigy_runs",)
        counts = [
            self._connection.execute(f"SELECT count(*) FROM {table} WHERE vigy_id NOT IN (SELECT id FROM vigies)").get
            for table in tables
        ]
        return sum(counts)

    def _stamps(self, vigy_id: str) -> Iterator[tuple[int, int]]:
        for row, cell in self._connection.execute(
            f"SELECT rowid, {_cells(('started_at',))} FROM vigy_runs WHERE vigy_id = ?", (vigy_id,)
        ):
            try:
                yield stamp_ns(_text(cell, "started_at")), row
            except _UNREADABLE as error:
                self.problems.append(f"run {row} of vigy {vigy_id} is left out: {error}")


def _run(vigy_id: str, at: int, cells: Any) -> Run:
    ended_text = None if cells[2] is None else _text(cells[2], "ended_at")
    ended = None if ended_text is None else max(stamp_ns(ended_text), at)
    result = _text(cells[3], "result")
    if result not in RESULTS:
        raise ValueError(f"its result is {result!r}")
    return Run(
        _text(cells[0], "id"),
        vigy_id,
        at // 1_000_000,
        None if ended is None else ended // 1_000_000,
        result,
        None if cells[4] is None else _text(cells[4], "error"),
        tuple(_checked(action) for action in actions_of(_text(cells[5], "actions_json"))),
        duration_us=0 if ended is None else (ended - at) // 1000,
    )


def _checked(action: Action) -> Action:
    known = (
        isinstance(action.kind, str) and action.result in {*RESULTS, None} and isinstance(action.message, str | None)
    )
    if not known:
        raise ValueError(f"an action is none: {action.to_json()!r}")
    return action


def _cells(columns: tuple[str, ...]) -> str:
    """Texts as bytes: what is not UTF-8 is the row's fault, not the end of reading."""
    return ", ".join(f"CAST({column} AS BLOB)" for column in columns)


def _text(cell: bytes | None, column: str) -> str:
    if cell is None:
        raise ValueError(f"{column} is NULL")
    try:
        return cell.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"{column} is not UTF-8 (byte {error.start})") from None


def _json(text: str, column: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{column} is not JSON: {error}") from None


def _shown(cell: bytes | None, row: int | None = None) -> str:
    return f"in row {row}" if cell is None else repr(cell.decode("utf-8", "replace"))
