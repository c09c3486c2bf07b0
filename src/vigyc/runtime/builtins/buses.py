"""From names to handlers: a bus knows commands and queries, and passes calls on to them."""

from __future__ import annotations

from typing import Any

from vigyc.lang.datum import Keyword, keyword
from vigyc.runtime.builtins.output import error_msg
from vigyc.runtime.builtins.strings import keyword_name
from vigyc.runtime.calling import Function, answering, spread
from vigyc.runtime.equality import equal
from vigyc.runtime.host import Host
from vigyc.runtime.native import native

_REGISTER_COMMAND, _REGISTER_QUERY = keyword("register-command"), keyword("register-query")
_COMMAND, _QUERY = keyword("command"), keyword("query")


def _family(host: Host, kind: str) -> tuple[Function, Function]:
    """What registers a handler, and what finds the one to call, for the `kind` of names it is."""
    handlers: list[tuple[object, Function]] = []

    def register(name: object, f: Function, /) -> object:
        handlers[:] = [(name, f), *[entry for entry in handlers if not equal(entry[0], name)]]
        return name

    def dispatch(name: object, /, *args: object) -> Function:
        for known, f in handlers:
            if equal(known, name):
                return f
        return lambda *_: error_msg(host, f"no {kind}: {keyword_name(name)}")

    return register, dispatch


@native("make-bus", 0, host=True)
def make_bus(host: Host, /) -> Function:
    """A bus without handlers.

    The closure itself calls what it finds: handlers that dispatch in turn are to nest as deep as other calls.
    """
    register_command, command = _family(host, "command")
    register_query, query = _family(host, "query")
    finders = {_COMMAND: command, _QUERY: query}
    registers = answering({_REGISTER_COMMAND: register_command, _REGISTER_QUERY: register_query})

    def closure(msg: object, /, *args: object) -> object:
        find = finders.get(msg) if msg.__class__ is Keyword else None
        if find is None:
            return spread(registers, (msg, *args))
        f: Any = spread(find, args)
        return spread(f, args[1:])

    return closure


@native("register-command!", 3)
def register_command(bus: Function, name: object, f: object, /) -> object:
    """Makes `f` the command of that name, which is the answer."""
    return bus(_REGISTER_COMMAND, name, f)


@native("register-query!", 3)
def register_query(bus: Function, name: object, f: object, /) -> object:
    """Makes `f` the query of that name, which is the answer."""
    return bus(_REGISTER_QUERY, name, f)


@native("dispatch-command", 2, None)
def dispatch_command(bus: Function, name: object, /, *args: object) -> object:
    """What the command of that name answers; without one a line is written, and the answer is nil."""
    return spread(bus, (_COMMAND, name, *args))


@native("dispatch-query", 2, None)
def dispatch_query(bus: Function, name: object, /, *args: object) -> object:
    """What the query of that name answers; without one a line is written, and the answer is nil."""
    return spread(bus, (_QUERY, name, *args))
