"""From SQL statements to the SQLite files below the granted paths: the pack `sql`.

A statement reaches its own file and no other, whatever it says: ATTACH, VACUUM, extensions, and PRAGMAs that are not
known to be harmless are denied. Each call runs one statement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from vigyc.effects.databases.database import Database, open_database, open_in_memory
from vigyc.effects.databases.parameters import bound, size
from vigyc.effects.decision import Decision
from vigyc.effects.gate import Gate
from vigyc.effects.handle import Handle
from vigyc.effects.operation import Options
from vigyc.effects.pack import Pack
from vigyc.effects.place import Place
from vigyc.effects.result import ERROR, OK, EffectFailed

PACK: Final = Pack("sql", "SQLite databases below the granted paths.")

Function: TypeAlias = Callable[..., object]
_OPENING: Final[dict[str, tuple[str, object]]] = {"create": ("bool", True), "read-only": ("bool", False)}
_OPENED: Final[Options] = {name: default for name, (_, default) in _OPENING.items()}


class SqlDatabase(Handle):
    """a database; what `sql-open` and `sql-memory` give"""

    __slots__ = ("database", "read_only")

    def __init__(self, what: str, database: Database, read_only: bool) -> None:
        super().__init__(what)
        self.database = database
        self.read_only = read_only

    def close(self) -> None:
        """Close the database; a transaction under way is rolled back."""
        self.database.close()


@PACK.effect(
    "sql-open",
    needs="sql",
    result=True,
    changes=True,
    options=_OPENING,
    example='(sql-open "/data/app.db" (hash-map :read-only #t))',
)
def sql_open(gate: Gate, path: Place, options: Options = _OPENED) -> Handle:
    """The SQLite database in that file, which is made if there is none.

    Options: `:create` (#t) whether a missing file is made, `:read-only` (#f). Foreign keys are enforced. Errors:
    `not-found`, `not-a-database`, `is-folder`, `busy`, `no-permission`, `io-error`. A link, or a file with a second
    name, is denied.
    """
    read_only = options["read-only"]
    database = open_database(gate, "sql", "sql-open", path, create=options["create"], read_only=read_only)
    return gate.open(SqlDatabase(f"the database {path.text}", database, read_only))


@PACK.effect("sql-memory", needs=(("sql", None),), result=True, example="(sql-memory)")
def sql_memory(gate: Gate) -> Handle:
    """A new database in memory, gone when it is closed; it needs some grant of `sql`, and holds at most
    `write_bytes`.
    """
    if not gate.session.policy.grants_kind("sql"):
        raise gate.refuse(Decision(False, "sql", ":memory:", "there is no grant of sql", "sql:*"))
    return gate.open(SqlDatabase("the database in memory", open_in_memory(gate, "sql", "sql-memory"), False))


@PACK.effect("sql-close", example="(sql-close db)")
def sql_close(gate: Gate, db: SqlDatabase) -> None:
    """Close the database; again is nothing. A transaction under way is rolled back."""
    gate.handles.close(db)


@PACK.effect("sql-query", result=True, example='(sql-query db "SELECT name FROM users WHERE id = ?" (list 7))')
def sql_query(gate: Gate, db: SqlDatabase, statement: str, params: object = None) -> list[Any]:
    """The rows of a statement that changes nothing, each a map from the name of a column to its value.

    NULL is nil, INTEGER an int, REAL a float, TEXT a string, BLOB bytes. `params` are a list for `?` or a map for
    `:name`. Errors: `sql-error`, `not-read-only`, `duplicate-column` (name columns apart with AS), `not-text`,
    `too-large` (more than the limits `rows` or `read_bytes`), `timeout` (`query_ms`), `busy`, `corrupt`.
    """
    return _rows(gate, "sql-query", db, statement, params, changes=False)


@PACK.effect(
    "sql-returning",
    result=True,
    changes=True,
    example='(sql-returning db "INSERT INTO users (name) VALUES (?) RETURNING id" (list "Ada"))',
)
def sql_returning(gate: Gate, db: SqlDatabase, statement: str, params: object = None) -> list[Any]:
    """The rows that a statement which changes the database gives, as `sql-query` gives them; errors as `sql-exec`."""
    return _rows(gate, "sql-returning", db, statement, params, changes=True)


@PACK.effect(
    "sql-exec",
    result=True,
    changes=True,
    example='(sql-exec db "INSERT INTO users (name) VALUES (?)" (list "Ada"))',
)
def sql_exec(gate: Gate, db: SqlDatabase, statement: str, params: object = None) -> int:
    """How many rows one statement inserted, updated or deleted.

    `params` are a list for `?` or a map for `:name` of nil, numbers, booleans (1 and 0), strings and bytes; a secret is
    refused, since SQL could take it apart.
    Errors are those of `sql-query` and `constraint`, `read-only`, `no-space` (also: the file would grow by more than
    the limit `write_bytes`, or than the budget has left), `transaction` (BEGIN, COMMIT and SAVEPOINT are
    `sql-transaction`'s), `rolled-back`.
    """
    gate.use(db)
    connection = db.database.connection
    before = connection.total_changes()
    _rows(gate, "sql-exec", db, statement, params, changes=True)
    return connection.changes() if connection.total_changes() != before else 0


@PACK.effect(
    "sql-transaction",
    result=True,
    changes=True,
    example='(sql-transaction db (lambda () (ok-value (sql-exec db "DELETE FROM users"))))',
)
def sql_transaction(gate: Gate, db: SqlDatabase, function: Function) -> object:
    """What `function` gives, called without arguments in a transaction.

    All it did in the database is undone when it raises or gives a bad result, which is then the result of this call.
    Transactions do not nest (`transaction`). Errors: `busy`, `rolled-back` (SQLite gave it up), `constraint`.
    """
    gate.use(db)
    database = db.database
    if database.transacts:
        raise EffectFailed("transaction", "sql-transaction: a transaction is under way")
    database.own(gate, "sql-transaction", "BEGIN" if db.read_only else "BEGIN IMMEDIATE")
    database.transacts = True
    try:
        value = gate.hand(function)
        _raise_failed(value)
        gate.use(db)
        database.own(gate, "sql-transaction", "COMMIT")
    except BaseException:
        if not db.closed and database.connection.in_transaction:
            database.connection.execute("ROLLBACK")
        raise
    finally:
        database.transacts = False
    return value


def _raise_failed(value: Any) -> None:
    """Raise the failure that `value` is a result of, if it is one."""
    if value.__class__ is dict and value.get(OK) is False and ERROR in value:
        raise EffectFailed(value[ERROR].tag, value[ERROR].message)


def _rows(gate: Gate, op: str, db: SqlDatabase, statement: str, params: object, *, changes: bool) -> list[Any]:
    gate.use(db)
    values = bound(op, params)
    gate.charge("bytes", len(statement) + size(values))
    names, rows = db.database.rows(gate, op, statement, values, changes=changes)
    return [dict(zip(names, row, strict=True)) for row in rows]
