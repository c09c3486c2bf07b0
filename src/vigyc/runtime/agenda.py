"""From what is due when to what is next: a heap of entries by due time, oldest first.

An entry is in it once: setting a due time anew makes the older place stale, and stale places are passed over.
"""

from __future__ import annotations

import heapq
from typing import Generic, Protocol, TypeVar


class Dated(Protocol):
    """What can be put on an agenda: `due` is in ms, `place` is the agenda's, 0 when not on it."""

    due: int | None
    place: int


T = TypeVar("T", bound=Dated)


class Agenda(Generic[T]):
    """Entries by due time."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, T]] = []
        self._places = 0
        self._entries = 0

    def put(self, entry: T, due: int) -> None:
        """Have `entry` due at `due`, whatever it was before."""
        self._entries += entry.place == 0
        self._places += 1
        entry.due, entry.place = due, self._places
        heapq.heappush(self._heap, (due, self._places, entry))
        if len(self._heap) > 2 * self._entries + 64:
            self._sweep()

    def drop(self, entry: T) -> None:
        """Have `entry` due no more."""
        self._entries -= entry.place != 0
        entry.due = None
        entry.place = 0

    def pop(self, now: int) -> T | None:
        """The entry that has been due longest, taken off with its `due` as it was; None if nothing is due at `now`."""
        due = self.next()
        if due is None or due > now:
            return None
        entry = heapq.heappop(self._heap)[2]
        self.drop(entry)
        entry.due = due
        return entry

    def next(self) -> int | None:
        """When the next entry is due."""
        heap = self._heap
        while heap:
            due, place, entry = heap[0]
            if entry.place == place:
                return due
            heapq.heappop(heap)
        return None

    def upcoming(self, limit: int) -> list[T]:
        """The next `limit` entries, in order."""
        fresh = (item for item in self._heap if item[2].place == item[1])
        return [entry for _, _, entry in heapq.nsmallest(limit, fresh, key=lambda item: item[:2])]

    def _sweep(self) -> None:
        """Throw the stale places out, so that the heap is never more than some times its entries."""
        self._heap = [item for item in self._heap if item[2].place == item[1]]
        heapq.heapify(self._heap)
