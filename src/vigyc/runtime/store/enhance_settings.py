"""From the settings of the enhance pipeline to their rows, and back; a damaged row raises StoreError."""

from __future__ import annotations

from collections.abc import Sequence
from json import loads
from typing import Any, Final

import apsw

from vigyc.lang.errors import Conflict, Invalid, NotFound, StoreError
from vigyc.model.enhance_codec import read_setting, setting_json
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.runtime.store import stream
from vigyc.runtime.store.encoding import json_text, plain_text
from vigyc.runtime.store.issue_steps import told_setting
from vigyc.runtime.store.store_file import Transaction

SETTING_COLUMNS: Final = "name, setting_json, paused, updated_at"

_SELECT: Final = f"SELECT {SETTING_COLUMNS} FROM enhance_settings"
_PUT: Final = "INSERT OR REPLACE INTO enhance_settings VALUES (?, ?, ?, ?)"
_COLUMNS: Final = ("name", "paused", "updated_at")  # which the JSON beside them leaves out


def settings(sql: apsw.Cursor) -> list[EnhanceSetting]:
    """All, by name."""
    return [setting_of(row) for row in sql.execute(f"{_SELECT} ORDER BY name")]


def setting(sql: apsw.Cursor, name: str) -> EnhanceSetting | None:
    """One of them."""
    row = sql.execute(f"{_SELECT} WHERE name = ?", (name,)).fetchone()
    return None if row is None else setting_of(row)


def put(transaction: Transaction, wanted: EnhanceSetting, at: int, seen: int | None) -> EnhanceSetting:
    """Store a setting, and tell; as it was stored. Raises Invalid for what cannot be stored, Conflict."""
    known = transaction.sql.execute("SELECT updated_at FROM enhance_settings WHERE name = ?", (wanted.name,)).get
    stored = renewed(wanted, at, known or 0, seen)
    transaction.sql.execute(_PUT, setting_row(stored))
    stream.append(transaction, [told_setting(stored.name, stored.paused, at)])
    return stored


def renewed(wanted: EnhanceSetting, at: int, known: int, seen: int | None) -> EnhanceSetting:
    """`wanted` as it replaces one that was stored at `known` (0: none was). Raises Conflict if that is not `seen`."""
    if seen is not None and seen != known:
        raise Conflict(f"setting {wanted.name!r:.80} was changed meanwhile; look again and repeat")
    return wanted._replace(updated_at=max(at, known + 1))


def remove(transaction: Transaction, name: str, at: int) -> None:
    """Delete a setting, and tell; raises NotFound."""
    if transaction.sql.execute("DELETE FROM enhance_settings WHERE name = ? RETURNING name", (name,)).get is None:
        raise NotFound(f"there is no setting {name!r:.80}")
    stream.append(transaction, [told_setting(name, None, at, removed=True)])


def setting_row(setting: EnhanceSetting) -> tuple[Any, ...]:
    """The cells of a setting. Raises Invalid for what no store could hold."""
    parts = {name: part for name, part in setting_json(setting).items() if name not in _COLUMNS}
    try:
        return setting.name, json_text(parts), plain_text(setting.paused), setting.updated_at
    except (ValueError, TypeError) as error:
        raise Invalid(f"setting {setting.name!r:.80} cannot be stored: {error}") from error


def setting_of(row: Sequence[Any]) -> EnhanceSetting:
    """A setting from its row; raises StoreError when it is damaged."""
    name, text, paused, updated_at = row
    try:
        found = read_setting(loads(text), "setting")
    except (ValueError, TypeError, RecursionError, Invalid) as error:
        raise StoreError(f"setting {name!r:.80} of the pipeline cannot be read: {error}") from error
    return found._replace(name=name, paused=paused, updated_at=updated_at)
