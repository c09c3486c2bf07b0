"""From a table of transitions to a state machine.

A row of the table is (state event next guard? action?). A machine is a closure that takes a message; `sm-send` and the
others send it one, so whatever answers the same messages can stand in for it.
"""

from __future__ import annotations

from vigyc.lang.datum import keyword
from vigyc.runtime.builtins.list_library import first, plist_get, second, third
from vigyc.runtime.builtins.lists import nth
from vigyc.runtime.builtins.output import error_msg
from vigyc.runtime.builtins.predicates import is_empty
from vigyc.runtime.calling import Function, answering
from vigyc.runtime.equality import equal
from vigyc.runtime.host import Host
from vigyc.runtime.lists import car, cdr, cons, is_list, walked
from vigyc.runtime.native import native

_SPEC, _INITIAL, _TRANSITIONS = keyword("sm-spec"), keyword("initial"), keyword("transitions")
_ON_ENTER, _ON_EXIT, _ON_EVENT = keyword("on-enter"), keyword("on-exit"), keyword("on-event")
_PARTS = (_INITIAL, _TRANSITIONS, _ON_ENTER, _ON_EXIT, _ON_EVENT)
_SEND, _CURRENT, _HISTORY = keyword("send"), keyword("current"), keyword("history")
_RESET, _CAN = keyword("reset!"), keyword("can?")


@native("sm-spec", 0, None)
def sm_spec(*entries: object) -> list[object]:
    """The description of a machine: keys and values in turn."""
    return [_SPEC, *entries]


@native("sm-spec?", 1)
def is_sm_spec(x: object, /) -> bool:
    """The description of a machine."""
    return is_list(x) and not is_empty(x) and car(x) is _SPEC


@native("sm-spec-get", 2)
def sm_spec_get(spec: object, key: object, /) -> object:
    """The value under `key` in a description, else nil."""
    return plist_get(cdr(spec), key)


@native("sm-lookup-row", 3)
def lookup_row(rows: object, state: object, event: object, /) -> object:
    """The first row for `state` and `event`, else nil."""
    for row in walked(rows):
        if equal(first(row), state) and equal(second(row), event):
            return row
    return None


@native("sm-fire-state-actions", 2)
def fire_state_actions(actions: object, state: object, /) -> None:
    """Calls, with `state`, every function listed for it as (state function)."""
    for entry in walked(actions):
        if equal(first(entry), state):
            second(entry)(state)  # type: ignore[operator]


@native("sm-fire-event-actions", 3)
def fire_event_actions(actions: object, event: object, payload: object, /) -> None:
    """Calls, with `event` and `payload`, every function listed for the event as (event function)."""
    for entry in walked(actions):
        if equal(first(entry), event):
            second(entry)(event, payload)  # type: ignore[operator]


def _optional(row: object, index: int) -> Function | None:
    """The guard or the action of a row."""
    found = nth(index, row)
    return None if found is False or is_empty(found) else found  # type: ignore[return-value]


@native("make-sm", 1, host=True)
def make_sm(host: Host, spec: object, /) -> Function:
    """A machine in its initial state, whose enter actions are called."""
    initial, rows, on_enter, on_exit, on_event = [sm_spec_get(spec, key) for key in _PARTS]
    current: object = initial
    history: object = (initial, None)

    def send(event: object, payload: object = None, /) -> object:
        nonlocal current, history
        row = lookup_row(rows, current, event)
        if row is None:
            return current
        guard, action = _optional(row, 3), _optional(row, 4)
        if guard is not None:
            answer = guard(current, event, payload)
            if answer is None or answer is False:
                return current
        fire_state_actions(on_exit, current)
        if action is not None:
            action(current, event, payload)
        fire_event_actions(on_event, event, payload)
        current = third(row)
        history = cons(current, history)
        fire_state_actions(on_enter, current)
        return current

    def reset() -> object:
        nonlocal current, history
        current = initial
        history = (initial, None)
        fire_state_actions(on_enter, initial)
        return initial

    fire_state_actions(on_enter, initial)
    return answering(
        {
            _SEND: send,
            _CURRENT: lambda: current,
            _HISTORY: lambda: history,
            _RESET: reset,
            _CAN: lambda event: lookup_row(rows, current, event) is not None,
        },
        unknown=lambda: error_msg(host, "unknown SM message"),
    )


@native("sm-send", 2, None)
def sm_send(machine: Function, event: object, /, *payload: object) -> object:
    """The state after `event`: the next one if there is a row for it whose guard agrees, else the same."""
    return machine(_SEND, event, payload[0]) if payload else machine(_SEND, event)


@native("sm-current", 1)
def sm_current(machine: Function, /) -> object:
    """The state."""
    return machine(_CURRENT)


@native("sm-history", 1)
def sm_history(machine: Function, /) -> object:
    """The states it was in, the newest first."""
    return machine(_HISTORY)


@native("sm-reset!", 1)
def sm_reset(machine: Function, /) -> object:
    """Back to the initial state, which it answers."""
    return machine(_RESET)


@native("sm-can?", 2)
def sm_can(machine: Function, event: object, /) -> object:
    """Whether there is a row for `event` in this state; guards are not asked."""
    return machine(_CAN, event)
