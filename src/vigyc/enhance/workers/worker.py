"""From the queue of a store to its issues worked off: threads that lease, keep the leases, and take back lost ones.

Any process may run workers on the same store. Which issue is whose, and in which order the issues of one vigy come, is
the store's to say; a worker only asks, and is woken when there may be something. An epoch whose lease is not its own
any more is cut, and what it found is thrown away; one that is cut because the worker stops is put back at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition, Event, Lock, Thread
from time import monotonic
from typing import Final

from vigyc.enhance.epoch.handle import Handle
from vigyc.enhance.pipeline import Pipeline
from vigyc.enhance.workers.lookout import Lookout
from vigyc.enhance.workers.recovery import Recovery
from vigyc.enhance.workers.under_way import UnderWay
from vigyc.lang.errors import StoreError
from vigyc.model.issue import APPLIED, REVERTED, TRIAL, Issue
from vigyc.model.run_id import RunIds
from vigyc.runtime.holder import own_name
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource

LEASE: Final = 30.0  # seconds
POLL: Final = 0.25  # seconds until an idle worker looks again, should nobody wake it
JOIN: Final = 5.0  # seconds in which what was cut must have ended

STOPPED: Final = "the worker was stopped"
CANCELLED: Final = "the issue was cancelled"

_log: Final = logging.getLogger("vigyc")


class Worker:
    """Works off the issues of `store`, `threads` at once; `changed` is told of each vigy that has another head.

    `told` is called when an issue became another here. `ended` counts the epochs that ended here. `lease` and `poll`
    are in seconds.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        store: Store,
        time: TimeSource,
        *,
        name: str,
        threads: int,
        changed: Callable[[str], None],
        told: Callable[[], None] | None = None,
        lease: float = LEASE,
        poll: float = POLL,
    ) -> None:
        self.ended = 0
        self._pipeline = pipeline
        self._store = store
        self._time = time
        self._name = name
        self._count = threads
        self._changed = changed
        self._told = told
        self._poll = poll
        self._owner = own_name()
        self._ids = RunIds()
        self._under_way = UnderWay(store, time, lease)
        self._recovery = Recovery(store, time, lease)
        self._lookout = Lookout(store, time)
        self._attending = Lock()
        self._bell = Condition()
        self._rung = 0
        self._stopping = Event()
        self._threads: list[Thread] = []
        self._keeper: Thread | None = None
        self._kept = Event()

    @property
    def started(self) -> bool:
        """Whether it works by itself."""
        return bool(self._threads)

    def running(self) -> list[str]:
        """The issues whose epochs are under way here."""
        return self._under_way.issues()

    # -- its life

    def start(self) -> None:
        """Work in threads of its own from now on; nothing for one that does."""
        if self._threads:
            return
        self._open()
        self._kept = Event()
        self._keeper = self._thread("leases", self._under_way.keep, self._kept)
        self._threads = [self._thread(str(number), self._work) for number in range(self._count)]
        self._threads.append(self._thread("lookout", self._look_after))

    def stop(self, grace: float) -> None:
        """Take no issue any more; epochs under way have `grace` seconds to end, are cut then and put back."""
        self._stopping.set()
        self._ring()
        self._under_way.close(STOPPED, grace)
        threads, self._threads = self._threads, []
        until = monotonic() + JOIN
        for thread in threads:
            thread.join(max(until - monotonic(), 0))
        if self._keeper is not None:
            self._kept.set()
            self._keeper.join()

    def notify(self) -> None:
        """There may be something to do: look now."""
        self._ring()

    def cancel(self, issue_id: str) -> None:
        """Cut the epoch of an issue, if it is under way here."""
        self._under_way.cut(issue_id, CANCELLED)

    def drain(self, timeout: float | None = None) -> int:
        """Work off what is due in the calling thread, until nothing is or `timeout` seconds are over; how many epochs.

        Raises StoreError. What is tried again later, is held, or is another worker's is not waited for.
        """
        until = None if timeout is None else monotonic() + timeout
        ended = 0
        if not self._threads:
            self._open()  # it may have been stopped before
        with self._leases_kept():
            self._attend(at_once=True)
            while not self._stopping.is_set() and (until is None or monotonic() < until):
                if not self._one():
                    break
                ended += 1
            self._attend(at_once=True)
        return ended

    # -- an epoch

    def _one(self) -> bool:
        """Work off the issue whose turn it is; False if there is none. Raises StoreError."""
        at = self._time.wall_ms()
        issue = self._store.take_issue(self._owner, self._ids.make(at), at, self._under_way.until())
        if issue is None:
            return False
        assert issue.epoch is not None
        with self._under_way.one(Handle(issue.id, issue.epoch)) as handle:
            settled = self._pipeline.run(issue, handle)
        with self._bell:
            self.ended += 1
        self._lookout.follow(settled)
        self._tell(issue, settled)
        self._ring()  # the next issue of the same vigy may be due now
        return True

    def _tell(self, before: Issue, after: Issue) -> None:
        if after.state in {APPLIED, REVERTED} and after.state != before.state:
            self._changed(after.vigy_id)
        if self._told is not None:
            self._told()

    # -- the threads

    def _work(self) -> None:
        """Work off one issue after the other; rest where there is none."""
        while not self._stopping.is_set():
            rung = self._rung
            try:
                rest = 0.0 if self._one() else self._poll
            except StoreError as error:
                _log.warning("the enhance worker could not reach the store: %s", error)
                rest = 4 * self._poll
            except Exception:
                _log.exception("the enhance worker met an error of vigyc")
                rest = 4 * self._poll
            with self._bell:
                self._bell.wait_for(lambda rung=rung: self._rung != rung or self._stopping.is_set(), rest)  # type: ignore[misc]

    def _look_after(self) -> None:
        """Take back what was lost, and go on with trials and watches."""
        while not self._stopping.wait(4 * self._poll):
            try:
                self._attend()
            except StoreError as error:
                _log.warning("the enhance worker could not reach the store: %s", error)
            except Exception:
                _log.exception("the enhance worker met an error of vigyc")

    def _attend(self, *, at_once: bool = False) -> None:
        """Take back what was lost, and go on with each trial and watch. Raises StoreError, after all were looked at."""
        trouble: StoreError | None = None
        with self._attending:
            here = {handle.epoch for handle in self._under_way.handles()}
            if self._recovery.recover(here, at_once=at_once):
                self._ring()
            for issue in [*self._lookout.trials(), *self._lookout.watched()]:
                if self._stopping.is_set():
                    return
                try:
                    self._look_at(issue)
                except StoreError as error:  # it may be this one that cannot be read
                    trouble = error
                except Exception:  # the others are looked after all the same
                    _log.exception("issue %s could not be looked after", issue.id)
        if trouble is not None:
            raise trouble

    def _look_at(self, before: Issue) -> None:
        """Go on with a trial or a watch."""
        if before.state == TRIAL:
            with self._under_way.one(Handle(before.id, before.epoch or "")) as handle:
                after = self._pipeline.advance(before, handle)
        else:
            after = self._pipeline.watch(before, self._ids.make(self._time.wall_ms()))
        if after.state != before.state:
            self._lookout.follow(after)
            self._tell(before, after)
            with self._bell:
                self.ended += 1
            self._ring()

    # -- small things

    def _open(self) -> None:
        """Issues may be taken from now on."""
        self._stopping.clear()
        self._under_way.open()

    @contextmanager
    def _leases_kept(self) -> Iterator[None]:
        """Keep leases while this lasts, if no thread does."""
        if self._threads:
            yield
            return
        stopped = Event()
        keeper = self._thread("leases", self._under_way.keep, stopped)
        try:
            yield
        finally:
            stopped.set()
            keeper.join()

    def _thread(self, what: str, work: Callable[..., None], *args: Event) -> Thread:
        thread = Thread(target=work, args=args, name=f"vigyc-{self._name}-{what}", daemon=True)
        thread.start()
        return thread

    def _ring(self) -> None:
        with self._bell:
            self._rung += 1
            self._bell.notify_all()
