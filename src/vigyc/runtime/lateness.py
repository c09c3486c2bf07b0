"""From the starts of ticks to how late they are: the newest few thousand, sorted when somebody asks."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple


class Lateness(NamedTuple):
    """How late ticks began, in ms, over the newest `ticks` of them."""

    p50: int = 0
    p99: int = 0
    max: int = 0
    ticks: int = 0


def lateness(samples: deque[int]) -> Lateness:
    """The percentiles of `samples`, which another thread may be adding to."""
    late = sorted(samples.copy())
    if not late:
        return Lateness()
    return Lateness(late[len(late) // 2], late[len(late) * 99 // 100], late[-1], len(late))
