"""From how long somebody wants to wait to how long the next look may be put off."""

from __future__ import annotations

from time import monotonic

from vigyc.model.argument import checked_seconds


class Patience:
    """`timeout` seconds from now, or without end, of which at most `most` are waited at a time. Raises Invalid."""

    def __init__(self, timeout: float | None, most: float) -> None:
        seconds = checked_seconds("timeout", timeout)
        self._end = None if seconds is None else monotonic() + seconds
        self._most = most

    def left(self) -> float:
        """The seconds until the next look; 0 or less if the time is up."""
        return self._most if self._end is None else min(self._most, self._end - monotonic())
