"""From a tag, a message and data to an error value, to its parts, and to what is thrown."""

from __future__ import annotations

from typing import NoReturn

from vigyc.lang.datum import Keyword, Symbol, keyword
from vigyc.lang.errors import Thrown
from vigyc.runtime.equality import equal
from vigyc.runtime.faults import native_fault, type_mismatch
from vigyc.runtime.lists import is_list, items
from vigyc.runtime.native import native
from vigyc.runtime.values import ErrorValue


def _error(tag: str, message: object, data: object) -> ErrorValue:
    if message.__class__ is not str:
        raise type_mismatch("string", message)
    if data is not None and not is_list(data):
        raise type_mismatch("plist (list)", data)
    flat = items(data)
    if len(flat) % 2:
        raise native_fault("plist", "plist must have even number of elements (k v k v ...)")
    return ErrorValue(tag, message, flat)


@native("error", 2, 3)
def error(tag: object, message: object, data: object = None, /) -> ErrorValue:
    """An error value; it is not thrown. `data` is a flat list of keys and values."""
    if tag.__class__ is Keyword or tag.__class__ is Symbol:
        return _error(tag.name, message, data)
    if tag.__class__ is str:
        return _error(tag, message, data)
    raise type_mismatch("keyword/symbol/string", tag)


@native("ex-info", 1, 2)
def ex_info(message: object, data: object = None, /) -> ErrorValue:
    """An error value tagged `ex-info`."""
    return _error("ex-info", message, data)


@native("throw", 1)
def throw(x: object, /) -> NoReturn:
    """Raises any value."""
    raise Thrown(x)


@native("error?", 1)
def is_error(x: object, /) -> bool:
    """An error value."""
    return x.__class__ is ErrorValue


def _checked(x: object) -> ErrorValue:
    if x.__class__ is ErrorValue:
        return x
    raise type_mismatch("error", x)


@native("error-tag", 1)
def error_tag(x: object, /) -> Keyword:
    """The tag of an error value, as a keyword."""
    return keyword(_checked(x).tag)


@native("error-message", 1)
def error_message(x: object, /) -> str:
    """The message of an error value."""
    return _checked(x).message


@native("error-data", 1)
def error_data(x: object, /) -> list[object]:
    """The data of an error value, a flat list of keys and values."""
    return _checked(x).data


@native("error-data-get", 2)
def error_data_get(x: object, key: object, /) -> object:
    """The value after the first key in the data that is `equal?` to `key`, else nil."""
    data = _checked(x).data
    for at in range(0, len(data), 2):
        if equal(data[at], key):
            return data[at + 1]
    return None
