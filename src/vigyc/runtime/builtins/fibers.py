"""From thunks to fibers, and to what became of them; there is no concurrency."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from vigyc.lang.datum import Keyword, keyword
from vigyc.runtime.faults import type_mismatch
from vigyc.runtime.fiber import Fiber
from vigyc.runtime.native import native
from vigyc.runtime.values import kind_of


def _fiber(x: object) -> Fiber:
    if x.__class__ is Fiber:
        return x
    raise type_mismatch("fiber", x)


@native("go", 1)
def go(thunk: Any, /) -> Fiber:
    """A fiber that will call `thunk`, a function or a foreign object."""
    if thunk.__class__ is FunctionType or kind_of(thunk) == "foreign":
        return Fiber(thunk)
    raise type_mismatch("callable", thunk)


@native("go?", 1)
def is_fiber(x: object, /) -> bool:
    """A fiber."""
    return x.__class__ is Fiber


@native("go-run", 1)
def go_run(fiber: object, /) -> object:
    """The fiber's result or error; its thunk is called the first time."""
    return _fiber(fiber).run()


@native("go-status", 1)
def go_status(fiber: object, /) -> Keyword:
    """`:pending`, `:running`, `:done` or `:errored`."""
    return keyword(_fiber(fiber).state)


@native("go-result", 1)
def go_result(fiber: object, /) -> object:
    """The result, nil as long as there is none."""
    return _fiber(fiber).result


@native("go-error", 1)
def go_error(fiber: object, /) -> object:
    """The error, nil as long as there is none."""
    return _fiber(fiber).error
