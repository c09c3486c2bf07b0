"""From the ids of vigies to their generations inside a transaction, without asking for each every time.

What was read stays true until any vigy is changed: the counter `registry` is then raised, in the same transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

import apsw

_READ: Final = "SELECT id, generation FROM vigies WHERE id IN (SELECT value FROM json_each(?))"


class Generations:
    """The generations read so far; used under the lock of the writer."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._as_of = -1

    def of(self, sql: apsw.Cursor, vigy_ids: Sequence[str]) -> Mapping[str, int]:
        """The generations of these vigies, and of others; those that are not registered have none."""
        as_of = sql.execute("SELECT value FROM counters WHERE name = 'registry'").get
        if as_of != self._as_of:
            self._known.clear()
        known = self._known
        unread = [vigy_id for vigy_id in vigy_ids if vigy_id not in known]
        if unread:
            known.update(sql.execute(_READ, (json.dumps(unread),)))
        self._as_of = as_of
        return known


def raised(sql: apsw.Cursor, generation: int) -> None:
    """A vigy was changed, which the notice with this number tells."""
    sql.execute("UPDATE counters SET value = ? WHERE name = 'registry'", (generation,))
