"""From the time to the id of a run: UUIDv7 (RFC 9562), so that ids sort as the runs began.

The first 60 bits that count are a number that only grows: the ms since 1970, then a counter of 12 bits. More than 4096
ids in one ms, or a clock that goes back, borrow from the ms to come. The last 62 bits are random.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from threading import Lock
from typing import Final

_ID: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_BLOCK: Final = 2048


class RunIds:
    """Makes ids, in any thread; `random` gives so many random bytes."""

    def __init__(self, random: Callable[[int], bytes] = os.urandom) -> None:
        self._random = random
        self._tails: list[str] = []
        self._last = self._stamp = -1
        self._head = ""
        self._lock = Lock()

    def make(self, ms: int) -> str:
        """An id for a run that begins `ms` after 1970; greater than any made before."""
        with self._lock:
            last = self._last = max(self._last + 1, ms << 12)
            stamp = last >> 12
            if stamp != self._stamp:
                digits = f"{stamp:012x}"
                self._stamp, self._head = stamp, f"{digits[:8]}-{digits[8:]}-7"
            if not self._tails:
                self._tails = _tails(self._random(_BLOCK))
            return f"{self._head}{last & 4095:03x}-{self._tails.pop()}"


def is_run_id(text: str) -> bool:
    """Whether `text` is an id as `RunIds` makes them, in lower case."""
    return _ID.fullmatch(text) is not None


def _tails(block: bytes) -> list[str]:
    """The last two groups of ids, one for each 8 bytes."""
    digits = block.hex()
    return [
        f"{'89ab'[int(digits[at], 16) & 3]}{digits[at + 1 : at + 4]}-{digits[at + 4 : at + 16]}"
        for at in range(0, len(digits), 16)
    ]
