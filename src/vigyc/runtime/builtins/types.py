"""From a value and a type to whether they fit: `type-of`, `is?`, `the`, `cast`.

A type is a keyword or a list headed by one, given as a value. A type list is looked at only as far as the value leads:
a mistake in a part that is not reached is not noticed. Types may nest as deep as values do, so checks that ask further
checks are generators on a stack of their own.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Generator
from types import FunctionType
from typing import TypeAlias

from vigyc.lang.datum import Keyword, keyword
from vigyc.lang.errors import Thrown, TickError
from vigyc.runtime.faults import native_fault
from vigyc.runtime.lists import is_list, items
from vigyc.runtime.maps import SharedMap, map_keys, map_values
from vigyc.runtime.native import native
from vigyc.runtime.printer import display
from vigyc.runtime.values import INT_MAX, INT_MIN, ErrorValue, Promise, kind_of

_INT_RANGES = {
    "int": (INT_MIN, INT_MAX),
    "i64": (INT_MIN, INT_MAX),
    "i32": (-(2**31), 2**31 - 1),
    "u32": (0, 2**32 - 1),
    "u64": (0, 2**64 - 1),
    "usize": (0, 2**64 - 1),
}
_FLOATS = frozenset({"float", "f64", "f32"})


def _is_number(v: object) -> bool:
    return v.__class__ is int or v.__class__ is float


def _single(x: float) -> float | None:
    """`x` rounded to 32 bits, None if it is too large."""
    try:
        return struct.unpack("<f", struct.pack("<f", x))[0]  # type: ignore[no-any-return]
    except OverflowError:
        return None


def _in_range(lo: int, hi: int) -> Callable[[object], bool]:
    return lambda v: v.__class__ is int and lo <= v <= hi


_SIMPLE: dict[str, Callable[[object], bool]] = {
    "any": lambda _: True,
    "nil": lambda v: v is None,
    "bool": lambda v: v.__class__ is bool,
    "number": _is_number,
    "float": _is_number,
    "f64": _is_number,
    "f32": lambda v: _is_number(v) and _single(float(v)) is not None,  # type: ignore[arg-type]
    "string": lambda v: v.__class__ is str,
    "list": lambda v: v is None or is_list(v),
    "map": lambda v: v.__class__ is dict or v.__class__ is SharedMap,
    "error": lambda v: v.__class__ is ErrorValue,
    "promise": lambda v: v.__class__ is Promise,
    "procedure": lambda v: v.__class__ is FunctionType,
    **{kind: lambda v, kind=kind: kind_of(v) == kind for kind in ("symbol", "keyword", "foreign")},  # type: ignore[misc]
    **{name: _in_range(lo, hi) for name, (lo, hi) in _INT_RANGES.items()},
}

_Question: TypeAlias = "tuple[object, object]"  # a value and the type it may be of
_Check: TypeAlias = "Generator[_Question, bool, bool]"


def _fault(reason: str) -> TickError:
    return native_fault("type-check", reason)


def fits(value: object, spec: object) -> bool:
    """Whether `value` is of type `spec`; an unknown keyword fits nothing."""
    if spec.__class__ is Keyword:
        simple = _SIMPLE.get(spec.name)
        return simple is not None and simple(value)
    checks = [_check(value, spec)]
    answer: bool | None = None
    while True:
        try:
            inner, inner_spec = checks[-1].send(answer)  # type: ignore[arg-type]
        except StopIteration as done:
            checks.pop()
            answer = done.value
            if not checks:
                return done.value  # type: ignore[no-any-return]
            continue
        if inner_spec.__class__ is Keyword:
            answer = fits(inner, inner_spec)
        else:
            checks.append(_check(inner, inner_spec))
            answer = None


def _check(value: object, spec: object) -> _Check:
    """The check of `value` against a type list; it yields the questions it depends on and returns the answer."""
    parts = items(spec) if is_list(spec) else []
    if not parts:
        raise _fault(f"type spec must be a keyword or list, got {display(spec)}")
    head, *arguments = parts
    if head.__class__ is not Keyword:
        raise _fault("type spec list must start with a keyword")
    check = _PARAMETRIC.get(head.name)
    if check is None:
        raise _fault(f"unknown parametric type: {head.name}")
    return check(value, arguments)


def _check_list(value: object, arguments: list[object]) -> _Check:
    if len(arguments) != 1:
        raise _fault("(:list-of T) takes exactly one type argument")
    if value is not None and not is_list(value):
        return False
    spec = arguments[0]
    keyed = spec.__class__ is Keyword  # then asking is not worth a question
    for x in items(value):
        if not (fits(x, spec) if keyed else (yield x, spec)):
            return False
    return True


def _check_map(value: object, arguments: list[object]) -> _Check:
    if len(arguments) != 2:
        raise _fault("(:map-of K V) takes exactly two type arguments")
    if value.__class__ is not dict and value.__class__ is not SharedMap:
        return False
    for key, entry in zip(map_keys(value), map_values(value), strict=True):
        if not ((yield key, arguments[0]) and (yield entry, arguments[1])):
            return False
    return True


def _check_union(value: object, arguments: list[object]) -> _Check:
    for spec in arguments:
        if (yield value, spec):
            return True
    return False


def _check_function(value: object, _arguments: list[object]) -> _Check:
    yield from ()
    return value.__class__ is FunctionType


_PARAMETRIC: dict[str, Callable[[object, list[object]], _Check]] = {
    "list-of": _check_list,
    "map-of": _check_map,
    "union": _check_union,
    "fn": _check_function,
}


def type_name(value: object) -> str:
    """The kind of `value` as `type-of` names it: closures and builtins are both procedures."""
    kind = kind_of(value)
    return "procedure" if kind in {"closure", "native-fn"} else kind


@native("type-of", 1)
def type_of(value: object, /) -> Keyword:
    """The kind of a value, as a keyword."""
    return keyword(type_name(value))


@native("is?", 2)
def is_of_type(value: object, spec: object, /) -> bool:
    """Whether a value is of a type."""
    return fits(value, spec)


@native("the", 2)
def the(spec: object, value: object, /) -> object:
    """The value, if it is of the type; else an error value of tag `type-mismatch` is thrown."""
    if fits(value, spec):
        return value
    raise _mismatch(spec, value)


def _mismatch(spec: object, value: object) -> Thrown:
    got = keyword(type_name(value))
    message = f"expected {display(spec)}, got {display(got)}"
    return Thrown(ErrorValue("type-mismatch", message, [keyword("expected"), spec, keyword("got"), got]))


@native("cast", 2)
def cast(spec: object, value: object, /) -> object:
    """The value as one of a numeric width: an int for an int width, a float for a float width; else as `the`.

    An int type takes only ints. A number that the width cannot hold throws an error value of tag `out-of-range`;
    `:f32` rounds to the nearest it can hold.
    """
    width = spec.name if spec.__class__ is Keyword else ""
    if width in _INT_RANGES and value.__class__ is int:
        if fits(value, spec):
            return value
        raise _out_of_range(spec, value)
    if width in _FLOATS and _is_number(value):
        number = float(value) if width != "f32" else _single(float(value))  # type: ignore[arg-type]
        if number is None:
            raise _out_of_range(spec, value)
        return number
    return the(spec, value)


def _out_of_range(spec: object, value: object) -> Thrown:
    message = f"{display(value)} is out of range for {display(spec)}"
    return Thrown(ErrorValue("out-of-range", message, [keyword("target"), spec, keyword("value"), value]))
