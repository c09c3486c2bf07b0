"""From two operands to a number: the binary arithmetic and comparison that compiled code falls back on.

Every function here is total over values: it gives the language's answer or raises the language's error, naming the
first operand that is at fault. Ints are 64 bits wide (a result outside is an error), booleans are not numbers, and an
int meeting a float is first turned into a float, also to be compared.
"""

from __future__ import annotations

from typing import NoReturn

from vigyc.runtime.faults import division_by_zero, integer_overflow, type_mismatch
from vigyc.runtime.values import INT_MAX, INT_MIN


def overflow(name: str) -> NoReturn:
    """Raise `integer-overflow` naming operation `name`."""
    raise integer_overflow(name)


def not_numbers(a: object, b: object) -> NoReturn:
    """Raise the type mismatch of the first of two operands that is not a number."""
    raise type_mismatch("number", b if a.__class__ is int or a.__class__ is float else a)


def not_integers(a: object, b: object) -> NoReturn:
    """Raise the type mismatch of the first of two operands that is not an int."""
    raise type_mismatch("integer", b if a.__class__ is int else a)


def as_float(value: object) -> float:
    """Number `value` as a float."""
    if value.__class__ is float:
        return value
    if value.__class__ is int:
        return float(value)
    raise type_mismatch("number", value)


def add(a: object, b: object) -> int | float:
    """`(+ a b)`."""
    if a.__class__ is int and b.__class__ is int:
        total: int = a + b
        if INT_MIN <= total <= INT_MAX:
            return total
        raise integer_overflow("+")
    if a.__class__ is float and b.__class__ is float:
        return a + b
    if (a.__class__ is int or a.__class__ is float) and (b.__class__ is int or b.__class__ is float):
        return float(a) + float(b)
    not_numbers(a, b)


def sub(a: object, b: object) -> int | float:
    """`(- a b)`."""
    if a.__class__ is int and b.__class__ is int:
        difference: int = a - b
        if INT_MIN <= difference <= INT_MAX:
            return difference
        raise integer_overflow("-")
    if a.__class__ is float and b.__class__ is float:
        return a - b
    if (a.__class__ is int or a.__class__ is float) and (b.__class__ is int or b.__class__ is float):
        return float(a) - float(b)
    not_numbers(a, b)


def mul(a: object, b: object) -> int | float:
    """`(* a b)`."""
    if a.__class__ is int and b.__class__ is int:
        product: int = a * b
        if INT_MIN <= product <= INT_MAX:
            return product
        raise integer_overflow("*")
    if a.__class__ is float and b.__class__ is float:
        return a * b
    if (a.__class__ is int or a.__class__ is float) and (b.__class__ is int or b.__class__ is float):
        return float(a) * float(b)
    not_numbers(a, b)


def div(a: object, b: object) -> int | float:
    """`(/ a b)`: an int while int division is exact, else a float; any zero divisor is an error."""
    if a.__class__ is int and b.__class__ is int:
        if not b:
            raise division_by_zero()
        quotient, rest = divmod(a, b)
        if rest:
            return float(a) / float(b)
        if quotient > INT_MAX:
            raise integer_overflow("/")
        return quotient
    if (a.__class__ is int or a.__class__ is float) and (b.__class__ is int or b.__class__ is float):
        if not b:
            raise division_by_zero()
        return float(a) / float(b)
    not_numbers(a, b)


def modulo(a: object, b: object) -> int:
    """`(modulo a b)`: the Euclidean remainder, never negative."""
    if a.__class__ is int and b.__class__ is int:
        if b:
            return a % abs(b)
        raise division_by_zero()
    not_integers(a, b)


def num_eq(a: object, b: object) -> bool:
    """`(= a b)`."""
    if a.__class__ is b.__class__ and (a.__class__ is int or a.__class__ is float):
        return a == b
    if (a.__class__ is int or a.__class__ is float) and (b.__class__ is int or b.__class__ is float):
        return float(a) == float(b)
    not_numbers(a, b)


def lt(a: object, b: object) -> bool:
    """`(< a b)`."""
    if a.__class__ is b.__class__ and (a.__class__ is int or a.__class__ is float):
        return a < b  # type: ignore[operator]
    if (a.__class__ is int or a.__class__ is float) and (b.__class__ is int or b.__class__ is float):
        return float(a) < float(b)
    not_numbers(a, b)


def le(a: object, b: object) -> bool:
    """`(<= a b)`."""
    if a.__class__ is b.__class__ and (a.__class__ is int or a.__class__ is float):
        return a <= b  # type: ignore[operator]
    if (a.__class__ is int or a.__class__ is float) and (b.__class__ is int or b.__class__ is float):
        return float(a) <= float(b)
    not_numbers(a, b)


def gt(a: object, b: object) -> bool:
    """`(> a b)`."""
    if a.__class__ is b.__class__ and (a.__class__ is int or a.__class__ is float):
        return a > b  # type: ignore[operator]
    if (a.__class__ is int or a.__class__ is float) and (b.__class__ is int or b.__class__ is float):
        return float(a) > float(b)
    not_numbers(a, b)


def ge(a: object, b: object) -> bool:
    """`(>= a b)`."""
    if a.__class__ is b.__class__ and (a.__class__ is int or a.__class__ is float):
        return a >= b  # type: ignore[operator]
    if (a.__class__ is int or a.__class__ is float) and (b.__class__ is int or b.__class__ is float):
        return float(a) >= float(b)
    not_numbers(a, b)
