"""From numbers to numbers, where the library has nothing: the pack `math`, constants, rounding, figures of a list."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Final, TypeAlias

from vigyc.effects.pack import Pack
from vigyc.runtime.faults import division_by_zero, integer_overflow, native_fault
from vigyc.runtime.values import INT_MAX, INT_MIN

Number: TypeAlias = int | float

PACK: Final = Pack("math", "Constants, rounding, logarithms, figures of a list of numbers.")


@PACK.pure("math-pi", example='(math-to-fixed (math-pi) 4) => "3.1416"')
def math_pi() -> float:
    """The ratio of a circle's circumference to its diameter."""
    return math.pi


@PACK.pure("math-e", example='(math-to-fixed (math-e) 4) => "2.7183"')
def math_e() -> float:
    """The base of natural logarithms."""
    return math.e


@PACK.pure("math-sign", example="(math-sign -2.5) => -1")
def math_sign(x: Number) -> int:
    """-1, 0 or 1; 0 of NaN."""
    return (x > 0) - (x < 0)


@PACK.pure("math-clamp", example="(math-clamp 12 0 10) => 10")
def math_clamp(x: Number, least: Number, most: Number) -> Number:
    """The number, or the bound it is beyond. An error unless least <= most."""
    if not least <= most:
        raise native_fault("math-clamp", "the least must not be above the most")
    return least if x < least else most if x > most else x


@PACK.pure("math-div", example="(math-div -7 2) => -4")
def math_div(a: int, b: int) -> int:
    """The quotient of two ints, rounded down; zero divides nothing."""
    if b == 0:
        raise division_by_zero()
    return _fitting("math-div", a // b)


@PACK.pure("math-log2", example="(math-log2 1024) => 10")
def math_log2(x: float) -> float:
    """The logarithm to base 2, exact for powers of it; -inf of 0, NaN of a negative number."""
    return _logarithm(math.log2, x)


@PACK.pure("math-log10", example="(math-log10 1000) => 3")
def math_log10(x: float) -> float:
    """The logarithm to base 10, exact for powers of it; -inf of 0, NaN of a negative number."""
    return _logarithm(math.log10, x)


def _logarithm(log: Callable[[float], float], x: float) -> float:
    return log(x) if x > 0 else -math.inf if x == 0 else math.nan


@PACK.pure("math-round-to", example="(math-round-to 2.675 2) => 2.68")
def math_round_to(x: Number, digits: int) -> Number:
    """The number rounded to 0 to 15 decimal digits, halves (of the number as it prints) away from zero."""
    rounded = _rounded("math-round-to", x, digits)
    return x if rounded is None or isinstance(x, int) else float(rounded)


@PACK.pure("math-to-fixed", example='(math-to-fixed 2.5 2) => "2.50"')
def math_to_fixed(x: Number, digits: int) -> str:
    """The number as text with 0 to 15 decimal digits, rounded as by `math-round-to`."""
    rounded = _rounded("math-to-fixed", x, digits)
    return {math.inf: "inf", -math.inf: "-inf"}.get(x, "NaN") if rounded is None else f"{rounded:f}"


def _rounded(op: str, x: Number, digits: int) -> Decimal | None:
    """`x` with `digits`; None for what is no finite number."""
    if not 0 <= digits <= 15:
        raise native_fault(op, "the digits must be from 0 to 15")
    if not math.isfinite(x):
        return None
    with localcontext(prec=400):
        return Decimal(repr(x)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@PACK.pure("math-nan?", example="(math-nan? (sqrt -1)) => #t")
def math_is_nan(x: Number) -> bool:
    """Whether it is not a number."""
    return math.isnan(x)


@PACK.pure("math-finite?", example="(math-finite? 1.5) => #t")
def math_is_finite(x: Number) -> bool:
    """Whether it is neither infinite nor NaN."""
    return math.isfinite(x)


@PACK.pure("math-sum", example="(math-sum (list 1 2 3)) => 6")
def math_sum(numbers: list[Number]) -> Number:
    """The sum; of ints exact, of floats rounded once; 0 of nothing."""
    if all(isinstance(x, int) for x in numbers):
        return _fitting("math-sum", int(sum(numbers)))
    return _float_sum(numbers)


def _fitting(op: str, value: int) -> int:
    if not INT_MIN <= value <= INT_MAX:
        raise integer_overflow(op)
    return value


def _float_sum(numbers: list[Number]) -> float:
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):
        return float(sum(map(float, numbers)))  # infinite, or infinities of both signs


@PACK.pure("math-mean", example="(math-mean (list 1 2 6)) => 3")
def math_mean(numbers: list[Number]) -> float:
    """The arithmetic mean, a float; of nothing an error."""
    return _float_sum(numbers) / len(_some("math-mean", numbers))


@PACK.pure("math-median", example="(math-median (list 5 1 2 4)) => 3")
def math_median(numbers: list[Number]) -> float:
    """The middle of the numbers in order, or the mean of the two in the middle, a float; of nothing an error."""
    return _percentile(_some("math-median", numbers), 50.0)


@PACK.pure("math-percentile", example="(math-percentile (list 10 20 30 40 50) 90) => 46")
def math_percentile(numbers: list[Number], percent: float) -> float:
    """What `percent` (0 to 100) of the numbers do not exceed, between two of them in proportion.

    Of nothing, an error.
    """
    if not 0 <= percent <= 100:
        raise native_fault("math-percentile", "the percentage must be from 0 to 100")
    return _percentile(_some("math-percentile", numbers), percent)


@PACK.pure("math-stdev", example="(math-stdev (list 2 4 4 4 5 5 7 9)) => 2")
def math_stdev(numbers: list[Number]) -> float:
    """The standard deviation of the numbers as a whole population, a float; of nothing an error."""
    mean = _float_sum(numbers) / len(_some("math-stdev", numbers))
    return math.sqrt(_float_sum([(x - mean) * (x - mean) for x in numbers]) / len(numbers))


def _some(op: str, numbers: list[Number]) -> list[Number]:
    if not numbers:
        raise native_fault(op, "there are no numbers")
    return numbers


def _percentile(numbers: list[Number], percent: float) -> float:
    if any(math.isnan(x) for x in numbers):
        return math.nan
    ordered = sorted(map(float, numbers))
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    part = place - below
    return ordered[below] if part == 0 else ordered[below] * (1 - part) + ordered[below + 1] * part
