"""From lists to their parts, and to lists made of them: the library's functions, walked by `car` and `cdr` as it were.

Which of them give nil and which the empty list when there is nothing is part of the language.
"""

from __future__ import annotations

import math
from typing import Any

from vigyc.runtime.arithmetic import gt, lt
from vigyc.runtime.builtins.lists import nth
from vigyc.runtime.builtins.predicates import is_empty
from vigyc.runtime.calling import Function
from vigyc.runtime.equality import equal
from vigyc.runtime.faults import native_fault, size_exceeded, type_mismatch
from vigyc.runtime.lists import append, car, cdr, extent, is_list, items, walked
from vigyc.runtime.native import native
from vigyc.runtime.outline import SCALARS, outline
from vigyc.runtime.values import INT_MAX, MAX_ITEMS


@native("first", 1)
def first(xs: object, /) -> object:
    """The first element."""
    return car(xs)


@native("rest", 1)
def rest(xs: object, /) -> object:
    """All but the first element; nil if there is but one."""
    return cdr(xs)


def _at(xs: Any, index: int) -> object:
    """The `car` of the `index`-th `cdr`."""
    while index and xs.__class__ is tuple:
        xs = xs[1]
        index -= 1
    if xs.__class__ is tuple:
        return xs[0]
    array, end = extent(xs, "pair")
    if index < end:
        return array[index]
    missing = "car" if index == end else "cdr"
    raise native_fault(missing, f"{missing} of empty list")


@native("second", 1)
def second(xs: Any, /) -> object:
    """The second element."""
    return xs[1] if xs.__class__ is list and len(xs) > 1 else _at(xs, 1)


@native("third", 1)
def third(xs: object, /) -> object:
    """The third element."""
    return _at(xs, 2)


@native("fourth", 1)
def fourth(xs: object, /) -> object:
    """The fourth element."""
    return _at(xs, 3)


@native("last", 1)
def last(xs: object, /) -> object:
    """The last element."""
    array, end = extent(xs, "pair")
    if end == 0:
        raise native_fault("cdr", "cdr of empty list")
    return array[end - 1]


@native("butlast", 1)
def butlast(xs: object, /) -> object:
    """All but the last element; nil if there is but one."""
    array, end = extent(xs, "pair")
    if end == 0:
        raise native_fault("cdr", "cdr of empty list")
    return array[: end - 1] or None


@native("safe-nth", 2)
def safe_nth(n: Any, xs: object, /) -> object:
    """The element at index `n`; nil beyond the end, the first element before the beginning."""
    if is_empty(xs):
        return None
    if n.__class__ is float:
        n = math.ceil(max(n, 0.0)) if n < INT_MAX else INT_MAX
    if n.__class__ is not int:
        raise type_mismatch("number", n)
    if not is_list(xs):
        raise type_mismatch("pair", xs)
    return nth(max(n, 0), xs)


@native("concat", 0, None)
def concat(*lists: object) -> object:
    """The elements of all the lists; nil if there are none."""
    return append(*lists)


@native("member?", 2)
def is_member(x: object, xs: object, /) -> bool:
    """Whether some element is `equal?` to `x`."""
    return _position(x, walked(xs)) >= 0


@native("position", 2)
def position(x: object, xs: object, /) -> int:
    """The index of the first element that is `equal?` to `x`, else -1."""
    return _position(x, walked(xs))


def _position(x: object, array: list[object]) -> int:
    cls: type = x.__class__
    if cls not in SCALARS:
        for index, y in enumerate(array):
            if equal(x, y):
                return index
        return -1
    if x not in array:  # Python's equality is wider: 1 and 1.0
        return -1
    for index, y in enumerate(array):
        if y.__class__ is cls and x == y:
            return index
    return -1


@native("zip", 2)
def zip_lists(xs: object, ys: object, /) -> list[object]:
    """Two-element lists of what stands at the same place; the shorter list ends it."""
    return [[x, y] for x, y in zip(walked(xs), walked(ys), strict=False)]


@native("interleave", 2)
def interleave(xs: object, ys: object, /) -> object:
    """The elements of both lists by turns, until the shorter ends; nil if there are none."""
    pairs = list(zip(walked(xs), walked(ys), strict=False))
    if len(pairs) * 2 > MAX_ITEMS:
        raise size_exceeded("interleave", MAX_ITEMS)
    return [x for pair in pairs for x in pair] or None


@native("intersperse", 2)
def intersperse(separator: object, xs: object, /) -> object:
    """The elements with `separator` between them; nil if there are none."""
    array = walked(xs)
    if len(array) * 2 > MAX_ITEMS:
        raise size_exceeded("intersperse", MAX_ITEMS)
    out = [separator] * (len(array) * 2 - 1)
    out[::2] = array
    return out or None


@native("flatten", 1)
def flatten(xs: object, /) -> object:
    """The elements that are no lists, however deep in lists they are; nil if there are none."""
    out: list[object] = []
    open_lists = [iter(walked(xs))]
    while open_lists:
        for x in open_lists[-1]:
            if is_list(x):
                open_lists.append(iter(items(x)))
                break
            if x is not None:
                out.append(x)
        else:
            open_lists.pop()
        if len(out) > MAX_ITEMS:
            raise size_exceeded("flatten", MAX_ITEMS)
    return out or None


@native("distinct", 1)
def distinct(xs: object, /) -> list[object]:
    """The elements without those that are `equal?` to an earlier one."""
    seen: set[object] = set()
    structures: dict[object, list[object]] = {}  # by outline
    out: list[object] = []
    for x in walked(xs):
        cls: type = x.__class__
        if cls in SCALARS:
            mark = (cls, x)
            if mark in seen and (cls is not float or x == x):  # noqa: PLR0124 - false for NaN alone
                continue
            seen.add(mark)
        else:
            alike = structures.setdefault(outline(x), [])
            if _position(x, alike) >= 0:
                continue
            alike.append(x)
        out.append(x)
    return out


@native("max-by", 2)
def max_by(f: Function, xs: object, /) -> object:
    """The first element for which `f` is greatest."""
    array = walked(xs)
    best = car(array)
    for x in array[1:]:
        if gt(f(x), f(best)):
            best = x
    return best


@native("min-by", 2)
def min_by(f: Function, xs: object, /) -> object:
    """The first element for which `f` is least."""
    array = walked(xs)
    best = car(array)
    for x in array[1:]:
        if lt(f(x), f(best)):
            best = x
    return best


@native("plist-get", 2)
def plist_get(plist: object, key: object, /) -> object:
    """The value after the first key at an even place that is `equal?` to `key`; nil if there is none."""
    array = walked(plist)
    for at in range(0, len(array) - 1, 2):
        if equal(array[at], key):
            return array[at + 1]
    return None


@native("unwrap-or", 2)
def unwrap_or(x: object, default: object, /) -> object:
    """`x`, or `default` for nil and the empty list."""
    return default if is_empty(x) else x
