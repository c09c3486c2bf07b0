"""From a Lisp value to JSON data and back, and from JSON data to text.

JSON data are Python's dict (string keys), list, str, int, float, bool and None, and these are Lisp values as they
stand. Objects made here have their keys in code-point order, so a value does not depend on when it is read back.
Nesting costs no Python stack, in any direction.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType
from typing import Any, TypeAlias

from vigyc.lang.datum import Keyword, Symbol
from vigyc.runtime.faults import size_exceeded
from vigyc.runtime.lists import Vec, items
from vigyc.runtime.maps import BoolKey, FloatKey, SharedMap, as_dict
from vigyc.runtime.printer import float_text
from vigyc.runtime.secret import MASK, Secret
from vigyc.runtime.values import INT_MAX, INT_MIN, MAX_ITEMS, kind_of

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_LISTS = frozenset({list, tuple, Vec})
_MAPS = frozenset({dict, SharedMap})
_LEAVES: dict[type, Callable[[object], Json]] = {
    str: lambda v: v,  # type: ignore[dict-item, return-value]
    int: lambda v: v,  # type: ignore[dict-item, return-value]
    bool: lambda v: v,  # type: ignore[dict-item, return-value]
    type(None): lambda _: None,
    float: lambda v: v if math.isfinite(v) else None,  # type: ignore[arg-type, dict-item, return-value]
    Symbol: lambda v: v.name,  # type: ignore[attr-defined]
    Keyword: lambda v: ":" + v.name,  # type: ignore[attr-defined]
    Secret: lambda _: MASK,
    FunctionType: lambda v: f"<{kind_of(v)}>",
}


def key_text(key: object) -> str:
    """The object key that an encoded map key becomes."""
    cls = key.__class__
    if cls is str:
        return key  # type: ignore[return-value]
    if cls is Symbol:
        return key.name  # type: ignore[attr-defined, no-any-return]
    if cls is Keyword:
        return ":" + key.name  # type: ignore[attr-defined, no-any-return]
    if cls is FloatKey:
        return float_text(key.value)  # type: ignore[attr-defined]
    if cls is BoolKey:
        return "true" if key.value else "false"  # type: ignore[attr-defined]
    return "null" if key is None else str(key)


def to_json(value: object) -> Json:
    """`value` as JSON data: keywords as ":k", symbols as strings, NaN and infinities as null, other kinds as "<kind>".

    Where two keys of a map become one text (`:k` and ":k"), the later entry stays.
    """
    leaf = _LEAVES.get(value.__class__)
    if leaf is not None:
        return leaf(value)
    room = MAX_ITEMS
    result: list[Json] = []
    stack: list[tuple[Iterator[object], list[Json], list[str], dict[str, Json]]] = [(iter((value,)), result, [], {})]
    while stack:
        source, target, keys, entries = stack[-1]
        for x in source:
            leaf = _LEAVES.get(x.__class__)
            if leaf is not None:
                target.append(leaf(x))
            elif x.__class__ in _LISTS:
                inner: list[Json] = []
                target.append(inner)
                stack.append((iter(items(x)), inner, [], {}))
                break
            elif x.__class__ in _MAPS:
                by_text = {key_text(key): v for key, v in as_dict(x).items()}
                filled: dict[str, Json] = {}
                target.append(filled)
                texts = sorted(by_text)
                stack.append((iter([by_text[text] for text in texts]), [], texts, filled))
                break
            else:
                target.append(f"<{kind_of(x)}>")
        else:
            stack.pop()
            entries.update(zip(keys, target, strict=False))  # no keys: a list
            room -= len(target) + 1
            if room < 0:
                raise size_exceeded("json", MAX_ITEMS)
    return result[0]


_SCALARS = frozenset({str, int, float, bool, type(None)})


def from_json(data: object) -> object:
    """JSON data as a Lisp value: itself, unless it holds an int beyond 64 bits, which becomes a float.

    The caller hands the data over: a value is never changed. Raises TypeError, naming the place, for what is not JSON.
    """
    if data.__class__ is int:
        return data if INT_MIN <= data <= INT_MAX else _float(data)
    if data.__class__ in _SCALARS:
        return data
    return _narrowed(data) if _is_wide(data) else data


def _float(i: int) -> float:
    try:
        return float(i)
    except OverflowError:
        return math.inf if i > 0 else -math.inf


_Place: TypeAlias = "tuple[_Place, object] | None"


def _refusal(what: str, place: _Place) -> TypeError:
    steps = []
    while place is not None:
        place, step = place
        steps.append(f"[{step!r}]")
    return TypeError(f"not JSON: {what} at ${''.join(reversed(steps))}")


def _is_wide(data: object) -> bool:
    """Whether checked JSON `data` holds an int beyond 64 bits."""
    wide = False
    room = MAX_ITEMS
    stack: list[tuple[object, _Place]] = [(data, None)]
    while stack:
        container, place = stack.pop()
        parts: Iterable[tuple[object, object]]
        if container.__class__ is dict:
            for key in container:
                if key.__class__ is not str:
                    raise _refusal(f"a key that is {type(key).__name__}", place)
            parts = container.items()
        elif container.__class__ is list:
            parts = enumerate(container)
        else:
            raise _refusal(type(container).__name__, place)
        room -= len(container)
        if room < 0:
            raise TypeError(f"not JSON: more than {MAX_ITEMS} parts, or a structure within itself")
        for step, x in parts:
            cls = x.__class__
            if cls is int:
                wide = wide or not INT_MIN <= x <= INT_MAX  # type: ignore[operator]
            elif cls not in _SCALARS:
                stack.append((x, (place, step)))
    return wide


def _narrowed(data: object) -> object:
    """A copy of JSON `data` with every int beyond 64 bits as a float."""
    holder: list[object] = [data]
    stack: list[list[object] | dict[str, object]] = [holder]
    while stack:
        target: Any = stack.pop()
        for step, x in list(target.items() if target.__class__ is dict else enumerate(target)):
            if x.__class__ is int and not INT_MIN <= x <= INT_MAX:
                target[step] = _float(x)
            elif x.__class__ is dict or x.__class__ is list:
                target[step] = x.copy()
                stack.append(target[step])
    return holder[0]


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_PLAIN = frozenset({str, int, bool, type(None)})
_text = json.encoder.encode_basestring  # what the encoder does with a text, without its preparations


def number_text(x: float) -> str:
    """Float `x` as JSON text: the shortest digits that read back, `1e16` not `1e+16`, always seen to be a float."""
    if not math.isfinite(x):
        return "null"
    text = repr(x)
    if "e" not in text:
        return text
    digits, _, exponent = text.partition("e")
    if exponent == "-05":
        sign, digits = ("-", digits[1:]) if digits[0] == "-" else ("", digits)
        return f"{sign}0.0000{digits.replace('.', '')}"
    return f"{digits}e{int(exponent)}"


def dumps(value: Json) -> str:
    """JSON data as compact text, keys in code-point order, nothing escaped that need not be."""
    cls = value.__class__
    if cls in _PLAIN:
        return _ENCODER.encode(value)
    out: list[str] = []
    write = out.append
    stack: list[tuple[Iterator[tuple[str, Json]], str]] = [(iter((("", value),)), "")]
    while stack:
        parts, close = stack[-1]
        for before, x in parts:
            cls = x.__class__
            write(before)
            if cls is str:
                write(_text(x))  # type: ignore[arg-type]
            elif cls is float:
                write(number_text(x))  # type: ignore[arg-type]
            elif cls in _PLAIN or not x or _is_flat(x):
                write(_ENCODER.encode(x))
            elif cls is dict:
                write("{")
                stack.append((_members(x), "}"))  # type: ignore[arg-type]
                break
            else:
                write("[")
                stack.append((_elements(x), "]"))  # type: ignore[arg-type]
                break
        else:
            stack.pop()
            write(close)
    return "".join(out)


def _is_flat(container: object) -> bool:
    """Whether Python's own encoder writes `container` as we would, without recursion."""
    parts = container.values() if isinstance(container, dict) else container
    return {part.__class__ for part in parts} <= _PLAIN  # type: ignore[attr-defined]


def _members(entries: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    comma = ""
    for key in sorted(entries):
        yield f"{comma}{_text(key)}:", entries[key]
        comma = ","


def _elements(elements: list[Json]) -> Iterator[tuple[str, Json]]:
    comma = ""
    for x in elements:
        yield comma, x
        comma = ","
