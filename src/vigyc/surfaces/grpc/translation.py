"""From JSON data to messages and back: by the description of a message, the same way for all of them.

A field has the key of its own name, but that:
- a Duration `F` is the number `F_ms`, an enum is its word in small letters without its prefix;
- `F` (a Struct or Value), `F_value` and `F_json` are one key, see `spec/vigy.proto`;
- `no_F` is a null of `F_ms`, and the keys in `_KEYS` are called otherwise.
Absent fields are absent keys; a list alone is the one field of its message.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

from vigyc.model.action import ABSENT
from vigyc.runtime.json_value import dumps
from vigyc.surfaces.grpc.json_data import (
    fill_struct,
    fill_value,
    fits,
    read_struct,
    read_text,
    read_value,
    reads_same,
)  # fmt: skip
from vigyc.surfaces.grpc.plain_fields import INSIDES, number_of, word_of, words_of

_KEYS: Final = {
    "ListResponse.vigies": "items",
    "StreamEventsRequest.vigy_id": "vigy",
    "WatchRequest.vigy_id": "vigy",
    "ListRunsRequest.vigy_id": "vigy",
    "ListDenialsRequest.vigy_id": "vigy",
    "GetRunRequest.run_id": "run",
    "ReplayRunRequest.run_id": "run",
    "ResolveActionRequest.run_id": "run",
    "RegisterRequest.replace_labels": "labels",
    "UpdateRequest.replace_labels": "labels",
}
_DATA: Final = {"google.protobuf.Struct", "google.protobuf.Value"}


Writer: TypeAlias = Callable[[Any, Any], None]
Getter: TypeAlias = Callable[[Any], Any]


class Part(NamedTuple):
    """What of a message one key of the JSON is. `write` is handed the message and the value, `read` the message; what
    is absent it reads as ABSENT."""

    key: str
    write: Writer
    read: Getter


def written(message: Any, data: Any) -> Any:
    """`message`, filled from JSON `data`. Keys that it has no field for are left out."""
    if isinstance(data, list):
        parts(message.DESCRIPTOR)[0].write(message, data)
        return message
    writers = _writers(message.DESCRIPTOR)
    for key, value in data.items():
        for write in writers.get(key, ()):
            write(message, value)
    return message


def read(message: Any) -> dict[str, Any]:
    """The JSON data that `message` is. Raises Invalid for what is not JSON data, and for parts of a ms."""
    return {part.key: value for part in parts(message.DESCRIPTOR) if (value := part.read(message)) is not ABSENT}


@cache
def parts(descriptor: Any) -> tuple[Part, ...]:
    """What messages of this kind consist of, in the order of their fields."""
    fields = descriptor.fields_by_name
    return tuple(_part(field) for name, field in fields.items() if not _belongs(name, field, fields))


@cache
def _writers(descriptor: Any) -> Mapping[str, list[Writer]]:
    """What writes the value of a key."""
    found: dict[str, list[Writer]] = {}
    for part in parts(descriptor):
        found.setdefault(part.key, []).append(part.write)
    return found


def _belongs(name: str, field: Any, fields: Mapping[str, Any]) -> bool:
    """Whether a field is another form of one before it."""
    stem, _, form = name.rpartition("_")
    return form in {"json", "value"} and stem in fields and _type(fields[stem]) in _DATA


def _part(field: Any) -> Part:
    name, kind = field.name, _type(field)
    key = _KEYS.get(f"{field.containing_type.name}.{name}", name)
    if _is_map(field):
        return _map(key, field)
    if kind in _DATA:
        return _data(key, field)
    if name.startswith("no_"):
        return Part(f"{name[3:]}_ms", *_null(name))
    if kind == "google.protobuf.Duration":
        key = f"{key}_ms"
    return Part(key, *(_many if field.is_repeated else _one)(name, field))


def _one(name: str, field: Any) -> tuple[Writer, Getter]:
    """A field that holds one value."""
    inside, nested = INSIDES.get(_type(field)), field.message_type is not None
    words, presence = words_of(field), field.has_presence

    def write(message: Any, value: Any) -> None:
        if value is None:
            return
        if inside is not None:
            inside[0](getattr(message, name), value)
        elif nested:
            part = getattr(message, name)
            part.SetInParent()
            written(part, value)
        else:
            setattr(message, name, number_of(words, value, name) if words else value)

    def get(message: Any) -> Any:
        if presence and not message.HasField(name):
            return ABSENT
        value = getattr(message, name)
        if inside is not None:
            return inside[1](value, name)
        if nested:
            return read(value)
        return word_of(words, value) if words else value

    return write, get


def _many(name: str, field: Any) -> tuple[Writer, Getter]:
    """A field that holds a list."""
    words, nested = words_of(field), field.message_type is not None

    def write(message: Any, values: Any) -> None:
        held = getattr(message, name)
        if nested:
            for value in values:
                written(held.add(), value)
        else:
            held.extend(number_of(words, value, name) if words else value for value in values)

    def get(message: Any) -> Any:
        held = getattr(message, name)
        if not held:
            return ABSENT
        if nested:
            return [read(part) for part in held]
        return [word_of(words, value) if words else value for value in held]

    return write, get


def _map(key: str, field: Any) -> Part:
    """A map of scalars; a double that is no number is null."""
    name = field.name

    def write(message: Any, entries: Any) -> None:
        held = getattr(message, name)
        for entry, value in entries.items():
            held[entry] = math.nan if value is None else value

    def get(message: Any) -> Any:
        held = getattr(message, name)
        return {entry: None if _is_no_number(value) else value for entry, value in held.items()} or ABSENT

    return Part(key, write, get)


def _data(key: str, field: Any) -> Part:
    """JSON data, in up to three forms."""
    name, text = field.name, f"{field.name}_json"
    forms = {form: _type(found) for form in (name, f"{name}_value") if (found := _sibling(field, form)) is not None}

    def write(message: Any, data: Any) -> None:
        held = fits(data)
        for form, kind in forms.items():
            if held and kind == "google.protobuf.Value":
                fill_value(getattr(message, form), data)
            elif held and isinstance(data, dict):
                fill_struct(getattr(message, form), data)
        if not held or not reads_same(data):
            setattr(message, text, dumps(data).encode("utf-8", "backslashreplace").decode())

    def get(message: Any) -> Any:
        if written_out := getattr(message, text):
            return read_text(written_out, text)
        for form, kind in forms.items():
            if message.HasField(form):
                return (read_value if kind == "google.protobuf.Value" else read_struct)(getattr(message, form), key)
        return ABSENT

    return Part(key, write, get)


def _null(name: str) -> tuple[Writer, Getter]:
    """A flag that stands for null."""

    def write(message: Any, value: Any) -> None:
        if value is None:
            setattr(message, name, True)

    return write, lambda message: None if getattr(message, name) else ABSENT


def _type(field: Any) -> str:
    """The full name of the kind of message that a field holds; "" for scalars."""
    return "" if field.message_type is None else str(field.message_type.full_name)


def _is_map(field: Any) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _sibling(field: Any, name: str) -> Any:
    return field.containing_type.fields_by_name.get(name)


def _is_no_number(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
