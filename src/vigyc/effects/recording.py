"""From the calls of a run to bytes that replay it, and back; secrets are in it by name alone.

A recording is msgpack: the inputs of the tick (its kv, its clock, its counters), the policy, and every call with what
it was given and what came of it. Values of the language that msgpack has no kind for are extensions; what a program
cannot be given again (a function, a handle) is a stand-in that is equal to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgpack

from vigyc.effects.handle import Handle
from vigyc.lang.datum import Keyword, Symbol, keyword, symbol
from vigyc.lang.errors import Halted, Thrown, TickError
from vigyc.runtime.json_value import to_json
from vigyc.runtime.lists import Vec, items
from vigyc.runtime.maps import BoolKey, FloatKey, SharedMap, as_dict, to_key
from vigyc.runtime.printer import display
from vigyc.runtime.secret import MASK, Secret
from vigyc.runtime.values import ErrorValue, kind_of

VERSION: Final = 1
_LISTS: Final = frozenset({list, tuple, Vec})
_MAPS: Final = frozenset({dict, SharedMap})
_KEYWORD, _SYMBOL, _ERROR, _SECRET, _HANDLE, _OTHER, _BOOL_KEY, _FLOAT_KEY = range(1, 9)


class Recorded(NamedTuple):
    """A call as it was: `value` is what it gave, or None and `raised` (kind, text, error value) what it raised.

    `inputs` are what it handed to functions of the program. `args` are its arguments, packed.
    """

    name: str
    args: bytes
    value: Any
    raised: tuple[str, str, Any] | None
    inputs: list[list[Any]]

    def to_json(self) -> dict[str, Any]:
        """The call as a JSON object: `name`, `args`, and the `value` it gave or the `error` it raised."""
        told = {"name": self.name, "args": [to_json(value) for value in unpacked(self.args)]}
        if self.raised is None:
            return {**told, "value": to_json(self.value)}
        kind, text, value = self.raised
        return {**told, "error": {"kind": kind, "message": text if value is None else display(value)}}


class Recording(NamedTuple):
    """All that one run of vigy `name` depended on, and which keys it changed to what. Times are ms since 1970."""

    name: str
    kv: dict[str, Any]
    tick_start_ms: int
    previous_tick_ms: int | None
    tick_count: int
    policy: Mapping[str, Any]
    calls: list[Recorded]
    unrecorded: int
    writes: dict[str, Any]
    deletes: list[str]


class Replayed(Handle):
    """something that was open when the run was recorded; it stands for it, and does nothing"""

    __slots__ = ()


def packed(value: object) -> bytes:
    """A value of the language as bytes, equal for equal data."""
    found: bytes = msgpack.packb(value, default=_extension, strict_types=True, unicode_errors="surrogatepass")
    return found


def unpacked(data: bytes) -> Any:
    """The value back."""
    return msgpack.unpackb(data, ext_hook=_value, strict_map_key=False, unicode_errors="surrogatepass")


def weight(value: object, most: int) -> int:
    """The bytes that a record of `value` has at least; above `most` it is not looked at any further."""
    found = 0
    stack = [value]
    while stack and found <= most:
        item = stack.pop()
        if item.__class__ in _LISTS:
            parts = items(item)
            found += len(parts)
            stack.extend(parts[: most + 1])
        elif item.__class__ in _MAPS:
            entries = as_dict(item)
            found += 2 * len(entries)
            if found <= most:
                stack.extend(entries)
                stack.extend(entries.values())
        elif item.__class__ is str or item.__class__ is bytes:
            found += len(item)
        elif item.__class__ is ErrorValue:
            stack += (item.message, item.data)
    return found


def write(recording: Recording) -> bytes:
    """A recording as bytes."""
    calls = [
        [call.name, call.args, call.value, None if call.raised is None else [*call.raised], call.inputs]
        for call in recording.calls
    ]  # a tuple would be a pair of the language
    return packed([VERSION, [*recording._replace(calls=calls)]])  # type: ignore[arg-type]


def write_refusal(why: str) -> bytes:
    """In place of a recording, why there is none."""
    return packed([VERSION, why])


def read(data: bytes) -> Recording:
    """The recording back. Raises ValueError saying why there is none, or that another version made it."""
    version, fields = unpacked(data)
    if version != VERSION:
        raise ValueError(f"it was made by another version of vigyc ({version}, this is {VERSION})")
    if fields.__class__ is str:
        raise ValueError(fields)
    found = Recording(*fields)
    calls = [
        Recorded(name, args, value, None if raised is None else tuple(raised), inputs)
        for name, args, value, raised, inputs in found.calls
    ]
    return found._replace(calls=calls)


def raised_of(error: BaseException) -> tuple[str, str, Any]:
    """An error as it is recorded."""
    if isinstance(error, Thrown):
        return "user", "", error.value
    if isinstance(error, TickError):
        return error.kind, error.short, None
    return "halted", type(error).__name__, None


def error_of(raised: tuple[str, str, Any]) -> BaseException:
    """The error back."""
    kind, text, value = raised
    if kind == "halted":
        return Halted()
    return Thrown(value) if kind == "user" else TickError(kind, text)


def _extension(value: object) -> object:
    """What msgpack does not know, as something it does."""
    cls = value.__class__
    if cls is Keyword:
        return msgpack.ExtType(_KEYWORD, value.name.encode())  # type: ignore[attr-defined]
    if cls is Symbol:
        return msgpack.ExtType(_SYMBOL, value.name.encode())  # type: ignore[attr-defined]
    if cls in {tuple, Vec}:
        return items(value)
    if cls is SharedMap:
        return {**as_dict(value)}  # what it shares with other versions is of a class of its own
    if cls is ErrorValue:
        return msgpack.ExtType(_ERROR, packed([value.tag, value.message, value.data]))  # type: ignore[attr-defined]
    if cls is Secret:
        return msgpack.ExtType(_SECRET, value.name.encode())  # type: ignore[attr-defined]
    if isinstance(value, Handle):
        return msgpack.ExtType(_HANDLE, value.what.encode())
    if cls is BoolKey:
        return msgpack.ExtType(_BOOL_KEY, packed(value.value))  # type: ignore[attr-defined]
    if cls is FloatKey:
        return msgpack.ExtType(_FLOAT_KEY, packed(value.value))  # type: ignore[attr-defined]
    return msgpack.ExtType(_OTHER, kind_of(value).encode())


def _value(code: int, data: bytes) -> object:
    if code == _KEYWORD:
        return keyword(data.decode())
    if code == _SYMBOL:
        return symbol(data.decode())
    if code == _ERROR:
        return ErrorValue(*unpacked(data))
    if code == _SECRET:
        return Secret(MASK, data.decode())
    if code == _HANDLE:
        return Replayed(data.decode())
    if code in {_BOOL_KEY, _FLOAT_KEY}:
        return to_key(unpacked(data))
    return f"<{data.decode()}>"
