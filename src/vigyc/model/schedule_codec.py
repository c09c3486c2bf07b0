"""From a schedule to its JSON data and back: `{"kind": "fixed", "interval_ms": 1000}`.

What is as it is by default is left out. This is JSON that people write, so a field that is not known is refused.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from vigyc.model.reading import Fields, one_of, text, whole
from vigyc.model.schedule import AUTO, Adaptive, Cron, Fixed, Schedule, When

_WHENS: Final[dict[str, type[When]]] = {"fixed": Fixed, "cron": Cron, "adaptive": Adaptive}
_KIND: Final = {kind: name for name, kind in _WHENS.items()}
_DEFAULTS: Final = {"mode": "rate", "timezone": "UTC", "offset_ms": 0, "jitter_ms": 0, "initial_delay_ms": 0}
_SHIFTS: Final = Schedule._fields[1:]


def schedule_json(schedule: Schedule) -> dict[str, Any]:
    """`schedule` as a JSON object."""
    when = schedule.when
    parts = {**when._asdict(), **dict(zip(_SHIFTS, schedule[1:], strict=True))}
    given = {name: value for name, value in parts.items() if value != _DEFAULTS.get(name, ...)}
    return {"kind": _KIND[when.__class__], **given}


def read_schedule(data: object, where: str) -> Schedule:
    """The schedule that JSON `data` is; whether it can be kept is not looked at. Raises Invalid."""
    fields = Fields(data, where)
    kind = fields.need("kind", one_of(*_WHENS))
    fields.only("kind", *_WHENS[kind]._fields, *_SHIFTS)
    return Schedule(
        _read_when(kind, fields),
        fields.may("offset_ms", _read_offset, 0),
        fields.may("jitter_ms", whole, 0),
        fields.may("initial_delay_ms", whole, 0),
    )


def _read_when(kind: str, fields: Fields) -> When:
    if kind == "fixed":
        return Fixed(fields.need("interval_ms", whole), fields.may("mode", _read_mode, "rate"))
    if kind == "cron":
        return Cron(fields.need("expr", text), fields.may("timezone", text, "UTC"))
    return Adaptive(fields.need("min_ms", whole), fields.need("max_ms", whole), fields.need("hint_key", text))


def _read_mode(value: object, where: str) -> Literal["rate", "delay"]:
    return "delay" if one_of("rate", "delay")(value, where) == "delay" else "rate"


def _read_offset(value: object, where: str) -> int | Literal["auto"]:
    return AUTO if value == AUTO else whole(value, where)
