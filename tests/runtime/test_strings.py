"""Strings, symbols and keywords (language reference 8.6; decision D26)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.datum import keyword, symbol
from vigyc.lang.errors import TickError
from vigyc.runtime.builtins import strings as _strings  # noqa: F401 - registers natives
from vigyc.runtime.builtins import text as _text  # noqa: F401 - registers natives
from vigyc.runtime.native import NATIVES
from vigyc.runtime.values import INT_MAX, INT_MIN, MAX_TEXT

inf = float("inf")


def call(name: str, *args: object) -> object:
    return NATIVES[name](*args)


def fault(name: str, *args: object) -> str:
    with pytest.raises(TickError) as caught:
        call(name, *args)
    return f"{caught.value.kind}: {caught.value.short}"


@pytest.mark.parametrize(
    ("name", "args", "want"),
    [
        ("string-length", ("é日\U0001f600",), 3),
        ("string-append", (), ""),
        ("string-append", ("a", "", "b"), "ab"),
        ("string", ("a",), "a"),
        ("string", (1.0,), "1"),
        ("string", (["a"],), '("a")'),
        ("pr-str", ("a",), '"a"'),
        ("symbol->string", (symbol("a b"),), "a b"),
        ("keyword->string", (keyword("k"),), "k"),
        ("string->symbol", ("",), symbol("")),
        ("string->keyword", (":x",), keyword(":x")),
        ("string-split", ("a,,b", ","), ["a", "", "b"]),
        ("string-split", ("", ","), [""]),
        ("string-split", ("ab", ""), ["a", "b"]),
        ("string-split", ("", ""), []),
        ("string-split", ("a<>b", "<>"), ["a", "b"]),
        ("string-join", (None,), ""),
        ("string-join", (["a", "b"],), "ab"),
        ("string-join", (["a", "b"], ", "), "a, b"),
        ("string-join", (("a", (("b"), None)), "-"), "a-b"),
        ("substring", ("héllo", 1), "éllo"),
        ("substring", ("héllo", 1, 3), "él"),
        ("substring", ("ab", 2), ""),
        ("string-contains?", ("abc", "bc"), True),
        ("string-contains?", ("abc", ""), True),
        ("string-contains?", ("abc", "x"), False),
        ("string-starts-with?", ("abc", "ab"), True),
        ("string-ends-with?", ("abc", "ab"), False),
        ("string-index", ("abcb", "b"), 1),
        ("string-index", ("abc", "z"), -1),
        ("string-upcase", ("straße",), "STRASSE"),
        ("string-downcase", ("ÀB",), "àb"),
        ("string-trim", ("\u3000 \n a b\t",), "a b"),
        ("string-trim", ("\x1c a \ufeff",), "\x1c a \ufeff"),
        ("string-replace", ("aaa", "aa", "b"), "ba"),
        ("string-replace", ("abc", "z", "b"), "abc"),
        ("string-repeat", ("ab", 3), "ababab"),
        ("string-repeat", ("ab", 0), ""),
        ("number->string", (1.0,), "1"),
        ("number->string", (-7,), "-7"),
        ("format", ("plain",), "plain"),
        ("format", ("{} is {}", "x", 'y"'), 'x is y"'),
        ("format", ("{{}} {}{}", ["a"], None), '{} ("a")()'),
        ("format", ("{}", "{}"), "{}"),
    ],
)
def test_natives(name: str, args: tuple[object, ...], want: object) -> None:
    got = call(name, *args)
    assert got == want
    assert got.__class__ is want.__class__


def number_of(text: str) -> str:
    return repr(call("string->number", text))


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("12", 12),
        ("+5", 5),
        ("-007", -7),
        ("-0", 0),
        (str(INT_MAX), INT_MAX),
        (str(INT_MIN), INT_MIN),
        (str(INT_MAX + 1), 2.0**63),
        ("0" * 5000 + "7", 7),
        ("1" * 400, inf),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.5e3", -500.0),
        ("1E+5", 100000.0),
        ("1e400", inf),
        ("-0.0", -0.0),
        ("-Infinity", -inf),
        ("NaN", float("nan")),
        ("", None),
        ("abc", None),
        ("1_000", None),
        (" 1", None),
        ("1\n", None),
        ("1e", None),
        (".", None),
        ("0x10", None),
        ("1/2", None),
        ("--5", None),
        ("٣", None),
    ],
)
def test_string_to_number_reads_what_a_program_reads(text: str, want: object) -> None:
    assert number_of(text) == repr(want)


@pytest.mark.parametrize(
    ("name", "args", "error"),
    [
        ("string-length", ([],), "type-mismatch: type mismatch: expected string, got list"),
        ("string-append", ("a", 1), "type-mismatch: type mismatch: expected string, got int"),
        ("symbol->string", ("a",), "type-mismatch: type mismatch: expected symbol, got string"),
        ("keyword->string", (symbol("a"),), "type-mismatch: type mismatch: expected keyword, got symbol"),
        ("string->symbol", (symbol("a"),), "type-mismatch: type mismatch: expected string, got symbol"),
        ("string-split", ("a", 1), "type-mismatch: type mismatch: expected string, got int"),
        ("string-join", ("a",), "type-mismatch: type mismatch: expected list, got string"),
        ("string-join", (["a", 1],), "type-mismatch: type mismatch: expected string, got int"),
        ("string-join", (["a"], None), "type-mismatch: type mismatch: expected string, got nil"),
        ("substring", ("abc", 1.0), "type-mismatch: type mismatch: expected integer, got float"),
        ("substring", ("abc", True), "type-mismatch: type mismatch: expected integer, got bool"),
        ("substring", ("abc", 2, 1), "native-fn: in native `substring`: range 2..1 is not within 0..3"),
        ("substring", ("abc", -1), "native-fn: in native `substring`: range -1..3 is not within 0..3"),
        ("substring", ("abc", 0, 4), "native-fn: in native `substring`: range 0..4 is not within 0..3"),
        ("string-replace", ("a", "", "b"), "native-fn: in native `string-replace`: the string to replace is empty"),
        ("string-repeat", ("a", -1), "native-fn: in native `string-repeat`: expected non-negative int"),
        ("number->string", ("1",), "type-mismatch: type mismatch: expected number, got string"),
        ("string->number", (1,), "type-mismatch: type mismatch: expected string, got int"),
        ("format", ("{}",), "native-fn: in native `format`: the template has 1 fields, but 0 values are given"),
        ("format", ("a", 1), "native-fn: in native `format`: the template has 0 fields, but 1 values are given"),
        ("format", ("a { b",), "native-fn: in native `format`: a single { at 2; write {{ for a brace"),
        ("format", ("{}}", 1), "native-fn: in native `format`: a single } at 2; write }} for a brace"),
    ],
)
def test_faults(name: str, args: tuple[object, ...], error: str) -> None:
    assert fault(name, *args) == error


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("string-repeat", ("ab", INT_MAX)),
        ("string-append", ("a" * (MAX_TEXT // 2),) * 3),
        ("string-join", ([""] * 10, "a" * (MAX_TEXT // 4))),
        ("string-replace", ("a" * 10_000, "a", "b" * 10_000)),
        ("format", ("{}" * 9, *["a" * (MAX_TEXT // 8)] * 9)),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_what_would_be_too_long_is_not_built(name: str, args: tuple[object, ...]) -> None:
    assert fault(name, *args) == f"size-exceeded: `{name}` would exceed the size limit of {MAX_TEXT}"


@given(st.text("ab,"), st.text("ab,", min_size=1, max_size=2))
def test_join_undoes_split(whole: str, separator: str) -> None:
    parts = call("string-split", whole, separator)
    assert isinstance(parts, list)
    assert call("string-join", parts, separator) == whole
    assert call("string-replace", whole, separator, "-") == call("string-join", parts, "-")


@given(st.integers(INT_MIN, INT_MAX) | st.floats(allow_nan=False))
def test_string_to_number_undoes_number_to_string(n: float) -> None:
    back = call("string->number", call("number->string", n))
    assert isinstance(back, int | float)
    assert back == n if isinstance(n, int) else float(back) == n  # a whole float prints like an int
