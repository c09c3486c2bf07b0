"""From any value to whether it is of a kind; none of these raises.

nil and the empty list are two values: both are empty, neither is a pair.
"""

from __future__ import annotations

from types import FunctionType

from vigyc.lang.datum import Keyword, Symbol
from vigyc.runtime.lists import is_list
from vigyc.runtime.native import native
from vigyc.runtime.values import kind_of


def is_empty(x: object) -> bool:
    """Whether `x` is nil or the empty list."""
    return x is None or (x.__class__ is list and not x)


@native("null?", 1)
def is_null(x: object, /) -> bool:
    """nil or the empty list."""
    return x is None or (x.__class__ is list and not x)


@native("empty?", 1)
def has_nothing(x: object, /) -> bool:
    """nil or the empty list; not an empty string or map."""
    return x is None or (x.__class__ is list and not x)


@native("not-empty?", 1)
def has_something(x: object, /) -> bool:
    """Neither nil nor the empty list."""
    return not is_empty(x)


@native("some?", 1)
def is_present(x: object, /) -> bool:
    """Neither nil nor the empty list; #f is present."""
    return not is_empty(x)


@native("pair?", 1)
def is_pair(x: object, /) -> bool:
    """A list with elements."""
    return bool(x) if x.__class__ is list else is_list(x)


@native("list?", 1)
def is_list_or_nil(x: object, /) -> bool:
    """A list or nil."""
    return x is None or is_list(x)


@native("symbol?", 1)
def is_symbol(x: object, /) -> bool:
    """A symbol."""
    return x.__class__ is Symbol


@native("keyword?", 1)
def is_keyword(x: object, /) -> bool:
    """A keyword."""
    return x.__class__ is Keyword


@native("string?", 1)
def is_string(x: object, /) -> bool:
    """A string."""
    return x.__class__ is str


@native("boolean?", 1)
def is_boolean(x: object, /) -> bool:
    """#t or #f."""
    return x.__class__ is bool


@native("integer?", 1)
def is_integer(x: object, /) -> bool:
    """An int; 1.0 is none."""
    return x.__class__ is int


@native("number?", 1)
def is_number(x: object, /) -> bool:
    """An int or a float."""
    return x.__class__ is int or x.__class__ is float


@native("procedure?", 1)
def is_procedure(x: object, /) -> bool:
    """A closure or a builtin."""
    return x.__class__ is FunctionType


@native("foreign?", 1)
def is_foreign(x: object, /) -> bool:
    """An object of the host: a channel, a fiber, a handle."""
    return kind_of(x) == "foreign"


@native("atom?", 1)
def is_atom(x: object, /) -> bool:
    """Anything but a list, nil or a procedure."""
    return x is not None and x.__class__ is not FunctionType and not is_list(x)
