"""Equality: `eq?` and `equal?` (language reference 3.3; decision D5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.datum import keyword, symbol
from vigyc.runtime.builtins import maps, numbers  # noqa: F401 - they register natives
from vigyc.runtime.equality import equal, same
from vigyc.runtime.maps import SHARE_AT, to_key
from vigyc.runtime.native import NATIVES
from vigyc.runtime.values import ErrorValue, Foreign, Promise

nan = float("nan")


def closure() -> None:
    """Stands for a closure of a program."""


class Handle(Foreign):
    __slots__ = ()


def distinct_values() -> list[object]:
    """One value of every kind of difference, made anew at each call."""
    return [
        None, [], True, False, 0, 1, 1.0, "1", "", symbol("1"), keyword("1"), [1], [1.0], [1, 2], [[1]], [None], [[]],
        {}, {"a": 1}, {keyword("a"): 1}, {"a": [1]}, {"b": 1}, {to_key(1.0): 1}, {1: 1}, {to_key(True): 1},
        ErrorValue("a", "b"), ErrorValue("a", "c"), ErrorValue("a", "b", [1, 2]), NATIVES["inc"], NATIVES["dec"],
    ]  # fmt: skip


def test_equal_by_structure_and_never_across_kinds() -> None:
    for i, a in enumerate(distinct_values()):
        for j, b in enumerate(distinct_values()):
            assert equal(a, b) is (i == j), (a, b)


def test_same_by_identity() -> None:
    values = distinct_values()
    by_value = (type(None), bool, int, float, str, type(symbol("a")), type(keyword("a")))
    for i, a in enumerate(values):
        for j, b in enumerate(values):
            wanted = i == j and not isinstance(a, dict | ErrorValue)
            assert same(a, b) is wanted, (a, b)
    for a, b in zip(values, distinct_values(), strict=True):
        assert same(a, b) is (isinstance(a, by_value) or callable(a))


def test_floats_compare_as_ieee_says() -> None:
    shared = [nan]
    assert equal(0.0, -0.0)
    assert same(0.0, -0.0)
    assert not equal(nan, nan)
    assert not same(nan, nan)
    assert not equal(shared, shared)
    assert same(shared, shared)
    assert not equal({"a": nan}, {"a": nan})


@pytest.mark.parametrize("value", [Promise(lambda: 1), Handle()], ids=type)
def test_promises_and_foreign_objects_are_equal_to_themselves_alone(value: object) -> None:
    assert equal(value, value)
    assert equal([value], [value])
    assert not equal(value, Promise(lambda: 1))
    assert not equal(value, Handle())
    assert not same(value, value)


def test_closures_are_themselves() -> None:
    assert equal(closure, closure)
    assert same(closure, closure)
    assert not equal(closure, lambda: None)


def test_lists_are_equal_however_they_are_held() -> None:
    assert equal((1, (2, None)), [1, 2])
    assert equal([0, (1, [2])], (0, ((1, (2, None)), None)))
    assert not equal((1, None), [])


def test_maps_are_equal_in_any_order_and_size() -> None:
    assert equal({"a": 1, "b": [2]}, {"b": (2, None), "a": 1})
    forwards: object = {}
    backwards: object = {}
    for i in range(3 * SHARE_AT):
        forwards = NATIVES["hash-map-set"](forwards, i, [i])
        backwards = NATIVES["hash-map-set"](backwards, 3 * SHARE_AT - 1 - i, [3 * SHARE_AT - 1 - i])
    assert equal(forwards, backwards)
    assert not equal(forwards, NATIVES["hash-map-set"](backwards, 0, 0))
    assert not equal({"a": None}, {"b": None})


def test_nesting_costs_no_stack() -> None:
    def deep() -> object:
        value: object = 1
        for i in range(100_000):
            value = [value] if i % 3 else {"k": value}
        return value

    assert equal(deep(), deep())
    assert not equal(deep(), [deep()])


SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.5, 1.0, 0.0, "a", "b"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
)


@given(VALUES, VALUES, VALUES)
def test_equal_is_an_equivalence(a: object, b: object, c: object) -> None:
    assert equal(a, a)
    assert equal(a, b) is equal(b, a)
    assert not (equal(a, b) and equal(b, c)) or equal(a, c)
