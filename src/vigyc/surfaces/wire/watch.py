"""From a stream that is open to its end, once the one it was opened for would not be let in any more.

What is quick is not looked at again. A stream is at every message, but not more often than every `EVERY` seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

EVERY: Final = 0.5
GONE: Final = "the token, or the session, is not good any more"


class Watch:
    """Looks whether somebody is `still` let in."""

    def __init__(self, still: Callable[[], bool]) -> None:
        self._still = still
        self._next = time.monotonic() + EVERY
        self._ended = False

    def ended(self) -> bool:
        """Whether that was found not to be so."""
        now = time.monotonic()
        if now >= self._next and not self._ended:
            self._next = now + EVERY
            self._ended = not self._still()
        return self._ended
