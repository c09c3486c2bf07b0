"""From a vigy behind a door to its kv: what `service.kv.Kv` is for one in this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigyc.lang.errors import Invalid, NotFound
from vigyc.model.action import ABSENT
from vigyc.model.argument import checked_text
from vigyc.model.codec import from_json
from vigyc.model.vigy import Vigy
from vigyc.service.kv import checked_value
from vigyc.surfaces.wire.door import Door


class RemoteKv:
    """The kv of the vigy that `ref` means, read and changed through `door`. Raises NotFound if there is none."""

    def __init__(self, door: Door, ref: str) -> None:
        self._door = door
        self._vigy = from_json(Vigy, door.perform("get_vigy", {"id": ref}))
        self._changed = False

    @property
    def vigy(self) -> Vigy:
        """The vigy, as it is since the last change made here."""
        if self._changed:
            self._vigy = from_json(Vigy, self._ask("get_vigy"))
            self._changed = False
        return self._vigy

    def get(self, key: str, default: Any = ABSENT) -> Any:
        """The value of `key`. Raises NotFound if there is none and no `default`."""
        try:
            return self._ask("get_kv", key=checked_text("a key", key))["value"]
        except NotFound:
            if default is ABSENT:
                raise
            return default

    def items(self, prefix: str = "") -> list[tuple[str, Any]]:
        """The entries whose keys begin with `prefix`, by key."""
        return [(entry["key"], entry["value"]) for entry in self._ask("list_kv", prefix=prefix)]

    def export(self) -> dict[str, Any]:
        """All of it, as `replace` takes it."""
        return dict(self.items())

    def set(self, key: str, value: Any, *, force: bool = False) -> None:
        """Store `value` under `key`. Raises Invalid for what is not JSON data, and for a key of the runtime's own."""
        self._ask("set_kv", key=key, value=checked_value(key, value), force=force)
        self._changed = True

    def delete(self, key: str, *, force: bool = False) -> bool:
        """Remove `key`; whether it was there. Raises Invalid for a key of the runtime's own."""
        gone: bool = self._ask("delete_kv", key=checked_text("a key", key), force=force)["deleted"]
        self._changed = True
        return gone

    def replace(self, entries: Mapping[str, Any], *, merge: bool = False, force: bool = False) -> None:
        """Make the kv be `entries`, or with `merge` add them to it; the runtime's own keys stay without `force`.

        Raises Invalid as `set` does; then nothing is changed.
        """
        if not isinstance(entries, Mapping):
            raise Invalid(f"the entries of a kv: they must be a mapping, not {type(entries).__name__}")
        wanted = {key: checked_value(key, value) for key, value in entries.items()}
        self._ask("replace_kv", entries=wanted, merge=merge, force=force)
        self._changed = True

    def _ask(self, name: str, **arguments: Any) -> Any:
        return self._door.perform(name, {"id": self._vigy.id, **arguments})
