"""From the world's time to a tick's: clocks give ms since 1970.

A clock is any function without arguments; a tick reads it once, so a tick is a function of its inputs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], int]


def system_clock() -> int:
    """The time of this machine."""
    return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that stands still until it is moved, for tests and replays."""

    def __init__(self, now: int = 0) -> None:
        self.now = now

    def __call__(self) -> int:
        """The time it stands at."""
        return self.now

    def advance(self, ms: int) -> None:
        """Move on by `ms`; a negative `ms` moves back."""
        self.now += ms
