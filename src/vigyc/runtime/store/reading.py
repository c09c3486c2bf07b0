"""From rows to nouns: the reading half of the store. A row that cannot be read is left out of a list and told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from json import dumps
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
_KV_BYTES: Final = "SELECT coalesce(sum(octet_length(key) + coalesce(octet_length(value), 0)), 0) FROM kv"


def vigies(sql: apsw.Cursor) -> tuple[list[Vigy], list[str]]:
    """All vigies in order, and what could not be read."""
    return readable(vigy_of, sql.execute(f"{VIGY_SELECT} ORDER BY vigies.created_at, vigies.id"))


def vigy(sql: apsw.Cursor, column: str, value: str) -> Vigy | None:
    """The vigy with this `id` or `name`; raises StoreError when its row is damaged."""
    row = sql.execute(f"{VIGY_SELECT} WHERE vigies.{column} = ?", (value,)).fetchone()
    return None if row is None else vigy_of(row)


def meant(sql: apsw.Cursor, refs: Collection[str]) -> list[Vigy]:
    """The vigies whose id or name is one of `refs`; raises StoreError when a row is damaged."""
    wanted = "(SELECT value FROM json_each(?1))"
    where = f"WHERE vigies.id IN {wanted} OR vigies.name IN {wanted}"
    return [vigy_of(row) for row in sql.execute(f"{VIGY_SELECT} {where}", (dumps(list(refs)),))]


def standing(sql: apsw.Cursor, vigy_id: str) -> Standing:
    """Where a vigy stands; raises StoreError when its row is damaged."""
    row = sql.execute(f"{_STANDINGS} WHERE vigy_id = ?", (vigy_id,)).fetchone()
    return Standing() if row is None else standing_of(vigy_id, row[1:])


def standings(sql: apsw.Cursor) -> tuple[dict[str, Standing], list[str]]:
    """Where all vigies stand, and what could not be read."""
    rows = sql.execute(f"{_STANDINGS} WHERE vigy_id IN (SELECT id FROM vigies)")
    found, damage = readable(lambda row: (row[0], standing_of(row[0], row[1:])), rows)
    return dict(found), damage


def standings_of(sql: apsw.Cursor, vigy_ids: Collection[str]) -> dict[str, Standing]:
    """Where these stand; raises StoreError when a row is damaged."""
    rows = sql.execute(f"{_STANDINGS} WHERE vigy_id IN (SELECT value FROM json_each(?))", (dumps(list(vigy_ids)),))
    return {**dict.fromkeys(vigy_ids, Standing()), **{row[0]: standing_of(row[0], row[1:]) for row in rows}}


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


def runs(
    sql: apsw.Cursor, vigy_id: str | None, before: int | None, limit: int, results: Collection[str] = ()
) -> list[Run]:
    """Runs, newest first."""
    where, values = _those(before, results)
    if vigy_id is not None:
        where, values = f"vigy_id = ? AND {where}", (vigy_id, *values)
    rows = sql.execute(f"SELECT {RUN_COLUMNS} FROM runs WHERE {where} ORDER BY seq DESC LIMIT ?", (*values, limit))
    return [run_of(row) for row in rows]


def runs_of(
    sql: apsw.Cursor, vigy_ids: Collection[str], before: int | None, limit: int, results: Collection[str]
) -> dict[str, list[Run]]:
    """The runs of each, newest first."""
    where, values = _those(before, results)
    newest = f"SELECT seq FROM runs WHERE vigy_id = wanted.value AND {where} ORDER BY seq DESC LIMIT ?"
    rows = sql.execute(
        f"SELECT {RUN_COLUMNS} FROM (SELECT value FROM json_each(?)) AS wanted JOIN runs ON runs.seq IN ({newest})",
        (dumps(list(vigy_ids)), *values, limit),
    )
    found: dict[str, list[Run]] = {vigy_id: [] for vigy_id in vigy_ids}
    for run in sorted(map(run_of, rows), key=lambda run: -run.seq):
        found[run.vigy_id].append(run)
    return found


def _those(before: int | None, results: Collection[str]) -> tuple[str, tuple[Any, ...]]:
    """The condition that is so for runs below `before` that ended as one of `results`, and its values."""
    where, values = "1", tuple[Any, ...]()
    if before is not None:
        where, values = f"{where} AND seq < ?", (*values, before)
    if results:
        where, values = f"{where} AND result IN ({', '.join('?' * len(results))})", (*values, *results)
    return where, values


def readable(read: Callable[[Any], _T], rows: Iterable[Any]) -> tuple[list[_T], list[str]]:
    """What `read` makes of rows, and what it raised StoreError for, a line each."""
    found, damage = [], []
    for row in rows:
        try:
            found.append(read(row))
        except StoreError as error:
            damage.append(str(error))
    return found, damage


def page(
    rows: Callable[[Any, int], list[Any]], read: Callable[[Any], _T], place: int, before: Any, limit: int
) -> tuple[list[_T], list[str]]:
    """The first `limit` that can be read, and what of those before them cannot.

    `rows(before, limit)` are rows in falling order of their column `place`, from below `before` on.
    """
    found: list[_T] = []
    damage: list[str] = []
    while len(found) < limit:
        most = limit - len(found)
        some = rows(before, most)
        well, badly = readable(read, some)
        found += well
        damage += badly
        if len(some) < most:
            break
        before = some[-1][place]
    return found, damage


def extent(sql: apsw.Cursor) -> tuple[int, int]:
    """The bytes of all kv, and the actions in the outbox."""
    kv_bytes = sql.execute(_KV_BYTES).get
    return int(kv_bytes), int(sql.execute("SELECT count(*) FROM outbox").get)
