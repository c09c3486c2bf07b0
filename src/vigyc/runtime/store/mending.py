"""From a vigy of the original, where anything goes, to one that may be registered, and what had to be changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from vigyc.lang.digest import digest
from vigyc.lang.errors import Invalid
from vigyc.model.labels import key_fault, value_fault
from vigyc.model.name import LONGEST, checked_name
from vigyc.model.schedule import Schedule, every
from vigyc.model.schedule_rules import checked_schedule
from vigyc.model.vigy import Vigy
from vigyc.model.vigy_id import is_vigy_id, vigy_id
from vigyc.runtime.store.original import OriginalVigy
from vigyc.runtime.store.stamps import stamp_ns

DEFAULT_MS: Final = 1_000

Fault: TypeAlias = Callable[[str], str | None]
"""Why a text is no program; None if it is one."""


class Mended(NamedTuple):
    """A vigy, and what is not as it was, a line each."""

    vigy: Vigy
    problems: list[str]


def id_of(found: OriginalVigy) -> str:
    """The id a vigy has from now on: its own, unless that is none."""
    return found.id if is_vigy_id(found.id) else vigy_id(found.name, found.program)


def mended(found: OriginalVigy, taken: Mapping[str, Any], fault: Fault, now: int) -> Mended:
    """`found` as a vigy that is registered at `now`; `taken` are the names that others have."""
    problems: list[str] = []
    own = id_of(found)
    if own != found.id:
        problems.append(f"its id {found.id!r} was none")
    name = _name(found.name, own, taken, problems)
    created = _time(found.created_at, "created_at", now, problems)
    why = fault(found.program)
    if why is not None:
        problems.append(f"it is disabled: {why}")
    vigy = Vigy(
        id=own,
        name=name,
        program=found.program,
        digest=digest(found.program),
        schedule=_schedule(found.interval, problems),
        labels=_labels(found.labels, problems),
        enabled=found.enabled and why is None,
        version=1,
        generation=1,
        created_at=created,
        updated_at=_time(found.updated_at, "updated_at", created, problems),
        anchored_at=now,
    )
    return Mended(vigy, [f"vigy {name!r} ({own}): {problem}" for problem in problems])


def _name(name: str, own: str, taken: Mapping[str, Any], problems: list[str]) -> str:
    wanted = name
    try:
        checked_name(wanted)
    except Invalid as error:
        wanted = _nearest(name, own)
        problems.append(f"it had another name: {error}")
    if wanted not in taken:
        return wanted
    problems.append(f"another vigy has the name {wanted!r}")
    return next(new for digits in (4, 8, 16) if (new := f"{wanted[: LONGEST - 17]}-{own[:digits]}") not in taken)


def _nearest(name: str, own: str) -> str:
    """A name that resembles one that is none."""
    shown = "".join(each if each.isprintable() else "-" for each in name).strip(" -")[:LONGEST].rstrip()
    try:
        return checked_name(shown)
    except Invalid:
        return f"vigy-{shown or own[:4]}"


def _labels(labels: Any, problems: list[str]) -> dict[str, str]:
    if not isinstance(labels, dict):
        problems.append("its labels were no object; it has none")
        return {}
    kept = {}
    for key, value in sorted(labels.items()):
        why = key_fault(key) or value_fault(value)
        if why is None:
            kept[key] = value
        else:
            problems.append(f"its label {key[:60]!r} is left out: {why}")
    return kept


def _schedule(interval: Any, problems: list[str]) -> Schedule:
    try:
        return checked_schedule(every(interval))
    except Invalid as error:
        problems.append(f"it ticks every {DEFAULT_MS} ms: {error}")
        return every(DEFAULT_MS)


def _time(stamp: str, what: str, otherwise: int, problems: list[str]) -> int:
    try:
        return stamp_ns(stamp) // 1_000_000
    except Invalid as error:
        problems.append(f"{what}: {error}")
        return otherwise
