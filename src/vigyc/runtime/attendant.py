"""From what others do in the store to what the engine knows: the lease, changes of the registry, requests for ticks."""

from __future__ import annotations

import threading
from collections.abc import Callable

from vigyc.lang.errors import Fenced, NotFound, StoreError
from vigyc.runtime.bench import Job
from vigyc.runtime.bus import Bus
from vigyc.runtime.committer import Committer, refuse
from vigyc.runtime.roster import Roster
from vigyc.runtime.store.port import Store
from vigyc.runtime.tenure import Tenure
from vigyc.runtime.time_source import TimeSource
from vigyc.runtime.trouble import Trouble


class Attendant:
    """Looks after an engine's place among others; `running` are the engine's ticks under way, `lock` is its lock."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        roster: Roster,
        tenure: Tenure,
        committer: Committer,
        time: TimeSource,
        trouble: Trouble,
        lock: threading.Lock,
        running: dict[int, Job],
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._bus = bus
        self._roster = roster
        self._tenure = tenure
        self._committer = committer
        self._time = time
        self._trouble = trouble
        self._lock = lock
        self._running = running
        self._wake = wake
        self._one = threading.RLock()
        self._attended: float | None = None

    def attend(self, pause: float = 0.0) -> None:
        """Keep or take the lease, and hear what is new, unless that was done in the last `pause` seconds."""
        now = self._time.monotonic()
        if self._attended is not None and now - self._attended < pause:
            return
        with self._one:
            self._attended = now
            try:
                if not self.claim():
                    self._bus.poll()
                else:
                    if not self._roster.complete:
                        with self._lock:
                            self._roster.load()
                        self._wake()
                    self.hear()
            except Fenced:
                self.step_down()
            except StoreError as error:
                self._trouble.meet(error)

    def claim(self) -> bool:
        """Whether this runtime holds the lease; if not it tries to take it. Raises StoreError."""
        with self._one:
            before = self._tenure.fence
            if not self._tenure.keep():
                if before is not None:
                    self.step_down()
                return False
            fence = self._tenure.fence
            if fence is not None and fence != before:
                with self._lock:
                    self._roster.begin()
                self._store.abort_open_runs(fence, self._time.wall_ms())
                self._bus.poll()
            return True

    def step_down(self) -> None:
        """Another runtime holds the lease: know nothing any more, and stand by."""
        self._tenure.lose()
        with self._lock:
            waiters = self._roster.waiters()
            self._roster.clear()
        refuse(waiters, Fenced("another runtime ticks this store now"))

    def hear(self) -> None:
        """Take in what was changed, and what was asked for; raises StoreError."""
        with self._one:
            with self._lock:
                stale = self._roster.take_stale()
            news = self._roster.news(stale)
            with self._lock:
                self._roster.watch_the_day()
                orphans = self._roster.absorb(news)
            refuse(orphans, NotFound("the vigy was deleted"))
            asked = self._hear_requests()
            if news or asked:
                self._bus.poll()
                self._wake()

    def _hear_requests(self) -> bool:
        requests = self._store.requests()
        unknown = []
        with self._lock:
            for request in requests:
                try:
                    entry = self._roster.entry(request.vigy_id)
                except NotFound:
                    unknown.append(request.id)
                    continue
                if entry.request is None and not self._is_in_hand(request.id):
                    entry.request = request.id
                    self._roster.ask(entry)
        fence = self._tenure.fence
        for number in unknown:
            if fence is not None:
                self._store.refuse(fence, number, "there is no such vigy any more")
        return bool(requests)

    def _is_in_hand(self, request: int) -> bool:
        """Whether a tick that is under way answers this request."""
        return any(job.request == request for job in self._running.copy().values()) or any(
            outcome.job.request == request for outcome in self._committer.done
        )

    def open(self, job: Job) -> None:
        """Have the store know of a tick that takes long, so that a crash leaves a trace of it."""
        fence = self._tenure.fence
        if fence is None or job.opened:
            return
        job.opened = True
        try:
            self._store.begin_run(fence, job.run())
        except StoreError as error:
            self._trouble.meet(error)
