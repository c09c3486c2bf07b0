"""Channels: queues that never wait (language reference 11)."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.abi import BUILTINS
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError
from vigyc.runtime.builtins import channels as _channels  # noqa: F401 - registers natives
from vigyc.runtime.channel import Channel
from vigyc.runtime.equality import equal, same
from vigyc.runtime.fiber import Fiber
from vigyc.runtime.native import NATIVES
from vigyc.runtime.printer import display
from vigyc.runtime.values import kind_of

EMPTY, CLOSED, UNBOUNDED = keyword("empty"), keyword("closed"), keyword("unbounded")
NAMES = ("chan", "chan?", ">!", "<!", "close!", "drain!", "chan-closed?", "chan-len", "chan-capacity")


def call(name: str, *args: object) -> object:
    return NATIVES[name](*args)


def fault(name: str, *args: object) -> str:
    with pytest.raises(TickError) as caught:
        call(name, *args)
    return f"{caught.value.kind}: {caught.value.short}"


def test_all_names_have_the_arity_of_the_table():
    for name in NAMES:
        known = NATIVES[name].tatara  # type: ignore[attr-defined]
        assert (known.lo, known.hi, known.host) == (BUILTINS[name].lo, BUILTINS[name].hi, BUILTINS[name].host)


def test_values_come_out_in_the_order_they_went_in():
    c = call("chan")
    assert [call(">!", c, 1), call(">!", c, None)] == [True, True]
    assert call("chan-len", c) == 2
    assert [call("<!", c), call("<!", c), call("<!", c)] == [1, None, EMPTY]


def test_a_full_channel_takes_nothing():
    c = call("chan", 1)
    assert [call(">!", c, 1), call(">!", c, 2), call("<!", c), call(">!", c, 3)] == [True, False, 1, True]


def test_capacity_nought_is_always_full():
    c = call("chan", 0)
    assert call(">!", c, 1) is False
    assert call("<!", c) is EMPTY


def test_a_closed_channel_gives_what_it_holds_and_takes_nothing():
    c = call("chan")
    call(">!", c, 1)
    assert call("chan-closed?", c) is False
    assert call("close!", c) is None
    assert call("close!", c) is None
    assert call("chan-closed?", c) is True
    assert call(">!", c, 2) is False
    assert [call("<!", c), call("<!", c)] == [1, CLOSED]


def test_draining_takes_everything_and_closes():
    c = call("chan")
    call(">!", c, 1)
    call(">!", c, [2])
    assert call("drain!", c) == [1, [2]]
    assert call("drain!", c) == []
    assert call("chan-closed?", c) is True
    assert call("chan-len", c) == 0


def test_what_was_drained_does_not_change_afterwards():
    c = call("chan")
    call(">!", c, 1)
    drained = call("drain!", c)
    call(">!", c, 2)
    assert drained == [1]


@pytest.mark.parametrize(("args", "want"), [((), UNBOUNDED), ((0,), 0), ((5,), 5)])
def test_capacity(args, want):
    assert call("chan-capacity", call("chan", *args)) == want


def test_a_channel_is_foreign_and_equal_to_itself_alone():
    c = call("chan")
    assert kind_of(c) == "foreign"
    assert display(c) == "#<foreign>"
    assert equal(c, c)
    assert not equal(c, call("chan"))
    assert not same(c, c)


def test_only_a_channel_is_a_channel():
    assert call("chan?", Channel()) is True
    for other in (None, [], 5, Fiber(lambda: 1)):
        assert call("chan?", other) is False


@pytest.mark.parametrize(
    ("args", "want"),
    [
        ((-1,), "native-fn: in native `chan`: negative capacity"),
        ((1.5,), "type-mismatch: type mismatch: expected non-negative int, got float"),
        ((True,), "type-mismatch: type mismatch: expected non-negative int, got bool"),
        ((None,), "type-mismatch: type mismatch: expected non-negative int, got nil"),
    ],
)
def test_refused_capacities(args, want):
    assert fault("chan", *args) == want


@pytest.mark.parametrize("name", ["<!", "close!", "drain!", "chan-closed?", "chan-len", "chan-capacity"])
def test_what_is_no_channel_is_refused(name):
    assert fault(name, 5) == "type-mismatch: type mismatch: expected channel, got int"
    assert fault(name, Fiber(lambda: 1)) == "type-mismatch: type mismatch: expected channel, got foreign"


def test_putting_into_no_channel_is_refused():
    assert fault(">!", [], 1) == "type-mismatch: type mismatch: expected channel, got list"


@given(st.none() | st.integers(0, 4), st.lists(st.none() | st.integers()))
def test_a_channel_is_a_bounded_queue(capacity, steps):
    """A number is put in, None takes one out."""
    c = call("chan") if capacity is None else call("chan", capacity)
    model: deque[int] = deque()
    for step in steps:
        if step is None:
            assert call("<!", c) == (model.popleft() if model else EMPTY)
        else:
            room = capacity is None or len(model) < capacity
            assert call(">!", c, step) is room
            if room:
                model.append(step)
        assert call("chan-len", c) == len(model)
