"""From the epochs under way in this process to their leases: lengthened while they last, or the epoch is cut.

A trial that is being gone on with is one of them, though it has no lease. Whether an epoch still is this process's is
looked at often, which costs no writing; its lease is lengthened every third of its time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Event
from time import monotonic
from typing import Final

from vigyc.enhance.epoch.handle import Handle
from vigyc.lang.errors import StoreError
from vigyc.model.issue import BUSY, LEASED
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource

LOOK: Final = 0.5  # seconds between two looks
TAKEN_AWAY: Final = "the issue is not this worker's any more: it was cancelled, or its lease ran out"

_log: Final = logging.getLogger("vigyc")


class UnderWay:
    """The epochs under way, each with its handle; usable from any thread. `lease` is in seconds."""

    def __init__(self, store: Store, time: TimeSource, lease: float) -> None:
        self._store = store
        self._time = time
        self._lease = lease
        self._handles: dict[str, Handle] = {}
        self._changed = Condition()
        self._closed: str | None = None

    def issues(self) -> list[str]:
        """The issues whose epochs these are."""
        return [handle.issue_id for handle in self.handles()]

    def handles(self) -> list[Handle]:
        """Their handles."""
        with self._changed:
            return list(self._handles.values())

    def until(self) -> int:
        """When a lease that is taken now ends, in ms since 1970."""
        return self._time.wall_ms() + int(self._lease * 1000)

    @contextmanager
    def one(self, handle: Handle) -> Iterator[Handle]:
        """The epoch of `handle` is under way while this lasts; it is cut if these are closed."""
        with self._changed:
            self._handles[handle.epoch] = handle  # an issue may have its next epoch before the one that was cut ends
            closed = self._closed
        try:
            if closed is not None:
                handle.cut(closed)
            yield handle
        finally:
            with self._changed:
                self._handles.pop(handle.epoch, None)
                self._changed.notify_all()

    def cut(self, issue_id: str, reason: str) -> None:
        """Cut the epoch of an issue, if it is one of these."""
        for handle in self.handles():
            if handle.issue_id == issue_id:
                handle.cut(reason)

    def close(self, reason: str, grace: float) -> None:
        """Wait until none is under way, for at most `grace` seconds; then cut the others, and all that begin."""
        with self._changed:
            self._changed.wait_for(lambda: not self._handles, max(grace, 0))
            self._closed = reason
        for handle in self.handles():
            handle.cut(reason)

    def open(self) -> None:
        """What begins from now on is not cut."""
        with self._changed:
            self._closed = None

    def keep(self, stopped: Event) -> None:
        """Keep the leases, and cut what is not this process's any more, until `stopped`."""
        beat = self._lease / 3
        beaten = monotonic()
        while not stopped.wait(min(LOOK, beat / 2)):
            due = monotonic() - beaten >= beat
            if due:
                beaten = monotonic()
            for handle in self.handles():
                handle.urge()
                try:
                    if not self._is_kept(handle, due):
                        handle.cut(TAKEN_AWAY)
                except StoreError as error:
                    _log.warning("the lease of issue %s could not be looked at: %s", handle.issue_id, error)

    def _is_kept(self, handle: Handle, due: bool) -> bool:
        """Whether an epoch may go on; one that has just ended may, too."""
        issue = self._store.issue(handle.issue_id)
        kept = issue is not None and issue.state in BUSY and issue.epoch == handle.epoch
        if issue is not None and kept and due and issue.state == LEASED:
            kept = self._store.keep_issue(handle.issue_id, handle.epoch, self.until())
        return kept or handle not in self.handles()
