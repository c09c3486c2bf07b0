"""From two values to whether they are equal: `equal?` by structure, `eq?` by identity.

Values of different kinds are never equal: not 1 and 1.0, not nil and the empty list. Floats compare as IEEE says, so
NaN differs from itself, also inside one and the same list. Nesting costs no Python stack.
"""

from __future__ import annotations

from types import FunctionType

from vigyc.lang.datum import Keyword, Symbol
from vigyc.runtime.lists import Vec, items
from vigyc.runtime.maps import SharedMap, as_dict
from vigyc.runtime.values import ErrorValue

_LISTS = frozenset({list, tuple, Vec})
_MAPS = frozenset({dict, SharedMap})
_BY_VALUE = frozenset({int, str, bytes, float, bool, Symbol, Keyword, type(None)})
_ABSENT = object()


def equal(a: object, b: object) -> bool:
    """Whether `(equal? a b)`: structural on lists, maps and error values."""
    cls = a.__class__
    if cls in _BY_VALUE:
        return cls is b.__class__ and a == b
    if a is b and cls is FunctionType:
        return True
    return _equal_structures(a, b)


def same(a: object, b: object) -> bool:
    """Whether `(eq? a b)`: scalars by value, lists and procedures by identity, anything else never."""
    cls = a.__class__
    if cls in _BY_VALUE:
        return cls is b.__class__ and a == b
    if cls in _LISTS:
        return a is b
    return cls is FunctionType and _same_procedure(a, b)


def _same_procedure(a: object, b: object) -> bool:
    """Whether two procedures are one; a builtin is known by its name, bound to a host or not."""
    if a is b:
        return True
    mine, other = getattr(a, "tatara", None), getattr(b, "tatara", None)
    return mine is not None and other is not None and mine.name == other.name


def _equal_structures(a: object, b: object) -> bool:
    pairs = [(a, b)]
    while pairs:
        a, b = pairs.pop()
        parts = (a, b) if a.__class__ is list and b.__class__ is list else _parts(a, b)
        if parts is None or len(parts[0]) != len(parts[1]):
            return False
        for x, y in zip(*parts):  # noqa: B905 - of one length, as just seen
            cls = x.__class__
            if cls in _BY_VALUE:
                if cls is not y.__class__ or x != y:
                    return False
            else:
                pairs.append((x, y))
    return True


def _parts(a: object, b: object) -> tuple[list[object], list[object]] | None:
    """What must be equal, as many parts and one by one, for `a` and `b` to be equal; None if they are not."""
    cls, other = a.__class__, b.__class__
    if cls in _LISTS:
        return (items(a), items(b)) if other in _LISTS else None
    if cls in _MAPS:
        return _map_parts(as_dict(a), as_dict(b)) if other in _MAPS else None
    if cls is ErrorValue:
        return _error_parts(a, b) if other is ErrorValue else None  # type: ignore[arg-type]
    if cls is FunctionType:
        return ([], []) if _same_procedure(a, b) else None
    return ([], []) if a is b else None


def _map_parts(a: dict[object, object], b: dict[object, object]) -> tuple[list[object], list[object]] | None:
    if len(a) != len(b):
        return None
    matches = [b.get(key, _ABSENT) for key in a]
    return None if any(value is _ABSENT for value in matches) else (list(a.values()), matches)


def _error_parts(a: ErrorValue, b: ErrorValue) -> tuple[list[object], list[object]] | None:
    return (a.data, b.data) if a.tag == b.tag and a.message == b.message else None
