"""From a function and its arguments in a list to a call; from messages to an object.

A Python call with `*args` takes C stack in CPython 3.11, a plain one does not: calls of few arguments are written out,
so that deep recursion through `apply`, `partial` and the like is as safe as any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from vigyc.lang.datum import Keyword

Function = Callable[..., object]


def spread(f: Function, args: Sequence[object]) -> object:
    """`f` called with `args`."""
    count = len(args)
    if count == 1:
        return f(args[0])
    if count == 2:
        return f(args[0], args[1])
    if count == 3:
        return f(args[0], args[1], args[2])
    if count == 0:
        return f()
    if count == 4:
        return f(args[0], args[1], args[2], args[3])
    if count == 5:
        return f(args[0], args[1], args[2], args[3], args[4])
    if count == 6:
        return f(args[0], args[1], args[2], args[3], args[4], args[5])
    if count == 7:
        return f(args[0], args[1], args[2], args[3], args[4], args[5], args[6])
    if count == 8:
        return f(args[0], args[1], args[2], args[3], args[4], args[5], args[6], args[7])
    return f(*args)


def answering(handlers: Mapping[object, Function], unknown: Function | None = None) -> Function:
    """An object of the library: a closure that takes a message keyword first.

    The handler of the message gets the other arguments; for a message that has none, `unknown` is called with
    nothing, and without it the answer is nil. A closure, not a builtin: two objects are never the same procedure.
    """

    def closure(msg: object, /, *args: object) -> object:
        handler = handlers.get(msg) if msg.__class__ is Keyword else None
        if handler is not None:
            return spread(handler, args)
        return unknown() if unknown is not None else None

    return closure
