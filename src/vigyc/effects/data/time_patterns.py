"""From a pattern like `%Y-%m-%d` to a text for a date and time and back: the same on every system, names in English."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Final, NamedTuple

from vigyc.effects.data.instants import fixed_offset

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LONGER: Final[Mapping[str, str]] = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M"}
_DIRECTIVE: Final = re.compile(r"%(.?)", re.DOTALL)


class _Field(NamedTuple):
    """A directive: how it is written, and (if it is read) what it looks like and what it says of which part."""

    write: Callable[[datetime], str]
    shape: str | None = None
    part: str = ""
    read: Callable[[str], Any] = int


def _offset(when: datetime, colon: str = "") -> str:
    return f"{when:%z}" if not colon else f"{when:%z}"[:3] + ":" + f"{when:%z}"[3:5]


def _short(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name[:3] for name in names)


def _place(names: tuple[str, ...]) -> Callable[[str], int]:
    return lambda text: [name.lower() for name in names].index(text.lower()) + 1


_FIELDS: Final[Mapping[str, _Field]] = {
    "Y": _Field(lambda t: f"{t.year:04}", "[0-9]{4}", "year"),
    "m": _Field(lambda t: f"{t.month:02}", "[0-9]{1,2}", "month"),
    "d": _Field(lambda t: f"{t.day:02}", "[0-9]{1,2}", "day"),
    "e": _Field(lambda t: f"{t.day:2}", " ?[0-9]{1,2}", "day"),
    "H": _Field(lambda t: f"{t.hour:02}", "[0-9]{1,2}", "hour"),
    "I": _Field(lambda t: f"{(t.hour + 11) % 12 + 1:02}", "[0-9]{1,2}", "hour12"),
    "p": _Field(lambda t: "AM" if t.hour < 12 else "PM", "[AaPp][Mm]", "half", str.lower),
    "M": _Field(lambda t: f"{t.minute:02}", "[0-9]{1,2}", "minute"),
    "S": _Field(lambda t: f"{t.second:02}", "[0-9]{1,2}", "second"),
    "L": _Field(lambda t: f"{t.microsecond // 1000:03}", "[0-9]{3}", "ms"),
    "z": _Field(_offset, r"Z|[+-][0-9]{2}:?[0-9]{2}", "zone", fixed_offset),
    "Z": _Field(lambda t: t.tzname() or ""),
    "j": _Field(lambda t: f"{t.timetuple().tm_yday:03}"),
    "u": _Field(lambda t: str(t.isoweekday())),
    "G": _Field(lambda t: f"{t.isocalendar().year:04}"),
    "V": _Field(lambda t: f"{t.isocalendar().week:02}"),
    "A": _Field(lambda t: _DAYS[t.weekday()]),
    "a": _Field(lambda t: _short(_DAYS)[t.weekday()]),
    "B": _Field(lambda t: _MONTHS[t.month - 1], "|".join(_MONTHS), "month", _place(_MONTHS)),
    "b": _Field(lambda t: _short(_MONTHS)[t.month - 1], "|".join(_short(_MONTHS)), "month", _place(_short(_MONTHS))),
    "s": _Field(lambda t: str((t - _EPOCH) // timedelta(seconds=1))),
    "%": _Field(lambda t: "%"),
}


def written(when: datetime, pattern: str) -> str:
    """`when` as `pattern` has it. Raises ValueError for a pattern that is none."""
    return _DIRECTIVE.sub(lambda found: _field(found[1]).write(when), _full(pattern))


def _full(pattern: str) -> str:
    return _DIRECTIVE.sub(lambda found: _LONGER.get(found[1], found[0]), pattern)


def _field(letter: str) -> _Field:
    field = _FIELDS.get(letter)
    if field is None:
        raise ValueError(f"there is no %{letter} in patterns")
    return field


@lru_cache(maxsize=64)
def _reader(pattern: str) -> tuple[re.Pattern[str], tuple[_Field, ...]]:
    """What a text of `pattern` looks like, and the fields of its groups."""
    shape, at = "", 0
    fields: list[_Field] = []
    full = _full(pattern)
    for found in _DIRECTIVE.finditer(full):
        field = _field(found[1])
        shape += re.escape(full[at : found.start()])
        at = found.end()
        if found[1] == "%":
            shape += "%"
        elif field.shape is None or field.part in {known.part for known in fields}:
            raise ValueError(f"%{found[1]} cannot be read here")
        else:
            shape += f"({field.shape})"
            fields.append(field)
    return re.compile(shape + re.escape(full[at:]), re.IGNORECASE), tuple(fields)


def parts_of(text: str, pattern: str) -> dict[str, Any] | None:
    """What `text`, which must be as `pattern` has it, says; None if it is not. Raises ValueError for no pattern."""
    shape, fields = _reader(pattern)
    found = shape.fullmatch(text)
    if found is None:
        return None
    return {field.part: field.read(said) for field, said in zip(fields, found.groups(), strict=True)}


def moment(parts: Mapping[str, Any], where: tzinfo) -> datetime:
    """The date and time that `parts` say, in `where` unless they say it; what is left out is the least.

    Raises ValueError for a date or time that there is not.
    """
    hour = parts.get("hour", 0)
    if "hour12" in parts:
        if not 1 <= parts["hour12"] <= 12:
            raise ValueError("hour must be in 1..12")
        hour = parts["hour12"] % 12 + (12 if parts.get("half") == "pm" else 0)
    return datetime(
        parts.get("year", 1970), parts.get("month", 1), parts.get("day", 1), hour, parts.get("minute", 0),
        parts.get("second", 0), parts.get("ms", 0) * 1000, tzinfo=parts.get("zone") or where,
    )  # fmt: skip
