"""From a map to one that a loop may change in place: a private copy, or, where copying would not pay, a transient.

`own` on entry, item assignment inside, `sealed` on the way out. A large map that few rounds would change becomes a
transient around a shared map, whose replacement costs the same however large it is; so a loop inside a loop stays
linear.
"""

from __future__ import annotations

from vigyc.runtime.faults import type_mismatch
from vigyc.runtime.maps import SharedMap, put

COPIED = 1024  # entries that are copied without a thought
PER_ROUND = 8  # entries that may be copied for each round that is known to come


class Transient:
    """A map under change that is not a private dict; what is no map at all refuses the first change."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __setitem__(self, key: object, value: object) -> None:
        if not isinstance(self.value, (dict, SharedMap)):
            raise type_mismatch("map", self.value)
        self.value = put(self.value, key, value)

    def __contains__(self, key: object) -> bool:
        return key in self.value  # type: ignore[operator]

    def __len__(self) -> int:
        return len(self.value)  # type: ignore[arg-type]

    def get(self, key: object, default: object = None) -> object:
        """As of the map itself, refusals included."""
        if not isinstance(self.value, (dict, SharedMap)):
            raise type_mismatch("map", self.value)
        return self.value.get(key, default)


def own(value: object, rounds: int) -> object:
    """`value` for a loop that owns it, of which `rounds` rounds are known to come."""
    if value.__class__ is dict and len(value) <= COPIED + PER_ROUND * rounds:
        return value.copy()
    if value.__class__ is SharedMap and len(value) <= PER_ROUND * rounds:
        return value.entries().copy()
    return Transient(value)


def sealed(value: object) -> object:
    """The map that the loop leaves behind."""
    return value.value if value.__class__ is Transient else value
