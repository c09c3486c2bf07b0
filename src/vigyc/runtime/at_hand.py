"""From what an engine holds in memory to answers that cost no look at the store.

Only the process that ticks has them, and only while it goes on hearing of what others change in the store. Whoever
changed something here, or was told by the bus of a change, never gets what was before: from then on until the change
is taken in there is no answer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from vigyc.model.vigy import Vigy
from vigyc.runtime.bus import Bus
from vigyc.runtime.entry import Entry, VigyStatus
from vigyc.runtime.roster import Roster
from vigyc.runtime.running import Running
from vigyc.runtime.tenure import Tenure
from vigyc.runtime.trouble import Trouble


class AtHand:
    """Looks at the entries of `roster`, under the engine's `lock`; `started`: whether the engine ticks by itself."""

    def __init__(
        self,
        roster: Roster,
        bus: Bus,
        running: Running,
        tenure: Tenure,
        trouble: Trouble,
        lock: threading.Lock,
        started: Callable[[], bool],
    ) -> None:
        self._roster = roster
        self._bus = bus
        self._running = running
        self._tenure = tenure
        self._trouble = trouble
        self._lock = lock
        self._started = started

    def all(self) -> Iterator[tuple[Entry, VigyStatus]] | None:
        """All vigies, in no order; None if some are not at hand, or are otherwise in the store."""
        with self._lock:
            if self._tenure.fence is None or not self._roster.settled:
                return None
            entries, drift = list(self._roster.entries.values()), self._roster.drift
        since = {job.entry.vigy.id: job.wall for _, job in self._running.jobs()}
        dues = ((entry, None if entry.due is None else entry.due + drift) for entry in entries)
        return ((entry, VigyStatus(due, since.get(entry.vigy.id), entry.slow)) for entry, due in dues)

    def vigy(self, ref: str) -> Vigy | None:
        """The vigy whose id or name is `ref`, as it is stored; None if that cannot be told without waiting."""
        hears = self._started() and self._tenure.fence is not None and self._trouble.text is None
        if not hears or not self._lock.acquire(blocking=False):
            return None
        try:
            told = self._bus.last_change > self._roster.heard  # of a change that was not taken in
            entry = None if told else self._roster.fresh(ref)
            return None if entry is None else entry.registered
        finally:
            self._lock.release()
