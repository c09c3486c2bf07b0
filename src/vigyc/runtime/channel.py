"""From one end of a program to another: a queue of values that never waits."""

from __future__ import annotations

from collections import deque

from vigyc.runtime.values import Foreign, register_kind


class Channel(Foreign):
    """A queue of at most `capacity` values (None: no bound); once closed it takes no more, but can be emptied."""

    __slots__ = ("capacity", "closed", "queue")

    def __init__(self, capacity: int | None = None) -> None:
        self.capacity = capacity
        self.closed = False
        self.queue: deque[object] = deque()

    def is_full(self) -> bool:
        """Whether it takes no more values now."""
        return self.capacity is not None and len(self.queue) >= self.capacity


register_kind(Channel, "foreign")
