"""From lists to lists: the natives that take them apart and put them together.

What a list is underneath, and what each step costs, is told in `runtime.lists`.
"""

from __future__ import annotations

from typing import Any

from vigyc.runtime.faults import type_mismatch
from vigyc.runtime.lists import append, car, cdr, cons, extent, items, length
from vigyc.runtime.native import native

native("car", 1)(car)
native("cdr", 1)(cdr)
native("cons", 2)(cons)
native("length", 1)(length)
native("append", 0, None)(append)


@native("list", 0, None)
def make_list(*elements: object) -> list[object]:
    """The arguments as a list."""
    return list(elements)


@native("reverse", 1)
def reverse(xs: object, /) -> object:
    """The elements last to first; each of the two empty lists is its own reverse."""
    return items(xs)[::-1] if xs is not None else None


def _count(n: object) -> int:
    """A number of elements: an int, less than none being none."""
    if n.__class__ is int:
        return n if n > 0 else 0
    raise type_mismatch("integer", n)


@native("take", 2)
def take(n: object, xs: Any, /) -> list[object]:
    """The first `n` elements, or as many as there are."""
    count = _count(n)
    if xs.__class__ is list:
        return xs[:count]
    out: list[object] = []
    while count and xs.__class__ is tuple:
        head, xs = xs
        out.append(head)
        count -= 1
    if xs.__class__ is tuple:
        return out
    array, end = extent(xs)
    return out + array[: min(count, end)]


@native("drop", 2)
def drop(n: object, xs: Any, /) -> object:
    """All but the first `n` elements; the empty list if there are no more."""
    count = _count(n)
    while count and xs.__class__ is tuple:
        xs = xs[1]
        count -= 1
    if count == 0 and xs.__class__ is tuple:
        return xs
    array, end = extent(xs)
    return array[count:end]


@native("nth", 2)
def nth(n: Any, xs: Any, /) -> object:
    """The element at index `n` from 0; nil beyond the list, on either side."""
    if n.__class__ is not int:
        raise type_mismatch("integer", n)
    if xs.__class__ is list:
        return xs[n] if 0 <= n < len(xs) else None
    if n < 0:
        items(xs)
        return None
    while xs.__class__ is tuple:
        head, xs = xs
        if n == 0:
            return head
        n -= 1
    array, end = extent(xs)
    return array[n] if n < end else None
