"""From a value of the language to what a key/value file holds of it, and back the same.

Integers, finite floats and strings are kept as SQLite has them, so that any SQLite shows them; everything else is
msgpack, with extensions for what msgpack has no kind for. What is more than data (a function, a handle, a secret) is
not kept.
"""

from __future__ import annotations

from math import isfinite
from typing import Any, Final

import msgpack

from vigyc.lang.datum import Keyword, Symbol, keyword, symbol
from vigyc.lang.errors import TickError
from vigyc.runtime.lists import Vec, items
from vigyc.runtime.maps import PLAIN_KEYS, BoolKey, FloatKey, SharedMap, as_dict, to_key
from vigyc.runtime.values import kind_of

_KEYWORD: Final = 1
_SYMBOL: Final = 2
_KEY: Final = 3
_DEEPEST: Final = 500
_GREATEST: Final = 2**63 - 1
_PLAIN: Final = frozenset({type(None), bool, float, str, bytes})
_KEYS: Final = PLAIN_KEYS | {BoolKey, FloatKey}


def stored(op: str, value: Any) -> int | float | str | bytes:
    """`value` as SQLite holds it. Raises TickError `type-mismatch`."""
    if value.__class__ is int or (value.__class__ is float and isfinite(value)):
        return value
    if value.__class__ is str and value.isascii():
        return value
    try:
        if value.__class__ is str:
            value.encode()
            return value
        return _packed(value)
    except TypeError as error:
        raise TickError("type-mismatch", f"`{op}`: value must be data, and {error} is not") from error
    except UnicodeEncodeError as error:
        raise TickError("type-mismatch", f"`{op}`: value must be Unicode text, without a lone surrogate") from error
    except ValueError as error:
        raise TickError("type-mismatch", f"`{op}`: value is nested more deeply than {_DEEPEST} levels") from error


def held(found: Any) -> Any:
    """The value that was stored as `found`. Raises ValueError for what was not stored here."""
    if found.__class__ is not bytes:
        return found
    try:
        value = msgpack.unpackb(found, ext_hook=_value, strict_map_key=False)
    except TypeError as error:  # a list or map as a key
        raise ValueError("a key is none") from error
    _check(value)
    return value


def _check(value: Any) -> None:
    """Raises ValueError where a file that another program wrote holds what is no value of the language."""
    cls = value.__class__
    if cls is list:
        for item in value:
            if item.__class__ not in _PLAIN:
                _check(item)
    elif cls is dict:
        for key, item in value.items():
            if key.__class__ not in _KEYS or (key.__class__ is int and key > _GREATEST):
                raise ValueError("a key is none")
            if item.__class__ not in _PLAIN:
                _check(item)
    elif cls is int:
        if value > _GREATEST:
            raise ValueError("it has more than 64 bits")
    elif cls not in _PLAIN and cls is not Keyword and cls is not Symbol:
        raise ValueError("it is no value")


def _packed(value: object) -> bytes:
    found: bytes = msgpack.packb(value, default=_extension, strict_types=True)
    return found


def _extension(value: Any) -> object:
    cls = value.__class__
    if cls is Keyword:
        return msgpack.ExtType(_KEYWORD, value.name.encode())
    if cls is Symbol:
        return msgpack.ExtType(_SYMBOL, value.name.encode())
    if cls is tuple or cls is Vec:
        return items(value)
    if cls is SharedMap:
        return as_dict(value)
    if cls is BoolKey or cls is FloatKey:
        return msgpack.ExtType(_KEY, _packed(value.value))
    raise TypeError(kind_of(value))


def _value(code: int, data: bytes) -> object:
    if code == _KEYWORD:
        return keyword(data.decode())
    if code == _SYMBOL:
        return symbol(data.decode())
    if code == _KEY:
        key = msgpack.unpackb(data)
        if key.__class__ is bool or key.__class__ is float:
            return to_key(key)
    raise ValueError(f"there is no kind of value {code}")
