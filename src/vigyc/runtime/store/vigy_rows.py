"""From vigies and their versions to the cells of their rows, and back; a damaged row raises StoreError.

A program's text is held against its digest whenever it is read: what was written is what is ticked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from json import loads
from typing import Any, Final

from vigyc.lang.digest import digest
from vigyc.lang.errors import StoreError
from vigyc.model.schedule import Adaptive, Cron, Fixed, Schedule, When
from vigyc.model.vigy import Version, Vigy
from vigyc.runtime.store.encoding import json_text

VIGY_SELECT: Final = """SELECT vigies.id, name, programs.text, versions.digest, schedule_json, labels_json, enabled,
  version, generation, vigies.created_at, updated_at, anchored_at, deadline_ms, versions.modules_json
FROM vigies LEFT JOIN versions ON versions.vigy_id = vigies.id AND versions.number = vigies.version
LEFT JOIN programs ON programs.digest = versions.digest"""
VERSION_SELECT: Final = """SELECT vigy_id, number, versions.digest, programs.text, created_at, author, note,
  modules_json, label, bump, parent, content, epoch
FROM versions LEFT JOIN programs ON programs.digest = versions.digest"""

_WHENS: Final[dict[str, type[Fixed] | type[Cron] | type[Adaptive]]] = {
    "fixed": Fixed, "cron": Cron, "adaptive": Adaptive,
}  # fmt: skip
_KINDS: Final = {when: kind for kind, when in _WHENS.items()}
_UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


def row_of(vigy: Vigy) -> tuple[Any, ...]:
    """The cells of a vigy in the table `vigies`."""
    return (
        vigy.id, vigy.name, vigy.enabled, vigy.version, vigy.generation, schedule_text(vigy.schedule),
        json_text(dict(vigy.labels)), vigy.deadline_ms, vigy.created_at, vigy.updated_at, vigy.anchored_at,
    )  # fmt: skip


def vigy_of(row: Sequence[Any]) -> Vigy:
    """A vigy from a row of VIGY_SELECT; raises StoreError when it is damaged."""
    try:
        if row[2] is None:
            raise ValueError("its program is missing")
        _check_text(row[2], row[3], f"the text of its version {row[7]}")
        parts = _schedule_of(row[4]), _labels_of(row[5]), bool(row[6])
        return Vigy._make((*row[:4], *parts, *row[7:13], _modules_of(row[13])))
    except _UNREADABLE as error:
        raise StoreError(f"vigy {row[1]} ({row[0]}) cannot be read: {error}") from error


def version_of(row: Sequence[Any]) -> Version:
    """A version from a row of VERSION_SELECT; raises StoreError when it is damaged."""
    try:
        if row[3] is None:
            raise ValueError("its program is missing")
        _check_text(row[3], row[2], "its text")
        return Version._make((*row[:7], _modules_of(row[7]), *row[8:]))
    except _UNREADABLE as error:
        raise StoreError(f"version {row[1]} of vigy {row[0]} cannot be read: {error}") from error


def schedule_text(schedule: Schedule) -> str:
    """A schedule as one flat JSON object."""
    when = schedule.when
    shifts = dict(zip(Schedule._fields[1:], schedule[1:], strict=True))
    return json_text({"kind": _KINDS[type(when)], **when._asdict(), **shifts})


def modules_text(modules: Mapping[str, Any] | None) -> str | None:
    """Modules as JSON."""
    return None if modules is None else json_text(dict(modules))


def _check_text(text: str, name: str, what: str) -> None:
    """A text that is not the one its digest `name` was made of is never ticked, shown, or built upon."""
    if digest(text) != name:
        raise ValueError(f"{what} was changed outside vigyc; it is not {name} any more")


def _schedule_of(text: str) -> Schedule:
    parts = loads(text)
    made: type[Fixed] | type[Cron] | type[Adaptive] = _WHENS[parts["kind"]]
    when: When = made(**{name: parts[name] for name in made._fields})
    return Schedule(when, parts["offset_ms"], parts["jitter_ms"], parts["initial_delay_ms"])


def _labels_of(text: str) -> dict[str, str]:
    labels = loads(text)
    if not isinstance(labels, dict):
        raise ValueError("its labels are not an object")
    return labels


def _modules_of(text: str | None) -> dict[str, Any] | None:
    return None if text is None else loads(text)
