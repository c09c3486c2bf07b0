"""From messages to subscribers: a subject tells each of its functions, the newest first."""

from __future__ import annotations

from vigyc.lang.datum import keyword
from vigyc.runtime.calling import Function, answering
from vigyc.runtime.equality import equal
from vigyc.runtime.native import native

_SUBSCRIBE, _UNSUBSCRIBE = keyword("subscribe"), keyword("unsubscribe")
_EMIT, _SUBS = keyword("emit"), keyword("subs")


@native("make-subject", 0)
def make_subject() -> Function:
    """A subject without subscribers."""
    subscribers: list[Function] | None = None

    def subscribe(f: Function, /) -> Function:
        nonlocal subscribers
        subscribers = [f, *(subscribers or ())]
        return f

    def unsubscribe(f: Function, /) -> None:
        nonlocal subscribers
        subscribers = [g for g in subscribers or () if not equal(f, g)]

    def emit(message: object, /) -> None:
        for f in subscribers or ():
            f(message)

    return answering({_SUBSCRIBE: subscribe, _UNSUBSCRIBE: unsubscribe, _EMIT: emit, _SUBS: lambda: subscribers})


@native("subject-subscribe!", 2)
def subject_subscribe(subject: Function, f: object, /) -> object:
    """Adds a function, which is the answer."""
    return subject(_SUBSCRIBE, f)


@native("subject-unsubscribe!", 2)
def subject_unsubscribe(subject: Function, f: object, /) -> object:
    """Takes away all functions `equal?` to `f`."""
    return subject(_UNSUBSCRIBE, f)


@native("subject-emit!", 2)
def subject_emit(subject: Function, message: object, /) -> object:
    """Calls every function with a message."""
    return subject(_EMIT, message)
