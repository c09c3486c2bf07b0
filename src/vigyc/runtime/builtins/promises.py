"""From a delayed expression to its value."""

from __future__ import annotations

from vigyc.runtime.native import native
from vigyc.runtime.values import Promise


@native("force", 1)
def force(x: object, /) -> object:
    """The value of a promise, computed the first time; what is no promise is its own value.

    A promise whose expression fails stays pending, and the next `force` tries again.
    """
    if x.__class__ is not Promise:
        return x
    thunk = x.thunk
    if thunk is not None:
        x.value = thunk()
        x.thunk = None
    return x.value


@native("promise?", 1)
def is_promise(x: object, /) -> bool:
    """A promise, forced or not."""
    return x.__class__ is Promise
