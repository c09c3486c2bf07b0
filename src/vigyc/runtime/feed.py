"""From the stream to the newest notices that pass one filter, for all who read with that filter.

Readers hold a position: how many notices had passed before the next one they read. So a notice is kept once for all of
them, and one who does not read costs nothing; when the position is not kept any more, that reader has fallen behind.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock

from vigyc.model.notice import GAP, Notice
from vigyc.runtime.stretch import before, gap, joined


class Feed:
    """The newest `capacity` notices that are about `vigy_id` and of `kinds`, if these are given, and gaps."""

    def __init__(self, vigy_id: str | None, kinds: frozenset[str] | None, capacity: int) -> None:
        self.count = 0  # how many notices passed so far
        self.closed = False
        self.vigy_id = vigy_id
        self._kinds = kinds
        self._recent: deque[Notice] = deque(maxlen=capacity)
        self._sleepers: dict[object, Callable[[], None]] = {}
        self._lock = Lock()

    def wanted(self, notices: Sequence[Notice]) -> Sequence[Notice]:
        """Those that pass."""
        if self.vigy_id is None and self._kinds is None:
            return notices
        found: list[Notice] = []
        for notice in notices:
            if notice.kind == GAP and found and found[-1].kind == GAP:
                found[-1] = joined(found[-1], notice)
            elif notice.kind == GAP or self._wants(notice):
                found.append(notice)
        return found

    def _wants(self, notice: Notice) -> bool:
        ours = self.vigy_id is None or notice.vigy_id == self.vigy_id
        return ours and (self._kinds is None or notice.kind in self._kinds)

    def add(self, notices: Sequence[Notice]) -> list[Callable[[], None]]:
        """Take in what went out; what is to be called to wake those who waited for it."""
        wanted = self.wanted(notices)
        if not wanted:
            return []
        with self._lock:
            self._recent.extend(wanted)
            self.count += len(wanted)
            return self._wake_all() if self._sleepers else []

    def close(self) -> list[Callable[[], None]]:
        """Take in nothing any more; what is to be called to wake those who wait."""
        with self._lock:
            self.closed = True
            return self._wake_all()

    def read(self, position: int) -> Notice | None:
        """The notice there; None if it has not come yet. Raises LookupError if it is not kept any more."""
        with self._lock:
            behind = self.count - position
            if behind > len(self._recent):
                raise LookupError(position)
            return self._recent[-behind] if behind else None

    def skip(self, seq: int) -> tuple[Notice, int]:
        """For who fell behind after number `seq`: the gap up to the newer half of what is kept, and the position there.

        Half, so that who is too slow loses much at times, and not something all the time.
        """
        with self._lock:
            kept = (len(self._recent) + 1) // 2
            first = self._recent[-kept]
            return gap(seq + 1, before(first), first.at), self.count - kept

    def sleep(self, sleeper: object, position: int, wake: Callable[[], None]) -> bool:
        """Have `wake` called once when there is something at `position`, or never will be; False if that is so now."""
        with self._lock:
            if self.closed or self.count > position:
                return False
            self._sleepers[sleeper] = wake
            return True

    def rouse(self, sleeper: object) -> None:
        """Wake one."""
        with self._lock:
            wake = self._sleepers.pop(sleeper, None)
        if wake is not None:
            wake()

    def _wake_all(self) -> list[Callable[[], None]]:
        woken = list(self._sleepers.values())
        self._sleepers.clear()
        return woken
