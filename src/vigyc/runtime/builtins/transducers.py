"""From inputs to outputs by a table: a row is (state input next output)."""

from __future__ import annotations

from vigyc.lang.datum import keyword
from vigyc.runtime.builtins.list_library import fourth, plist_get, third
from vigyc.runtime.builtins.machines import lookup_row
from vigyc.runtime.calling import Function, answering
from vigyc.runtime.lists import items
from vigyc.runtime.native import native

_FEED, _STATE = keyword("feed"), keyword("state")
_INITIAL, _TRANSITIONS = keyword("initial"), keyword("transitions")


@native("make-transducer", 0, None)
def make_transducer(*options: object) -> Function:
    """A transducer from `:initial` and `:transitions`; `:type` is not looked at."""
    state = plist_get(list(options), _INITIAL)
    rows = plist_get(list(options), _TRANSITIONS)

    def feed(given: object, /) -> object:
        nonlocal state
        row = lookup_row(rows, state, given)
        if row is None:
            return None
        state = third(row)
        return fourth(row)

    return answering({_FEED: feed, _STATE: lambda: state})


@native("transducer-feed!", 2)
def transducer_feed(transducer: Function, given: object, /) -> object:
    """The output for an input; nil, and no change of state, if no row is for it."""
    return transducer(_FEED, given)


@native("transducer-run!", 2)
def transducer_run(transducer: Function, inputs: object, /) -> list[object]:
    """The outputs for a list of inputs."""
    return [transducer(_FEED, given) for given in items(inputs)]


@native("transducer-state", 1)
def transducer_state(transducer: Function, /) -> object:
    """The state."""
    return transducer(_STATE)
