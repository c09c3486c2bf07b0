"""JSON: Lisp values to JSON data, back, and to text (language reference 20, 24; decision D35)."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.datum import keyword, symbol
from vigyc.runtime.builtins import maps, numbers  # noqa: F401 - they register natives
from vigyc.runtime.json_value import dumps, from_json, to_json
from vigyc.runtime.maps import to_key
from vigyc.runtime.native import NATIVES
from vigyc.runtime.values import INT_MAX, INT_MIN, ErrorValue, Foreign, Promise

K = keyword


def closure() -> None:
    """Stands for a closure of a program."""


@pytest.mark.parametrize(
    ("value", "want"),
    [
        (None, None),
        (True, True),
        (1, 1),
        (1.0, 1.0),
        (math.nan, None),
        (-math.inf, None),
        ("s", "s"),
        (symbol("s"), "s"),
        (K("k"), ":k"),
        ([], []),
        ((1, (K("a"), None)), [1, ":a"]),
        ({}, {}),
        ({"b": [math.inf], "a": {K("k"): symbol("s")}}, {"a": {":k": "s"}, "b": [None]}),
        (closure, "<closure>"),
        ([NATIVES["inc"], Promise(lambda: 1)], ["<native-fn>", "<promise>"]),
        ([ErrorValue("a", "b"), Foreign()], ["<error>", "<foreign>"]),
    ],
)
def test_values_to_json(value: object, want: object) -> None:
    assert repr(to_json(value)) == repr(want)


def test_keys_become_text() -> None:
    keys = ["s", symbol("y"), K("k"), -5, 1.5, -0.0, math.nan, 1e21, True, False, None]
    texts = ["s", "y", ":k", "-5", "1.5", "-0", "NaN", "1000000000000000000000", "true", "false", "null"]
    got = to_json({to_key(key): index for index, key in enumerate(keys)})
    assert got == {text: index for index, text in enumerate(texts)}
    assert list(got) == sorted(texts)  # type: ignore[arg-type]


def test_of_two_keys_with_one_text_the_later_stays() -> None:
    assert to_json({K("k"): 1, ":k": 2}) == {":k": 2}


def test_maps_come_out_sorted_whatever_their_making() -> None:
    m: object = {}
    for i in range(200):
        m = NATIVES["hash-map-set"](m, f"{i * 7919 % 200:03}", i)
    assert list(to_json(m)) == [f"{i:03}" for i in range(200)]  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [None, True, INT_MAX, INT_MIN, 1.0, "s", [], [1, {"a": [None]}], {"a": {}}])
def test_json_is_a_value_as_it_stands(data: object) -> None:
    assert from_json(data) is data


def test_wide_ints_become_floats() -> None:
    data = [2**63, {"a": [-(2**63) - 1, 5]}, 10**400]
    assert repr(from_json(data)) == repr([2.0**63, {"a": [-(2.0**63), 5]}, math.inf])
    assert data == [2**63, {"a": [-(2**63) - 1, 5]}, 10**400]
    assert from_json(2**63).__class__ is float


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ((1, 2), r"not JSON: tuple at \$"),
        ({"a": [0, {"b": {1}}]}, r"not JSON: set at \$\['a'\]\[1\]\['b'\]"),
        ([{1: 2}], r"not JSON: a key that is int at \$\[0\]"),
        ([b"x"], r"not JSON: bytes at \$\[0\]"),
    ],
)
def test_what_is_not_json_is_refused(data: object, text: str) -> None:
    with pytest.raises(TypeError, match=text + "$"):
        from_json(data)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (None, "null"),
        (True, "true"),
        (5, "5"),
        (1.0, "1.0"),
        (-0.0, "-0.0"),
        (1e15, "1000000000000000.0"),
        (1e16, "1e16"),
        (1.5e300, "1.5e300"),
        (0.0001, "0.0001"),
        (1.5e-05, "0.000015"),
        (-1e-05, "-0.00001"),
        (1e-06, "1e-6"),
        (5e-324, "5e-324"),
        (math.nan, "null"),
        ('é"\n\u2028', '"é\\"\\n\u2028"'),
        ([], "[]"),
        ({}, "{}"),
        ([1, [], {}, [1.0]], "[1,[],{},[1.0]]"),
        ({"b": 1, "a": None}, '{"a":null,"b":1}'),
        ({"\U0001f600": 1.0, "\uffff": [2]}, '{"\uffff":[2],"\U0001f600":1.0}'),
        ({"b": {"d": 1e16, "c": "e+"}, "a": [[]]}, '{"a":[[]],"b":{"c":"e+","d":1e16}}'),
    ],
)
def test_text(data: object, text: str) -> None:
    assert dumps(data) == text  # type: ignore[arg-type]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(INT_MIN, INT_MAX)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSON)
def test_json_stays_what_it_is(data: object) -> None:
    assert to_json(data) == data
    assert from_json(data) is data
    back = json.loads(dumps(to_json(data)))
    assert back == data
    assert json.dumps(back, sort_keys=True) == json.dumps(data, sort_keys=True)


def test_nesting_costs_no_stack() -> None:
    value: object = K("x")
    for i in range(100_000):
        value = (value, None) if i % 2 else {K("k"): value}
    data = to_json(value)
    assert from_json(data) is data
    assert dumps(data) == '[{":k":' * 50_000 + '":x"' + "}]" * 50_000
