"""From a number to a float: powers, roots, logarithms and trigonometry, with the answers IEEE 754 gives.

Python raises where IEEE has an answer (infinity or NaN); here the answer is given.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from vigyc.runtime.arithmetic import as_float, not_numbers
from vigyc.runtime.faults import integer_overflow, native_fault
from vigyc.runtime.native import native
from vigyc.runtime.printer import display
from vigyc.runtime.values import INT_MAX, INT_MIN


@native("expt", 2)
def power(base: object, exponent: object, /) -> int | float:
    """`base` to the power of `exponent`: exact for an int to a non-negative int, else a float."""
    if base.__class__ is int and exponent.__class__ is int and exponent >= 0:
        return _exact_power(base, exponent)
    if base.__class__ not in (int, float) or exponent.__class__ not in (int, float):
        not_numbers(base, exponent)
    return _float_power(as_float(base), as_float(exponent))


def _exact_power(base: int, exponent: int) -> int:
    if -1 <= base <= 1:
        return 1 if exponent == 0 else base if exponent % 2 else base * base
    result = base**exponent if exponent < 64 else INT_MAX + 1
    if INT_MIN <= result <= INT_MAX:
        return result
    raise integer_overflow("expt")


def _float_power(base: float, exponent: float) -> float:
    odd = abs(exponent) < 2.0**53 and exponent % 2.0 == 1.0
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and odd else math.inf
    except ValueError:  # zero to a negative power, or a negative base to a fraction
        if base:
            return math.nan
        return math.copysign(math.inf, base) if odd else math.inf


def _ln(x: float) -> float:
    if x > 0.0:
        return math.log(x)
    return math.nan if x != 0.0 else -math.inf


_NATURAL = object()


@native("log", 1, 2)
def logarithm(x: object, base: object = _NATURAL, /) -> float:
    """The natural logarithm, or the one to `base`."""
    numerator = _ln(as_float(x))
    if base is _NATURAL:
        return numerator
    denominator = _ln(as_float(base))
    if denominator == 0.0:  # the logarithm of 1 is a positive zero
        return math.nan if numerator == 0.0 else numerator * math.inf
    return numerator / denominator


@native("sqrt", 1)
def square_root(x: object, /) -> float:
    """The square root; NaN of a negative number."""
    value = as_float(x)
    return math.nan if value < 0.0 else math.sqrt(value)


@native("exp", 1)
def exponential(x: object, /) -> float:
    """e to the power of x."""
    try:
        return math.exp(as_float(x))
    except OverflowError:
        return math.inf


def _periodic(function: Callable[[float], float], x: object) -> float:
    value = as_float(x)
    return math.nan if math.isinf(value) else function(value)


@native("sin", 1)
def sine(x: object, /) -> float:
    """The sine of an angle in radians."""
    return _periodic(math.sin, x)


@native("cos", 1)
def cosine(x: object, /) -> float:
    """The cosine of an angle in radians."""
    return _periodic(math.cos, x)


@native("tan", 1)
def tangent(x: object, /) -> float:
    """The tangent of an angle in radians."""
    return _periodic(math.tan, x)


def _inverse(name: str, function: Callable[[float], float], x: object) -> float:
    value = as_float(x)
    if abs(value) > 1.0:
        raise native_fault(name, f"{display(x)} is outside [-1, 1]")
    return function(value)


@native("asin", 1)
def arc_sine(x: object, /) -> float:
    """The angle whose sine is x; x outside [-1, 1] is an error."""
    return _inverse("asin", math.asin, x)


@native("acos", 1)
def arc_cosine(x: object, /) -> float:
    """The angle whose cosine is x; x outside [-1, 1] is an error."""
    return _inverse("acos", math.acos, x)


@native("atan", 1)
def arc_tangent(x: object, /) -> float:
    """The angle whose tangent is x."""
    return math.atan(as_float(x))


@native("atan2", 2)
def arc_tangent_2(y: object, x: object, /) -> float:
    """The angle of the point (x, y), in its own quadrant."""
    return math.atan2(as_float(y), as_float(x))


@native("hypot", 2)
def hypotenuse(x: object, y: object, /) -> float:
    """The length of the vector (x, y)."""
    return math.hypot(as_float(x), as_float(y))
