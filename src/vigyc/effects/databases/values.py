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
from vigyc.runtime.maps import BoolKey, FloatKey, SharedMap, as_dict, to_key
from vigyc.runtime.values import kind_of

_KEYWORD: Final = 1
_SYMBOL: Final = 2
_KEY: Final = 3
_DEEPEST: Final = 500


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
    return found if found.__class__ is not bytes else _unpacked(found)


def _packed(value: object) -> bytes:
    found: bytes = msgpack.packb(value, default=_extension, strict_types=True)
    return found


def _unpacked(data: bytes) -> Any:
    return msgpack.unpackb(data, ext_hook=_value, strict_map_key=False)


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
        return to_key(_unpacked(data))
    raise ValueError(f"there is no kind of value {code}")
