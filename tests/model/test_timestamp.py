from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.errors import Invalid
from vigyc.model.timestamp import FIRST_MS, LAST_MS, parse_rfc3339, rfc3339


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (1500, "1970-01-01T00:00:01.5Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00Z"),
        (1_709_164_800_000, "2024-02-29T00:00:00Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (2**63 - 1, "9999-12-31T23:59:59.999Z"),
        (-(2**63), "0001-01-01T00:00:00Z"),
    ],
)
def test_stamps(ms: int, text: str) -> None:
    assert rfc3339(ms) == text


@given(st.integers(FIRST_MS, LAST_MS))
def test_a_stamp_is_read_back_and_is_the_calendars(ms: int) -> None:
    stamp = rfc3339(ms)
    assert parse_rfc3339(stamp) == ms
    whole = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    assert stamp.startswith(whole.replace(tzinfo=None).isoformat(timespec="seconds"))


@given(st.datetimes(datetime(2, 1, 1), datetime(9999, 12, 30)), st.integers(-23 * 60 - 59, 23 * 60 + 59))
def test_any_offset_is_read(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    expected = (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert parse_rfc3339(aware.isoformat()) == expected


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:00z", 0),
        ("1970-01-01 00:00:00+00:00", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("1970-01-01T01:30:00+01:30", 0),
        ("1969-12-31T23:00:00-01:00", 0),
        ("1970-01-01T00:00:00.1Z", 100),
        ("1970-01-01T00:00:00.1239999999999Z", 123),
        ("1969-12-31T23:59:59.9999Z", -1),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000),
        ("0001-01-01T00:00:00Z", FIRST_MS),
        ("9999-12-31T23:59:59.999Z", LAST_MS),
    ],
)
def test_texts(text: str, ms: int) -> None:
    assert parse_rfc3339(text) == ms


@pytest.mark.parametrize(
    "text",
    ["", "now", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01T00:00Z", "1970-1-1T00:00:00Z", "1970-01-01T24:00:00Z",
     "1970-01-01T00:60:00Z", "1970-01-01T00:00:61Z", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00+24:00",
     "1970-01-01T00:00:00+0100", "1970-02-29T00:00:00Z", "1970-13-01T00:00:00Z", "1970-00-01T00:00:00Z",
     "1970-01-00T00:00:00Z", "2100-02-29T00:00:00Z", "0000-12-31T00:00:00Z", "0001-01-01T00:00:00+00:01",
     "9999-12-31T23:59:60Z", "1970-01-01T00:00:00Z ", "１970-01-01T00:00:00Z", "+1970-01-01T00:00:00Z"],
)  # fmt: skip
def test_no_texts(text: str) -> None:
    with pytest.raises(Invalid, match="time"):
        parse_rfc3339(text)
