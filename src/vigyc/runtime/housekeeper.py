"""From a store that grows to one that keeps its size: old runs and events are deleted, the log is moved into the file.

Little at a time and beside the ticks, in a thread of its own: no tick waits for more than one small transaction.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

from vigyc.lang.errors import StoreError
from vigyc.runtime.store.port import Store
from vigyc.runtime.tenure import Tenure
from vigyc.runtime.time_source import TimeSource
from vigyc.runtime.trouble import HOUSE, Trouble

_DAY_MS = 86_400_000
_BREATH = 0.005  # seconds between two transactions that delete


class Retention(NamedTuple):
    """How much is kept: runs of each vigy, events of all, and nothing older than `days`. `every` is in seconds."""

    runs_per_vigy: int = 200
    events: int = 100_000
    days: float = 7.0
    every: float = 60.0


class Housekeeper:
    """Keeps the house of one runtime, while that holds the lease. `wal_pages` is what the log held at the last look."""

    def __init__(
        self, store: Store, tenure: Tenure, time: TimeSource, trouble: Trouble, retention: Retention, pause: float = 1.0
    ) -> None:
        self.wal_pages = 0
        self._store = store
        self._tenure = tenure
        self._time = time
        self._trouble = trouble
        self._retention = retention
        self._pause = pause
        self._next = self._next_prune = time.monotonic()
        self._seq = -1
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Do it from time to time, in a thread."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._run, name="vigyc-housekeeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after what is being done."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def keep_house(self) -> None:
        """Do what there is to do, unless that was done a moment ago."""
        begun = self._time.monotonic()
        if self._tenure.fence is None or begun < self._next:
            return
        self._next = begun + self._pause
        try:
            self._clean(begun)
            self._trouble.clear(HOUSE)
        except StoreError as error:
            self._trouble.meet(error, HOUSE)
        except Exception as error:
            self._trouble.bug(error, HOUSE)

    def _clean(self, begun: float) -> None:
        seq = self._store.last_seq()
        self.wal_pages = self._store.checkpoint(idle=seq == self._seq)
        self._seq = seq
        if begun >= self._next_prune:
            self._next_prune = begun + self._retention.every
            self._prune()

    def _run(self) -> None:
        while not self._stopped.wait(self._pause):
            self.keep_house()

    def _prune(self) -> None:
        keep = self._retention
        while True:
            fence = self._tenure.fence
            if fence is None:
                return
            oldest = self._time.wall_ms() - int(keep.days * _DAY_MS)
            gone = self._store.prune(fence, runs_per_vigy=keep.runs_per_vigy, events=keep.events, older_than=oldest)
            if not gone or self._stopped.wait(_BREATH):
                return
