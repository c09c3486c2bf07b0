"""The pack `sql`: rows and parameters keep their types, handles their owner, and every call its limits."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.lang.datum import keyword, symbol
from vigyc.lang.errors import TickError
from vigyc.runtime.lists import Vec
from vigyc.runtime.secret import Secret

BOMB = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) AS n FROM c"


@pytest.fixture
def run(effects: Any, tmp_path: Path) -> Any:
    return effects(f"sql:{tmp_path}", base=str(tmp_path))


@pytest.fixture
def db(run: Any) -> Any:
    found = run.value("sql-memory")
    run.value("sql-exec", found, "CREATE TABLE t (id INTEGER PRIMARY KEY, a)")
    return found


def test_create_insert_query_round_trip(run: Any, tmp_path: Path) -> None:
    db = run.value("sql-open", "a.db")
    assert (
        run.value("sql-exec", db, "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, score REAL, raw BLOB)") == 0
    )
    assert run.value("sql-exec", db, "INSERT INTO users VALUES (1, 'Ada', 1.5, x'ff00'), (2, NULL, 2, NULL)") == 2
    run.call("sql-close", db)
    db = run.value("sql-open", str(tmp_path / "a.db"), {keyword("create"): False})
    assert run.value("sql-query", db, "SELECT * FROM users ORDER BY id") == [
        {"id": 1, "name": "Ada", "score": 1.5, "raw": b"\xff\0"},
        {"id": 2, "name": None, "score": 2.0, "raw": None},
    ]
    assert run.value("sql-exec", db, "UPDATE users SET score = 0") == 2
    assert run.value("sql-exec", db, "DELETE FROM users WHERE id = ?", [1]) == 1
    assert run.value("sql-exec", db, "CREATE TABLE other (a)") == 0
    assert run.value("sql-query", db, "SELECT count(*) AS n FROM users") == [{"n": 1}]


@pytest.mark.parametrize("at", range(11))
def test_a_parameter_is_bound_with_its_type(run: Any, db: Any, at: int) -> None:
    value, kind = [
        (None, "null"), (-(2**63), "integer"), (2**63 - 1, "integer"), (1.5, "real"), (math.inf, "real"),
        ("x'; DROP TABLE t; --", "text"), ("ä\U0001f600", "text"), ("", "text"), (b"\0\xff", "blob"), (b"", "blob"),
        ("a\0b", "text"),
    ][at]  # fmt: skip
    assert run.value("sql-query", db, "SELECT ? AS v, typeof(?1) AS k", [value]) == [{"v": value, "k": kind}]


def test_f13_a_secret_is_not_bound_for_sql_could_take_it_apart(run: Any, db: Any) -> None:
    for params in ([Secret("hush!", "s")], {"a": Secret("hush!", "s")}):
        with pytest.raises(TickError, match=r"a parameter must be .* got secret"):
            run.call("sql-query", db, "SELECT hex(:a) AS a", params)


def test_booleans_and_every_kind_of_list_are_bound(run: Any, db: Any) -> None:
    statement = "SELECT ? AS a, length(?) AS b"
    for params in ([True, "hush!"], (True, ("hush!", None)), Vec([True, "12345", 0], 2)):
        assert run.value("sql-query", db, statement, params) == [{"a": 1, "b": 5}]
    assert run.value("sql-query", db, "SELECT 1 AS a", None) == [{"a": 1}]


def test_named_parameters(run: Any, db: Any) -> None:
    params = {keyword("a"): 1, "b": "two"}
    assert run.value("sql-query", db, "SELECT :a AS a, :b AS b, :a AS c", params) == [{"a": 1, "b": "two", "c": 1}]
    error = run.error("sql-query", db, "SELECT :a AS a, :missing AS b", params)
    assert (error.tag, error.message) == ("sql-error", "sql-query: there is no parameter called missing")


@pytest.mark.parametrize(
    "params", [[keyword("k")], [symbol("s")], [[1]], [{}], 7, "x", {1: 1}, [lambda: 1]], ids=range(8)
)
def test_what_is_no_value_of_sql_is_a_type_mismatch(run: Any, db: Any, params: object) -> None:
    with pytest.raises(TickError) as caught:
        run.call("sql-query", db, "SELECT ? AS a", params)
    assert caught.value.kind == "type-mismatch"


@pytest.mark.parametrize("params", [[], [1], [1, 2, 3]])
def test_the_number_of_parameters_must_match(run: Any, db: Any, params: list[object]) -> None:
    error = run.error("sql-query", db, "SELECT ?, ?", params)
    assert error.message == "sql-query: the number of parameters is not that of the statement"


def test_text_that_is_not_unicode_is_an_error_on_both_ways(run: Any, db: Any) -> None:
    assert run.error("sql-query", db, "SELECT ? AS a", ["\ud800"]).tag == "not-text"
    assert run.error("sql-query", db, "SELECT '\ud800' AS a").tag == "not-text"
    assert run.error("sql-query", db, "SELECT CAST(x'ff' AS TEXT) AS a").tag == "not-text"


@pytest.mark.parametrize("op", ["sql-query", "sql-exec", "sql-returning"])
def test_bad_sql_is_an_error_named_after_the_operation(run: Any, db: Any, op: str) -> None:
    error = run.error(op, db, "SELEC 1")
    assert (error.tag, error.message) == ("sql-error", f'{op}: near "SELEC": syntax error')
    assert run.error(op, db, "SELECT * FROM missing").message == f"{op}: no such table: missing"


@pytest.mark.parametrize("statement", ["", "  ", ";", "-- nothing", "/* nothing"])
def test_no_statement_is_an_error(run: Any, db: Any, statement: str) -> None:
    assert "there is no statement" in run.error("sql-exec", db, statement).message


def test_one_statement_a_call(run: Any, db: Any) -> None:
    for tail in ("; INSERT INTO t VALUES (2, 2)", ";/**/;-- x\nINSERT INTO t VALUES (2, 2)", "; nonsense", ";\u00a0"):
        assert "more than one statement" in run.error("sql-exec", db, "INSERT INTO t VALUES (1, 1)" + tail).message
    assert run.value("sql-query", db, "SELECT count(*) AS n FROM t") == [{"n": 0}]
    assert run.value("sql-query", db, " /* a */ SELECT 1 AS n ; -- b\n /* c */ ; ") == [{"n": 1}]


def test_columns_of_one_name_are_refused_also_without_rows(run: Any, db: Any) -> None:
    error = run.error("sql-query", db, "SELECT a, id AS a FROM t")
    assert (error.tag, error.message) == (
        "duplicate-column",
        "sql-query: two columns are called a; tell them apart with AS",
    )


@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO t VALUES (1, 1)", "INSERT INTO t VALUES (1, 1) RETURNING id", "DELETE FROM t", "DROP TABLE t",
     "CREATE TABLE u (a)", "WITH x AS (SELECT 1) INSERT INTO t SELECT 1, 1 FROM x", "PRAGMA user_version = 7"],
)  # fmt: skip
def test_a_query_changes_nothing(run: Any, db: Any, statement: str) -> None:
    assert run.error("sql-query", db, statement).tag == "not-read-only"
    assert run.value("sql-query", db, "SELECT count(*) AS n FROM t") == [{"n": 0}]
    assert run.value("sql-query", db, "PRAGMA user_version") == [{"user_version": 0}]


def test_returning_gives_the_rows_of_a_change(run: Any, db: Any) -> None:
    statement = "INSERT INTO t (a) VALUES (?), (?) RETURNING id, a"
    assert run.value("sql-returning", db, statement, ["x", "y"]) == [{"id": 1, "a": "x"}, {"id": 2, "a": "y"}]


def test_constraints_and_foreign_keys_hold(run: Any, db: Any) -> None:
    run.value("sql-exec", db, "CREATE TABLE child (t REFERENCES t)")
    assert run.error("sql-exec", db, "INSERT INTO child VALUES (7)").tag == "constraint"
    run.value("sql-exec", db, "INSERT INTO t VALUES (7, 1)")
    assert (
        run.error("sql-exec", db, "INSERT INTO t VALUES (7, 1)").message == "sql-exec: UNIQUE constraint failed: t.id"
    )


def test_a_string_in_double_quotes_is_a_name(run: Any, db: Any) -> None:
    assert run.error("sql-query", db, 'SELECT * FROM t WHERE a = "typo"').tag == "sql-error"


def test_full_text_search_and_json_are_there(run: Any, db: Any) -> None:
    run.value("sql-exec", db, "CREATE VIRTUAL TABLE notes USING fts5(body)")
    run.value("sql-exec", db, "INSERT INTO notes VALUES ('a quick fox'), ('a slow dog')")
    assert run.value("sql-query", db, "SELECT body FROM notes WHERE notes MATCH 'fox'") == [{"body": "a quick fox"}]
    assert run.value("sql-query", db, "SELECT json_extract('{\"a\":[1,2]}', '$.a[1]') AS v") == [{"v": 2}]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [("instr('hello', 'l')", 3), ("instr(x'00ff', x'ff')", 2), ("instr('a', 'b')", 0), ("instr(NULL, 'a')", None),
     ("instr('äb', 'b')", 2), ("instr(12345, 34)", 3), ("instr('a', '')", 1), ("replace('aXbX', 'X', '--')", "a--b--"),
     ("replace('a', '', 'b')", "a"), ("replace(1.5, '.', ',')", "1,5"), ("replace(1e20, '+', '')", "1.0e20"),
     ("replace(2.0, '.0', '')", "2"), ("replace(NULL, 'a', 'b')", None), ("trim('  a ')", "a"), ("ltrim(' a ')", "a "),
     ("rtrim(' a ')", " a"), ("trim('xyaxy', 'yx')", "a"), ("trim('a', '')", "a"), ("trim(7)", "7")],
)  # fmt: skip
def test_functions_replaced_for_their_speed_answer_the_same(
    run: Any, db: Any, expression: str, expected: object
) -> None:
    assert run.value("sql-query", db, f"SELECT {expression} AS v") == [{"v": expected}]


@pytest.mark.parametrize(
    "statement",
    ["SELECT instr(?1, ?2) AS v", "SELECT replace(?1, ?2, '') AS v", "SELECT ?1 LIKE '%' || substr(?2, 1, 190) AS v"],
)
def test_functions_of_long_texts_are_quick(run: Any, db: Any, statement: str) -> None:
    before = monotonic()
    run.value("sql-query", db, statement, ["a" * 2_000_000, "a" * 1_000_000 + "b"])
    assert monotonic() - before < 1.5


@pytest.mark.parametrize(
    "statement",
    ["SELECT 'a' LIKE ?2 AS v", "SELECT trim(?1, ?2) AS v", "SELECT unhex(?1, ?2) AS v",
     "SELECT replace(?1, 'a', ?2) AS v", "SELECT zeroblob(1000000000) AS v"],
)  # fmt: skip
def test_functions_that_would_take_too_much_fail(run: Any, db: Any, statement: str) -> None:
    assert run.error("sql-query", db, statement, ["a" * 100_000, "b" * 100_000 + "a"]).tag in {"too-large", "sql-error"}


# -- transactions


def count(run: Any, db: Any) -> int:
    return run.value("sql-query", db, "SELECT count(*) AS n FROM t")[0]["n"]  # type: ignore[no-any-return]


def insert(run: Any, db: Any, key: int = 1) -> Any:
    return run.call("sql-exec", db, "INSERT INTO t VALUES (?, 1)", [key])


def test_a_transaction_is_kept_when_its_function_returns(run: Any, db: Any) -> None:
    assert run.value("sql-transaction", db, lambda: [insert(run, db, 1), insert(run, db, 2), "done"][-1]) == "done"
    assert count(run, db) == 2


def test_a_transaction_is_undone_when_its_function_raises(run: Any, db: Any) -> None:
    def raising() -> None:
        insert(run, db)
        raise TickError("user", "no")

    with pytest.raises(TickError, match="no"):
        run.call("sql-transaction", db, raising)
    assert count(run, db) == 0
    insert(run, db)
    assert count(run, db) == 1


def test_a_transaction_is_undone_when_its_function_gives_a_bad_result(run: Any, db: Any) -> None:
    error = run.error("sql-transaction", db, lambda: [insert(run, db, 1), insert(run, db, 1)][-1])
    assert error.tag == "constraint"
    assert count(run, db) == 0


def test_transactions_do_not_nest(run: Any, db: Any) -> None:
    inner = run.value("sql-transaction", db, lambda: run.call("sql-transaction", db, lambda: 1)["x"] if 0 else "kept")
    assert inner == "kept"
    error = run.error("sql-transaction", db, lambda: run.call("sql-transaction", db, lambda: 1))
    assert error.message == "sql-transaction: a transaction is under way"


@pytest.mark.parametrize("statement", ["BEGIN", "COMMIT", "rollback", "SAVEPOINT a", "RELEASE a", "/**/END"])
def test_transactions_are_not_made_by_statements(run: Any, db: Any, statement: str) -> None:
    for op in ("sql-exec", "sql-query"):
        assert run.error(op, db, statement).tag == "transaction"
    assert run.error("sql-transaction", db, lambda: run.call("sql-exec", db, statement)).tag == "transaction"


def test_closing_within_a_transaction_rolls_back(run: Any) -> None:
    db = run.value("sql-open", "a.db")
    run.value("sql-exec", db, "CREATE TABLE t (id INTEGER PRIMARY KEY, a)")
    with pytest.raises(TickError) as caught:
        run.call("sql-transaction", db, lambda: [insert(run, db), run.call("sql-close", db)])
    assert caught.value.kind == "closed-handle"
    assert count(run, run.value("sql-open", "a.db")) == 0


def test_a_deferred_constraint_undoes_the_transaction(run: Any, db: Any) -> None:
    run.value("sql-exec", db, "CREATE TABLE child (t REFERENCES t DEFERRABLE INITIALLY DEFERRED)")
    add = lambda: run.value("sql-exec", db, "INSERT INTO child VALUES (7)")  # noqa: E731
    assert run.error("sql-transaction", db, add).tag == "constraint"
    assert run.value("sql-query", db, "SELECT count(*) AS n FROM child") == [{"n": 0}]


def test_nothing_is_changed_after_sqlite_gave_a_transaction_up(run: Any, db: Any) -> None:
    insert(run, db)

    def function() -> Any:
        insert(run, db, 2)
        assert run.error("sql-exec", db, "INSERT OR ROLLBACK INTO t VALUES (1, 1)").tag == "constraint"
        return insert(run, db, 3)

    assert run.error("sql-transaction", db, function).tag == "rolled-back"
    assert count(run, db) == 1


def test_a_transaction_on_a_read_only_database(run: Any) -> None:
    run.value("sql-exec", run.value("sql-open", "a.db"), "CREATE TABLE t (a)")
    db = run.value("sql-open", "a.db", {keyword("read-only"): True})
    assert run.value("sql-transaction", db, lambda: run.value("sql-query", db, "SELECT * FROM t")) == []
    assert run.error("sql-exec", db, "INSERT INTO t VALUES (1)").tag == "read-only"


# -- two connections

WRITER = """
import apsw, sys
connection = apsw.Connection(sys.argv[1])
connection.execute("BEGIN IMMEDIATE")
connection.execute("INSERT INTO t VALUES (1, 1)")
print("locked", flush=True)
sys.stdin.readline()
"""


def test_a_second_connection_waits_no_longer_than_the_limit(effects: Any, tmp_path: Path) -> None:
    run = effects(f"sql:{tmp_path}", base=str(tmp_path), limits=Limits(query_ms=50))
    one, other = run.value("sql-open", "a.db"), run.value("sql-open", "a.db")
    run.value("sql-exec", one, "CREATE TABLE t (id INTEGER PRIMARY KEY, a)")
    before = monotonic()
    error = run.error("sql-transaction", one, lambda: insert(run, other))
    assert (error.tag, error.message) == ("busy", "sql-exec: database is locked")
    assert 0.04 < monotonic() - before < 1
    assert insert(run, other)[keyword("ok")] is True


def test_another_process_that_writes_makes_it_busy_and_waiting_ends_with_the_tick(effects: Any, tmp_path: Path) -> None:
    run = effects(f"sql:{tmp_path}", base=str(tmp_path), seconds=0.3)
    db = run.value("sql-open", "a.db")
    run.value("sql-exec", db, "CREATE TABLE t (id INTEGER PRIMARY KEY, a)")
    command = [sys.executable, "-c", WRITER, str(tmp_path / "a.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "locked\n"
        before = monotonic()
        assert run.call("sql-exec", db, "INSERT INTO t VALUES (2, 2)")[keyword("error")].tag == "busy"
        assert monotonic() - before < 2
        writer.communicate("\n")


# -- limits


def test_f06_a_recursive_bomb_is_stopped(effects: Any) -> None:
    run = effects("sql:*", limits=Limits(query_ms=50))
    db = run.value("sql-memory")
    before = monotonic()
    assert run.error("sql-query", db, BOMB).tag == "timeout"
    assert run.error("sql-exec", db, BOMB).tag == "timeout"
    assert run.error("sql-exec", db, "CREATE TABLE x AS " + BOMB).tag == "timeout"
    assert monotonic() - before < 2
    assert run.value("sql-query", db, "SELECT 1 AS a") == [{"a": 1}]


def test_f06_a_bomb_is_stopped_when_the_tick_is_over(effects: Any) -> None:
    run = effects("sql:*", seconds=0.1)
    db = run.value("sql-memory")
    before = monotonic()
    assert run.error("sql-query", db, BOMB).tag == "timeout"
    assert monotonic() - before < 2


def test_f06_a_bomb_in_a_view_and_in_a_trigger_is_stopped(effects: Any) -> None:
    run = effects("sql:*", limits=Limits(query_ms=50))
    db = run.value("sql-memory")
    run.value("sql-exec", db, f"CREATE VIEW v AS {BOMB}")
    run.value("sql-exec", db, "CREATE TABLE t (a)")
    run.value("sql-exec", db, "CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = (SELECT n FROM v); END")
    assert run.error("sql-query", db, "SELECT * FROM v").tag == "timeout"
    assert run.error("sql-exec", db, "INSERT INTO t VALUES (1)").tag == "timeout"


def test_f06_views_that_double_each_other_are_refused(run: Any, db: Any) -> None:
    run.value("sql-exec", db, "CREATE VIEW v0 AS SELECT a FROM t")
    for at in range(1, 18):
        run.value("sql-exec", db, f"CREATE VIEW v{at} AS SELECT a FROM v{at - 1} UNION ALL SELECT a FROM v{at - 1}")
    assert run.error("sql-query", db, "SELECT count(*) AS n FROM v17").tag in {"sql-error", "timeout"}


def test_rows_are_capped(effects: Any) -> None:
    run = effects("sql:*", limits=Limits(rows=3))
    db = run.value("sql-memory")
    numbers = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < ?) SELECT x FROM c"
    assert len(run.value("sql-query", db, numbers, [3])) == 3
    assert run.error("sql-query", db, numbers, [4]).tag == "too-large"


def test_bytes_of_rows_and_values_are_capped(effects: Any) -> None:
    run = effects("sql:*", limits=Limits(read_bytes=1000))
    db = run.value("sql-memory")
    assert len(run.value("sql-query", db, "SELECT zeroblob(900) AS a")[0]["a"]) == 900
    assert run.error("sql-query", db, "SELECT zeroblob(1001) AS a").tag == "too-large"
    assert run.error("sql-query", db, "SELECT zeroblob(600) AS a, zeroblob(600) AS b").tag == "too-large"


def test_a_statement_cannot_take_all_memory(run: Any, db: Any) -> None:
    blobs = "SELECT zeroblob(8000000) AS x UNION ALL SELECT zeroblob(8000000 + length(x) % 2) FROM c"
    statement = f"WITH RECURSIVE c(x) AS ({blobs}) SELECT count(*) AS n FROM (SELECT x FROM c ORDER BY x || 'a')"
    assert run.error("sql-query", db, statement).tag in {"too-large", "timeout"}


def test_a_file_grows_by_no_more_than_a_call_may_write(effects: Any, tmp_path: Path) -> None:
    run = effects(f"sql:{tmp_path}", base=str(tmp_path), limits=Limits(write_bytes=100_000))
    db = run.value("sql-open", "a.db")
    run.value("sql-exec", db, "CREATE TABLE t (a)")
    for _ in range(3):
        assert run.error("sql-exec", db, "INSERT INTO t VALUES (zeroblob(300000))").tag == "no-space"
        run.value("sql-exec", db, "INSERT INTO t VALUES (zeroblob(90000))")
    memory = run.value("sql-memory")
    for temporary in ("", "TEMP"):
        create = f"CREATE {temporary} TABLE {temporary}t AS SELECT zeroblob(300000) AS a"
        assert run.error("sql-exec", memory, create).tag == "no-space"


def test_a_database_in_memory_does_not_grow_from_call_to_call(effects: Any) -> None:
    run = effects("sql:*", limits=Limits(write_bytes=100_000))
    db = run.value("sql-memory")
    run.value("sql-exec", db, "CREATE TABLE t (a)")
    run.value("sql-exec", db, "INSERT INTO t VALUES (zeroblob(70000))")
    assert run.error("sql-exec", db, "INSERT INTO t VALUES (zeroblob(70000))").tag == "no-space"


def test_bytes_are_charged(effects: Any) -> None:
    run = effects("sql:*", budgets=(Budget({"bytes": 1000}),))
    db = run.value("sql-memory")
    run.value("sql-query", db, "SELECT zeroblob(400) AS a")
    assert run.error("sql-query", db, "SELECT zeroblob(600) AS a").tag == "too-large"
    with pytest.raises(TickError) as caught:
        run.call("sql-query", db, "SELECT length(?) AS a", ["x" * 600])
    assert caught.value.kind == "budget-exceeded"


def test_what_a_file_grows_by_is_charged(effects: Any, tmp_path: Path) -> None:
    run = effects(f"sql:{tmp_path}", base=str(tmp_path), budgets=(Budget({"bytes": 50_000}),))
    db = run.value("sql-open", "a.db")
    run.value("sql-exec", db, "CREATE TABLE t (a)")
    run.value("sql-exec", db, "INSERT INTO t VALUES (zeroblob(30000))")
    assert run.gate.left("bytes") < 20_000
    assert run.error("sql-exec", db, "INSERT INTO t VALUES (zeroblob(30000))").tag == "no-space"


@pytest.mark.parametrize(
    "statement",
    ["SELECT " + "(" * 300 + "1" + ")" * 300, " UNION ALL ".join(["SELECT 1"] * 200), "SELECT " + "1+" * 300 + "1",
     "SELECT 1 /*" + "x" * 1_000_001 + "*/"],
    ids=["parentheses", "compound", "expression", "length"],
)  # fmt: skip
def test_a_statement_has_bounds(run: Any, db: Any, statement: str) -> None:
    error = run.call("sql-query", db, statement)
    assert error[keyword("ok")] is True or error[keyword("error")].tag in {"sql-error", "too-large"}
    if "(" not in statement:
        assert error[keyword("ok")] is False


# -- handles


def test_f01_a_handle_of_another_run_is_refused(effects: Any, tmp_path: Path) -> None:
    run, other = (effects(f"sql:{tmp_path}", base=str(tmp_path)) for _ in range(2))
    db = run.value("sql-open", "a.db")
    for guess in (1, "1", {"db": 1}):
        with pytest.raises(TickError, match="db must be a database, got"):
            other.call("sql-query", guess, "SELECT 1 AS a")
    for op in ("sql-query", "sql-exec", "sql-returning"):
        with pytest.raises(TickError) as caught:
            other.call(op, db, "SELECT 1 AS a")
        assert caught.value.kind == "closed-handle"
    with pytest.raises(TickError):
        other.call("sql-transaction", db, lambda: 1)
    other.call("sql-close", db)
    assert run.value("sql-query", db, "SELECT 1 AS a") == [{"a": 1}]


def test_f03_use_after_close_is_an_error(run: Any, db: Any) -> None:
    run.call("sql-close", db)
    run.call("sql-close", db)
    for op in ("sql-query", "sql-exec", "sql-returning"):
        with pytest.raises(TickError, match="the database in memory is closed") as caught:
            run.call(op, db, "SELECT 1 AS a")
        assert caught.value.kind == "closed-handle"


def test_f03_the_257th_database_closes_the_one_unused_longest(run: Any) -> None:
    first, second = run.value("sql-memory"), run.value("sql-memory")
    run.value("sql-query", first, "SELECT 1 AS a")
    opened = [run.value("sql-memory") for _ in range(255)]
    with pytest.raises(TickError, match="closed"):
        run.call("sql-query", second, "SELECT 1 AS a")
    for db in (first, opened[0], opened[-1]):
        assert run.value("sql-query", db, "SELECT 1 AS a") == [{"a": 1}]


def test_without_use_the_first_opened_is_closed_first(effects: Any) -> None:
    run = effects("sql:*", limits=Limits(handles=3))
    opened = [run.value("sql-memory") for _ in range(5)]
    assert [db.closed for db in opened] == [True, True, False, False, False]


def test_databases_are_bounded_under_churn(effects: Any, tmp_path: Path) -> None:
    run = effects(f"sql:{tmp_path}", base=str(tmp_path), limits=Limits(handles=4))
    open_files = len(list(Path("/proc/self/fd").iterdir()))
    for at in range(100):
        run.value("sql-open", f"{at % 10}.db")
    assert len(run.gate.handles) == 4
    assert len(list(Path("/proc/self/fd").iterdir())) <= open_files + 4 * 2
    run.gate.close()
    assert len(list(Path("/proc/self/fd").iterdir())) <= open_files


def test_memory_needs_a_grant_of_sql(effects: Any, tmp_path: Path) -> None:
    run = effects(f"kv:{tmp_path}", "fs.write:*", base=str(tmp_path))
    assert "there is no grant of sql" in run.denied("sql-memory")
    assert "there is no grant of sql" in run.denied("sql-open", "a.db")
