"""From a function to one with something before, after or around it."""

from __future__ import annotations

from vigyc.lang.datum import keyword
from vigyc.runtime.builtins.list_library import plist_get
from vigyc.runtime.calling import Function, spread
from vigyc.runtime.native import native

_BEFORE, _AFTER, _AROUND = keyword("before"), keyword("after"), keyword("around")


@native("decorate", 1, None)
def decorate(f: Function, /, *options: object) -> Function:
    """`f` between `:before` (called with the arguments) and `:after` (with the result and the arguments).

    With `:around`, that alone is called, with `f` and the arguments.
    """
    before, after, around = (_option(options, key) for key in (_BEFORE, _AFTER, _AROUND))

    def closure(*args: object) -> object:
        if around is not None:
            return spread(around, (f, *args))
        if before is not None:
            spread(before, args)
        result = spread(f, args)
        if after is not None:
            spread(after, (result, *args))
        return result

    return closure


def _option(options: tuple[object, ...], key: object) -> Function | None:
    found = plist_get(list(options), key)
    return None if found is False else found  # type: ignore[return-value]
