"""From values to outlines, by which those that may be equal are found without comparing all with all.

Values that are `equal?` have one outline; of a scalar it tells all but that NaN differs from itself, of a structure
no more than its first parts, so that it is small however large and deep the value is.
"""

from __future__ import annotations

from vigyc.lang.datum import Keyword, Symbol
from vigyc.runtime.lists import is_list, items
from vigyc.runtime.maps import SharedMap, as_dict

SCALARS = frozenset({int, str, bool, float, type(None), Symbol, Keyword})
_PARTS = 128  # of a structure that are looked at


def outline(value: object) -> object:
    """What `value` has in common with whatever is equal to it, as a key for a dict or a set."""
    if value.__class__ in SCALARS:
        return (value.__class__, value)
    parts: list[object] = []
    ahead = [value]
    while ahead and len(parts) < _PARTS:
        x = ahead.pop()
        if x.__class__ in SCALARS:
            parts.append((x.__class__, x))
        elif is_list(x):
            elements = items(x)
            parts.append(len(elements))
            ahead += elements[:_PARTS]
        elif x.__class__ is dict or x.__class__ is SharedMap:
            parts.append(_entries(as_dict(x)))
        else:
            parts.append(None)
    return tuple(parts)


def _entries(data: dict[object, object]) -> object:
    """The entries in no order, their values only where those are scalars."""
    return frozenset([(key, (v.__class__, v) if v.__class__ in SCALARS else None) for key, v in data.items()])
