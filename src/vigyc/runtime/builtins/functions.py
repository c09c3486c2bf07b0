"""From functions to functions: combinators.

What they give are closures: two of them are never the same procedure, whatever made them.
"""

from __future__ import annotations

from vigyc.runtime.calling import Function, spread
from vigyc.runtime.native import native
from vigyc.runtime.printer import display


@native("identity", 1)
def identity(x: object, /) -> object:
    """The argument."""
    return x


@native("const", 1)
def const(x: object, /) -> Function:
    """A function of any arguments that gives `x`."""

    def closure(*args: object) -> object:
        return x

    return closure


@native("flip", 1)
def flip(f: Function, /) -> Function:
    """`f` with its two arguments in the other order."""

    def closure(a: object, b: object, /) -> object:
        return f(b, a)

    return closure


@native("comp", 2)
def comp(f: Function, g: Function, /) -> Function:
    """`f` of `g` of one argument."""

    def closure(x: object, /) -> object:
        return f(g(x))

    return closure


@native("pipe", 0, None)
def pipe(*functions: Function) -> Function:
    """A function of one argument that goes through all of them, the first one first."""
    if not functions:
        return identity

    def closure(x: object, /) -> object:
        for f in functions:
            x = f(x)
        return x

    return closure


@native("compose", 0, None)
def compose(*functions: Function) -> Function:
    """A function of one argument that goes through all of them, the last one first."""
    return pipe(*functions[::-1])


@native("partial", 1, None)
def partial(f: Function, /, *given: object) -> Function:
    """`f` with its first arguments given."""
    if len(given) == 1:
        return _partial_one(f, given[0])

    def closure(*args: object) -> object:
        return spread(f, given + args)

    return closure


def _partial_one(f: Function, first: object) -> Function:
    def closure(*args: object) -> object:
        if len(args) == 1:
            return f(first, args[0])
        return spread(f, (first, *args))

    return closure


@native("juxt", 0, None)
def juxt(*functions: Function) -> Function:
    """A function that gives the list of what each of them gives."""

    def closure(*args: object) -> object:
        return [spread(f, args) for f in functions]

    return closure


@native("tap", 2)
def tap(f: Function, x: object, /) -> object:
    """`x`, after `f` was called with it."""
    f(x)
    return x


@native("memoize", 1)
def memoize(f: Function, /) -> Function:
    """`f`, remembering what it gave for arguments that print alike."""
    known: dict[str, object] = {}

    def closure(*args: object) -> object:
        key = f"({args[0]})" if len(args) == 1 and args[0].__class__ is int else display(list(args))
        if key in known:
            return known[key]
        value = known[key] = spread(f, args)
        return value

    return closure
