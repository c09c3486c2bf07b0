"""From a key to the function chosen by it."""

from __future__ import annotations

from vigyc.lang.datum import keyword
from vigyc.runtime.builtins.list_library import plist_get
from vigyc.runtime.builtins.output import error_msg
from vigyc.runtime.calling import Function, spread
from vigyc.runtime.host import Host
from vigyc.runtime.native import native

_DEFAULT = keyword("default")


def chosen(known: list[object], key: object) -> Function | None:
    """The function under `key` in a flat list of keys and functions, or else that under `:default`."""
    found = plist_get(known, key)
    if found is None or found is False:
        found = plist_get(known, _DEFAULT)
    return None if found is False else found  # type: ignore[return-value]


@native("make-strategy", 0, None, host=True)
def make_strategy(host: Host, /, *variants: object) -> Function:
    """A function that takes a key and arguments for the function under it, or else under `:default`."""
    known = list(variants)

    def closure(variant: object, /, *args: object) -> object:
        f = chosen(known, variant)
        if f is None:
            return error_msg(host, "no strategy variant matched + no :default")
        return spread(f, args)

    return closure


@native("strategy-call", 2, None)
def strategy_call(strategy: Function, variant: object, /, *args: object) -> object:
    """What the function under `variant` gives; without one a line is written, and the answer is nil."""
    return spread(strategy, (variant, *args))
