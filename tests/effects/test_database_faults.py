"""Faults found in the packs `sql` and `kv`: files that were made to do harm, statements that take for ever."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import msgpack
import pytest

from vigyc.effects.limits import Limits
from vigyc.lang.datum import keyword


def nested(times: int) -> bytes:
    """A key of a map in a key of a map in ..."""
    found: bytes = msgpack.packb(1)
    for _ in range(times):
        found = msgpack.packb(msgpack.ExtType(3, found))
    return found


FORGED = {
    "nested keys, which crashed the process": nested(3000),
    "a key that is no key": msgpack.packb(msgpack.ExtType(3, msgpack.packb([1]))),
    "a list as a key": b"\x81\x91\x01\x01",
    "a bare float as a key": msgpack.packb({1.5: 1}),
    "a bare boolean as a key": msgpack.packb({True: 1}),
    "a key as a value": msgpack.packb([msgpack.ExtType(3, msgpack.packb(True))]),
    "an integer of 65 bits": msgpack.packb([{"a": 2**64 - 1}]),
    "an integer of 65 bits as a key": msgpack.packb({2**63: 1}),
    "a time": msgpack.packb([msgpack.Timestamp(1, 0)]),
    "lists without end": b"\x91" * 100_000,
    "a length that is not there": b"\xdd\xff\xff\xff\xff",
}


@pytest.mark.parametrize("data", FORGED.values(), ids=FORGED)
def test_what_no_vigy_wrote_into_a_kv_file_is_corrupt(effects: Any, tmp_path: Path, data: bytes) -> None:
    run = effects(f"kv:{tmp_path}", base=str(tmp_path))
    file = run.value("kv-open", "a.kv")
    run.value("kv-put", file, "a", [1])
    with closing(apsw.Connection(str(tmp_path / "a.kv"))) as other:
        other.execute("UPDATE kv SET value = ?", (data,))
    assert run.error("kv-get", file, "a").tag == "corrupt"


def test_a_row_of_many_long_values_does_not_take_all_memory(effects: Any) -> None:
    run = effects("sql:*")
    db = run.value("sql-memory")
    before, long = apsw.memory_high_water(True), "a" * 2**20
    for each in ("?1 || {}", "hex(randomblob(1000000 + {}))"):
        statement = "SELECT " + ", ".join(f"{each.format(i)} AS v{i}" for i in range(1500))
        bound = [long] if "?" in each else []
        assert run.error("sql-query", db, statement, bound).tag == "too-large"
    assert apsw.memory_high_water(True) - before < 2**27


def test_a_view_in_a_file_does_not_take_all_memory(effects: Any, tmp_path: Path) -> None:
    columns = ", ".join(f"x || {i} AS v{i}" for i in range(1500))
    with closing(apsw.Connection(str(tmp_path / "a.db"))) as made:
        made.execute("CREATE TABLE t (x); INSERT INTO t VALUES (hex(zeroblob(500000)))")
        made.execute(f"CREATE VIEW v AS SELECT {columns} FROM t")
    run = effects(f"sql:{tmp_path}", base=str(tmp_path))
    assert run.error("sql-query", run.value("sql-open", "a.db"), "SELECT * FROM v").tag == "too-large"


@pytest.mark.parametrize(("operator", "any_text"), [("LIKE", "%"), ("GLOB", "*")])
def test_many_comparisons_in_one_row_do_not_outlast_the_time(effects: Any, operator: str, any_text: str) -> None:
    run = effects("sql:*", limits=Limits(query_ms=100))
    pattern = any_text + "a" * 190 + "b"
    statement = "SELECT " + ", ".join(f"?1 {operator} ?2 AS v{i}" for i in range(60))
    began = time.monotonic()
    assert run.error("sql-query", run.value("sql-memory"), statement, ["a" * 1_000_000, pattern]).tag == "too-large"
    assert time.monotonic() - began < 1


def test_a_statement_of_many_values_still_has_its_long_ones(effects: Any) -> None:
    run = effects("sql:*")
    db = run.value("sql-memory")
    columns = ", ".join(f"c{i}" for i in range(100))
    run.value("sql-exec", db, f"CREATE TABLE t ({columns})")
    run.value("sql-exec", db, "INSERT INTO t (c0) VALUES (?)", ["a" * 4_000_000])
    (row,) = run.value("sql-query", db, "SELECT * FROM t WHERE c1 IS NULL AND c2 IS NULL")
    assert len(row["c0" if "c0" in row else keyword("c0")]) == 4_000_000
    assert run.value("sql-query", db, "SELECT length(?) AS n", ["a" * 15_000_000]) == [{"n": 15_000_000}]
