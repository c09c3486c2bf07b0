"""From rows to nouns: the reading half of the store. A row that cannot be read is left out of a list and told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import apsw

from vigyc.lang.errors import StoreError
from vigyc.model.run import Run
from vigyc.model.standing import Standing
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.encoding import unpack
from vigyc.runtime.store.run_rows import RUN_COLUMNS, STANDING_COLUMNS, run_of, standing_of
from vigyc.runtime.store.ticks import open_runs
from vigyc.runtime.store.vigy_rows import VIGY_SELECT, vigy_of

_T = TypeVar("_T")
_STANDINGS: Final = f"SELECT vigy_id, {STANDING_COLUMNS} FROM vigy_state"


def vigies(sql: apsw.Cursor) -> tuple[list[Vigy], list[str]]:
    """All vigies in order, and what could not be read."""
    return _readable(vigy_of, sql.execute(f"{VIGY_SELECT} ORDER BY vigies.created_at, vigies.id"))


def vigy(sql: apsw.Cursor, column: str, value: str) -> Vigy | None:
    """The vigy with this `id` or `name`; raises StoreError when its row is damaged."""
    row = sql.execute(f"{VIGY_SELECT} WHERE vigies.{column} = ?", (value,)).fetchone()
    return None if row is None else vigy_of(row)


def standing(sql: apsw.Cursor, vigy_id: str) -> Standing:
    """Where a vigy stands; raises StoreError when its row is damaged."""
    row = sql.execute(f"{_STANDINGS} WHERE vigy_id = ?", (vigy_id,)).fetchone()
    return Standing() if row is None else standing_of(vigy_id, row[1:])


def standings(sql: apsw.Cursor) -> tuple[dict[str, Standing], list[str]]:
    """Where all vigies stand, and what could not be read."""
    rows = sql.execute(f"{_STANDINGS} WHERE vigy_id IN (SELECT id FROM vigies)")
    found, damage = _readable(lambda row: (row[0], standing_of(row[0], row[1:])), rows)
    return dict(found), damage


def kv(sql: apsw.Cursor, vigy_id: str) -> dict[str, Any]:
    """A vigy's kv; raises StoreError when a value is damaged."""
    rows: Iterable[Any] = sql.execute("SELECT key, value FROM kv WHERE scope = ?", (vigy_id,))
    try:
        return {key: v if v.__class__ is not bytes else unpack(v) for key, v in rows}
    except (ValueError, TypeError) as error:
        raise StoreError(f"cannot read the kv of vigy {vigy_id}: the value of a key is damaged ({error})") from error


def run(sql: apsw.Cursor, run_id: str) -> Run | None:
    """One run, be it open."""
    row = sql.execute(f"SELECT {RUN_COLUMNS} FROM runs WHERE id = ?", (run_id,)).fetchone()
    if row is not None:
        return run_of(row)
    return next(iter(open_runs(sql, run_id)), None)


def recording(sql: apsw.Cursor, run_id: str) -> bytes | None:
    """What was kept of a run to run it again."""
    found = "SELECT data FROM recordings WHERE seq = (SELECT seq FROM runs WHERE id = ?)"
    row = sql.execute(found, (run_id,)).fetchone()
    return None if row is None else bytes(row[0])


def runs(sql: apsw.Cursor, vigy_id: str | None, before: int | None, limit: int) -> list[Run]:
    """Runs, newest first."""
    conditions = [("vigy_id = ?", vigy_id), ("seq < ?", before)]
    asked = [(condition, value) for condition, value in conditions if value is not None]
    where = " AND ".join([condition for condition, _ in asked]) or "1"
    values = [value for _, value in asked]
    rows = sql.execute(f"SELECT {RUN_COLUMNS} FROM runs WHERE {where} ORDER BY seq DESC LIMIT ?", (*values, limit))
    return [run_of(row) for row in rows]


def _readable(read: Callable[[Any], _T], rows: Iterable[Any]) -> tuple[list[_T], list[str]]:
    found, damage = [], []
    for row in rows:
        try:
            found.append(read(row))
        except StoreError as error:
            damage.append(str(error))
    return found, damage
