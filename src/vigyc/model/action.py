"""From a decision to what a host should do: one reconcile action."""

from __future__ import annotations

from typing import Any, Final, NamedTuple


class Absent:
    """The kind of `ABSENT`, which says that there is no payload (None is a payload: JSON null)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"

    def __reduce__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()

STATUSES: Final = ("ok", "failed", "skipped")
IDLE: Final = frozenset({"noop", "defer"})
"""The kinds that ask a host for nothing."""
KINDS: Final = ("noop", "defer", "pull", "push", "create", "update", "delete", "apply", "restart", "custom")


class Action(NamedTuple):
    """What to do: `kind` is one of `KINDS`, `payload` any JSON data, `result` one of `STATUSES`."""

    kind: str
    payload: object = ABSENT
    result: str | None = None
    message: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The action as a JSON object; options that are not set are left out."""
        out: dict[str, Any] = {"kind": self.kind}
        if self.payload is not ABSENT:
            out["payload"] = self.payload
        if self.result is not None:
            out["result"] = self.result
        if self.message is not None:
            out["message"] = self.message
        return out
