"""From a date and time to another one: by calendar units on the wall clock, by others on the line of time."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

UNITS: Final[Mapping[str, int]] = {
    "weeks": 604_800_000, "days": 86_400_000, "hours": 3_600_000, "minutes": 60_000, "seconds": 1_000, "ms": 1,
}  # fmt: skip
"""The units of one length, in ms; a day on the wall clock may be longer or shorter."""

MONTHS: Final[Mapping[str, int]] = {"years": 12, "quarters": 3, "months": 1}
"""The units of no one length, in months."""

_STARTS: Final = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")


def added(when: datetime, amounts: Mapping[str, int]) -> datetime:
    """`when` later by `amounts`: first the months, at most to a month's last day, then the days, then the rest.

    Raises OverflowError or ValueError outside the years 1 to 9999.
    """
    months = sum(amounts.get(unit, 0) * size for unit, size in MONTHS.items())
    days = 7 * amounts.get("weeks", 0) + amounts.get("days", 0)
    rest = sum(amounts.get(unit, 0) * UNITS[unit] for unit in ("hours", "minutes", "seconds", "ms"))
    if months or days:
        when = _later(when, months) + timedelta(days=days)
        when = _real(when.replace(fold=0))
    if rest:
        when = (when.astimezone(UTC) + timedelta(milliseconds=rest)).astimezone(when.tzinfo)
    return when


def _later(when: datetime, months: int) -> datetime:
    if not months:
        return when
    year, month = divmod(when.year * 12 + when.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    return when.replace(year=year, month=month + 1, day=min(when.day, calendar.monthrange(year, month + 1)[1]))


def _real(when: datetime) -> datetime:
    """`when` as the wall clock shows it: one that is skipped is another."""
    return when.astimezone(UTC).astimezone(when.tzinfo)


def start(when: datetime, unit: str) -> datetime:
    """The beginning of the year, quarter, month, week (Monday), day, hour, minute or second. Raises ValueError."""
    if unit not in _STARTS:
        raise ValueError(f"the unit must be one of {', '.join(_STARTS)}")
    if unit in {"hour", "minute", "second"}:
        spent = timedelta(
            minutes=when.minute if unit == "hour" else 0,
            seconds=when.second if unit != "second" else 0,
            microseconds=when.microsecond,
        )
        return (when.astimezone(UTC) - spent).astimezone(when.tzinfo)
    when = when.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if unit == "week":
        return _real(when - timedelta(days=when.weekday()))
    if unit in {"month", "quarter", "year"}:
        when = when.replace(day=1)
    if unit == "quarter":
        when = when.replace(month=(when.month - 1) // 3 * 3 + 1)
    return _real(when.replace(month=1) if unit == "year" else when)


def whole_units(first: datetime, last: datetime, unit: str) -> int:
    """How many whole units it is from `first` to `last`, in one zone; negative if backwards. Raises ValueError."""
    span = last.astimezone(UTC) - first.astimezone(UTC)
    if span < timedelta():
        return -whole_units(last, first, unit)
    if unit in {"hours", "minutes", "seconds", "ms"}:
        return span // timedelta(milliseconds=UNITS[unit])
    if unit in MONTHS:
        months = (last.year - first.year) * 12 + last.month - first.month
        if _later(first, months).replace(tzinfo=None) > last.replace(tzinfo=None):
            months -= 1
        return max(months, 0) // MONTHS[unit]
    if unit not in UNITS:
        raise ValueError(f"the unit must be one of {', '.join((*MONTHS, *UNITS))}")
    days = (last.replace(tzinfo=None) - first.replace(tzinfo=None)).days  # -1 within an hour that comes twice
    return max(days, 0) // (7 if unit == "weeks" else 1)
