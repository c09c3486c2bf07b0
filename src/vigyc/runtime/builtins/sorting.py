"""From a list to the list in order: by a comparator, or by a key."""

from __future__ import annotations

from math import isnan
from typing import Any

from vigyc.lang.datum import Keyword, Symbol
from vigyc.runtime.calling import Function
from vigyc.runtime.faults import mismatch_kind, native_fault
from vigyc.runtime.lists import items
from vigyc.runtime.native import native
from vigyc.runtime.ordering import AT_ONCE, order_of, ordered
from vigyc.runtime.values import INT_MAX, kind_of

# Builtins whose order Python's own sort gives, and whether it is descending.
_KNOWN_ORDERS = {"<": True, ">": False, "-": False, "compare": False}


@native("sort-by", 2)
def sort_by(comparator: Function, xs: object, /) -> list[object]:
    """The elements in order: two neighbours for which `comparator` is #t or positive change places.

    So `compare`, `-` and `>` sort ascending, `<` descending. Stable; a merge sort on what insertion sort would give.
    """
    array = items(xs)
    known = getattr(comparator, "tatara", None)
    if known is not None and known.name in _KNOWN_ORDERS and _is_plain(array, known.name):
        return sorted(array, reverse=_KNOWN_ORDERS[known.name])  # type: ignore[type-var]
    return ordered(array, comparator)


def _is_plain(array: list[Any], comparator: str) -> bool:
    """Whether builtin `comparator` takes every two elements and orders them as Python does."""
    if len(array) > AT_ONCE or len(array) < 2:
        return False
    kinds = {x.__class__ for x in array}
    if kinds == {int}:
        return comparator != "-" or bool(max(array) - min(array) <= INT_MAX)
    if kinds == {str}:
        return comparator == "compare"
    return kinds == {float} and comparator != "-" and not any(map(isnan, array))


@native("sort-by-key", 2)
def sort_by_key(key: Function, xs: object, /) -> list[object]:
    """The elements in the order that `compare` gives their keys; stable, `key` being called once for each."""
    array = items(xs)
    keys: list[Any] = [key(x) for x in array]
    if not keys:
        return []
    for index, k in enumerate(keys):
        if k.__class__ is float and isnan(k):
            raise native_fault("sort-by-key", f"the key at position {index} is NaN, which has no order")
        if _order_kind(k) is None or _order_kind(k) != _order_kind(keys[0]):
            got = f"{kind_of(keys[0])} vs {kind_of(k)}"
            raise mismatch_kind("comparable values of the same kind", got)
    return [array[index] for index in order_of(_comparable(keys))]


def _order_kind(k: object) -> str | None:
    """What `compare` takes `k` with; None if with nothing."""
    cls = k.__class__
    if cls is int or cls is float:
        return "number"
    return kind_of(k) if cls is str or cls is Symbol or cls is Keyword else None


def _comparable(keys: list[Any]) -> list[Any]:
    """The keys as values that Python orders as `compare` does."""
    kinds = {k.__class__ for k in keys}
    if kinds <= {int, float}:
        return [float(k) for k in keys] if len(kinds) == 2 else keys
    return keys if kinds == {str} else [k.name for k in keys]
