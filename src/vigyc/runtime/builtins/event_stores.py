"""From events to their history and to what it adds up to."""

from __future__ import annotations

from vigyc.lang.datum import keyword
from vigyc.runtime.builtins.folds import foldl
from vigyc.runtime.calling import Function, answering
from vigyc.runtime.lists import append
from vigyc.runtime.native import native

_APPEND, _HISTORY = keyword("append"), keyword("history")


@native("make-event-store", 0)
def make_event_store() -> Function:
    """A store without events."""
    history: object = None

    def add(event: object, /) -> object:
        nonlocal history
        history = append(history, [event])
        return event

    return answering({_APPEND: add, _HISTORY: lambda: history})


@native("event-append!", 2)
def event_append(store: Function, event: object, /) -> object:
    """Adds an event, which is the answer."""
    return store(_APPEND, event)


@native("event-history", 1)
def event_history(store: Function, /) -> object:
    """The events, the oldest first; nil if there are none."""
    return store(_HISTORY)


@native("event-project", 3)
def event_project(store: Function, f: Function, acc: object, /) -> object:
    """`f` of what came so far and each event, the oldest first."""
    return foldl(f, acc, store(_HISTORY))
