"""Each kernel beside the Python one would write by hand, with equal answers."""

from __future__ import annotations

from typing import Any

import pytest

import vigyc
from by_hand import KERNELS
from measure import compare, record
from programs import kernel

THE_SEVEN = ("fib", "sumloop", "pipeline", "strings", "hashmap", "nqueens", "diff")


@pytest.mark.parametrize("name", KERNELS)
def test_kernel(benchmark: Any, name: str) -> None:
    ours, by_hand = kernel(name), KERNELS[name]
    answer = vigyc.to_json(ours())
    expected = by_hand.run()
    assert answer == ([":" + expected[0], *expected[1:]] if name == "machine" else expected)
    group, target = ("kernels", "<= 1.8") if name in THE_SEVEN else ("kernels of our own", "-")
    record(benchmark, group, by_hand.what, target, ours, **compare(ours, by_hand.run))
