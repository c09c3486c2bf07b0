"""From a connection to one on which a program's statements may run: what they may do, for how long, in how much room.

The guard is in force while a statement of a program runs; the runtime's own (BEGIN, PRAGMA) it lets pass. What it
refuses it notes, because SQLite passes on no more than "not authorized".

SQLite looks at the clock and the memory only where a statement branches, and a row may have thousands of values before
that. So the more values a statement names, the shorter each must be.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Final

import apsw

from vigyc.effects.databases.functions import replace_slow_functions
from vigyc.effects.databases.rules import TRANSACTIONS, refusal
from vigyc.effects.gate import Gate
from vigyc.effects.limits import Limits
from vigyc.runtime.values import MAX_TEXT

MEMORY: Final = 2**28  # bytes that SQLite may take on while a statement runs
_ROW: Final = 2**29  # bytes of all that a statement names, were each as long as it may be
_SLOW: Final = {"like": 32, "glob": 32}  # as how many values a call counts, for the time it takes
_PAGE: Final = 4096  # bytes, of temporary tables, which are in memory
_STEPS: Final = 200  # of SQLite's machine between two looks at the clock
_LONGEST_NAP: Final = 0.032  # seconds, while another connection is writing

_NAMING: Final = frozenset({apsw.SQLITE_READ, apsw.SQLITE_FUNCTION})
_VALUES: Final = ("?", ":", "@", "$", "||")  # in a statement: parameters, and texts put together

_LIMITS: Final = {
    apsw.SQLITE_LIMIT_ATTACHED: 0,
    apsw.SQLITE_LIMIT_SQL_LENGTH: 1_000_000,
    apsw.SQLITE_LIMIT_EXPR_DEPTH: 200,
    apsw.SQLITE_LIMIT_COMPOUND_SELECT: 100,
    apsw.SQLITE_LIMIT_VDBE_OP: 250_000,
    apsw.SQLITE_LIMIT_FUNCTION_ARG: 127,
    apsw.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    apsw.SQLITE_LIMIT_TRIGGER_DEPTH: 50,
    apsw.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_SETTINGS: Final = (
    (apsw.SQLITE_DBCONFIG_DEFENSIVE, 1),
    (apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
    (apsw.SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0),
    (apsw.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
    (apsw.SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0),
    (apsw.SQLITE_DBCONFIG_DQS_DML, 0),
    (apsw.SQLITE_DBCONFIG_DQS_DDL, 0),
    (apsw.SQLITE_DBCONFIG_ENABLE_FKEY, 1),
)
_PRAGMAS: Final = ("temp_store = MEMORY", "mmap_size = 0", "cell_size_check = ON")


class Guard:
    """The guard of one connection.

    `noted` is what it refused: what was tried, and the rule. `too_large` says that a statement was stopped for the
    memory it took, `transacts` that one would begin or end a transaction.
    """

    def __init__(self, connection: apsw.Connection, limits: Limits) -> None:
        self.noted: tuple[str, str] | None = None
        self.too_large = False
        self.transacts = False
        self._strict = False
        self._until = monotonic() + limits.query_ms / 1000
        self._memory = apsw.memory_used()
        self._connection = connection
        self._longest = longest = min(limits.read_bytes, MAX_TEXT)
        self._named = 0
        connection.limit(apsw.SQLITE_LIMIT_LENGTH, longest)
        for limit, most in _LIMITS.items():
            connection.limit(limit, most)
        for setting, value in _SETTINGS:
            connection.config(setting, value)
        replace_slow_functions(connection, longest)
        connection.set_busy_handler(self._wait)
        connection.set_progress_handler(self._is_over, _STEPS)
        connection.authorizer = self._authorize

    def settle(self, connection: apsw.Connection, limits: Limits) -> None:
        """Set what only a statement can, before the first of a program; the file is read. Raises apsw.Error."""
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.pragma("max_page_count", limits.write_bytes // _PAGE, schema="temp")
        connection.pragma("schema_version")

    def start(self, gate: Gate) -> None:
        """The time for an operation begins."""
        self.noted, self.too_large, self.transacts = None, False, False
        self._until = monotonic() + gate.remaining(gate.limits.query_ms)
        self._memory = apsw.memory_used()

    @contextmanager
    def in_force(self, statement: str = "") -> Iterator[None]:
        """While `statement`, which a program wrote, runs, or a known one."""
        self._strict = True
        self._named = 0
        self._connection.limit(apsw.SQLITE_LIMIT_LENGTH, self._longest)
        self._name(sum(map(statement.count, _VALUES)))
        try:
            yield
        finally:
            self._strict = False

    def _authorize(
        self, action: int, first: str | None, second: str | None, database: str | None, within: str | None
    ) -> int:
        if not self._strict:
            return apsw.SQLITE_OK
        if action in TRANSACTIONS:
            self.transacts = True
            return apsw.SQLITE_DENY
        if action in _NAMING:
            self._name(_SLOW.get(second or "", 1) if action == apsw.SQLITE_FUNCTION else 1)
        found = refusal(action, first, second)
        if found is None:
            return apsw.SQLITE_OK
        self.noted = found
        return apsw.SQLITE_DENY

    def _name(self, values: int) -> None:
        """Count `values` more that the statement names, and have each be so much shorter."""
        self._named += values
        if self._named * self._longest > _ROW:
            self._connection.limit(apsw.SQLITE_LIMIT_LENGTH, _ROW // self._named)

    def _is_over(self) -> bool:
        if apsw.memory_used() - self._memory > MEMORY:
            self.too_large = True
            return True
        return monotonic() > self._until

    def _wait(self, times: int) -> bool:
        left = self._until - monotonic()
        if left <= 0:
            return False
        sleep(min(0.001 * 2 ** min(times, 5), _LONGEST_NAP, left))
        return True
