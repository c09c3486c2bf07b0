"""From ticks that ended to ticks that happened: outcomes gather, and are committed in one transaction.

Nobody hears of a tick before its commit. One that fails is undone in memory too, and its vigies are due again a little
later: what could not be stored did not happen. `commit` is for one thread at a time, `put` for any.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from time import perf_counter

from vigyc.lang.errors import CommitUnknown, Conflict, Fenced, StoreError
from vigyc.model.lease import Fence
from vigyc.model.run import OK, Run
from vigyc.runtime.bench import Job, Outcome
from vigyc.runtime.bus import Bus
from vigyc.runtime.entry import ENDED
from vigyc.runtime.roster import Roster
from vigyc.runtime.spread import Spread
from vigyc.runtime.store.port import Committed, Store
from vigyc.runtime.tenure import Tenure
from vigyc.runtime.time_source import Timeline
from vigyc.runtime.trouble import Trouble

RETRY_MS = 1000  # after which a vigy ticks again whose commit failed
PATIENCE = 3  # superseded ticks in a row after which who waits gets the last of them


class Committer:
    """`done` are the outcomes that wait; `on_commit` is called after each commit; `lock` is the engine's.

    `took` is how long the store took for each commit, in microseconds.
    """

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
        self.took = Spread()
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
            ended, self.done = self.done, []
            fence = self._tenure.fence
            batch = [outcome for outcome in ended if self._roster.knows(outcome.job.entry)]
        if len(batch) < len(ended):  # ticks that began when the lease was held before
            kept = set(map(id, batch))
            self._refused([outcome for outcome in ended if id(outcome) not in kept], succeeded())
        if batch:
            self._commit(batch, fence)

    def _commit(self, batch: Sequence[Outcome], fence: Fence | None) -> None:
        try:
            if fence is None:
                raise succeeded()
            began = perf_counter()
            committed = self._store.commit(fence, [outcome.record for outcome in batch])
            self.took.add([int((perf_counter() - began) * 1e6)])
            self._trouble.clear()
            self._bus.publish([notice for each in committed for notice in each.notices])
            self._settle(batch, committed)
        except BaseException as error:
            if isinstance(error, Fenced):
                self._tenure.lose(fence)
            self._refused(batch, error)
            if isinstance(error, StoreError) and not isinstance(error, Fenced):
                return
            raise
        self.on_commit()

    def postpone(self, jobs: Sequence[Job]) -> None:
        """These ticks did not happen: their vigies are due again in a second, unless the ticks were only asked for."""
        with self._lock:
            again_at = self._timeline.now() + RETRY_MS
            for job in jobs:
                job.entry.owed = job.due
                self._roster.let_go(job.request)
                self._roster.put_back(job.entry, None if job.due is None else again_at, again_at)

    def _settle(self, batch: Sequence[Outcome], committed: Sequence[Committed]) -> None:
        answers: list[tuple[Sequence[Future[Run]], Run]] = []
        with self._lock:
            for outcome, each in zip(batch, committed, strict=True):
                if self._keep(outcome, each) and outcome.job.waiters:
                    answers.append((outcome.job.waiters, each.run))
        for waiters, run in answers:
            for waiter in waiters:
                waiter.set_result(run)

    def _keep(self, outcome: Outcome, committed: Committed) -> bool:
        """Keep what was stored of a tick, undo what was not, and have the vigy due anew; whether who waits for the tick
        gets this run, and not the one that is made with what is true now."""
        job, record, host, scope, _, end = outcome
        entry = job.entry
        entry.last_start, entry.last_end, entry.owed = job.start, end, None
        run, answer = record.run, True
        entry.slow = run.duration_us > self._slow_us
        if committed.superseded:
            scope.rollback(host)
            entry.scope, entry.stale = None, True
            entry.superseded += 1
            answer = entry.superseded >= PATIENCE or not self._roster.knows(entry)
            if not answer:
                entry.waiters += job.waiters
        elif committed.run.result != run.result:
            scope.rollback(host)  # the store could not hold it
            entry.standing = None
        else:
            if run.result == OK:
                scope.commit(host)
            entry.standing = record.standing
            entry.superseded = 0
        self._roster.put_back(entry, None, end + RETRY_MS)
        return answer

    def _refused(self, batch: Sequence[Outcome], error: BaseException) -> None:
        """A commit failed: none of it happened, or only the store knows what did."""
        if isinstance(error, StoreError):
            self._trouble.meet(error)
        with self._lock:
            left = [outcome for outcome in batch if outcome.job.entry.stage == ENDED]
            for outcome in left:
                outcome.scope.rollback(outcome.host)
                if isinstance(error, CommitUnknown) or not isinstance(error, StoreError):
                    outcome.job.entry.scope = outcome.job.entry.standing = None
        self.postpone([outcome.job for outcome in left])
        refuse([waiter for outcome in batch for waiter in outcome.job.waiters], error)


def refuse(waiters: Iterable[Future[Run]], error: BaseException) -> None:
    """Tell those who wait for a tick, and have no answer yet, that there is none."""
    for waiter in waiters:
        if not waiter.done():
            waiter.set_exception(error if isinstance(error, Exception) else interrupted(error))


def succeeded() -> Fenced:
    """Why nothing is stored of a tick that began under a lease that was lost."""
    return Fenced("another runtime ticks this store now")


def interrupted(error: BaseException) -> Conflict:
    """What those are told who waited for a tick that `error` ended."""
    return Conflict(f"the tick was interrupted ({type(error).__name__})")


def _nothing() -> None:
    """Nothing."""
