"""From what a tick wants to write to whether its vigy may: limits on the kv of each vigy.

What a vigy holds is counted once by SQL; from then on every write adds to an upper bound, and only when that passes the
limit it is counted again. Reading and deleting are never refused.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

import apsw

KIND: Final = "kv-quota"

_HELD = """SELECT count(*), coalesce(sum(octet_length(key)
  + CASE WHEN typeof(value) IN ('integer', 'real') THEN 8 ELSE coalesce(octet_length(value), 0) END), 0)
FROM kv WHERE scope = ? AND key NOT IN (SELECT value FROM json_each(?))"""

_UNKNOWN: Final = (-1, 0, 0)


class Quota(NamedTuple):
    """The most a vigy's kv may hold: keys, bytes in all (of keys and values), bytes of one value."""

    keys: int = 10_000
    total_bytes: int = 64 * 2**20
    value_bytes: int = 2**20

    def value_refused(self, key: str, size: int) -> str:
        """Why a value of `size` bytes is refused."""
        return (
            f"the value of key {key!r} has {size:,} bytes, and {self.value_bytes:,} is the most a value may have;"
            " the setting kv_value_bytes raises it"
        )


class Usage:
    """What each vigy holds at most, as far as this process knows; used under the lock of the writer."""

    def __init__(self, quota: Quota) -> None:
        self.quota = quota
        self._bounds: dict[str, tuple[int, int, int]] = {}  # generation, keys, bytes

    def refuse(
        self,
        sql: apsw.Cursor,
        vigy_id: str,
        generation: int,
        rows: Sequence[tuple[str, str, Any]],
        size: int,
        deletes: Collection[str] = (),
    ) -> str | None:
        """Why `rows`, `size` bytes together, are too much for a vigy; None if they are not, and then they are counted.

        `generation` is the vigy's: what was known of it under another is forgotten.
        """
        known, keys, held = self._bounds.get(vigy_id, _UNKNOWN)
        keys += len(rows)
        held += size
        quota = self.quota
        if known != generation or keys > quota.keys or held > quota.total_bytes:
            others = json.dumps([*(row[1] for row in rows), *deletes])
            ((keys, held),) = sql.execute(_HELD, (vigy_id, others))
            keys, held = keys + len(rows), held + size
            if keys > quota.keys:
                return _too_much(rows, f"{keys:,} keys", f"{quota.keys:,}", "kv_keys")
            if held > quota.total_bytes:
                return _too_much(rows, f"{held:,} bytes", f"{quota.total_bytes:,}", "kv_bytes")
        self._bounds[vigy_id] = generation, keys, held
        return None

    def forget(self) -> None:
        """A transaction was undone: what it counted may be wrong."""
        self._bounds.clear()


def _too_much(rows: Sequence[tuple[str, str, Any]], held: str, most: str, setting: str) -> str:
    return (
        f"with key {rows[-1][1]!r} the kv would hold {held}, and {most} is the most;"
        f" delete some, or raise the setting {setting}"
    )
