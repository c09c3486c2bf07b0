"""From `vigy-event` to something that happened."""

from __future__ import annotations

from typing import NamedTuple


class Event(NamedTuple):
    """Something of `kind` happened; `message` says what."""

    kind: str
    message: str

    def to_json(self) -> dict[str, str]:
        """The event as a JSON object."""
        return {"kind": self.kind, "message": self.message}
