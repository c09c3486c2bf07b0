"""From errors to what is said of them: the latest, until it is over, and a line in the log now and then."""

from __future__ import annotations

import logging

from vigyc.runtime.time_source import TimeSource

_log = logging.getLogger("vigyc")
_PAUSE = 60.0  # seconds between two lines


class Trouble:
    """What hinders the runtime; `text` is None when nothing does."""

    def __init__(self, time: TimeSource) -> None:
        self.text: str | None = None
        self._time = time
        self._told = -_PAUSE

    def meet(self, error: Exception) -> None:
        """There is trouble."""
        self.text = str(error)
        now = self._time.monotonic()
        if now - self._told >= _PAUSE:
            self._told = now
            _log.warning("%s", error)

    def bug(self, error: Exception) -> None:
        """Something failed that never should; what met it goes on."""
        self.text = f"internal error: {type(error).__name__}: {error}"
        _log.error("%s", self.text, exc_info=error)

    def clear(self) -> None:
        """It is over."""
        self.text = None
