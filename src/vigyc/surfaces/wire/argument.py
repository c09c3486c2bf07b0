"""From what a transport was given to checked arguments: their kinds, each with a JSON schema and a strict reader.

What is wrong is named by its place: `register_vigy.labels.team: it must be text, not a number`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from vigyc.lang.errors import Invalid
from vigyc.model.argument import checked_text
from vigyc.model.duration import parse_duration_ms
from vigyc.model.reading import Reader, anything, each, flag, mapping, text, values, whole
from vigyc.model.schedule_codec import read_schedule


class Kind(NamedTuple):
    """A kind of argument: its JSON schema, what reads it from JSON, and what makes JSON of the text in a URL."""

    schema: Mapping[str, Any]
    read: Reader[Any]
    of_text: Callable[[str], Any] = lambda written: written


class Argument(NamedTuple):
    """An argument of an operation. One that is `nullable` may be null, which is not the same as absent."""

    name: str
    kind: Kind
    doc: str
    required: bool = True
    default: Any = None
    nullable: bool = False

    @property
    def schema(self) -> dict[str, Any]:
        """Its JSON schema, with its description, and its default if that says something."""
        found = {**self.kind.schema, "description": self.doc}
        if not self.required and self.default.__class__ in {int, bool, str} and self.default != "":
            found["default"] = self.default
        if self.nullable and "type" in found:
            types = found["type"]
            found["type"] = [*([types] if isinstance(types, str) else types), "null"]
        return found


def checked_arguments(what: str, arguments: Sequence[Argument], data: object) -> dict[str, Any]:
    """The arguments in JSON `data`, by name; those that are absent (or null, where that means nothing) are left out.

    Raises Invalid for one that is missing, that is not of its kind, or that nobody knows.
    """
    given = mapping({} if data is None else data, what)
    known = {argument.name: argument for argument in arguments}
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known) or 'none'}"
            raise Invalid(f"{what}: there is no argument {name!r}; {hint}")
    checked = {}
    for argument in arguments:
        value = given.get(argument.name)
        where = f"{what}.{argument.name}"
        if value is not None:
            checked[argument.name] = argument.kind.read(value, where)
        elif argument.name in given and argument.nullable:
            checked[argument.name] = None
        elif argument.required:
            raise Invalid(f"{where}: it is missing")
    return checked


def _text(value: object, where: str) -> str:
    return checked_text(where, text(value, where))


def _count(value: object, where: str) -> int:
    number = whole(value, where)
    if number < 0:
        raise Invalid(f"{where}: it must be 0 or more, not {number}")
    return number


def _page(value: object, where: str) -> int:
    number = _count(value, where)
    if not 1 <= number <= MOST:
        raise Invalid(f"{where}: it must be from 1 to {MOST}, not {number}")
    return number


def _duration(value: object, where: str) -> int:
    ms = parse_duration_ms(value) if isinstance(value, str) else whole(value, where)
    if ms < 1:
        raise Invalid(f"{where}: it must be longer than nothing")
    return ms


def _modules(value: object, where: str) -> Any:
    """Texts by path; or a bundle (linking.ModuleBundle): names by path by requiring text, and texts by name."""
    given = mapping(value, where)
    if given.keys() != {"names", "texts"} or isinstance(given["texts"], str):
        return values(_text)(value, where)
    names = values(values(_text))(given["names"], f"{where}.names")
    texts = values(_text)(given["texts"], f"{where}.texts")
    for name in (found for paths in names.values() for found in paths.values()):
        if name not in texts:
            raise Invalid(f"{where}.texts: there is no text {name!r}, which is required")
    return {"names": names, "texts": texts}


def _number_of(written: str) -> Any:
    """The whole number, or the text as it is, for the reader to refuse."""
    return int(written) if written.isascii() and written.lstrip("-").isdecimal() and len(written) < 20 else written


def _flag_of(written: str) -> Any:
    return {"true": True, "false": False, "1": True, "0": False}.get(written.lower(), written)


MOST: Final = 1000
"""The most that one page holds."""

TEXT: Final = Kind({"type": "string"}, _text)
FLAG: Final = Kind({"type": "boolean"}, flag, _flag_of)
COUNT: Final = Kind({"type": "integer", "minimum": 0, "maximum": 2**63 - 1}, _count, _number_of)
PAGE: Final = Kind({"type": "integer", "minimum": 1, "maximum": MOST}, _page, _number_of)
DURATION: Final = Kind({"type": ["integer", "string"]}, _duration, _number_of)
LABELS: Final = Kind({"type": "object", "additionalProperties": {"type": "string"}}, values(_text))
TEXTS: Final = Kind({"type": "array", "items": {"type": "string"}}, each(_text))
SCHEDULE: Final = Kind({"type": "object"}, read_schedule)
OBJECT: Final = Kind({"type": "object"}, mapping)
MODULES: Final = Kind({"type": "object"}, _modules)
JSON: Final = Kind({}, anything)


def choice(*words: str) -> Kind:
    """One of `words`."""

    def read(value: object, where: str) -> str:
        if value not in words:
            raise Invalid(f"{where}: it must be one of {', '.join(words)}, not {value!r:.60}")
        return str(value)

    return Kind({"type": "string", "enum": list(words)}, read)


def choices(*words: str) -> Kind:
    """Some of `words`."""
    one = choice(*words)
    return Kind({"type": "array", "items": dict(one.schema)}, each(one.read))
