"""From a Python function to an operation: its parameters with their types, what it needs, how it answers.

The function's signature is the declaration. The annotation of each parameter is one of `READERS`' names, or a class of
handles; what a program gives is checked and turned into that before the function sees it. Options come as a map with
keyword keys, each declared with its type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from vigyc.effects.handle import Handle
from vigyc.effects.kinds import KINDS, NONE
from vigyc.effects.plain import plain
from vigyc.lang.datum import Keyword
from vigyc.lang.errors import TickError
from vigyc.runtime.faults import arity_mismatch
from vigyc.runtime.lists import Vec, items
from vigyc.runtime.maps import SharedMap, as_dict
from vigyc.runtime.secret import Secret, open_secret
from vigyc.runtime.values import kind_of

Options = Mapping[str, Any]
"""The options of a call by name; what was not given has its default."""
NO_OPTIONS: Final[Options] = {}
"""The default of a parameter for options: every one has its own default."""

_LISTS: Final = (list, tuple, Vec)
_MISSING: Final = object()


def _text(value: object) -> object:
    return open_secret(value) if value.__class__ is Secret else value if value.__class__ is str else _MISSING


def _blob(value: object) -> object:
    if value.__class__ is bytes:
        return value
    text = _text(value)
    return text if text is _MISSING else text.encode("utf-8", "surrogatepass")  # type: ignore[attr-defined]


def _data(value: object) -> object:
    return _MISSING if value.__class__ is Secret else _blob(value)


def _float(value: object) -> object:
    return value if value.__class__ is float else float(value) if value.__class__ is int else _MISSING


def _number(value: object) -> object:
    return value if value.__class__ is int or value.__class__ is float else _MISSING


def _exactly(kind: type) -> Callable[[object], object]:
    return lambda value: value if value.__class__ is kind else _MISSING


_STRING: Final = _exactly(str)


def _each(read: Callable[[object], object]) -> Callable[[object], object]:
    def reader(value: object) -> object:
        if value is None:
            return []
        if value.__class__ not in _LISTS:
            return _MISSING
        found = [read(item) for item in items(value)]
        return _MISSING if _MISSING in found else found

    return reader


def _map(read: Callable[[object], object]) -> Callable[[object], object]:
    """A map with strings, symbols or keywords as keys, as a dict of their names."""

    def reader(value: object) -> object:
        if value.__class__ not in {dict, SharedMap}:
            return _MISSING
        found: dict[str, object] = {}
        for key, item in as_dict(value).items():
            name = key if key.__class__ is str else getattr(key, "name", None)
            held = read(item)
            if name.__class__ is not str or held is _MISSING:
                return _MISSING
            found[name] = held
        return found

    return reader


READERS: Final[Mapping[str, tuple[str, Callable[[object], object]]]] = {
    "str": ("a string", _STRING),
    "Text": ("a string or a secret", _text),
    "bytes": ("bytes", _exactly(bytes)),
    "Blob": ("a string, bytes or a secret", _blob),
    "Data": ("a string or bytes", _data),
    "int": ("an integer", _exactly(int)),
    "float": ("a number", _float),
    "Number": ("a number", _number),
    "list[Number]": ("a list of numbers", _each(_number)),
    "bool": ("a boolean", _exactly(bool)),
    "list[object]": ("a list", _each(lambda value: value)),
    "list[str]": ("a list of strings", _each(_exactly(str))),
    "list[Text]": ("a list of strings", _each(_text)),
    "dict[str, str]": ("a map of strings", _map(_exactly(str))),
    "dict[str, Text]": ("a map of strings", _map(_text)),
    "dict[str, object]": ("a map with names as keys", _map(lambda value: value)),
    "Place": ("a path", _STRING),
    "Target": ("a URL", _text),
    "Invocation": ("a list of strings", _each(_exactly(str))),
    "Port": ("a port", lambda value: value if value.__class__ in {int, str} else _MISSING),
    "Json": ("data", plain),
    "object": ("a value", lambda value: value),
    "Function": ("a function", lambda value: value if callable(value) else _MISSING),
}
"""By annotation: how an error text names the type, and what makes of a Lisp value what the function gets.

`Place`, `Target` and `Invocation` are what the gate makes of what stands here, once that is allowed.
"""


class Parameter(NamedTuple):
    """A parameter; `default` is `REQUIRED` where it must be given, `handle` the class of handle it takes."""

    name: str
    reader: str
    default: object
    handle: type[Handle] | None = None


REQUIRED: Final = object()


@dataclass(frozen=True, slots=True)
class Operation:
    """An effect or a pure function of a pack.

    `needs` are the kinds that a call must be granted, each with the position of the argument that says for what (None:
    the kind has no scope, or the operation itself asks the gate for what); `judged` are those the gate asks for first.
    `takes_text` says that it takes one string and nothing else.
    `answers` is `result` or `value`. `external` says that it reaches outside the run; one that is not only adds to the
    run's own record. `changes` says that it may change something there, so that a dry run does not perform it. `cost`
    is what a call costs in the unit of that name, unless the policy says otherwise.
    """

    name: str
    pack: str
    function: Callable[..., object]
    parameters: tuple[Parameter, ...]
    options: Mapping[str, tuple[str, object]] = field(default_factory=dict)
    needs: tuple[tuple[str, int | None], ...] = ()
    answers: str = "value"
    external: bool = True
    changes: bool = False
    example: str = ""
    doc: str = ""
    is_effect: bool = True
    cost: int = 1
    lo: int = field(init=False)
    hi: int = field(init=False)
    readers: tuple[Callable[[object], Any], ...] = field(init=False, repr=False, compare=False)
    judged: tuple[tuple[str, int | None], ...] = field(init=False)
    takes_text: bool = field(init=False)

    def __post_init__(self) -> None:
        put = object.__setattr__  # frozen from here on
        put(self, "lo", sum(parameter.default is REQUIRED for parameter in self.parameters))
        put(self, "hi", len(self.parameters))
        put(self, "judged", tuple([(k, at) for k, at in self.needs if at is not None or KINDS[k].scope == NONE]))
        put(self, "takes_text", [READERS.get(p.reader, (None, None))[1] for p in self.parameters] == [_STRING])
        put(self, "readers", tuple([self._reader(parameter) for parameter in self.parameters]))

    def read(self, args: tuple[object, ...]) -> list[Any]:
        """`args` as the function takes them. Raises TickError `arity-mismatch` or `type-mismatch`."""
        given = len(args)
        if given == self.hi:
            return [read(value) for read, value in zip(self.readers, args)]  # noqa: B905 - of one length
        if not self.lo <= given < self.hi:
            raise arity_mismatch(self.name, self.lo, self.hi, given)
        values = [read(value) for read, value in zip(self.readers, args, strict=False)]
        for parameter in self.parameters[given:]:
            values.append(self.defaults() if parameter.reader == "Options" else parameter.default)
        return values

    def _reader(self, parameter: Parameter) -> Callable[[object], Any]:
        """What reads one argument. Raises TickError `type-mismatch`."""
        if parameter.reader == "Options":
            return self._read_options
        if parameter.handle is not None:
            what, make = (parameter.handle.__doc__ or "").split(";")[0], _exactly(parameter.handle)
        else:
            what, make = READERS[parameter.reader]

        def read(value: object) -> Any:
            made = make(value)
            if made is _MISSING:
                raise self._mismatch(parameter.name, what, value)
            return made

        def read_text(value: object) -> Any:
            if value.__class__ is not str:
                raise self._mismatch(parameter.name, what, value)
            return value

        return read_text if make is _STRING else read

    def _read_options(self, given: object) -> Options:
        if given is None:
            return self.defaults()
        if given.__class__ not in {dict, SharedMap}:
            raise self._mismatch("options", "a map with keyword keys", given)
        found = dict(self.defaults())
        for key, value in as_dict(given).items():
            name = key.name if key.__class__ is Keyword else None
            known = self.options.get(name) if name is not None else None
            if known is None:
                there = ", ".join(":" + option for option in self.options)
                shown = f":{name}" if name is not None else kind_of(key)
                raise TickError("native-fn", f"in native `{self.name}`: there is no option {shown}; there are {there}")
            what, reader = READERS[known[0]]
            read = reader(value)
            if read is _MISSING:
                raise self._mismatch(f":{name}", what, value)
            found[name] = read  # type: ignore[index]
        return found

    def defaults(self) -> Options:
        """The options where none are given."""
        return {name: default for name, (_, default) in self.options.items()}

    def _mismatch(self, parameter: str, wanted: str, value: object) -> TickError:
        return TickError("type-mismatch", f"`{self.name}`: {parameter} must be {wanted}, got {kind_of(value)}")
