"""From what a caller gives to a vigy that is so: only what is given changes, and all of it is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from vigyc.lang.errors import Invalid
from vigyc.model.action import ABSENT, Absent
from vigyc.model.duration import parse_duration_ms
from vigyc.model.labels import checked_labels
from vigyc.model.name import checked_name
from vigyc.model.schedule import Fixed, Schedule, When, every
from vigyc.model.schedule_rules import LONGEST_MS, checked_schedule
from vigyc.model.vigy import Vigy
from vigyc.runtime.cron import checked_cron

DEFAULT: Final = every(1_000)


class Edit(NamedTuple):
    """What is to become of a vigy; None leaves it, and ABSENT does for `deadline` (None: the runtime's own).

    `every` is an interval in ms or as text (`10s`), in place of the one of the schedule; `schedule` replaces it whole.
    """

    name: str | None = None
    every: int | str | None = None
    schedule: Schedule | When | None = None
    labels: Mapping[str, str] | None = None
    enabled: bool | None = None
    deadline: int | str | Absent | None = ABSENT

    def apply(self, vigy: Vigy, now: int, least_ms: int) -> Vigy:
        """`vigy` so changed at `now`. Raises Invalid; `least_ms` is the shortest interval allowed."""
        if self.name is not None and self.name != vigy.name:
            vigy = vigy._replace(name=checked_name(self.name))
        if self.labels is not None:
            vigy = vigy._replace(labels=checked_labels(self.labels))
        if not isinstance(self.deadline, Absent):
            vigy = vigy._replace(deadline_ms=None if self.deadline is None else checked_ms(self.deadline, "deadline"))
        schedule = self._scheduled(vigy.schedule)
        enabled = vigy.enabled if self.enabled is None else _flag(self.enabled)
        if schedule != vigy.schedule:
            checked_cron(checked_schedule(schedule, least_ms), least_ms)
        if schedule != vigy.schedule or (enabled and not vigy.enabled):
            vigy = vigy._replace(anchored_at=now)
        return vigy._replace(schedule=schedule, enabled=enabled)

    def _scheduled(self, schedule: Schedule) -> Schedule:
        given = self.schedule
        if self.every is None:
            return schedule if given is None else given if isinstance(given, Schedule) else Schedule(given)
        if given is not None:
            raise Invalid("give `every` or a schedule, not both")
        interval = checked_ms(self.every, "interval")
        when = schedule.when._replace(interval_ms=interval) if isinstance(schedule.when, Fixed) else Fixed(interval)
        return schedule._replace(when=when)


def checked_ms(given: int | str, what: str) -> int:
    """`given` in ms, or text such as 10s, in ms. Raises Invalid."""
    if isinstance(given, bool) or not isinstance(given, int | str):
        raise Invalid(f"{what} {given!r}: give a number of ms, or text such as 500ms, 10s, 5m, 1h")
    ms = given if isinstance(given, int) else parse_duration_ms(given)
    if not 1 <= ms <= LONGEST_MS:
        raise Invalid(f"{what} {given!r}: it must be {'longer than nothing' if ms < 1 else 'at most a century'}")
    return ms


def _flag(given: object) -> bool:
    if not isinstance(given, bool):
        raise Invalid(f"enabled {given!r}: it must be True or False")
    return given
