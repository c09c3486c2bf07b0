"""From a state and a behaviour to an actor: a mailbox, emptied one message at a time when it is asked to."""

from __future__ import annotations

from collections import deque
from typing import Any

from vigyc.lang.datum import keyword
from vigyc.runtime.calling import Function, answering
from vigyc.runtime.faults import size_exceeded, type_mismatch
from vigyc.runtime.native import native
from vigyc.runtime.values import MAX_ITEMS

_TELL, _STEP, _STATE = keyword("tell"), keyword("step"), keyword("state")
_EMPTY, _MAILBOX = keyword("empty?"), keyword("mailbox")


@native("make-actor", 2)
def make_actor(state: object, behavior: Function, /) -> Function:
    """An actor; `behavior` gives the next state from the state and a message."""
    mailbox: deque[object] = deque()

    def tell(message: object, /) -> object:
        if len(mailbox) >= MAX_ITEMS:
            raise size_exceeded("actor-tell", MAX_ITEMS)
        mailbox.append(message)
        return state

    def step() -> object:
        nonlocal state
        if mailbox:
            state = behavior(state, mailbox.popleft())
        return state

    return answering(
        {
            _TELL: tell,
            _STEP: step,
            _STATE: lambda: state,
            _EMPTY: lambda: not mailbox,
            _MAILBOX: lambda: list(mailbox) or None,
        }
    )


@native("actor-tell", 2)
def actor_tell(actor: Function, message: object, /) -> object:
    """Puts a message into the mailbox; answers the state."""
    return actor(_TELL, message)


@native("actor-step!", 1)
def actor_step(actor: Function, /) -> object:
    """Takes the next message, if there is one; answers the state."""
    return actor(_STEP)


@native("actor-state", 1)
def actor_state(actor: Function, /) -> object:
    """The state."""
    return actor(_STATE)


@native("actor-empty?", 1)
def actor_is_empty(actor: Function, /) -> object:
    """Whether no message waits."""
    return actor(_EMPTY)


def _is_idle(actor: Function) -> bool:
    answer = actor(_EMPTY)
    return answer is not None and answer is not False


@native("actor-drain!", 1)
def actor_drain(actor: Function, /) -> object:
    """Takes messages until none waits; answers the state."""
    while not _is_idle(actor):
        actor(_STEP)
    return actor(_STATE)


@native("actor-run!", 2)
def actor_run(actor: Function, n: Any, /) -> object:
    """Takes at most `n` messages; answers the state."""
    if n.__class__ is not int and n.__class__ is not float:
        raise type_mismatch("number", n)
    while n > 0 and not _is_idle(actor):
        actor(_STEP)
        n -= 1
    return actor(_STATE)
