"""From errors to what is said of them: the latest, until it is over, and a line in the log now and then."""

from __future__ import annotations

import logging
from typing import Final

from vigyc.lang.errors import Fenced
from vigyc.runtime.time_source import TimeSource

TICKS: Final = "ticks"
WATCH: Final = "watch"
HOUSE: Final = "house"

_log = logging.getLogger("vigyc")
_PAUSE = 60.0  # seconds between two lines


class Trouble:
    """What hinders the runtime, kept by where it was met: it is over when that has gone well again."""

    def __init__(self, time: TimeSource) -> None:
        self._met: dict[str, str] = {}
        self._time = time
        self._told = -_PAUSE

    @property
    def text(self) -> str | None:
        """What there is, None if nothing."""
        return next(iter(list(self._met.values())), None)

    def meet(self, error: Exception, where: str = TICKS) -> None:
        """There is trouble; that another runtime has the lease is none."""
        if isinstance(error, Fenced):
            return
        self._met[where] = str(error)
        now = self._time.monotonic()
        if now - self._told >= _PAUSE:
            self._told = now
            _log.warning("%s", error)

    def bug(self, error: BaseException, where: str = TICKS) -> None:
        """Something failed that never should; what met it goes on."""
        text = self._met[where] = f"internal error: {type(error).__name__}: {error}"
        _log.error("%s", text, exc_info=error)

    def clear(self, where: str = TICKS) -> None:
        """It is over."""
        self._met.pop(where, None)
