"""From the world's time to a tick's: clocks give ms since 1970, stamps are RFC 3339 text in UTC.

A clock is any function without arguments; a tick reads it once, so a tick is a function of its inputs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], int]

_FIRST_MS = -62_135_596_800_000  # 0001-01-01T00:00:00Z
_LAST_MS = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z
_DAY_MS = 86_400_000


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


def rfc3339(ms: int) -> str:
    """`ms` since 1970 as text: `2026-01-02T03:04:05.25Z`, the fraction without trailing zeros.

    RFC 3339 has four digits for a year: a time before year 1 or after 9999 gives the first or last stamp there is.
    """
    days, rest = divmod(min(max(ms, _FIRST_MS), _LAST_MS), _DAY_MS)
    seconds, fraction = divmod(rest, 1000)
    year, month, day = _civil(days)
    text = f"{year:04}-{month:02}-{day:02}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{fraction:03}".rstrip("0") + "Z" if fraction else text + "Z"


def _civil(days: int) -> tuple[int, int, int]:
    """Year, month and day of `days` since 1970 (Hinnant's civil_from_days: years begin in March)."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9
    return year_of_era + era * 400 + (month <= 2), month, day
