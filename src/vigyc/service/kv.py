"""From an operator to the kv of a vigy: reading it, and changing it from outside.

A change is one transaction and raises the vigy's generation: a tick that began before it is not committed. Values are
JSON data; what comes in and what goes out are copies. Keys that begin with `__` are the runtime's own (marks of
`vigy-once` and the like): they can be read, and changed only by force.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any, Final

from vigyc.lang.errors import Invalid, NotFound
from vigyc.model.action import ABSENT
from vigyc.model.argument import checked_text
from vigyc.model.vigy import Vigy
from vigyc.runtime.json_value import dumps, from_json, to_json
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource

RESERVED: Final = "__"


class Kv:
    """The kv of `vigy`; `changed` is called with its id after every change."""

    def __init__(self, vigy: Vigy, store: Store, time: TimeSource, changed: Callable[[str], None]) -> None:
        self.vigy = vigy
        self._store = store
        self._time = time
        self._changed = changed

    def get(self, key: str, default: Any = ABSENT) -> Any:
        """The value of `key`. Raises NotFound if there is none and no `default`."""
        held = self._store.kv(self.vigy.id)
        if checked_text("a key", key) in held:
            return to_json(held[key])
        if default is not ABSENT:
            return default
        near = get_close_matches(key, held, n=1)
        raise NotFound(f"{self.vigy.name} has no key {key!r}{f'; did you mean {near[0]!r}?' if near else ''}")

    def items(self, prefix: str = "") -> list[tuple[str, Any]]:
        """The entries whose keys begin with `prefix`, by key."""
        held = self._store.kv(self.vigy.id)
        return [(key, to_json(held[key])) for key in sorted(held) if key.startswith(prefix)]

    def export(self) -> dict[str, Any]:
        """All of it, as `replace` takes it."""
        return dict(self.items())

    def set(self, key: str, value: Any, *, force: bool = False) -> None:
        """Store `value` under `key`. Raises Invalid for what is not JSON data, and for a key of the runtime's own."""
        self._edit({key: checked_value(key, value)}, (), force)

    def delete(self, key: str, *, force: bool = False) -> bool:
        """Remove `key`; whether it was there. Raises Invalid for a key of the runtime's own."""
        if key not in self._store.kv(self.vigy.id):
            return False
        self._edit({}, (key,), force)
        return True

    def replace(self, entries: Mapping[str, Any], *, merge: bool = False, force: bool = False) -> None:
        """Make the kv be `entries`, or with `merge` add them to it; the runtime's own keys stay without `force`.

        Raises Invalid as `set` does; then nothing is changed.
        """
        if not isinstance(entries, Mapping):
            raise Invalid(f"the entries of a kv: they must be a mapping, not {type(entries).__name__}")
        wanted = {key: checked_value(key, value) for key, value in entries.items()}
        held = self._store.kv(self.vigy.id)
        writes = {key: value for key, value in wanted.items() if key not in held or dumps(held[key]) != dumps(value)}
        gone = [] if merge else [key for key in held.keys() - wanted.keys() if force or not key.startswith(RESERVED)]
        if writes or gone:
            self._edit(writes, gone, force)

    def _edit(self, writes: Mapping[str, Any], deletes: Collection[str], force: bool) -> None:
        own = sorted(key for key in (*writes, *deletes) if key.startswith(RESERVED))
        if own and not force:
            raise Invalid(f"{own[0]!r} is the runtime's own (it begins with {RESERVED!r}); it is changed only by force")
        self.vigy = self._store.edit_kv(self.vigy.id, writes, deletes, self._time.wall_ms())
        self._changed(self.vigy.id)


def checked_value(key: object, value: object) -> Any:
    """A copy of JSON `value` for `key`. Raises Invalid."""
    checked_text("a key", key)
    try:
        return to_json(from_json(value))
    except TypeError as error:
        raise Invalid(f"the value of key {key!r} is {error}") from error
