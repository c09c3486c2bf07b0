"""Numbers: arithmetic, comparison, bits, rounding, powers (language reference 5.9, 8.1, 8.2, 8.8; decisions D1-D4)."""

from __future__ import annotations

import math
import struct
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.datum import keyword, symbol
from vigyc.lang.errors import TickError
from vigyc.runtime import arithmetic
from vigyc.runtime.builtins import bits, comparison, numbers, transcendental  # noqa: F401 - they register natives
from vigyc.runtime.native import NATIVES
from vigyc.runtime.values import INT_MAX, INT_MIN, kind_of

INTS = st.integers(INT_MIN, INT_MAX) | st.integers(-5, 5) | st.sampled_from([INT_MIN, INT_MAX, 2**53 + 1, 2**62])
NUMBERS = INTS | st.floats()
NOT_NUMBERS = [None, [], True, False, "1", symbol("x"), keyword("k"), [1], {}]
inf, nan = math.inf, math.nan


def call(name: str, *args: object) -> object:
    return NATIVES[name](*args)


def exactly(got: object, want: object) -> bool:
    """Whether two numbers are of one kind and print alike: 1 is not 1.0, 0.0 not -0.0, NaN is NaN."""
    return got.__class__ is want.__class__ and repr(got) == repr(want)


def fault(name: str, *args: object) -> str:
    """The kind and text of the error that a call raises."""
    with pytest.raises(TickError) as caught:
        call(name, *args)
    return f"{caught.value.kind}: {caught.value.short}"


def mismatch(expected: str, got: object) -> str:
    return f"type-mismatch: type mismatch: expected {expected}, got {kind_of(got)}"


OVERFLOW = "integer-overflow: integer overflow in `{}`"
ZERO = "division-by-zero: division by zero"


@pytest.mark.parametrize(
    ("name", "args", "want"),
    [
        ("+", (), 0),
        ("*", (), 1),
        ("+", (5,), 5),
        ("+", (1, 2, 3), 6),
        ("+", (1, 2, 0.5), 3.5),
        ("+", (0.5, 1, 2), 3.5),
        ("+", (1e308, 1e308), inf),
        ("*", (2, 3, 4), 24),
        ("*", (1.0, 0), 0.0),
        ("*", (0, inf), nan),
        ("-", (5,), -5),
        ("-", (0,), 0),
        ("-", (0.0,), -0.0),
        ("-", (10, 1, 2), 7),
        ("-", (1, 2, 3.5), -4.5),
        ("-", (inf, inf), nan),
        ("/", (1,), 1.0),
        ("/", (0.5,), 2.0),
        ("/", (6, 3), 2),
        ("/", (7, 2), 3.5),
        ("/", (6, 4, 2), 0.75),
        ("/", (6, 3, 1.0), 2.0),
        ("/", (-7, 2), -3.5),
        ("/", (0, 5), 0),
        ("modulo", (-7, 3), 2),
        ("modulo", (7, -3), 1),
        ("modulo", (-7, -3), 2),
        ("modulo", (INT_MIN, -1), 0),
        ("abs", (-5,), 5),
        ("abs", (-0.0,), 0.0),
        ("abs", (-inf,), inf),
        ("gcd", (), 0),
        ("gcd", (-12, -18), 6),
        ("gcd", (0, 0), 0),
        ("lcm", (), 1),
        ("lcm", (-4,), 4),
        ("lcm", (2**40, 3**25, 0), 0),
        ("lcm", (2, 3, 5, 7), 210),
        ("inc", (1.5,), 2.5),
        ("dec", (0,), -1),
        ("zero?", (-0.0,), True),
        ("positive?", (nan,), False),
        ("negative?", (-1,), True),
        ("even?", (-2,), True),
        ("odd?", (-3,), True),
    ],
)
def test_arithmetic(name: str, args: tuple[object, ...], want: object) -> None:
    assert exactly(call(name, *args), want)


@pytest.mark.parametrize(
    ("name", "args", "error"),
    [
        ("/", (0,), ZERO),
        ("/", (-0.0,), ZERO),
        ("/", (5.0, 0.0), ZERO),
        ("/", (1, 0, "late"), ZERO),
        ("modulo", (1, 0), ZERO),
        ("modulo", ("a", 0), mismatch("integer", "a")),
        ("modulo", (5, 2.0), mismatch("integer", 2.0)),
        ("even?", (2.0,), mismatch("integer", 2.0)),
        ("gcd", (1.5,), mismatch("integer", 1.5)),
        ("lcm", (0, "late"), mismatch("integer", "late")),
        ("lcm", (2**40, 3**25), OVERFLOW.format("lcm")),
        ("+", (INT_MAX, 1), OVERFLOW.format("+")),
        ("+", (INT_MAX, 1, 0.5), OVERFLOW.format("+")),
        ("-", (INT_MIN,), OVERFLOW.format("-")),
        ("-", (INT_MIN, 1), OVERFLOW.format("-")),
        ("*", (2**62, 2), OVERFLOW.format("*")),
        ("*", (2,) * 5000, OVERFLOW.format("*")),
        ("/", (INT_MIN, -1), OVERFLOW.format("/")),
        ("abs", (INT_MIN,), OVERFLOW.format("abs")),
        ("gcd", (INT_MIN,), OVERFLOW.format("gcd")),
        ("expt", (2, 63), OVERFLOW.format("expt")),
        ("expt", (3, 10**9), OVERFLOW.format("expt")),
        ("inc", (INT_MAX,), OVERFLOW.format("+")),
        ("floor", (1e300,), OVERFLOW.format("floor")),
        ("ceiling", (-inf,), OVERFLOW.format("ceiling")),
        ("round", (nan,), OVERFLOW.format("round")),
        ("truncate", (2.0**63,), OVERFLOW.format("truncate")),
        ("asin", (2,), "native-fn: in native `asin`: 2 is outside [-1, 1]"),
        ("acos", (-1.5,), "native-fn: in native `acos`: -1.5 is outside [-1, 1]"),
        ("wrapping-add", (1, 1.0), mismatch("integer", 1.0)),
        (
            "compare",
            (1, "a"),
            "type-mismatch: type mismatch: expected comparable values of the same kind, got int vs string",
        ),
        (
            "compare",
            (True, True),
            "type-mismatch: type mismatch: expected comparable values of the same kind, got bool vs bool",
        ),
    ],
)
def test_faults(name: str, args: tuple[object, ...], error: str) -> None:
    assert fault(name, *args) == error


@pytest.mark.parametrize("bad", NOT_NUMBERS, ids=repr)
@pytest.mark.parametrize(
    "name", ["+", "-", "*", "/", "min", "max", "=", "<", ">", "<=", ">=", "expt", "atan2", "hypot"]
)
def test_booleans_and_others_are_not_numbers(name: str, bad: object) -> None:
    assert fault(name, 1, bad) == mismatch("number", bad)
    assert fault(name, 1.5, bad) == mismatch("number", bad)
    assert fault(name, bad, "later") == mismatch("number", bad)


@pytest.mark.parametrize(
    "name", ["abs", "sqrt", "sin", "exp", "log", "floor", "round", "inc", "zero?", "+", "-", "min"]
)
def test_one_argument_must_be_a_number(name: str) -> None:
    for bad in NOT_NUMBERS:
        assert fault(name, bad) == mismatch("number", bad)


@pytest.mark.parametrize(
    ("name", "args", "want"),
    [
        ("min", (3, 1, 2), 1),
        ("min", (1, 2.5), 1.0),
        ("max", (3, 2.5), 3.0),
        ("min", (1e300,), 1e300),
        ("max", (-1e300, -2e300), -1e300),
        ("min", (inf,), inf),
        ("min", (nan, 2), 2.0),
        ("max", (1.0, nan), 1.0),
        ("min", (nan, nan), nan),
        ("min", (0.0, -0.0), 0.0),
        ("min", (-0.0, 0.0), -0.0),
        ("max", (-0.0, 0.0), -0.0),
        ("min", (-0.0, 0), 0.0),
        ("max", (0, -0.0), 0.0),
        ("min", (INT_MIN, -1e300), -1e300),
    ],
)
def test_extremes(name: str, args: tuple[object, ...], want: object) -> None:
    assert exactly(call(name, *args), want)


@pytest.mark.parametrize(
    ("x", "floor", "ceiling", "nearest", "truncated"),
    [
        (2.5, 2, 3, 3, 2),
        (-2.5, -3, -2, -3, -2),
        (0.5, 0, 1, 1, 0),
        (-0.5, -1, 0, -1, 0),
        (0.49999999999999994, 0, 1, 0, 0),
        (-0.0, 0, 0, 0, 0),
        (7, 7, 7, 7, 7),
        (9007199254740993, 9007199254740992, 9007199254740992, 9007199254740992, 9007199254740992),
        (-(2.0**63), INT_MIN, INT_MIN, INT_MIN, INT_MIN),
    ],
)
def test_rounding(x: float, floor: int, ceiling: int, nearest: int, truncated: int) -> None:
    got = [call(name, x) for name in ("floor", "ceiling", "round", "truncate")]
    assert got == [floor, ceiling, nearest, truncated]
    assert {result.__class__ for result in got} == {int}


@pytest.mark.parametrize(
    ("name", "args", "want"),
    [
        ("expt", (0, 0), 1),
        ("expt", (2, 62), 2**62),
        ("expt", (-2, 63), INT_MIN),
        ("expt", (1, 64), 1),
        ("expt", (-1, 10**15 + 1), -1),
        ("expt", (2, -1), 0.5),
        ("expt", (2.0, 3), 8.0),
        ("expt", (0, -1), inf),
        ("expt", (-0.0, -1), -inf),
        ("expt", (-0.0, -2), inf),
        ("expt", (-8, 0.5), nan),
        ("expt", (-inf, 3), -inf),
        ("expt", (-10.0, 309), -inf),
        ("expt", (10.0, 309), inf),
        ("expt", (1, nan), 1.0),
        ("expt", (nan, 0), 1.0),
        ("sqrt", (4,), 2.0),
        ("sqrt", (-1,), nan),
        ("sqrt", (-0.0,), -0.0),
        ("log", (0,), -inf),
        ("log", (-1,), nan),
        ("log", (inf,), inf),
        ("log", (1000, 10), 2.9999999999999996),
        ("log", (2, 0), -0.0),
        ("log", (2, 1), inf),
        ("log", (0.5, 1), -inf),
        ("log", (0, 0), nan),
        ("log", (1, 1), nan),
        ("exp", (1000,), inf),
        ("exp", (-inf,), 0.0),
        ("sin", (inf,), nan),
        ("cos", (-inf,), nan),
        ("tan", (0,), 0.0),
        ("asin", (1,), math.pi / 2),
        ("acos", (1,), 0.0),
        ("atan", (inf,), math.pi / 2),
        ("atan2", (1, -1), 3 * math.pi / 4),
        ("hypot", (3, 4), 5.0),
        ("hypot", (inf, nan), inf),
    ],
)
def test_floats_follow_ieee(name: str, args: tuple[object, ...], want: object) -> None:
    assert exactly(call(name, *args), want)


@pytest.mark.parametrize(
    ("name", "args", "want"),
    [
        ("=", (1, 1.0, 1), True),
        ("=", (2**53 + 1, 2.0**53), True),
        ("=", (nan, nan), False),
        ("<", (1, 3, 2), False),
        ("<", (2, 1, "unseen"), False),
        (">=", (3, 3.0, 2.5, 2), True),
        ("<=", (nan, nan), False),
        ("compare", (1, 1.0), 0),
        ("compare", (nan, 1), 0),
        ("compare", ("\U0001f600", "\uffff"), 1),
        ("compare", ("a", "ab"), -1),
        ("compare", (symbol("b"), symbol("a")), 1),
        ("compare", (keyword("a"), keyword("b")), -1),
    ],
)
def test_comparison(name: str, args: tuple[object, ...], want: object) -> None:
    assert exactly(call(name, *args), want)


def test_a_chain_checks_what_it_reaches() -> None:
    assert fault("<", 1, 2, "x") == mismatch("number", "x")


@pytest.mark.parametrize(
    ("name", "args", "want"),
    [
        ("bit-and", (), -1),
        ("bit-or", (), 0),
        ("bit-xor", (), 0),
        ("bit-and", (12, 10), 8),
        ("bit-or", (1, 2, 4), 7),
        ("bit-xor", (-1, 255), -256),
        ("bit-not", (5,), -6),
        ("bit-shift-left", (1, 63), INT_MIN),
        ("bit-shift-left", (1, 64), 1),
        ("bit-shift-left", (3, 63), INT_MIN),
        ("bit-shift-left", (1, -1), INT_MIN),
        ("bit-shift-right", (-16, 2), -4),
        ("bit-shift-right", (1, -1), 0),
        ("bit-shift-right", (1, 2**32), 1),
        ("wrapping-add", (), 0),
        ("wrapping-add", (INT_MAX, 1), INT_MIN),
        ("wrapping-sub", (INT_MIN,), INT_MIN),
        ("wrapping-sub", (INT_MIN, 1), INT_MAX),
        ("wrapping-mul", (), 1),
        ("wrapping-mul", (INT_MAX, 2), -2),
    ],
)
def test_bits_and_wrapping(name: str, args: tuple[object, ...], want: object) -> None:
    assert exactly(call(name, *args), want)


@pytest.mark.parametrize("name", ["bit-and", "bit-or", "bit-xor", "bit-shift-left", "bit-shift-right", "gcd", "modulo"])
def test_bits_want_ints(name: str) -> None:
    for bad in [*NOT_NUMBERS, 1.0]:
        assert fault(name, 1, bad) == mismatch("integer", bad)


EXACT = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}
BINARY = {
    "+": arithmetic.add,
    "-": arithmetic.sub,
    "*": arithmetic.mul,
    "/": arithmetic.div,
    "modulo": arithmetic.modulo,
}


@given(st.sampled_from(sorted(EXACT)), INTS, INTS)
def test_ints_are_exact_or_an_overflow(name: str, a: int, b: int) -> None:
    exact = EXACT[name](a, b)
    if INT_MIN <= exact <= INT_MAX:
        assert call(name, a, b) == BINARY[name](a, b) == exact
    else:
        assert fault(name, a, b) == OVERFLOW.format(name)


@given(INTS, INTS.filter(bool))
def test_division_is_exact_or_a_float(a: int, b: int) -> None:
    exact = Fraction(a, b)
    if exact > INT_MAX:
        assert fault("/", a, b) == OVERFLOW.format("/")
    else:
        want = int(exact) if exact.denominator == 1 else float(a) / float(b)
        assert exactly(call("/", a, b), want)


@given(INTS, INTS.filter(bool))
def test_modulo_is_euclidean(a: int, b: int) -> None:
    rest = call("modulo", a, b)
    assert isinstance(rest, int)
    assert 0 <= rest < abs(b)
    assert (a - rest) % b == 0


@given(st.lists(INTS, max_size=6))
def test_folds_check_where_the_int_part_ends(xs: list[int]) -> None:
    for name, exact in (("+", sum(xs)), ("*", math.prod(xs))):
        if INT_MIN <= exact <= INT_MAX:
            assert call(name, *xs) == exact
        else:
            assert fault(name, *xs) == OVERFLOW.format(name)


@given(NUMBERS, NUMBERS)
def test_mixed_comparison_converts_the_int(a: float, b: float) -> None:
    one_float = isinstance(a, float) or isinstance(b, float)
    x, y = (float(a), float(b)) if one_float else (a, b)
    assert call("<", a, b) is arithmetic.lt(a, b) is (x < y)
    assert call("=", a, b) is arithmetic.num_eq(a, b) is (x == y)
    assert call(">=", a, b) is arithmetic.ge(a, b) is (x >= y)
    assert call("compare", a, b) == (x > y) - (x < y)


@given(INTS, st.integers(-200, 200))
def test_shifts_agree_with_machine_words(x: int, n: int) -> None:
    word = struct.unpack("<Q", struct.pack("<q", x))[0]
    shifted = (word << (n % 64)) % 2**64
    assert call("bit-shift-left", x, n) == struct.unpack("<q", struct.pack("<Q", shifted))[0]
    assert call("bit-shift-right", x, n) == x // 2 ** (n % 64)


@given(st.lists(NUMBERS, min_size=1, max_size=5))
def test_extremes_are_among_the_arguments(xs: list[float]) -> None:
    ordered = [x for x in xs if x == x]  # noqa: PLR0124
    least = call("min", *xs)
    assert isinstance(least, float) == any(isinstance(x, float) for x in xs)
    if not ordered:
        assert least != least  # noqa: PLR0124
    elif isinstance(least, float):
        assert least == min(float(x) for x in ordered)
    else:
        assert least == min(ordered)
