"""From what went wrong to the error a program sees: one constructor per error kind.

The texts are those of the language reference, section 15; a program can read them with `error-message`.
"""

from __future__ import annotations

from vigyc.lang.errors import TickError
from vigyc.runtime.values import kind_of


def type_mismatch(expected: str, value: object) -> TickError:
    """`value` is not an `expected`."""
    return mismatch_kind(expected, kind_of(value))


def mismatch_kind(expected: str, got: str) -> TickError:
    """Something of kind `got` stands where an `expected` should."""
    return TickError("type-mismatch", f"type mismatch: expected {expected}, got {got}")


def native_fault(name: str, reason: str) -> TickError:
    """Builtin `name` refuses its arguments for `reason`."""
    return TickError("native-fn", f"in native `{name}`: {reason}")


def division_by_zero() -> TickError:
    """A divisor is zero."""
    return TickError("division-by-zero", "division by zero")


def integer_overflow(name: str) -> TickError:
    """The result of `name` does not fit 64 bits (decision D1)."""
    return TickError("integer-overflow", f"integer overflow in `{name}`")


def unbound_symbol(name: str) -> TickError:
    """Nothing is bound to `name`."""
    return TickError("unbound-symbol", f"unbound symbol `{name}`")


def not_callable(kind: str) -> TickError:
    """A value of `kind` stands in operator position."""
    return TickError("not-callable", f"value of type {kind} is not callable")


def arity_mismatch(name: str, lo: int, hi: int | None, got: int) -> TickError:
    """`name` takes from `lo` to `hi` arguments (None: any number) and was given `got`."""
    return TickError("arity-mismatch", f"`{name}` expected {arity_text(lo, hi)}, got {got}")


def arity_text(lo: int, hi: int | None) -> str:
    """An arity as error texts spell it: `Exact(2)`, `AtLeast(1)`, `Range(0, 1)` or `Any`."""
    if hi is None:
        return f"AtLeast({lo})" if lo else "Any"
    return f"Exact({lo})" if lo == hi else f"Range({lo}, {hi})"


def bad_special_form(form: str, reason: str) -> TickError:
    """Special form `form` is malformed."""
    return TickError("bad-special-form", f"bad `{form}`: {reason}")


def size_exceeded(name: str, limit: int) -> TickError:
    """`name` would build something larger than `limit` elements or characters (decision D26)."""
    return TickError("size-exceeded", f"`{name}` would exceed the size limit of {limit}")
