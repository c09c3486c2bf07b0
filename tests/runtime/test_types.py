"""Run-time types: `type-of`, `is?`, `the`, `cast` (language reference 13; decision D4)."""

from __future__ import annotations

import math

import pytest

from vigyc.lang.datum import keyword, symbol
from vigyc.lang.errors import Thrown, TickError
from vigyc.runtime.builtins import maps, numbers, predicates, types  # noqa: F401 - they register natives
from vigyc.runtime.maps import to_key
from vigyc.runtime.native import NATIVES
from vigyc.runtime.printer import display
from vigyc.runtime.values import ErrorValue, Foreign, Promise

K = keyword
ANY, INT, STRING = K("any"), K("int"), K("string")
LIST_OF, MAP_OF, UNION, FN = K("list-of"), K("map-of"), K("union"), K("fn")


def call(name: str, *args: object) -> object:
    return NATIVES[name](*args)


def closure() -> None:
    """Stands for a closure of a program."""


KINDS: list[tuple[object, str]] = [
    (None, "nil"),
    ([], "list"),
    (True, "bool"),
    (5, "int"),
    (1.5, "float"),
    ("s", "string"),
    (symbol("a"), "symbol"),
    (K("k"), "keyword"),
    ([1], "list"),
    ((1, None), "list"),
    ({}, "map"),
    (NATIVES["inc"], "procedure"),
    (closure, "procedure"),
    (Promise(lambda: 1), "promise"),
    (ErrorValue("t", "m"), "error"),
    (Foreign(), "foreign"),
]

# What each predicate of 8.3 and 14.2 holds for, among KINDS, by position.
PREDICATES = {
    "null?": {0, 1},
    "empty?": {0, 1},
    "not-empty?": set(range(2, 16)),
    "some?": set(range(2, 16)),
    "pair?": {8, 9},
    "list?": {0, 1, 8, 9},
    "symbol?": {6},
    "keyword?": {7},
    "string?": {5},
    "boolean?": {2},
    "integer?": {3},
    "number?": {3, 4},
    "procedure?": {11, 12},
    "foreign?": {15},
    "atom?": {2, 3, 4, 5, 6, 7, 10, 13, 14, 15},
}


def test_type_of() -> None:
    assert [call("type-of", value) for value, _ in KINDS] == [K(kind) for _, kind in KINDS]


@pytest.mark.parametrize("name", PREDICATES)
def test_predicates(name: str) -> None:
    assert [call(name, value) for value, _ in KINDS] == [i in PREDICATES[name] for i in range(len(KINDS))]


def test_every_kind_is_of_its_own_type_and_no_other() -> None:
    also = {("nil", "list"), ("int", "number"), ("float", "number"), ("int", "float")}
    names = {kind for _, kind in KINDS} | {"number"}
    for value, kind in KINDS:
        for name in names:
            assert call("is?", value, K(name)) is (name == kind or (kind, name) in also), (value, name)
        assert call("is?", value, ANY) is True
        assert call("is?", value, K("no-such-type")) is False
        assert call("is?", value, FN) is False


@pytest.mark.parametrize(
    ("value", "spec", "want"),
    [
        ([1, 2], [LIST_OF, INT], True),
        ([1, "a"], [LIST_OF, INT], False),
        (None, [LIST_OF, INT], True),
        ([], [LIST_OF, INT], True),
        (5, [LIST_OF, INT], False),
        ([[1], (2, None)], (LIST_OF, [[LIST_OF, INT]]), True),
        ({K("a"): 1}, [MAP_OF, K("keyword"), INT], True),
        ({K("a"): "x"}, [MAP_OF, K("keyword"), INT], False),
        ({to_key(True): 1}, [MAP_OF, K("bool"), ANY], True),
        (None, [MAP_OF, ANY, ANY], False),
        (1, [UNION, STRING, INT], True),
        (1, [UNION], False),
        (1, [UNION, [UNION, STRING], [UNION, INT]], True),
        (NATIVES["inc"], [FN, "anything", 5], True),
        (5, [FN], False),
        (5, [LIST_OF, "bad"], False),
        (None, [LIST_OF, "bad"], True),
        (1, [UNION, INT, "bad"], True),
        ({}, [MAP_OF, "bad", INT], True),
        ({K("a"): 1}, [MAP_OF, INT, "bad"], False),
    ],
)
def test_parametric_types(value: object, spec: object, want: bool) -> None:
    assert call("is?", value, spec) is want


@pytest.mark.parametrize(
    ("value", "spec", "reason"),
    [
        (1, "int", 'type spec must be a keyword or list, got "int"'),
        (1, symbol("int"), "type spec must be a keyword or list, got int"),
        (1, None, "type spec must be a keyword or list, got ()"),
        (1, [], "type spec must be a keyword or list, got ()"),
        (1, {}, "type spec must be a keyword or list, got {}"),
        (1, [symbol("int")], "type spec list must start with a keyword"),
        (1, [K("vector-of"), INT], "unknown parametric type: vector-of"),
        (5, [LIST_OF], "(:list-of T) takes exactly one type argument"),
        ([1], [LIST_OF, INT, INT], "(:list-of T) takes exactly one type argument"),
        (5, [MAP_OF, INT], "(:map-of K V) takes exactly two type arguments"),
        (1, [UNION, "bad", INT], 'type spec must be a keyword or list, got "bad"'),
        ([1, "x"], [LIST_OF, [K("bad")]], "unknown parametric type: bad"),
    ],
)
def test_malformed_types(value: object, spec: object, reason: str) -> None:
    for name, args in (("is?", (value, spec)), ("the", (spec, value)), ("cast", (spec, value))):
        with pytest.raises(TickError) as caught:
            call(name, *args)
        assert (caught.value.kind, caught.value.short) == ("native-fn", f"in native `type-check`: {reason}")


def thrown(name: str, *args: object) -> str:
    with pytest.raises(Thrown) as caught:
        call(name, *args)
    return display(caught.value.value)


def test_the() -> None:
    value = [1, 2]
    assert call("the", [LIST_OF, INT], value) is value
    assert call("the", K("float"), 7) == 7
    assert thrown("the", [LIST_OF, INT], [1, "b"]) == (
        '#<error :type-mismatch "expected (:list-of :int), got :list" {:expected (:list-of :int) :got :list}>'
    )
    assert thrown("the", INT, closure) == (
        '#<error :type-mismatch "expected :int, got :procedure" {:expected :int :got :procedure}>'
    )


@pytest.mark.parametrize(
    ("width", "inside", "outside"),
    [
        ("i32", [-(2**31), 2**31 - 1], [-(2**31) - 1, 2**31]),
        ("u32", [0, 2**32 - 1], [-1, 2**32]),
        ("i64", [-(2**63), 2**63 - 1], []),
        ("u64", [0, 2**63 - 1], [-1]),
        ("usize", [0], [-1]),
    ],
)
def test_int_widths(width: str, inside: list[int], outside: list[int]) -> None:
    for i in inside:
        assert call("is?", i, K(width)) is True
        assert call("cast", K(width), i) == i
    for i in outside:
        assert call("is?", i, K(width)) is False
        assert thrown("cast", K(width), i) == (
            f'#<error :out-of-range "{i} is out of range for :{width}" {{:target :{width} :value {i}}}>'
        )
    assert call("is?", 1.0, K(width)) is False
    assert thrown("cast", K(width), 1.0).startswith(f'#<error :type-mismatch "expected :{width}, got :float"')


def test_float_widths() -> None:
    for width in ("float", "f64", "f32"):
        assert repr(call("cast", K(width), 7)) == "7.0"
        assert call("is?", 7, K(width)) is True
        assert call("is?", math.inf, K(width)) is True
        assert call("is?", True, K(width)) is False
        assert thrown("cast", K(width), "x").startswith(f'#<error :type-mismatch "expected :{width}, got :string"')
    assert call("cast", K("f64"), 0.1) == 0.1
    assert call("cast", K("f32"), 0.1) == 0.10000000149011612
    assert call("is?", 1e300, K("f32")) is False
    assert thrown("cast", K("f32"), 1e39).startswith("#<error :out-of-range ")


def test_cast_to_another_type_is_the() -> None:
    assert call("cast", STRING, "a") == "a"
    assert call("cast", K("number"), 1) == 1
    assert thrown("cast", STRING, 1).startswith('#<error :type-mismatch "expected :string, got :int"')


def test_nesting_costs_no_stack() -> None:
    value: object = 1
    spec: object = INT
    for _ in range(100_000):
        value, spec = [value], [LIST_OF, spec]
    assert call("is?", value, spec) is True
    assert call("is?", [value], spec) is False
