"""From the four shapes of a list to one meaning: nil, Python lists, pairs, and shared buffers.

A program sees one kind of list, which never changes. Underneath, the shape follows how it was made, so that building
and walking cost what a user expects (decision D10):

**Arrays.** Most lists are Python lists: what `list`, `map` and a host's JSON give. `[]` is the empty list that is not
nil.

**Pairs.** `cons` makes `(head, tail)`, whose tail is nil or a list that is not empty, of any shape; so consing up a
list costs a tuple a step. `cdr` of an array that is not short turns the rest into pairs, once: every `cdr` after that
is free, where slicing would copy all the rest at every step. Appending a long list to a short one puts pairs before it.

**Shared buffers.** `append` to a list that is not short makes a `Vec`: a buffer and how much of it is this list.
Appending to the list that reaches the buffer's end extends the buffer, and the old list does not see it; so a fold that
appends one element a step is linear. Appending to any other copies, as it would for an array.

The trade: elements of pairs are reached one by one, and whoever wants a whole list as an array (`items`) pays for a
copy unless it is one. Sharing shows in nothing but `eq?`.
"""

from __future__ import annotations

from typing import Any

from vigyc.runtime.faults import native_fault, size_exceeded, type_mismatch
from vigyc.runtime.values import MAX_ITEMS, register_kind

SHARE_AT = 32  # elements from which appending shares instead of copying
_SHORT = 8  # elements that are copied without a thought


class Vec:
    """The first `end` elements of `buffer`, never none; the buffer may grow, what is in it stays."""

    __slots__ = ("_array", "buffer", "end")

    def __init__(self, buffer: list[object], end: int) -> None:
        self.buffer = buffer
        self.end = end
        self._array: list[object] | None = None

    def array(self) -> list[object]:
        """The elements as a list of their own, made once."""
        found = self._array
        if found is None:
            found = self._array = self.buffer[: self.end]
        return found

    def extended(self, more: list[object]) -> Vec:
        """The list with `more` after it."""
        buffer = self.buffer
        if self.end + len(more) > MAX_ITEMS:
            raise size_exceeded("append", MAX_ITEMS)
        if len(buffer) != self.end:
            buffer = buffer[: self.end]
        buffer.extend(more)
        return Vec(buffer, len(buffer))


register_kind(Vec, "list")


def is_list(v: object) -> bool:
    """Whether `v` is a list; nil is none."""
    cls = v.__class__
    return cls is list or cls is tuple or cls is Vec


def items(xs: object) -> list[object]:
    """The elements of list `xs` or of nil, to be read and never changed; anything else is no list."""
    if xs.__class__ is list:
        return xs
    if xs.__class__ is tuple:
        return _chain_items(xs)
    if xs is None:
        return []
    if xs.__class__ is Vec:
        return xs.array()
    raise type_mismatch("list", xs)


def walked(xs: object) -> list[object]:
    """The elements of a list that the language walks by `car` and `cdr`; anything else is no pair."""
    if xs is None or is_list(xs):
        return items(xs)
    raise type_mismatch("pair", xs)


def extent(xs: object, kind: str = "list") -> tuple[list[object], int]:
    """An array that begins with the elements of list `xs` or of nil, and how many they are.

    Unlike `items` it does not copy a shared buffer; what comes after the elements is another list's. Anything else
    is no `kind`.
    """
    if xs.__class__ is Vec:
        return xs.buffer, xs.end
    if xs is not None and not is_list(xs):
        raise type_mismatch(kind, xs)
    array = items(xs)
    return array, len(array)


def _chain_items(xs: Any) -> list[object]:
    out: list[object] = []
    add = out.append
    while xs.__class__ is tuple:
        head, xs = xs
        add(head)
    if xs is not None:
        out.extend(items(xs))
    return out


def pair_chain(xs: list[object], start: int, tail: object) -> object:
    """The elements of `xs` from `start` on as pairs before `tail`, which is nil or a list that is not empty."""
    for x in reversed(xs[start:] if start else xs):
        tail = (x, tail)
    return tail


def car(x: Any, /) -> object:
    """The first element."""
    if x.__class__ is tuple:
        return x[0]
    if x.__class__ is list and x:
        return x[0]
    if x.__class__ is Vec:
        return x.buffer[0]
    if x is None or x.__class__ is list:
        raise native_fault("car", "car of empty list")
    raise type_mismatch("pair", x)


def cdr(x: Any, /) -> object:
    """All but the first element; nil if there is but one."""
    if x.__class__ is tuple:
        return x[1]
    if x.__class__ is list and x:
        count = len(x)
        if count > _SHORT:
            return pair_chain(x, 1, None)
        return x[1:] if count > 1 else None
    if x.__class__ is Vec:
        return pair_chain(x.buffer[: x.end], 1, None)
    if x is None or x.__class__ is list:
        raise native_fault("cdr", "cdr of empty list")
    raise type_mismatch("pair", x)


def cons(a: object, tail: object, /) -> object:
    """`a` before list `tail`; with anything that is no list, a list of the two."""
    if tail is None or tail.__class__ is tuple or tail.__class__ is Vec:
        return (a, tail)
    if tail.__class__ is list:
        return (a, tail) if tail else (a, None)
    return [a, tail]


def length(xs: Any, /) -> int:
    """The number of elements."""
    if xs.__class__ is list:
        return len(xs)
    if xs is None:
        return 0
    count = 0
    while xs.__class__ is tuple:
        xs = xs[1]
        count += 1
    if xs.__class__ is Vec:
        return count + int(xs.end)
    return count if xs is None else count + len(items(xs))


def append(*lists: Any) -> object:
    """The elements of all the lists; nil if there are none."""
    if not lists:
        return None
    first = lists[0]
    if first.__class__ is Vec:
        return first.extended(items(lists[1]) if len(lists) == 2 else _joined(lists[1:]))
    if len(lists) == 2 and first.__class__ is list and 0 < len(first) <= _SHORT:
        second = lists[1]
        if second.__class__ is list and len(second) < SHARE_AT:
            return first + second
        return pair_chain(first, 0, second if second is None or is_list(second) else items(second))
    arrays = [items(xs) for xs in lists]
    out = _joined(arrays)
    return Vec(out, len(out)) if len(arrays[0]) >= SHARE_AT else out or None


def _joined(lists: Any) -> list[object]:
    arrays = [items(xs) for xs in lists]
    if sum([len(array) for array in arrays]) > MAX_ITEMS:
        raise size_exceeded("append", MAX_ITEMS)
    out: list[object] = []
    for array in arrays:
        out += array
    return out
