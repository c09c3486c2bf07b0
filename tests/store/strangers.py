"""Somebody else on a store's file: another process with Python's own sqlite3, which knows nothing of us.

A process of its own, because two copies of SQLite in one process undo each other's locks.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCRIPT = """
import json, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for sql in sys.argv[2:]:
    rows = connection.execute(sql).fetchall()
print(json.dumps(rows), flush=True)
sys.stdin.read()
"""


def stranger(path: Path, *sql: str) -> list[list[Any]]:
    """Do `sql`; the rows of the last statement."""
    command = [sys.executable, "-c", SCRIPT, str(path), *sql]
    return json.loads(subprocess.run(command, input="", capture_output=True, text=True, check=True).stdout)


@contextmanager
def held_by_a_stranger(path: Path, *sql: str) -> Iterator[None]:
    """Somebody has done `sql` and sits there."""
    command = [sys.executable, "-c", SCRIPT, str(path), *sql]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield
        holder.communicate()
