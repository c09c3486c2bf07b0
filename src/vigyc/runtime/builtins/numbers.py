"""From numbers to numbers: arithmetic, extremes, rounding and number theory.

`+ - *` fold from the left: ints among themselves until the first float, in floats from there on. The int part may
pass 64 bits on its way, but not where it ends. What two operands give is `runtime.arithmetic`'s; the functions that
always give floats are in `transcendental`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from vigyc.runtime.arithmetic import add, as_float, div, lt, modulo, mul, num_eq, sub
from vigyc.runtime.arithmetic import gt as greater
from vigyc.runtime.faults import division_by_zero, integer_overflow, type_mismatch
from vigyc.runtime.native import native
from vigyc.runtime.values import INT_MAX, INT_MIN

_RUNAWAY = 2**1024  # an int product beyond this can only come back through a zero


def _narrow(name: str, i: int) -> int:
    if INT_MIN <= i <= INT_MAX:
        return i
    raise integer_overflow(name)


def _check_number(x: object) -> None:
    if x.__class__ is not int and x.__class__ is not float:
        raise type_mismatch("number", x)


def _leading_ints(args: Sequence[object]) -> int:
    """How many of `args`, from the first, are ints."""
    for count, x in enumerate(args):
        if x.__class__ is not int:
            return count
    return len(args)


def _continue(step: Callable[[object, object], int | float], total: object, rest: Sequence[object]) -> int | float:
    """Fold `rest` onto `total`, a number."""
    for x in rest:
        total = step(total, x)
    return total  # type: ignore[return-value]


@native("+", 0, None)
def add_all(*args: object) -> int | float:
    """The sum; 0 of nothing."""
    if len(args) == 2:
        return add(*args)
    count = _leading_ints(args)
    if not count and args:
        _check_number(args[0])
        return _continue(add, args[0], args[1:])
    total = _narrow("+", sum(args[:count]))  # type: ignore[arg-type]
    return _continue(add, total, args[count:])


@native("-", 1, None)
def sub_all(first: object, /, *rest: object) -> int | float:
    """The first less all others; of one number its negative."""
    if len(rest) == 1:
        return sub(first, rest[0])
    _check_number(first)
    if not rest:
        return _narrow("-", -first) if first.__class__ is int else -first  # type: ignore[operator]
    count = _leading_ints(rest) if first.__class__ is int else 0
    total = _narrow("-", first - sum(rest[:count])) if count else first  # type: ignore[operator, arg-type]
    return _continue(sub, total, rest[count:])


@native("*", 0, None)
def mul_all(*args: object) -> int | float:
    """The product; 1 of nothing."""
    if len(args) == 2:
        return mul(*args)
    count = _leading_ints(args)
    if not count and args:
        _check_number(args[0])
        return _continue(mul, args[0], args[1:])
    return _continue(mul, _product("*", args[:count]), args[count:])  # type: ignore[arg-type]


def _product(name: str, ints: Sequence[int]) -> int:
    if 0 in ints:
        return 0
    total = 1
    for i in ints:
        total *= i
        if not -_RUNAWAY < total < _RUNAWAY:
            break
    return _narrow(name, total)


@native("/", 1, None)
def div_all(first: object, /, *rest: object) -> int | float:
    """The first divided by all others, an int while that is exact; of one number its reciprocal, always a float."""
    if rest:
        return _continue(div, first, rest)
    divisor = as_float(first)
    if not divisor:
        raise division_by_zero()
    return 1.0 / divisor


@native("modulo", 2)
def euclidean_modulo(a: object, b: object, /) -> int:
    """The Euclidean remainder of two ints, never negative."""
    return modulo(a, b)


@native("abs", 1)
def absolute(x: object, /) -> int | float:
    """The magnitude."""
    _check_number(x)
    return _narrow("abs", abs(x)) if x.__class__ is int else abs(x)  # type: ignore[arg-type]


def _extreme(args: tuple[object, ...], beats: Callable[[object, object], bool]) -> int | float:
    """The best of `args`: a float if any is one; NaN loses to any number; of equals an int wins, then the earlier."""
    best_int: int | None = None
    best_float: float | None = None
    for x in args:
        if x.__class__ is int:
            if best_int is None or beats(x, best_int):
                best_int = x
        elif x.__class__ is float:
            if best_float is None or best_float != best_float or beats(x, best_float):  # noqa: PLR0124 - NaN
                best_float = x
        else:
            raise type_mismatch("number", x)
    if best_float is None:
        return best_int  # type: ignore[return-value]
    return best_float if best_int is None or beats(best_float, float(best_int)) else float(best_int)


@native("min", 1, None)
def minimum(first: object, /, *rest: object) -> int | float:
    """The least number."""
    if len(rest) == 1 and first.__class__ is int and rest[0].__class__ is int:
        return min(first, rest[0])
    return _extreme((first, *rest), lt)


@native("max", 1, None)
def maximum(first: object, /, *rest: object) -> int | float:
    """The greatest number."""
    if len(rest) == 1 and first.__class__ is int and rest[0].__class__ is int:
        return max(first, rest[0])
    return _extreme((first, *rest), greater)


def _whole(name: str, rounded: Callable[[float], int], x: object) -> int:
    """Number `x` rounded; ints too go through a float, as the language has it, so beyond 2**53 they lose digits.

    NaN and the infinities are no int, hence an overflow.
    """
    value = as_float(x)
    if math.isfinite(value):
        return _narrow(name, rounded(value))
    raise integer_overflow(name)


@native("floor", 1)
def floor(x: object, /) -> int:
    """The greatest int not above."""
    return _whole("floor", math.floor, x)


@native("ceiling", 1)
def ceiling(x: object, /) -> int:
    """The least int not below."""
    return _whole("ceiling", math.ceil, x)


@native("truncate", 1)
def truncate(x: object, /) -> int:
    """The int part."""
    return _whole("truncate", math.trunc, x)


@native("round", 1)
def nearest(x: object, /) -> int:
    """The nearest int, halves away from zero."""
    return _whole("round", _half_away, x)


def _half_away(x: float) -> int:
    fraction, whole = math.modf(x)
    if abs(fraction) < 0.5:
        return int(whole)
    return int(whole) + (1 if x > 0 else -1)


def _check_ints(args: tuple[object, ...]) -> tuple[int, ...]:
    for x in args:
        if x.__class__ is not int:
            raise type_mismatch("integer", x)
    return args  # type: ignore[return-value]


@native("gcd", 0, None)
def greatest_common_divisor(*args: object) -> int:
    """The greatest common divisor; 0 of nothing."""
    return _narrow("gcd", math.gcd(*_check_ints(args)))


@native("lcm", 0, None)
def least_common_multiple(*args: object) -> int:
    """The least common multiple; 1 of nothing, 0 if any is 0."""
    ints = _check_ints(args)
    if 0 in ints:
        return 0
    total = 1
    for i in ints:
        total = _narrow("lcm", math.lcm(total, i))
    return total


def _wrap(i: int) -> int:
    return ((i + 2**63) & (2**64 - 1)) - 2**63


@native("wrapping-add", 0, None)
def wrapping_add(*args: object) -> int:
    """The sum of ints modulo 2**64."""
    return _wrap(sum(_check_ints(args)))


@native("wrapping-sub", 1, None)
def wrapping_sub(first: object, /, *rest: object) -> int:
    """The first int less all others modulo 2**64; of one int its negative."""
    head, *others = _check_ints((first, *rest))
    return _wrap(head - sum(others) if others else -head)


@native("wrapping-mul", 0, None)
def wrapping_mul(*args: object) -> int:
    """The product of ints modulo 2**64."""
    total = 1
    for i in _check_ints(args):
        total = _wrap(total * i)
    return total


@native("inc", 1)
def increment(x: object, /) -> int | float:
    """`(+ x 1)`."""
    return add(x, 1)


@native("dec", 1)
def decrement(x: object, /) -> int | float:
    """`(- x 1)`."""
    return sub(x, 1)


@native("zero?", 1)
def is_zero(x: object, /) -> bool:
    """`(= x 0)`."""
    return num_eq(x, 0)


@native("positive?", 1)
def is_positive(x: object, /) -> bool:
    """`(> x 0)`."""
    return greater(x, 0)


@native("negative?", 1)
def is_negative(x: object, /) -> bool:
    """`(< x 0)`."""
    return lt(x, 0)


@native("even?", 1)
def is_even(x: object, /) -> bool:
    """Whether an int is even."""
    return modulo(x, 2) == 0


@native("odd?", 1)
def is_odd(x: object, /) -> bool:
    """Whether an int is odd."""
    return modulo(x, 2) == 1
