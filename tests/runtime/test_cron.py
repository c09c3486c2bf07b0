from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.errors import Invalid, SettingsError
from vigyc.model.schedule import Cron, Schedule, every
from vigyc.runtime.cron import checked_cron, occurrences

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BERLIN = "Europe/Berlin"


def ms(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(milliseconds=1)


def firsts(cron: Cron, after: str, count: int) -> list[str]:
    zone = ZoneInfo(cron.timezone)
    found = islice(occurrences(cron, ms(after)), count)
    return [(EPOCH + timedelta(milliseconds=each)).astimezone(zone).isoformat() for each in found]


def test_five_fields() -> None:
    assert firsts(Cron("*/5 * * * *"), "2026-01-01T00:03:00.001+00:00", 3) == [
        "2026-01-01T00:05:00+00:00",
        "2026-01-01T00:10:00+00:00",
        "2026-01-01T00:15:00+00:00",
    ]


def test_six_fields_have_the_seconds_first() -> None:
    assert firsts(Cron("*/20 1 0 * * *"), "2026-01-01T00:00:00+00:00", 4) == [
        "2026-01-01T00:01:00+00:00",
        "2026-01-01T00:01:20+00:00",
        "2026-01-01T00:01:40+00:00",
        "2026-01-02T00:01:00+00:00",
    ]


@pytest.mark.parametrize(
    ("after", "first"),
    [
        ("2026-01-01T11:59:59.999+00:00", "2026-01-01T12:00:00+00:00"),
        ("2026-01-01T12:00:00+00:00", "2026-01-02T12:00:00+00:00"),
        ("2026-01-01T12:00:00.001+00:00", "2026-01-02T12:00:00+00:00"),
        ("1969-12-31T23:59:59.999+00:00", "1970-01-01T12:00:00+00:00"),
    ],
)
def test_strictly_after(after: str, first: str) -> None:
    assert firsts(Cron("0 12 * * *"), after, 1) == [first]


def test_a_day_that_most_years_lack() -> None:
    assert firsts(Cron("0 0 29 2 *"), "2024-02-29T00:00:00+00:00", 2) == [
        "2028-02-29T00:00:00+00:00",
        "2032-02-29T00:00:00+00:00",
    ]
    assert firsts(Cron("0 0 29 2 *"), "2097-01-01T00:00:00+00:00", 1) == ["2104-02-29T00:00:00+00:00"]


def test_a_time_that_is_skipped_comes_right_after_the_gap() -> None:
    assert firsts(Cron("30 2 * * *", BERLIN), "2026-03-28T12:00:00+00:00", 2) == [
        "2026-03-29T03:00:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]


def test_several_times_that_are_skipped_come_as_one() -> None:
    assert firsts(Cron("0,20,40 2 * * *", BERLIN), "2026-03-28T12:00:00+00:00", 2) == [
        "2026-03-29T03:00:00+02:00",
        "2026-03-30T02:00:00+02:00",
    ]


def test_a_time_that_comes_twice_is_taken_once() -> None:
    twice = Cron("30 2 * * *", BERLIN)
    assert firsts(twice, "2026-10-24T12:00:00+00:00", 2) == ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]
    assert firsts(twice, "2026-10-25T02:10:00+01:00", 1) == ["2026-10-26T02:30:00+01:00"]
    assert firsts(twice, "2026-10-25T02:30:00+02:00", 1) == ["2026-10-26T02:30:00+01:00"]


def test_every_half_hour_goes_on_through_both_changes() -> None:
    half_hourly = Cron("*/30 * * * *", BERLIN)
    assert firsts(half_hourly, "2026-10-25T02:00:00+02:00", 4) == [
        "2026-10-25T02:30:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T02:30:00+01:00",
        "2026-10-25T03:00:00+01:00",
    ]
    assert firsts(half_hourly, "2026-03-29T01:30:00+01:00", 2) == [
        "2026-03-29T03:00:00+02:00",
        "2026-03-29T03:30:00+02:00",
    ]


def fields(expr: str) -> list[set[int]]:
    """Minutes, hours, days, months, days of the week, for lists of numbers, `*` and `*/n` only."""
    ranges = [range(60), range(24), range(1, 32), range(1, 13), range(7)]
    sets = []
    for text, whole in zip(expr.split(), ranges, strict=True):
        if text.startswith("*"):
            sets.append(set(whole[:: int(text[2:] or 1)]))
        else:
            sets.append({int(part) for part in text.split(",")})
    return sets


def shows(moment: datetime, expr: str) -> bool:
    minutes, hours, days, months, weekdays = fields(expr)
    stars = expr.split()[2].startswith("*") or expr.split()[4].startswith("*")
    by_date, by_weekday = moment.day in days, (moment.weekday() + 1) % 7 in weekdays
    day = by_date and by_weekday if stars else by_date or by_weekday
    return moment.minute in minutes and moment.hour in hours and moment.month in months and day


def minute_by_minute(expr: str, zone: str, start: datetime, end: datetime) -> Iterator[int]:
    """What a clock shows, for an expression that goes by the hours as they pass."""
    moment = start + timedelta(minutes=1)
    while moment <= end:
        if shows(moment.astimezone(ZoneInfo(zone)), expr):
            yield (moment - EPOCH) // timedelta(milliseconds=1)
        moment += timedelta(minutes=1)


def day_by_day(expr: str, zone: str, start: datetime, end: datetime) -> list[int]:
    """What a calendar says, for an expression that names times of day: when a clock first shows it or is past it."""
    found = set()
    day = datetime(start.year, start.month, start.day) - timedelta(days=2)
    while day <= datetime(end.year, end.month, end.day) + timedelta(days=2):
        for minute in range(24 * 60):
            local = day + timedelta(minutes=minute)
            if shows(local, expr):
                while local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone)) != local.replace(
                    tzinfo=ZoneInfo(zone)
                ):
                    local += timedelta(minutes=1)
                found.add(local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC))
        day += timedelta(days=1)
    return [(each - EPOCH) // timedelta(milliseconds=1) for each in sorted(found) if start < each <= end]


WEEKS = [("2026-03-27T00:00:00+00:00", 4), ("2026-10-23T00:00:00+00:00", 4), ("2024-02-27T00:00:00+00:00", 4)]


@pytest.mark.parametrize(("start", "days"), WEEKS)
@pytest.mark.parametrize("zone", ["UTC", BERLIN, "America/New_York", "Asia/Kolkata"])
@pytest.mark.parametrize("expr", ["*/7 * * * *", "0 * * * *", "* 2 * * *", "13,47 * 29,1 * *", "*/20 */2 1 * 6"])
def test_against_a_clock_that_is_looked_at_every_minute(expr: str, zone: str, start: str, days: int) -> None:
    begin = datetime.fromisoformat(start)
    end = begin + timedelta(days=days)
    found = list(takewhile(lambda each: each <= ms(end.isoformat()), occurrences(Cron(expr, zone), ms(start))))
    assert found == list(minute_by_minute(expr, zone, begin, end))


@pytest.mark.parametrize(("start", "days"), WEEKS)
@pytest.mark.parametrize("zone", [BERLIN, "America/New_York"])
@pytest.mark.parametrize("expr", ["30 2 * * *", "0,15,30 1,2,3 * * *", "59 1 29 * 0", "5 2 * 2,3,10,11 *"])
def test_against_a_calendar(expr: str, zone: str, start: str, days: int) -> None:
    begin = datetime.fromisoformat(start)
    end = begin + timedelta(days=days)
    found = list(takewhile(lambda each: each <= ms(end.isoformat()), occurrences(Cron(expr, zone), ms(start))))
    assert found == day_by_day(expr, zone, begin, end)


@given(
    st.sampled_from(["30 2 * * *", "*/30 * * * *", "0 */2 * * *", "15 30 2 * * *", "0,40 2,3 * * *"]),
    st.sampled_from(["2026-03-28T12:00:00+00:00", "2026-10-24T12:00:00+00:00"]),
    st.integers(0, 24 * 3_600_000),
)
def test_it_does_not_matter_where_one_begins(expr: str, start: str, passed: int) -> None:
    cron, begin = Cron(expr, BERLIN), ms(start)
    later = next(occurrences(cron, begin + passed))
    assert later == next(each for each in occurrences(cron, begin) if each > begin + passed)


@pytest.mark.parametrize(
    ("cron", "why"),
    [
        (Cron(""), "it must have five fields"),
        (Cron("* * * *"), "it must have five fields"),
        (Cron("@daily"), "it must have five fields"),
        (Cron("60 * * * *"), "the minute is wrong"),
        (Cron("* * * * * 9"), "the day-of-week is wrong"),
        (Cron("*/0 * * * *"), "the minute is wrong"),
        (Cron("0 0 30 2 *"), "the day-of-month is wrong"),
        (Cron("0 0 */31 2 MON#5"), "it never comes"),
        (Cron("* * * * *", "Mars/Olympus"), "time zone 'Mars/Olympus': it is unknown here"),
        (Cron("* * * * *", ""), "time zone ''"),
        (Cron("* * * * *", "Europe"), "time zone 'Europe'"),
        (Cron("* * * * *", "../passwd"), "time zone '../passwd'"),
        (Cron("1" * 5_000 + " * * * *"), "it must be at most 256 characters"),
        (Cron(5), "must be text"),
        (Cron("* * * * *", None), "must be text"),
    ],
)
def test_what_is_wrong(cron: Cron, why: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked_cron(Schedule(cron))
    assert why in str(caught.value)
    assert str(caught.value).isprintable()


def test_what_is_right() -> None:
    for schedule in (Schedule(Cron("0 3 * * MON-FRI", BERLIN), 0, 3_600_000), Schedule(Cron("0 0 29 2 *")), every(10)):
        assert checked_cron(schedule) is schedule


def test_jitter_and_the_least_interval_are_held_against_the_expression() -> None:
    with pytest.raises(Invalid, match="jitter 300000 ms: it must be less than the interval, 300000 ms"):
        checked_cron(Schedule(Cron("*/5 * * * *"), 0, 300_000))
    with pytest.raises(Invalid, match="it ticks every 1000 ms, must be >= 60000"):
        checked_cron(Schedule(Cron("* * * * * *")), 60_000)


@given(st.text("0123456789*/,-L#WMONJA ", max_size=30))
def test_any_expression_is_read_or_refused(expr: str) -> None:
    try:
        outcome = next(occurrences(Cron(expr), 0))
    except Invalid:
        outcome = 1
    assert outcome > 0


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cronsim", None)
    with pytest.raises(SettingsError, match=r"need the package cronsim: pip install 'vigyc\[cron\]'"):
        checked_cron(Schedule(Cron("* * * * *")))
    assert checked_cron(every(10)) == every(10)
