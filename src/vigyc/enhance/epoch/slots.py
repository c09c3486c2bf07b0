"""From epochs side by side to what each has for itself: the lowest number that none of the others has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class Slots:
    """Numbers; usable from any thread."""

    def __init__(self) -> None:
        self._taken: set[int] = set()
        self._lock = Lock()

    @contextmanager
    def one(self) -> Iterator[int]:
        """A number that nobody else has while this lasts."""
        with self._lock:
            number = next(number for number in range(len(self._taken) + 1) if number not in self._taken)
            self._taken.add(number)
        try:
            yield number
        finally:
            with self._lock:
                self._taken.discard(number)
