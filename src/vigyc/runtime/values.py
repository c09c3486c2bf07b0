"""From the language's kinds to Python's: how every value is represented while a program runs.

| kind    | Python                                                                                   |
|---------|------------------------------------------------------------------------------------------|
| nil     | None                                                                                     |
| bool, int, float, string, bytes | bool, int, float, str, bytes                                       |
| symbol, keyword | `lang.datum.Symbol`, `lang.datum.Keyword`: interned, compared by identity        |
| list    | `[]` the empty list that is not nil; a Python list, never changed once a program has it; |
|         | a pair `(head, tail)` whose tail is None or a non-empty list value; or a `lists.Vec`     |
| map     | a dict with encoded keys (`maps.to_key`), never changed once shared; or a `maps.SharedMap` |
| closure, native fn | a Python function; a native one carries a `Native` as its `tatara` attribute  |
| promise, error, foreign | `Promise`, `ErrorValue`, subclasses of `Foreign`                         |

The choice is speed: a host's JSON-like data is a value as it stands, and no value is wrapped.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType

from vigyc.lang.datum import Keyword, Symbol

INT_MIN = -(2**63)
INT_MAX = 2**63 - 1
MAX_ITEMS = 2**24  # elements of any one list or map
MAX_TEXT = 2**26  # characters of any one string


class Promise:
    """A delayed expression: `thunk` until forced, `value` afterwards (then `thunk` is None)."""

    __slots__ = ("thunk", "value")

    def __init__(self, thunk: Callable[[], object]) -> None:
        self.thunk: Callable[[], object] | None = thunk
        self.value: object = None


class ErrorValue:
    """An error as data: `tag` names its kind, `data` is a flat list of keys and values."""

    __slots__ = ("data", "message", "tag")

    def __init__(self, tag: str, message: str, data: list[object] | None = None) -> None:
        self.tag = tag
        self.message = message
        self.data = data if data is not None else []


class Foreign:
    """A host object a program can hold but not look into: channels, fibers, handles."""

    __slots__ = ()


_KINDS: dict[type, str] = {
    type(None): "nil",
    bool: "bool",
    int: "int",
    float: "float",
    str: "string",
    bytes: "bytes",
    Symbol: "symbol",
    Keyword: "keyword",
    list: "list",
    tuple: "list",
    dict: "map",
    Promise: "promise",
    ErrorValue: "error",
}


def register_kind(python_type: type, kind: str) -> None:
    """Say that instances of `python_type` are of `kind` (called once, beside the class)."""
    _KINDS[python_type] = kind


def kind_of(value: object) -> str:
    """The kind of `value` as error texts name it (language reference 3.1)."""
    kind = _KINDS.get(value.__class__)
    if kind is not None:
        return kind
    if isinstance(value, FunctionType):
        return "native-fn" if hasattr(value, "tatara") else "closure"
    return "foreign"


def kind_of_class(class_name: str) -> str:
    """The kind whose Python class is called `class_name`, for reading Python's own refusals."""
    for python_type, kind in _KINDS.items():
        if python_type.__name__ == class_name:
            return kind
    return "closure" if class_name == "function" else "foreign"
