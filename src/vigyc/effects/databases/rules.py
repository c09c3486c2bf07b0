"""From what a statement is about to do to whether it may: SQLite's authorizer asks here, whatever the spelling.

What is not listed is refused. What a statement may do stays in its database file, and cannot make it unsound.
"""

from __future__ import annotations

from typing import Final

import apsw

OPEN: Final = frozenset(
    {
        apsw.SQLITE_READ, apsw.SQLITE_SELECT, apsw.SQLITE_RECURSIVE,
        apsw.SQLITE_INSERT, apsw.SQLITE_UPDATE, apsw.SQLITE_DELETE,
        apsw.SQLITE_ALTER_TABLE, apsw.SQLITE_ANALYZE, apsw.SQLITE_REINDEX, apsw.SQLITE_DROP_VTABLE,
        apsw.SQLITE_CREATE_INDEX, apsw.SQLITE_CREATE_TABLE, apsw.SQLITE_CREATE_TRIGGER, apsw.SQLITE_CREATE_VIEW,
        apsw.SQLITE_DROP_INDEX, apsw.SQLITE_DROP_TABLE, apsw.SQLITE_DROP_TRIGGER, apsw.SQLITE_DROP_VIEW,
        apsw.SQLITE_CREATE_TEMP_INDEX, apsw.SQLITE_CREATE_TEMP_TABLE,
        apsw.SQLITE_CREATE_TEMP_TRIGGER, apsw.SQLITE_CREATE_TEMP_VIEW,
        apsw.SQLITE_DROP_TEMP_INDEX, apsw.SQLITE_DROP_TEMP_TABLE,
        apsw.SQLITE_DROP_TEMP_TRIGGER, apsw.SQLITE_DROP_TEMP_VIEW,
    }
)  # fmt: skip
"""Actions that are allowed."""

MODULES: Final = frozenset({"fts5", "fts5vocab", "rtree", "rtree_i32"})
"""Kinds of virtual tables that may be made."""

CLOSED_FUNCTIONS: Final = frozenset(
    {
        "load_extension", "fts3_tokenizer", "sqlite_log", "readfile", "writefile", "edit", "fsdir",
        "json_patch", "jsonb_patch",
    }
)  # fmt: skip
CLOSED_PREFIX: Final = "geopoly_"
"""Functions that reach out of the database, or whose time grows with the square of what they are given."""

_ASKED: Final = frozenset(
    {
        "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo", "foreign_key_list",
        "foreign_key_check", "collation_list", "integrity_check", "quick_check",
    }
)  # fmt: skip
_SET: Final = frozenset({"user_version", "application_id", "foreign_keys", "defer_foreign_keys", "recursive_triggers"})
_SHOWN: Final = frozenset(
    {"journal_mode", "encoding", "page_count", "page_size", "freelist_count", "schema_version", "data_version"}
)
_JOURNALS: Final = frozenset({"wal", "delete", "truncate", "persist"})

TRANSACTIONS: Final = frozenset({apsw.SQLITE_TRANSACTION, apsw.SQLITE_SAVEPOINT})


def refusal(action: int, first: str | None, second: str | None) -> tuple[str, str] | None:
    """What a statement tries and the rule against it; None if it may. The arguments are those of an authorizer."""
    if action in OPEN:
        return None
    if action == apsw.SQLITE_FUNCTION:
        name = (second or "").lower()
        closed = name in CLOSED_FUNCTIONS or name.startswith(CLOSED_PREFIX)
        return (f"the function {name}", "SQL must not call it") if closed else None
    if action == apsw.SQLITE_PRAGMA:
        name = (first or "").lower()
        return None if _may(name, second) else (f"PRAGMA {name}", "it is none that SQL may use, or not with that value")
    if action == apsw.SQLITE_CREATE_VTABLE:
        return None if (second or "").lower() in MODULES else (f"a table of {second}", "SQL must not make one")
    if action in {apsw.SQLITE_ATTACH, apsw.SQLITE_DETACH}:
        return f"ATTACH {first or ''}".rstrip(), "no statement reaches another file (ATTACH, DETACH, VACUUM)"
    return f"action {action}", "it is none that SQL may do"


def _may(pragma: str, value: str | None) -> bool:
    if pragma in _ASKED or pragma in _SET:
        return True
    return pragma in _SHOWN and (value is None or (pragma == "journal_mode" and value.lower() in _JOURNALS))
