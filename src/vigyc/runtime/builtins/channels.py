"""From values put into a channel to values taken out; nothing here ever waits."""

from __future__ import annotations

from vigyc.lang.datum import Keyword, keyword
from vigyc.runtime.channel import Channel
from vigyc.runtime.faults import native_fault, size_exceeded, type_mismatch
from vigyc.runtime.native import native
from vigyc.runtime.values import MAX_ITEMS

_EMPTY = keyword("empty")
_CLOSED = keyword("closed")
_UNBOUNDED = keyword("unbounded")
_NO_BOUND = object()


def _channel(x: object) -> Channel:
    if x.__class__ is Channel:
        return x
    raise type_mismatch("channel", x)


@native("chan", 0, 1)
def chan(capacity: object = _NO_BOUND, /) -> Channel:
    """A new channel, unbounded or of a capacity."""
    if capacity is _NO_BOUND:
        return Channel()
    if capacity.__class__ is not int:
        raise type_mismatch("non-negative int", capacity)
    if capacity < 0:
        raise native_fault("chan", "negative capacity")
    return Channel(capacity)


@native("chan?", 1)
def is_chan(x: object, /) -> bool:
    """A channel."""
    return x.__class__ is Channel


@native(">!", 2)
def put(channel: object, x: object, /) -> bool:
    """Puts `x` in; #f if the channel is full or closed."""
    found = _channel(channel)
    if found.closed or found.is_full():
        return False
    if len(found.queue) >= MAX_ITEMS:
        raise size_exceeded(">!", MAX_ITEMS)
    found.queue.append(x)
    return True


@native("<!", 1)
def take(channel: object, /) -> object:
    """Takes the next value out; `:empty` or, of a closed channel, `:closed` if there is none."""
    found = _channel(channel)
    if found.queue:
        return found.queue.popleft()
    return _CLOSED if found.closed else _EMPTY


@native("close!", 1)
def close(channel: object, /) -> None:
    """Closes the channel to new values."""
    _channel(channel).closed = True


@native("drain!", 1)
def drain(channel: object, /) -> list[object]:
    """Takes all values out and closes the channel."""
    found = _channel(channel)
    found.closed = True
    values = list(found.queue)
    found.queue.clear()
    return values


@native("chan-closed?", 1)
def is_closed(channel: object, /) -> bool:
    """Whether the channel takes no more values."""
    return _channel(channel).closed


@native("chan-len", 1)
def chan_len(channel: object, /) -> int:
    """How many values wait in the channel."""
    return len(_channel(channel).queue)


@native("chan-capacity", 1)
def chan_capacity(channel: object, /) -> int | Keyword:
    """How many values the channel takes, or `:unbounded`."""
    capacity = _channel(channel).capacity
    return capacity if capacity is not None else _UNBOUNDED
