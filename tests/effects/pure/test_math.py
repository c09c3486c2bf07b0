from __future__ import annotations

import math
import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

NUMBERS = st.lists(st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9), min_size=1, max_size=30)


@given(numbers=NUMBERS)
def test_the_figures_are_those_of_statistics(pure: Any, numbers: list[float]) -> None:
    assert pure("math-mean", numbers) == pytest.approx(statistics.fmean(numbers), abs=1e-6)
    assert pure("math-median", numbers) == pytest.approx(statistics.median(numbers), abs=1e-6)
    assert pure("math-stdev", numbers) == pytest.approx(statistics.pstdev(numbers), rel=1e-6, abs=1e-3)
    assert pure("math-sum", numbers) == pytest.approx(math.fsum(numbers), abs=1e-6)
    assert pure("math-percentile", numbers, 0) == min(numbers)
    assert pure("math-percentile", numbers, 100) == max(numbers)


def test_sums(pure: Any) -> None:
    assert pure("math-sum", None) == 0
    assert pure("math-sum", [0.1] * 10) == 1.0
    assert type(pure("math-sum", [1, 2])) is int
    assert pure.raised("math-sum", [2**63 - 1, 1]) == "integer-overflow: integer overflow in `math-sum`"
    assert pure("math-sum", [1e308, 1e308]) == math.inf
    assert math.isnan(pure("math-sum", [math.inf, -math.inf]))
    assert pure.raised("math-sum", [1, "2"]).startswith("type-mismatch: `math-sum`: numbers must be a list of numbers")
    assert pure.raised("math-sum", [True]).startswith("type-mismatch")


def test_percentiles(pure: Any) -> None:
    assert [pure("math-percentile", [15, 20, 35, 40, 50], p) for p in (25, 40, 50)] == [20.0, 29.0, 35.0]
    assert math.isnan(pure("math-percentile", [1, math.nan], 50))
    assert "from 0 to 100" in pure.raised("math-percentile", [1], 101)
    for name in ("math-mean", "math-median", "math-stdev"):
        assert "there are no numbers" in pure.raised(name, [])


@pytest.mark.parametrize(
    ("x", "digits", "text"),
    [
        (2.675, 2, "2.68"), (-2.5, 0, "-3"), (0.5, 0, "1"), (1, 3, "1.000"), (1e22, 1, "10000000000000000000000.0"),
        (1e300, 0, f"{10**300}"), (2**63 - 1, 1, "9223372036854775807.0"), (math.inf, 2, "inf"), (-math.inf, 2, "-inf"),
        (math.nan, 2, "NaN"), (5e-324, 15, "0.000000000000000"),
    ],
)  # fmt: skip
def test_fixed_digits(pure: Any, x: float, digits: int, text: str) -> None:
    assert pure("math-to-fixed", x, digits) == text


def test_rounding(pure: Any) -> None:
    assert pure("math-round-to", 2.675, 2) == 2.68
    assert pure("math-round-to", 5, 2) == 5
    assert type(pure("math-round-to", 5, 2)) is int
    assert pure("math-round-to", math.inf, 2) == math.inf
    assert pure("math-round-to", 1.7976931348623157e308, 0) == 1.7976931348623157e308
    assert "from 0 to 15" in pure.raised("math-round-to", 1.5, 16)


def test_small_things(pure: Any) -> None:
    assert pure("math-pi") == math.pi
    assert pure("math-e") == math.e
    assert [pure("math-sign", x) for x in (-2, 0, 0.5, math.nan)] == [-1, 0, 1, 0]
    assert [pure("math-clamp", x, 0, 10) for x in (-1, 5, 11.5)] == [0, 5, 10]
    assert "must not be above" in pure.raised("math-clamp", 1, 2, 1)
    assert "must not be above" in pure.raised("math-clamp", 1, math.nan, 1)
    assert [pure("math-div", a, b) for a, b in [(7, 2), (-7, 2), (7, -2)]] == [3, -4, -4]
    assert pure.raised("math-div", 1, 0) == "division-by-zero: division by zero"
    assert pure.raised("math-div", -(2**63), -1) == "integer-overflow: integer overflow in `math-div`"
    assert (pure("math-log2", 8), pure("math-log10", 1000), pure("math-log2", 0)) == (3.0, 3.0, -math.inf)
    assert math.isnan(pure("math-log10", -1))
    assert pure("math-nan?", math.nan) is True
    assert pure("math-finite?", math.inf) is False
