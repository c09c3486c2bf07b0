"""Printing: the one printed form of every value (language reference 4, 20.3, 24; decision D39)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.datum import keyword, symbol
from vigyc.lang.errors import TickError
from vigyc.runtime import printer
from vigyc.runtime.builtins import maps, numbers  # noqa: F401 - they register natives
from vigyc.runtime.maps import SHARE_AT, to_key
from vigyc.runtime.native import NATIVES
from vigyc.runtime.printer import display, display_string
from vigyc.runtime.values import INT_MIN, ErrorValue, Foreign, Promise

S, K = symbol, keyword


def promise_of(value: object) -> Promise:
    promise = Promise(lambda: None)
    promise.thunk = None
    promise.value = value
    return promise


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "()"),
        ([], "()"),
        (True, "#t"),
        (False, "#f"),
        (INT_MIN, "-9223372036854775808"),
        (1.0, "1"),
        (100.0, "100"),
        (1e21, "1000000000000000000000"),
        (1e-7, "0.0000001"),
        (2.0**64, "18446744073709552000"),
        (-0.0, "-0"),
        (1.5, "1.5"),
        (5e-324, "0." + "0" * 323 + "5"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "NaN"),
        (-math.nan, "NaN"),
        (S("a b"), "a b"),
        (S(""), ""),
        (K(""), ":"),
        ([1, "a", S("b"), K("c"), True, None], '(1 "a" b :c #t ())'),
        ((1, (2, [3, [4]])), "(1 2 3 (4))"),
        ([S(""), 1], "( 1)"),
        ([S(" "), []], "(  ())"),
        ([[[]]], "((()))"),
        ({}, "{}"),
        ({K("a"): 1, "k": [1, 2], to_key(1.5): {}}, '{:a 1, "k" (1 2), 1.5 {}}'),
        ({to_key(False): S(", "), None: ""}, '{#f , , () ""}'),
        (Promise(lambda: 1), "#<promise pending>"),
        (promise_of("s"), '#<promise "s">'),
        ([promise_of([1]), 2], "(#<promise (1)> 2)"),
        (ErrorValue("a", "m\n"), '#<error :a "m\\n">'),
        (ErrorValue("a", "m", [K("k"), 1, K("j"), "v"]), '#<error :a "m" {:k 1 :j "v"}>'),
        ([ErrorValue("a", "m"), 1], '(#<error :a "m"> 1)'),
        (Foreign(), "#<foreign>"),
        (NATIVES["inc"], "#<native inc>"),
    ],
)
def test_forms(value: object, text: str) -> None:
    assert display(value) == text


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("", ""),
        ('a"\\', 'a\\"\\\\'),
        ("\n\r\t\0", "\\n\\r\\t\\0"),
        ("it's", "it's"),
        ("é日\U0001f600", "é日\U0001f600"),
        ("e\u0301", "e\\u{301}"),
        ("\u00a0\u200b\x1b\u00ad", "\\u{a0}\\u{200b}\\u{1b}\\u{ad}"),
        ("\u09be\uff9e\U0001d165", "\\u{9be}\\u{ff9e}\\u{1d165}"),
        ("\u2028 \ufeff", "\\u{2028} \\u{feff}"),
        ("\x7f", "\\u{7f}"),
    ],
)
def test_strings(text: str, printed: str) -> None:
    assert display(text) == f'"{printed}"'


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_print_the_shortest_digits_that_read_back(x: float) -> None:
    text = display(x)
    assert float(text) == x
    assert "e" not in text
    assert not text.endswith(".0")
    assert len(text.strip("-").replace(".", "").strip("0")) <= 17


@given(st.text())
def test_printed_strings_show_everything(text: str) -> None:
    assert all(char.isprintable() for char in display(text))


def test_a_large_map_prints_in_order() -> None:
    m: object = {}
    for i in range(2 * SHARE_AT):
        m = NATIVES["hash-map-set"](m, i, [i])
    assert display(m) == "{" + ", ".join(f"{i} ({i})" for i in range(2 * SHARE_AT)) + "}"


def test_a_promise_that_holds_itself_ends() -> None:
    promise = promise_of(None)
    promise.value = [1, promise]
    assert display([promise, promise]) == "(#<promise (1 #<promise ...>)> #<promise (1 #<promise ...>)>)"


def code(source: str, **functions: tuple[str, tuple[str, ...], str | None]) -> dict[str, object]:
    """What a program's code makes of itself: its functions, listed with their names in the program."""
    names: dict[str, object] = {"FUNCTIONS": functions}
    exec(source, names)
    return names


def test_closures_know_their_names() -> None:
    made = code(
        "def f_1(n): pass\ndef f_2(a, b, *c): pass\ndef f_3(*a): pass\ndef f_4(a, b): pass\ndef f_5(*a): pass",
        f_1=("fib", ("n",), None),
        f_2=("all?", ("a", "b"), "rest"),
        f_3=("any", (), "xs"),
        f_4=("", ("a", "b!"), None),
        f_5=("", (), "xs"),
    )
    assert display(made["f_1"]) == "#<closure fib (n)>"
    assert display(made["f_2"]) == "#<closure all? (a b . rest)>"
    assert display(made["f_3"]) == "#<closure any>"
    assert display(made["f_4"]) == "#<closure (a b!)>"
    assert display(made["f_5"]) == "#<closure>"


def test_closures_of_the_library_show_their_parameters() -> None:
    assert display(lambda a, b: (a, b)) == "#<closure (a b)>"
    assert display(lambda a, *rest: (a, rest)) == "#<closure (a . rest)>"
    assert display(lambda *xs: xs) == "#<closure>"


def test_nesting_costs_no_stack() -> None:
    value: object = 1
    for _ in range(100_000):
        value = [value]
    assert display(value) == "(" * 100_000 + "1" + ")" * 100_000


@pytest.mark.parametrize("leaf", [1, [], {}, {"key": 1}], ids=repr)
def test_a_text_past_the_limit_is_refused(leaf: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printer, "MAX_TEXT", 10_000)
    value = leaf
    for _ in range(60):
        value = [value, value]
    with pytest.raises(TickError) as caught:
        display(value)
    assert caught.value.kind == "size-exceeded"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a b", "a b"),
        (S("s"), "s"),
        (K("k"), "k"),
        (1, "1"),
        (1.0, "1"),
        (True, "true"),
        (None, "nil"),
        ([], "<list>"),
        ({}, "<map>"),
        (NATIVES["inc"], "<native-fn>"),
        (ErrorValue("a", "b"), "<error>"),
    ],
)
def test_words_for_people(value: object, text: str) -> None:
    assert display_string(value) == text
