"""From what a tick observed to a named statement about the world, and how such statements follow each other.

`last_transition` moves only when the status changes (decision D28).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Condition(NamedTuple):
    """`name` is `status` (the text true, false or unknown), perhaps with a reason and a message.

    `last_transition` is the start of the tick that saw the status change, in ms since 1970.
    """

    name: str
    status: str
    reason: str | None = None
    message: str | None = None
    last_transition: int = 0

    def to_json(self) -> dict[str, Any]:
        """The condition as a JSON object, without its stamp; options that are not set are left out."""
        out: dict[str, Any] = {"name": self.name, "status": self.status}
        if self.reason is not None:
            out["reason"] = self.reason
        if self.message is not None:
            out["message"] = self.message
        return out


def settled(before: Mapping[str, Condition], stated: Iterable[Condition]) -> dict[str, Condition]:
    """The conditions by name after a tick `stated` some: per name the latest wins."""
    after = dict(before)
    for condition in stated:
        known = after.get(condition.name)
        since = known.last_transition if known and known.status == condition.status else condition.last_transition
        after[condition.name] = condition._replace(last_transition=since)
    return after
