"""From the world's clocks to a runtime's: the time of day, which may jump, and a time that only goes forward.

Whatever waits or measures takes `monotonic`; what is told to people and programs takes `wall_ms`.
"""

from __future__ import annotations

import time
from typing import Protocol


class TimeSource(Protocol):
    """Two clocks."""

    def wall_ms(self) -> int:
        """The time of day, in ms since 1970."""

    def monotonic(self) -> float:
        """Seconds since some moment; never less than before."""


class SystemTime:
    """The clocks of this machine."""

    def wall_ms(self) -> int:
        """The time of day, in ms since 1970."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()


class VirtualTime:
    """Clocks that stand still until they are moved, for tests and simulations."""

    def __init__(self, wall_ms: int = 1_750_000_000_000) -> None:
        self._wall_ms = wall_ms
        self._elapsed_ms = 0

    def wall_ms(self) -> int:
        """The time of day, in ms since 1970."""
        return self._wall_ms

    def monotonic(self) -> float:
        """Seconds since this was made."""
        return self._elapsed_ms / 1000

    def advance(self, ms: int) -> None:
        """Let `ms` pass."""
        self._elapsed_ms += ms
        self._wall_ms += ms

    def jump(self, ms: int) -> None:
        """Set the time of day forward, or back, while no time passes."""
        self._wall_ms += ms


class Timeline:
    """The scheduler's time: the time of day when it began, moved on by what has passed since, whatever the day says."""

    def __init__(self, source: TimeSource) -> None:
        self._source = source
        self._began = source.monotonic()
        self._origin = source.wall_ms()

    def now(self) -> int:
        """The moment, in ms."""
        return self.at(self._source.monotonic())

    def at(self, monotonic: float) -> int:
        """The moment that the monotonic clock calls so, in ms."""
        return self._origin + int((monotonic - self._began) * 1000 + 1e-3)  # a float may be a hair too small

    def drift(self) -> int:
        """How far the time of day has jumped ahead of this since the beginning, in ms."""
        return self._source.wall_ms() - self.now()
