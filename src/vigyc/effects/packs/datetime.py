"""From instants to dates and times and back: the pack `datetime`.

An instant is an int, ms since 1970 in UTC, as `vigy-tick` gives it; so the time between two is their difference. A zone
is one of IANA's ("Europe/Berlin"), "UTC" or an offset ("+02:00"); left out, it is UTC. Zones come from the system, or
from the package tzdata (of the extra `data`) where it has none. Instants outside the years 1 to 9999 and zones there
are not are errors of the program.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from vigyc.effects.data import durations
from vigyc.effects.data.bounds import check_text
from vigyc.effects.data.calendar import added, start, whole_units
from vigyc.effects.data.instants import OUTSIDE, at, fixed_offset, instant, iso, zone
from vigyc.effects.data.time_patterns import moment, parts_of, written
from vigyc.effects.operation import NO_OPTIONS, Options
from vigyc.effects.pack import Pack
from vigyc.effects.result import EffectFailed
from vigyc.lang.datum import keyword
from vigyc.runtime.faults import native_fault
from vigyc.runtime.values import INT_MAX, INT_MIN

PACK: Final = Pack("datetime", "Dates, times, time zones, durations.")

_ISO: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,12}))?)?(Z|z|[+-][0-9:]{4,8})?)?"
)
_INT: Final = ("int", None)
_AMOUNTS: Final[Mapping[str, tuple[str, object]]] = dict.fromkeys(
    ("years", "months", "weeks", "days", "hours", "minutes", "seconds", "ms"), ("int", 0)
)
_PARTS: Final[Mapping[str, tuple[str, object]]] = {
    "year": _INT, "month": ("int", 1), "day": ("int", 1), "hour": ("int", 0), "minute": ("int", 0),
    "second": ("int", 0), "ms": ("int", 0), "weekday": _INT, "yearday": _INT, "offset-minutes": ("Number", None),
}  # fmt: skip


@PACK.pure(
    "datetime-parse",
    result=True,
    options={"zone": ("str", "UTC"), "pattern": ("str", "")},
    example='(datetime-parse "2024-05-01T12:00:00+02:00") => {:ok #t, :value 1714557600000}',
)
def datetime_parse(text: str, options: Options = NO_OPTIONS) -> int:
    """The instant that RFC 3339 text says (date alone: midnight), cut to ms; `:zone` counts where it has no offset.

    With `:pattern`, the text must be as `datetime-format` writes it, of %Y %m %d %e %H %I %p %M %S %L %z %B %b %F %T
    %R. Error `decode`.
    """
    where = zone("datetime-parse", options["zone"])
    try:
        parts = parts_of(text, options["pattern"]) if options["pattern"] else _iso_parts(text)
    except ValueError as error:
        raise native_fault("datetime-parse", str(error)) from None
    if parts is None:
        raise EffectFailed("decode", f"not a time as {options['pattern'] or 'RFC 3339'} has it")
    return _instant("decode", parts, where)


def _iso_parts(text: str) -> dict[str, Any] | None:
    found = _ISO.fullmatch(text)
    if found is None or (found[8] and fixed_offset(found[8]) is None):
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    return {
        "year": year, "month": month, "day": day, "hour": hour, "minute": minute, "second": second,
        "ms": int((found[7] or "").ljust(3, "0")[:3]), "zone": fixed_offset(found[8] or ""),
    }  # fmt: skip


def _instant(tag: str, parts: Mapping[str, Any], where: Any) -> int:
    """Raises EffectFailed `tag` for a date or time that there is not."""
    try:
        when = moment(parts, where)
        return instant(when)
    except (ValueError, OverflowError) as error:
        raise EffectFailed(tag, str(error)) from None


@PACK.pure("datetime-iso", example='(datetime-iso 1714557600000 "Europe/Berlin") => "2024-05-01T12:00:00+02:00"')
def datetime_iso(ms: int, zone_name: str = "UTC") -> str:
    """The instant as RFC 3339 text in a zone, with ms where there are any."""
    return iso(_at("datetime-iso", ms, zone_name))


def _at(op: str, ms: int, zone_name: str) -> datetime:
    return at(op, ms, zone(op, zone_name))


@PACK.pure("datetime-format", example='(datetime-format 0 "%a, %d %b %Y %T %z") => "Thu, 01 Jan 1970 00:00:00 +0000"')
def datetime_format(ms: int, pattern: str, zone_name: str = "UTC") -> str:
    """The instant as a pattern has it, in a zone.

    %Y year, %m month, %d day (%e with a blank), %H hour, %I of 12, %p AM or PM, %M minute, %S second, %L ms, %z +0200,
    %Z the zone's name, %j day of the year, %u weekday (1 is Monday), %G and %V ISO year and week, %A %a weekday, %B %b
    month (English), %s seconds since 1970, %F %Y-%m-%d, %T %H:%M:%S, %R %H:%M, %% a percent sign.
    """
    when = _at("datetime-format", ms, zone_name)
    check_text("datetime-format", 10 * len(pattern))
    try:
        return written(when, pattern)
    except ValueError as error:
        raise native_fault("datetime-format", str(error)) from None


@PACK.pure(
    "datetime-parts",
    example="(datetime-parts 0) => {:year 1970, :month 1, :day 1, :hour 0, :minute 0, :second 0, :ms 0, "
    ":weekday 4, :yearday 1, :offset-minutes 0}",
)
def datetime_parts(ms: int, zone_name: str = "UTC") -> object:
    """The parts of an instant's date and time in a zone, ints; :weekday 1 is Monday, :offset-minutes is from UTC."""
    when = _at("datetime-parts", ms, zone_name)
    offset = (when.utcoffset() or timedelta()) / timedelta(minutes=1)
    parts = {
        "year": when.year, "month": when.month, "day": when.day,
        "hour": when.hour, "minute": when.minute, "second": when.second, "ms": when.microsecond // 1000,
        "weekday": when.isoweekday(), "yearday": when.timetuple().tm_yday,
        "offset-minutes": int(offset) if offset.is_integer() else offset,
    }  # fmt: skip
    return {keyword(name): value for name, value in parts.items()}


@PACK.pure(
    "datetime-from-parts",
    result=True,
    options=_PARTS,
    example="(datetime-from-parts (hash-map :year 2024 :month 2 :day 29)) => {:ok #t, :value 1709164800000}",
)
def datetime_from_parts(parts: Options, zone_name: str = "UTC") -> int:
    """The instant of a date and time by its parts, as `datetime-parts` gives them; left out, a part is the least.

    :offset-minutes counts before the zone; :weekday and :yearday are not looked at. Error `invalid`: no such date.
    """
    where = zone("datetime-from-parts", zone_name)
    if parts["year"] is None:
        raise native_fault("datetime-from-parts", "there must be a :year")
    if parts["offset-minutes"] is not None:
        try:
            where = timezone(timedelta(minutes=parts["offset-minutes"]))
        except (ValueError, OverflowError):
            raise EffectFailed("invalid", "the offset must be less than a day") from None
    return _instant("invalid", parts, where)


@PACK.pure(
    "datetime-add",
    options=_AMOUNTS,
    example='(datetime-iso (datetime-add (ok-value (datetime-parse "2024-01-31")) (hash-map :months 1))) '
    '=> "2024-02-29T00:00:00Z"',
)
def datetime_add(ms: int, amounts: Options, zone_name: str = "UTC") -> int:
    """The instant later by :years, :months, :weeks, :days, :hours, :minutes, :seconds and :ms (ints, also negative).

    Years to days are counted on the wall clock of the zone, and a day that a month has not is its last; hours and less
    are lengths of time.
    """
    try:
        return instant(added(_at("datetime-add", ms, zone_name), amounts))
    except (OverflowError, ValueError):
        raise native_fault("datetime-add", OUTSIDE) from None


@PACK.pure("datetime-diff", example='(datetime-diff 0 90000000 "days") => 1')
def datetime_diff(first: int, last: int, unit: str, zone_name: str = "UTC") -> int:
    """How many whole years, quarters, months, weeks, days, hours, minutes, seconds or ms it is from the first instant.

    Negative if the last is before it. Years to days are those of the zone's wall clock.
    """
    where = zone("datetime-diff", zone_name)
    begin, end = at("datetime-diff", first, where), at("datetime-diff", last, where)
    try:
        return whole_units(begin, end, unit)
    except ValueError as error:
        raise native_fault("datetime-diff", str(error)) from None


@PACK.pure("datetime-start", example='(datetime-iso (datetime-start 1714557600000 "month")) => "2024-05-01T00:00:00Z"')
def datetime_start(ms: int, unit: str, zone_name: str = "UTC") -> int:
    """When the year, quarter, month, week (Monday), day, hour, minute or second began in which the instant is."""
    when = _at("datetime-start", ms, zone_name)
    try:
        return instant(start(when, unit))
    except OverflowError:
        raise native_fault("datetime-start", OUTSIDE) from None
    except ValueError as error:
        raise native_fault("datetime-start", str(error)) from None


@PACK.pure("datetime-weekday", example="(datetime-weekday 0) => 4")
def datetime_weekday(ms: int, zone_name: str = "UTC") -> int:
    """The day of the week in a zone, from 1 (Monday) to 7."""
    return _at("datetime-weekday", ms, zone_name).isoweekday()


@PACK.pure(
    "datetime-parse-duration", result=True, example='(datetime-parse-duration "1h30m") => {:ok #t, :value 5400000}'
)
def datetime_parse_duration(text: str) -> int:
    """The ms of a text like "1h30m", "1.5h" or "-250ms"; w, d, h, m, s and ms, from large to small. Error `decode`."""
    try:
        value = durations.duration(text)
    except ValueError as error:
        raise EffectFailed("decode", str(error)) from None
    if not INT_MIN <= value <= INT_MAX:
        raise EffectFailed("decode", "the duration does not fit 64 bits")
    return value


@PACK.pure("datetime-format-duration", example='(datetime-format-duration 90061001) => "1d1h1m1s1ms"')
def datetime_format_duration(ms: int) -> str:
    """The ms as a text that `datetime-parse-duration` reads; "0s" for none."""
    return durations.duration_text(ms)
