"""Ticks that last: the write-back beside a bare transaction, a tick that changes nothing, reading a kv back."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import apsw
import msgpack
import pytest

import vigyc
from measure import compare, record
from vigyc.runtime.host import fresh

PROGRAM = """
(define n (vigy-incr "count"))
(vigy-set "latest" (hash-map "n" n "name" "item"))
(vigy-set "flag" (= 0 (modulo n 2)))
"""


def bare(path: Path, durability: str) -> apsw.Connection:
    """A database such as one would make oneself, with the settings of the store."""
    db = apsw.Connection(str(path))
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(f"PRAGMA synchronous = {durability}")
    db.execute(
        "CREATE TABLE kv (scope TEXT NOT NULL, key TEXT NOT NULL, value BLOB, PRIMARY KEY (scope, key)) WITHOUT ROWID"
    )
    return db


WRITE = "INSERT INTO kv VALUES (?, ?, ?) ON CONFLICT (scope, key) DO UPDATE SET value = excluded.value"


@pytest.mark.parametrize("durability", ["full", "normal"])
def test_write_back(benchmark: Any, tmp_path: Path, durability: str) -> None:
    store = vigyc.open_kv(tmp_path / "ours.db", durability=durability)
    scope = store.scope("a")
    ours_at, theirs_at = itertools.count(1), itertools.count(1)
    db = bare(tmp_path / "bare.db", durability)
    cursor = db.cursor()
    pack = msgpack.Packer().pack

    def write_back() -> None:
        n = next(ours_at)
        kv = scope.kv
        kv["count"] = n
        kv["latest"] = {"n": n, "name": "item"}
        kv["flag"] = n % 2 == 0
        host = fresh(kv, 1_700_000_000_000 + n, None, n)
        host.dirty = {"count", "latest", "flag"}
        scope.commit(host)

    def by_hand() -> None:
        n = next(theirs_at)
        rows = [
            ("a", "count", n),
            ("a", "latest", pack({"n": n, "name": "item"})),
            ("a", "flag", pack(n % 2 == 0)),
            ("a", "__sys::ticks", pack([n, 1_700_000_000_000 + n])),
        ]
        cursor.execute("BEGIN IMMEDIATE")
        cursor.executemany(WRITE, rows)
        cursor.execute("COMMIT")

    what = f"writing 3 keys back, against the bare transaction (synchronous={durability.upper()})"
    record(benchmark, "store", what, "<= 1.25", write_back, **compare(write_back, by_hand))
    ticker = vigyc.Ticker(vigyc.compile(PROGRAM, cache=False), store.scope("b"))
    whole = compare(ticker.tick, by_hand)
    benchmark.extra_info["value"] = f"{benchmark.extra_info['ratio']:.2f} (the whole tick: {whole['ratio']:.2f})"
    store.close()
    db.close()


def test_a_tick_that_changed_nothing(benchmark: Any, tmp_path: Path) -> None:
    with vigyc.open_kv(tmp_path / "ours.db") as store:
        lasting = vigyc.Ticker(vigyc.compile("(vigy-noop)", cache=False), store.scope("a"))
        in_memory = vigyc.Ticker(vigyc.compile("(vigy-noop)", cache=False))
        found = compare(lasting.tick, in_memory.tick)
        what = "a tick that changed nothing, against one without a store"
        record(benchmark, "store", what, "no SQL", lasting.tick, **found)


@pytest.mark.parametrize("count", [100, 10_000])
def test_hydrate(benchmark: Any, tmp_path: Path, count: int) -> None:
    path = tmp_path / "ours.db"
    with vigyc.open_kv(path) as store:
        text = f'(for-each (lambda (i) (vigy-set (string i) (hash-map "n" i))) (range {count}))'
        vigyc.Ticker(vigyc.compile(text, cache=False), store.scope("a")).tick()
        scope = store.scope("a")
        db = apsw.Connection(str(path))
        read = "SELECT key, value FROM kv WHERE scope = ?"
        unpack = msgpack.unpackb

        def by_hand() -> dict[str, Any]:
            return {key: unpack(value) for key, value in db.execute(read, ("a",))}

        assert len(by_hand()) == count + 1
        found = compare(scope.reload, by_hand)
        what = f"reading {count:,} keys, against a dict comprehension"
        record(benchmark, "store", what, "<= 1.2", scope.reload, **found)
        db.close()
