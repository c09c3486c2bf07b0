from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

LEAST, MOST = -62_135_596_800_000, 253_402_300_799_999
INSTANTS = st.integers(LEAST + 86_400_000 * 2, MOST - 86_400_000 * 2)
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "+05:45", "-0330"]
)
BERLIN = "Europe/Berlin"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ms(*parts: int, zone: str = "UTC", fold: int = 0) -> int:
    return int(datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold).timestamp()) * 1000  # type: ignore[misc, arg-type]


@given(instant=INSTANTS, zone=ZONES)
def test_what_is_written_is_read_back(pure: Any, instant: int, zone: str) -> None:
    assert pure.value("datetime-parse", pure("datetime-iso", instant, zone)) == instant
    assert pure.value("datetime-from-parts", pure("datetime-parts", instant, zone), "UTC") == instant
    assert datetime.fromisoformat(pure("datetime-iso", instant)) == EPOCH + timedelta(milliseconds=instant)


@given(instant=st.integers(0, 4_102_444_800_000))
def test_patterns_are_read_back(pure: Any, instant: int) -> None:
    for pattern in ("%Y-%m-%d %H:%M:%S.%L %z", "%d %B %Y, %I:%M:%S %p (%L) %z", "%F %T %L%z", "%b %e %Y %R:%S %L %z"):
        text = pure("datetime-format", instant, pattern, BERLIN)
        assert pure.value("datetime-parse", text, pattern=pattern) == instant


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1985-04-12T23:20:50.52Z", 482_196_050_520),
        ("1996-12-19T16:39:57-08:00", 851_042_397_000),
        ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130),
        ("2024-02-29", 1_709_164_800_000),
        ("2024-02-29 01:02", 1_709_168_520_000),
        ("1970-01-01T00:00:00.0019z", 1),
        ("0001-01-01T00:00:00Z", LEAST),
        ("9999-12-31T23:59:59.999Z", MOST),
    ],
)
def test_times_of_rfc_3339(pure: Any, text: str, instant: int) -> None:
    assert pure.value("datetime-parse", text) == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024",
        "2024-1-1",
        "2024-W01-1",
        "20240101",
        "2024-01-01T",
        "2024-01-01T24:00",
        "2023-02-29",
        "2024-13-01",
        "2024-01-01T12:00:60Z",
        "2024-01-01T12:00:00+25:00",
        "2024-01-01T12:00:00+2",
        "２０２４-01-01",
        "2024-01-01T12:00:00 Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "0000-01-01",
        "now",
    ],
)
def test_what_is_no_time_is_refused(pure: Any, text: str) -> None:
    assert pure.error("datetime-parse", text)[0] == "decode"


def test_q4_an_instant_out_of_range_is_an_error_and_never_now(pure: Any) -> None:
    for instant in (LEAST - 1, MOST + 1, 2**63 - 1, -(2**63)):
        for name in ("datetime-iso", "datetime-parts", "datetime-weekday"):
            said = f"in native `{name}`: the instant is outside the years 1 to 9999"
            assert pure.raised(name, instant) == f"native-fn: {said}"
    assert "outside the years" in pure.raised("datetime-iso", MOST, "+01:00")
    assert "outside the years" in pure.raised("datetime-start", LEAST, "week", "-01:00")


def test_unknown_zones_are_errors(pure: Any) -> None:
    bad = [
        "",
        "Mars/Phobos",
        "localtime",
        "../../etc/passwd",
        "/etc/localtime",
        "America",
        "posixrules",
        "utc",
        "+2",
        "+24:00",
        "Europe/Berlin\0",
        "Europe//Berlin",
        "leapseconds",
    ]
    for zone in bad:
        assert f"there is no time zone `{zone}`" in pure.raised("datetime-iso", 0, zone)


def test_offsets_change_with_daylight_saving(pure: Any) -> None:
    assert pure("datetime-iso", ms(2024, 3, 31, 0, 59, 59), BERLIN) == "2024-03-31T01:59:59+01:00"
    assert pure("datetime-iso", ms(2024, 3, 31, 1), BERLIN) == "2024-03-31T03:00:00+02:00"
    assert pure("datetime-iso", ms(2024, 10, 27, 0, 30), BERLIN) == "2024-10-27T02:30:00+02:00"
    assert pure("datetime-iso", ms(2024, 10, 27, 1, 30), BERLIN) == "2024-10-27T02:30:00+01:00"


def test_local_times_that_are_skipped_or_come_twice(pure: Any) -> None:
    assert pure.value("datetime-parse", "2024-10-27T02:30", zone=BERLIN) == ms(2024, 10, 27, 0, 30)
    assert pure.value("datetime-parse", "2024-03-31T02:30", zone=BERLIN) == ms(2024, 3, 31, 1, 30)
    assert pure.value("datetime-parse", "2024-07-01T12:00", zone="-03:30") == ms(2024, 7, 1, 15, 30)


def test_parts(pure: Any, rec: Any) -> None:
    assert pure("datetime-parts", ms(2024, 12, 31, 23) + 5, "Asia/Kolkata") == rec(
        year=2025, month=1, day=1, hour=4, minute=30, second=0, ms=5, weekday=3, yearday=1, offset_minutes=330
    )
    assert pure.value("datetime-from-parts", rec(year=2024, month=7), BERLIN) == ms(2024, 6, 30, 22)
    assert pure.error("datetime-from-parts", rec(year=2023, month=2, day=29))[0] == "invalid"
    assert pure.error("datetime-from-parts", rec(year=0))[0] == "invalid"
    assert pure.error("datetime-from-parts", rec(year=2**62))[0] == "invalid"
    assert pure.error("datetime-from-parts", rec(year=2024, offset_minutes=1440))[0] == "invalid"
    assert "there must be a :year" in pure.raised("datetime-from-parts", rec(month=1))
    assert "there is no option :yaer" in pure.raised("datetime-from-parts", rec(yaer=1))


def add(pure: Any, rec: Any, text: str, zone: str = "UTC", **amounts: int) -> str:
    start = pure.value("datetime-parse", text, zone=zone)
    return pure("datetime-iso", pure("datetime-add", start, rec(**amounts), zone), zone)


def test_adding_by_the_calendar(pure: Any, rec: Any) -> None:
    assert add(pure, rec, "2024-01-31", months=1) == "2024-02-29T00:00:00Z"
    assert add(pure, rec, "2024-02-29", years=1) == "2025-02-28T00:00:00Z"
    assert add(pure, rec, "2024-03-31", months=-1, days=1) == "2024-03-01T00:00:00Z"
    assert add(pure, rec, "2024-01-01", months=-13) == "2022-12-01T00:00:00Z"
    assert add(pure, rec, "2024-03-30T12:00", BERLIN, days=1) == "2024-03-31T12:00:00+02:00"
    assert add(pure, rec, "2024-03-30T12:00", BERLIN, hours=24) == "2024-03-31T13:00:00+02:00"
    assert add(pure, rec, "2024-03-30T02:30", BERLIN, days=1) == "2024-03-31T03:30:00+02:00"
    assert add(pure, rec, "2024-03-30T02:30", BERLIN, days=2) == "2024-04-01T02:30:00+02:00"
    assert add(pure, rec, "2024-10-26T12:00", BERLIN, days=1, minutes=5, ms=-1) == "2024-10-27T12:04:59.999+01:00"
    assert "outside the years" in pure.raised("datetime-add", 0, rec(years=10_000))
    assert "outside the years" in pure.raised("datetime-add", 0, rec(days=2**62))
    assert "outside the years" in pure.raised("datetime-add", 0, rec(ms=2**63 - 1))
    assert pure.raised("datetime-add", 0, rec(days=1.5)).startswith("type-mismatch")


def test_adding_nothing_keeps_the_second_of_two_hours(pure: Any, rec: Any) -> None:
    second = ms(2024, 10, 27, 1, 30)
    assert pure("datetime-add", second, {}, BERLIN) == second
    assert pure("datetime-add", second, rec(hours=0), BERLIN) == second
    assert pure("datetime-start", second, "hour", BERLIN) == ms(2024, 10, 27, 1)


def test_differences(pure: Any) -> None:
    def diff(first: str, last: str, unit: str, zone: str = "UTC") -> int:
        begin, end = (pure.value("datetime-parse", text, zone=zone) for text in (first, last))
        assert pure("datetime-diff", end, begin, unit, zone) == -pure("datetime-diff", begin, end, unit, zone)
        return pure("datetime-diff", begin, end, unit, zone)

    assert diff("2024-01-31", "2024-02-29", "months") == 1
    assert diff("2024-01-15T12:00", "2024-02-15T11:00", "months") == 0
    assert diff("2020-02-29", "2024-02-28", "years") == 3
    assert diff("2024-03-30T12:00", "2024-03-31T12:00", "days", BERLIN) == 1
    assert diff("2024-03-30T12:00", "2024-03-31T12:00", "hours", BERLIN) == 23
    assert diff("2024-03-30T12:00", "2024-03-31T11:59", "days", BERLIN) == 0
    assert diff("2024-01-01", "2024-12-31", "weeks") == 52
    assert diff("2024-01-01", "2024-12-31", "quarters") == 3
    assert diff("2024-01-01", "2024-01-01", "years") == 0
    assert diff("1970-01-01T00:00:00.001Z", "1970-01-01T00:00:00.999Z", "ms") == 998
    twice = ms(2024, 10, 27, 0, 50), ms(2024, 10, 27, 1, 10)  # 02:50 in summer, 02:10 in winter
    assert [pure("datetime-diff", *twice, unit, BERLIN) for unit in ("years", "days", "minutes")] == [0, 0, 20]
    assert "the unit must be one of years" in pure.raised("datetime-diff", 0, 1, "fortnights")


@pytest.mark.parametrize(
    ("unit", "start"),
    [
        ("year", "2024-01-01T00:00:00+01:00"),
        ("quarter", "2024-10-01T00:00:00+02:00"),
        ("month", "2024-10-01T00:00:00+02:00"),
        ("week", "2024-10-21T00:00:00+02:00"),
        ("day", "2024-10-27T00:00:00+02:00"),
        ("hour", "2024-10-27T15:00:00+01:00"),
        ("minute", "2024-10-27T15:45:00+01:00"),
        ("second", "2024-10-27T15:45:30+01:00"),
    ],
)
def test_starts(pure: Any, unit: str, start: str) -> None:
    instant = pure.value("datetime-parse", "2024-10-27T15:45:30.5+01:00")
    assert pure("datetime-iso", pure("datetime-start", instant, unit, BERLIN), BERLIN) == start


def test_a_day_that_begins_at_one(pure: Any) -> None:
    instant = pure.value("datetime-parse", "2018-11-04T12:00", zone="America/Sao_Paulo")
    assert pure("datetime-iso", pure("datetime-start", instant, "day", "America/Sao_Paulo"), "America/Sao_Paulo") == (
        "2018-11-04T01:00:00-02:00"
    )


def test_formats(pure: Any) -> None:
    instant = ms(2024, 1, 5, 15, 4, 9) + 7
    pattern = "%Y %m %d %e %H %I %p %M %S %L %z %Z %j %u %G %V %A %a %B %b %s %F %T %R %%"
    assert pure("datetime-format", instant, pattern, "Asia/Tokyo") == (
        "2024 01 06  6 00 12 AM 04 09 007 +0900 JST 006 6 2024 01 Saturday Sat January Jan 1704467049 "
        "2024-01-06 00:04:09 00:04 %"
    )
    assert pure("datetime-format", LEAST, "%Y") == "0001"
    assert (
        pure.raised("datetime-format", 0, "%Q") == "native-fn: in native `datetime-format`: there is no %Q in patterns"
    )
    assert "there is no % in patterns" in pure.raised("datetime-format", 0, "a%")


def test_patterns_to_read(pure: Any) -> None:
    assert pure.value("datetime-parse", "05.01.2024", pattern="%d.%m.%Y") == ms(2024, 1, 5)
    assert pure.value("datetime-parse", "12:30 am", pattern="%I:%M %p") == 1_800_000
    assert pure.value("datetime-parse", "10/Oct/2000:13:55:36 -0700", pattern="%d/%b/%Y:%T %z") == 971_211_336_000
    assert pure.error("datetime-parse", "13:00 PM", pattern="%I:%M %p")[0] == "decode"
    assert pure.error("datetime-parse", "x", pattern="%Y") == ("decode", "not a time as %Y has it")
    assert "%A cannot be read here" in pure.raised("datetime-parse", "x", pattern="%A")
    assert "%Y cannot be read here" in pure.raised("datetime-parse", "x", pattern="%F %Y")


@given(length=st.integers(-(2**62), 2**62))
def test_durations_are_read_back(pure: Any, length: int) -> None:
    assert pure.value("datetime-parse-duration", pure("datetime-format-duration", length)) == length


def test_durations(pure: Any) -> None:
    for text, length in [
        ("1h30m", 5_400_000),
        ("1.5h", 5_400_000),
        ("-2w", -1_209_600_000),
        ("250ms", 250),
        ("0s", 0),
        ("0.001s", 1),
    ]:
        assert pure.value("datetime-parse-duration", text) == length
    for text in (
        "",
        "1",
        "h",
        "1 h",
        "1h 30m",
        "30m1h",
        "1h1h",
        "1H",
        "0.5ms",
        "1e3s",
        "--1s",
        "1y",
        "999999999999999999w",
    ):
        assert pure.error("datetime-parse-duration", text)[0] == "decode"
    assert pure("datetime-format-duration", -90_061_001) == "-1d1h1m1s1ms"
