"""Error values and `throw` (language reference 8.9)."""

from __future__ import annotations

import pytest

from vigyc.lang.abi import BUILTINS
from vigyc.lang.datum import keyword, symbol
from vigyc.lang.errors import Thrown, TickError
from vigyc.runtime.builtins import error_values as _error_values  # noqa: F401 - registers natives
from vigyc.runtime.equality import equal
from vigyc.runtime.native import NATIVES
from vigyc.runtime.printer import display
from vigyc.runtime.values import ErrorValue

NAMES = (
    "error", "ex-info", "throw", "error?", "error-tag", "error-message", "error-data", "error-data-get",
)  # fmt: skip
A, K = keyword("a"), keyword("k")


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


@pytest.mark.parametrize(
    ("name", "args", "want"),
    [
        ("error", (A, "m"), '#<error :a "m">'),
        ("error", (symbol("a"), "m"), '#<error :a "m">'),
        ("error", ("a b", "m"), '#<error :a b "m">'),
        ("error", (A, 'x\t"y"'), '#<error :a "x\\t\\"y\\"">'),
        ("error", (A, "m", None), '#<error :a "m">'),
        ("error", (A, "m", []), '#<error :a "m">'),
        ("error", (A, "m", [1, 2, "k", 3]), '#<error :a "m" {1 2 "k" 3}>'),
        ("error", (A, "m", (K, (1, None))), '#<error :a "m" {:k 1}>'),
        ("ex-info", ("m",), '#<error :ex-info "m">'),
        ("ex-info", ("m", [K, 1, K, 2]), '#<error :ex-info "m" {:k 1 :k 2}>'),
    ],
)
def test_an_error_value_is_made_and_not_raised(name, args, want):
    assert display(call(name, *args)) == want


def test_the_parts_of_an_error_value():
    e = call("error", "t", "m", (K, (1, None)))
    assert call("error-tag", e) is keyword("t")
    assert call("error-message", e) == "m"
    assert call("error-data", e) == [K, 1]
    assert call("error?", e) is True
    assert call("error-data", call("ex-info", "m")) == []


@pytest.mark.parametrize("x", [None, [], "error", keyword("error"), {}])
def test_nothing_else_is_an_error(x):
    assert call("error?", x) is False


@pytest.mark.parametrize(
    ("data", "key", "want"),
    [
        ([K, 1], K, 1),
        ([K, 1, K, 2], K, 1),
        ([K, 1], A, None),
        (["a", 1], "a", 1),
        ([1, K], 1.0, None),
        ([True, K], 1, None),
        ([[1, None], K], (1, (None, None)), K),
        ([1, 2, 2, 3], 2, 3),
        (None, K, None),
    ],
)
def test_data_is_found_by_its_key(data, key, want):
    assert call("error-data-get", call("ex-info", "m", data), key) == want


@pytest.mark.parametrize("value", [None, 1, keyword("stop"), [1], ErrorValue("t", "m")])
def test_anything_can_be_thrown(value):
    with pytest.raises(Thrown) as caught:
        call("throw", value)
    assert caught.value.value is value
    assert caught.value.kind == "user"


def test_error_values_are_equal_by_structure():
    assert equal(call("error", A, "m", [K, [1]]), call("error", "a", "m", (K, ((1, None), None))))
    assert not equal(call("error", A, "m"), call("error", A, "n"))


@pytest.mark.parametrize(
    ("name", "args", "want"),
    [
        ("error", (5, 5), "type-mismatch: type mismatch: expected keyword/symbol/string, got int"),
        ("error", (None, "m"), "type-mismatch: type mismatch: expected keyword/symbol/string, got nil"),
        ("error", (A, A), "type-mismatch: type mismatch: expected string, got keyword"),
        ("error", (A, 5, 5), "type-mismatch: type mismatch: expected string, got int"),
        ("error", (A, "m", 5), "type-mismatch: type mismatch: expected plist (list), got int"),
        ("error", (A, "m", {}), "type-mismatch: type mismatch: expected plist (list), got map"),
        (
            "error",
            (A, "m", [1]),
            "native-fn: in native `plist`: plist must have even number of elements (k v k v ...)",
        ),
        ("ex-info", (5,), "type-mismatch: type mismatch: expected string, got int"),
        (
            "ex-info",
            ("m", (K, None)),
            "native-fn: in native `plist`: plist must have even number of elements (k v k v ...)",
        ),
        ("error-tag", (5,), "type-mismatch: type mismatch: expected error, got int"),
        ("error-message", (None,), "type-mismatch: type mismatch: expected error, got nil"),
        ("error-data", ([],), "type-mismatch: type mismatch: expected error, got list"),
        ("error-data-get", ({}, K), "type-mismatch: type mismatch: expected error, got map"),
    ],
)
def test_refused_arguments(name, args, want):
    assert fault(name, *args) == want
