from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.errors import Invalid
from vigyc.model.duration import duration_text, parse_duration_ms


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0", 0), ("1000", 1_000), (" 10s ", 10_000), ("500ms", 500), ("5m", 300_000), ("1h", 3_600_000),
        ("1d", 86_400_000), ("1.5s", 1_500), ("0.001s", 1), ("1.25h", 4_500_000), ("1m30s", 90_000),
        ("1d2h3m4s5ms", 93_784_005), ("1m1ms", 60_001), ("0s", 0), ("007s", 7_000),
    ],
)  # fmt: skip
def test_durations(text: str, ms: int) -> None:
    assert parse_duration_ms(text) == ms


@pytest.mark.parametrize(
    "text",
    ["", " ", "s", "-1s", "+1", "1.5", "1.5ms", "0.0001s", "10 s", "10S", "1w", "30s1m", "1s1s", "1e3", ".5s", "1.s",
     "inf", "nan", "١s", "1s\x00", "9" * 40, "1_000"],
)  # fmt: skip
def test_no_durations(text: str) -> None:
    with pytest.raises(Invalid, match="duration"):
        parse_duration_ms(text)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0ms"), (999, "999ms"), (1_000, "1s"), (1_500, "1.5s"), (1_050, "1.05s"), (10_000, "10s"),
        (60_000, "1m"), (90_000, "1m30s"), (3_600_000, "1h"), (86_400_000, "1d"), (86_400_001, "1d0.001s"),
        (864_000_000, "10d"), (-1_500, "-1.5s"),
    ],
)  # fmt: skip
def test_texts(ms: int, text: str) -> None:
    assert duration_text(ms) == text


@given(st.one_of(st.integers(0, 200_000), st.integers(0, 10**15)))
def test_a_text_is_read_back(ms: int) -> None:
    assert parse_duration_ms(duration_text(ms)) == ms
