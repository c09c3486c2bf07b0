"""From a file of the original to a store: its vigies with their kv, their counters and their last runs.

All that takes time is done before anything is written, and then everything is written in one transaction: an import is
there whole or not at all. A vigy that is in the store already is left as it is, so importing again does no harm. Times
of the original are finer than a ms; its runs enter the stream in their true order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from vigyc.lang.errors import Conflict
from vigyc.model.run import FAILED, Run
from vigyc.model.standing import Standing
from vigyc.model.vigy import Vigy
from vigyc.runtime.store import stream
from vigyc.runtime.store.encoding import unstorable
from vigyc.runtime.store.mending import Fault, id_of, mended
from vigyc.runtime.store.original import Original, OriginalRuns, OriginalVigy
from vigyc.runtime.store.port import Edition
from vigyc.runtime.store.quota import Quota
from vigyc.runtime.store.reading import vigies
from vigyc.runtime.store.registry import create
from vigyc.runtime.store.run_rows import RUN_COLUMNS, STANDING_COLUMNS, actions_text
from vigyc.runtime.store.snapshot import snapshot
from vigyc.runtime.store.sqlite import open_store
from vigyc.runtime.store.store_file import StoreFile, Transaction
from vigyc.runtime.store.ticks import kv_rows, write_kv

TICK_COUNT: Final = "__sys::tick_count"
PREVIOUS_TICK: Final = "__sys::prev_tick_ms"

_PATIENCE: Final = 5.0  # seconds
_NO_LIMIT: Final = Quota(value_bytes=2**40)
_NOTE: Final = "imported from the original"
_RUN: Final = f"INSERT INTO runs ({RUN_COLUMNS}) VALUES ({', '.join('?' * 16)})"
_STANDING: Final = f"INSERT OR REPLACE INTO vigy_state (vigy_id, {STANDING_COLUMNS}) VALUES ({', '.join('?' * 14)})"


Content: TypeAlias = Callable[[str], str | None]
"""The name of a text's content; None for what is no program."""


class Kept(NamedTuple):
    """Which runs are taken over: at most so many of a vigy, and none from before `older_than` but the last."""

    runs_per_vigy: int
    older_than: int


class ImportReport(NamedTuple):
    """What came of an import: the vigies as they are now, the names of those that were there already, and how many runs
    and keys of a kv were taken over. `runs_left` are runs of these vigies that were not, being too old or unreadable;
    `strays` are rows of vigies that are not there any more. `problems` is what was wrong, a line each."""

    vigies: tuple[Vigy, ...]
    skipped: tuple[str, ...]
    runs: int
    keys: int
    runs_left: int
    strays: int
    problems: tuple[str, ...]


class _Arrival(NamedTuple):
    """A vigy on its way in: the name of its program's content, rows of its kv, and its runs with when they began (ns)
    and the text of their actions."""

    vigy: Vigy
    content: str | None
    kv: list[tuple[str, str, Any]]
    standing: Standing
    runs: list[tuple[int, Run, str]]
    runs_left: int


def import_original(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    now: int,
    fault: Fault,
    kept: Kept,
    content: Content = lambda text: None,
) -> ImportReport:
    """Take what the original kept in `source` over into the store at `target`, made if there is none.

    `fault` tells why a text is no program: such a vigy arrives disabled; `content` names the content of one that is.
    Raises NotFound, Conflict, StoreError.
    """
    with snapshot(source) as connection:
        if Path(target).exists() and Path(target).samefile(source):
            raise Conflict(f"{source} cannot be imported into itself; move it away first, or name another store")
        return _import(Original(connection, os.fspath(source)), target, now, fault, kept, content)


def _import(
    original: Original, target: str | os.PathLike[str], now: int, fault: Fault, kept: Kept, content: Content
) -> ImportReport:
    open_store(target).close()  # made, with its directories, if there is none
    file = StoreFile(target, "full", _PATIENCE)
    try:
        with file.reading() as sql:
            names = {vigy.name: vigy.id for vigy in vigies(sql)[0]}
        arrivals, skipped = _prepare(original, names, now, fault, kept, content)
        if arrivals:
            with file.writing() as transaction:
                arrivals = [_write(transaction, arrival) for arrival in arrivals]
                runs = _write_runs(transaction, arrivals)
        else:
            runs = 0
    finally:
        file.close()
    return ImportReport(
        tuple(arrival.vigy for arrival in arrivals),
        tuple(skipped),
        runs,
        sum(len(arrival.kv) for arrival in arrivals),
        sum(arrival.runs_left for arrival in arrivals),
        original.strays(),
        tuple(original.problems),
    )


def _prepare(
    original: Original, names: Mapping[str, str], now: int, fault: Fault, kept: Kept, content: Content
) -> tuple[list[_Arrival], list[str]]:
    """The vigies that are to come, and the names of those that are there."""
    there = {vigy_id: name for name, vigy_id in names.items()}
    arrivals: dict[str, _Arrival] = {}
    taken = dict(names)
    skipped = []
    for found in original.vigies():
        own = id_of(found)
        if own in there:
            skipped.append(there[own])
        elif own in arrivals:
            original.problems.append(f"vigy {found.name!r} is left out: another one has its id {own}")
        else:
            vigy, problems = mended(found, taken, fault, now)
            original.problems += problems
            taken[vigy.name] = own
            arrivals[own] = _arrival(original, found, vigy, kept, content)
    return list(arrivals.values()), skipped


def _arrival(original: Original, found: OriginalVigy, vigy: Vigy, kept: Kept, content: Content) -> _Arrival:
    kv = original.kv(found.id)
    ticks = _counter(original, vigy, kv, TICK_COUNT)
    previous = _counter(original, vigy, kv, PREVIOUS_TICK)
    all_runs = original.runs(found.id, kept.runs_per_vigy)
    runs = _storable_runs(original, vigy, all_runs, kept.older_than)
    last = runs[-1][1] if runs else None
    standing = Standing(tick_count=ticks or 0, previous_tick_ms=previous, runs=all_runs.total, failed=all_runs.failed)
    if last is not None:
        standing = standing._replace(
            run_id=last.id, started_at=last.started_at, ended_at=last.ended_at, result=last.result, error=last.error,
            failures=_failures([run for _, run, _ in runs]),
        )  # fmt: skip
    rows = _storable_kv(original, vigy, kv)
    return _Arrival(vigy, content(vigy.program), rows, standing, runs, all_runs.total - len(runs))


def _counter(original: Original, vigy: Vigy, kv: dict[str, Any], key: str) -> int | None:
    """Take the runtime's own `key` out of a kv; it is a count or a time, else it is none."""
    value = kv.pop(key, None)
    if value is None or (value.__class__ is int and value >= 0):
        return value
    original.problems.append(f"vigy {vigy.name!r} ({vigy.id}): its {key} is not a number but {value!r}; it starts anew")
    return None


def _failures(runs: Sequence[Run]) -> int:
    """How many failed since the last that did not."""
    return next((count for count, run in enumerate(reversed(runs)) if run.result != FAILED), len(runs))


def _storable_kv(original: Original, vigy: Vigy, kv: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    rows = []
    for key, value in kv.items():
        try:
            rows += kv_rows(vigy.id, {key: value}, _NO_LIMIT)[0]
        except (ValueError, OverflowError, TypeError) as error:
            why = unstorable({key: value}, [key]) or str(error)
            original.problems.append(f"vigy {vigy.name!r} ({vigy.id}): a key is left out: {why}")
    return rows


def _storable_runs(original: Original, vigy: Vigy, runs: OriginalRuns, older_than: int) -> list[tuple[int, Run, str]]:
    """Those that are kept, for vigy `vigy`, with the text of their actions."""
    kept = [entry for entry in runs.newest[:-1] if entry[1].started_at >= older_than] + runs.newest[-1:]
    found = []
    for at, run in kept:
        try:
            found.append((at, run._replace(vigy_id=vigy.id), actions_text(run.actions)))
        except (ValueError, TypeError) as error:
            original.problems.append(f"run {run.id!r} of vigy {vigy.id} is left out: {error}")
    return found


def _write(transaction: Transaction, arrival: _Arrival) -> _Arrival:
    """Store a vigy without its runs; as it was stored."""
    vigy = create(transaction, arrival.vigy, Edition(note=_NOTE, content=arrival.content))
    write_kv(transaction.sql, vigy.id, arrival.kv, ())
    transaction.sql.execute(_STANDING, (vigy.id, *arrival.standing[:12], "{}"))
    return arrival._replace(vigy=vigy)


def _write_runs(transaction: Transaction, arrivals: Sequence[_Arrival]) -> int:
    """Store the runs of all as they followed each other; how many."""
    sql = transaction.sql
    there = "SELECT 1 FROM runs WHERE id = ?"
    runs = sorted((entry for arrival in arrivals for entry in arrival.runs), key=lambda entry: (entry[0], entry[1].id))
    new = [(run, actions) for _, run, actions in runs if sql.execute(there, (run.id,)).get is None]
    first = stream.last_seq(sql) + 1
    rows = [(*run[:6], actions, seq, *run[8:15], "{}") for seq, (run, actions) in enumerate(new, first)]
    sql.executemany(_RUN, rows)
    stream.set_last_seq(sql, first + len(rows) - 1)
    return len(rows)
