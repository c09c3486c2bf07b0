"""From what other processes do in the store to the subscriptions of this one, while no engine runs here that looks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

PAUSE: Final = 0.1  # seconds between two looks


class Polling:
    """A thread that calls `look` every `PAUSE` seconds, from the first `begin` to `end`."""

    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Look from now on; again is nothing."""
        with self._lock:
            if self._thread is None and not self._ended.is_set():
                self._thread = threading.Thread(target=self._run, name="vigyc-polling", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """Look no more; again is nothing."""
        self._ended.set()
        with self._lock:
            if self._thread is not None:
                self._thread.join()
                self._thread = None

    def _run(self) -> None:
        while not self._ended.wait(PAUSE):
            self._look()
