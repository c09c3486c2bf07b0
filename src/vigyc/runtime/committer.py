"""From ticks that ended to ticks that happened: outcomes gather, and are committed in one transaction.

Nobody hears of a tick before its commit. One that fails is undone in memory too, and its vigies are due again a little
later: what could not be stored did not happen. `commit` is for one thread at a time, `put` for any.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future

from vigyc.lang.errors import CommitUnknown, Fenced, StoreError
from vigyc.model.run import OK, Run
from vigyc.runtime.bench import Job, Outcome
from vigyc.runtime.bus import Bus
from vigyc.runtime.entry import ENDED, IDLE
from vigyc.runtime.roster import Roster
from vigyc.runtime.store.port import Committed, Store
from vigyc.runtime.tenure import Tenure
from vigyc.runtime.time_source import Timeline
from vigyc.runtime.trouble import Trouble

RETRY_MS = 1000  # after which a vigy ticks again whose commit failed


class Committer:
    """`done` are the outcomes that wait; `on_commit` is called after each commit; `lock` is the engine's."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        roster: Roster,
        tenure: Tenure,
        timeline: Timeline,
        trouble: Trouble,
        lock: threading.Lock,
        slow: float,
    ) -> None:
        self.done: list[Outcome] = []
        self._oldest = 0
        self._awaited = False
        self.on_commit: Callable[[], None] = _nothing
        self._store = store
        self._bus = bus
        self._roster = roster
        self._tenure = tenure
        self._timeline = timeline
        self._trouble = trouble
        self._lock = lock
        self._slow_us = slow * 1e6

    def put(self, outcome: Outcome) -> None:
        """Put an outcome aside for the next commit."""
        with self._lock:
            outcome.job.entry.stage = ENDED
            if not self.done:
                self._oldest, self._awaited = outcome.end, False
            self._awaited |= bool(outcome.job.waiters) or outcome.job.request is not None
            self.done.append(outcome)

    def is_full(self, batch: int, oldest: int) -> bool:
        """Whether there are `batch` outcomes, or one that ended before `oldest` (ms on the timeline)."""
        return len(self.done) >= batch or self._oldest <= oldest

    def may_wait_until(self, batch_ms: int) -> int | None:
        """Until when (ms on the timeline) the commit may wait for more ticks; None if there is nothing to commit, or
        somebody waits for it."""
        with self._lock:
            return self._oldest + batch_ms if self.done and not self._awaited else None

    def commit(self) -> None:
        """Store what has gathered, tell the bus, answer those who wait. Raises Fenced when the lease is lost."""
        with self._lock:
            batch, self.done = self.done, []
        if not batch:
            return
        fence = self._tenure.fence
        try:
            if fence is None:
                raise Fenced("another runtime ticks this store now")
            committed = self._store.commit(fence, [outcome.record for outcome in batch])
        except Exception as error:
            self._refused(batch, error)
            if isinstance(error, StoreError) and not isinstance(error, Fenced):
                return
            raise
        self._trouble.clear()
        self._bus.publish([notice for each in committed for notice in each.notices])
        self._settle(batch, committed)
        self.on_commit()

    def postpone(self, jobs: Sequence[Job]) -> None:
        """These ticks did not happen: their vigies are due again in a second."""
        with self._lock:
            retry_at = self._timeline.now() + RETRY_MS
            for job in jobs:
                job.entry.stage = IDLE
                job.entry.retry_at = retry_at
                self._roster.schedule(job.entry)

    def _settle(self, batch: Sequence[Outcome], committed: Sequence[Committed]) -> None:
        answers: list[tuple[Sequence[Future[Run]], Run]] = []
        with self._lock:
            for outcome, each in zip(batch, committed, strict=True):
                self._keep(outcome, each)
                if outcome.job.waiters and not each.superseded:
                    answers.append((outcome.job.waiters, each.run))
        for waiters, run in answers:
            for waiter in waiters:
                waiter.set_result(run)

    def _keep(self, outcome: Outcome, committed: Committed) -> None:
        """Keep what was stored of a tick, undo what was not, and have the vigy due anew."""
        job, record, host, scope, _, end = outcome
        entry = job.entry
        entry.stage = IDLE
        entry.last_start, entry.last_end, entry.retry_at = job.start, end, None
        run = record.run
        entry.slow = run.duration_us > self._slow_us
        if committed.superseded:
            scope.rollback(host)
            entry.scope, entry.stale = None, True
            entry.waiters += job.waiters  # they get the run that is made with what is true now
        elif committed.run.result != run.result:
            scope.rollback(host)  # the store could not hold it
            entry.standing = None
        else:
            if run.result == OK:
                scope.commit(host)
            entry.standing = record.standing
        if entry.stale:
            entry.stale = False
            entry.retry_at = end + RETRY_MS  # if nothing is heard before
            self._roster.stale.add(entry.vigy.id)
        self._roster.schedule(entry)

    def _refused(self, batch: Sequence[Outcome], error: Exception) -> None:
        """A commit failed: none of it happened, or only the store knows what did."""
        self._trouble.meet(error)
        with self._lock:
            for outcome in batch:
                outcome.scope.rollback(outcome.host)
                if isinstance(error, CommitUnknown) or not isinstance(error, StoreError):
                    outcome.job.entry.scope = outcome.job.entry.standing = None
        self.postpone([outcome.job for outcome in batch])
        refuse([waiter for outcome in batch for waiter in outcome.job.waiters], error)


def refuse(waiters: Iterable[Future[Run]], error: Exception) -> None:
    """Tell those who wait for a tick that there is none."""
    for waiter in waiters:
        waiter.set_exception(error)


def _nothing() -> None:
    """Nothing."""
