"""From what others do in the store to what the engine knows: the lease, changes of the registry, requests for ticks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import sleep

from vigyc.lang.errors import Conflict, Fenced, NotFound, StoreError
from vigyc.model.lease import Fence
from vigyc.model.run import SKIPPED, Run
from vigyc.runtime.bench import Job
from vigyc.runtime.bus import Bus
from vigyc.runtime.committer import refuse, succeeded
from vigyc.runtime.roster import Roster
from vigyc.runtime.store.port import Store
from vigyc.runtime.tenure import Tenure
from vigyc.runtime.time_source import TimeSource
from vigyc.runtime.trouble import WATCH, Trouble

LOOK = 0.02  # seconds between two looks for an answer


class Attendant:
    """Looks after an engine's place among others; `lock` is the engine's."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        roster: Roster,
        tenure: Tenure,
        time: TimeSource,
        trouble: Trouble,
        lock: threading.Lock,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._bus = bus
        self._roster = roster
        self._tenure = tenure
        self._time = time
        self._trouble = trouble
        self._lock = lock
        self._wake = wake
        self._one = threading.RLock()
        self._attended: float | None = None
        self._begun: Fence | None = None

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
                        self._load()
                    self.hear()
                self._trouble.clear(WATCH)
            except Fenced:
                self.step_down()
            except StoreError as error:
                self._trouble.meet(error, WATCH)

    def claim(self) -> bool:
        """Whether this runtime holds the lease; if not it tries to take it. Raises StoreError."""
        with self._one:
            self.step_down()
            if not self._tenure.keep():
                self.step_down()
                return False
            fence = self._tenure.fence
            if fence is not None and fence != self._begun:
                with self._lock:
                    waiters = self._roster.begin()
                refuse(waiters, succeeded())
                self._store.abort_open_runs(fence, self._time.wall_ms())
                self._begun = fence
                self._bus.poll()
            return True

    def step_down(self) -> None:
        """If the lease is lost, know nothing any more, and stand by: what is taken over later is read anew."""
        with self._one, self._lock:
            waiters = self._roster.clear() if self._tenure.fence is None else []
        refuse(waiters, succeeded())

    def _load(self) -> None:
        vigies, standings = self._store.vigies(), self._store.standings()
        with self._lock:
            self._roster.load(vigies, standings)
        self._wake()

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
        with self._lock:
            unknown = self._roster.take_requests(requests)
        fence = self._tenure.fence
        for request in unknown:
            if fence is not None:
                self._store.refuse(fence, request.id, "there is no such vigy any more")
        return bool(requests)

    def ask(self, vigy_id: str, timeout: float, meanwhile: Callable[[], None]) -> Run:
        """A tick by the runtime that holds the lease, asked for through the store; `timeout` is in seconds.

        `meanwhile` is called between two looks. Raises NotFound, Conflict (no answer in time), StoreError.
        """
        request = self._store.ask(vigy_id, self._time.wall_ms())
        until = self._time.monotonic() + timeout
        while self._time.monotonic() < until:
            answer = self._store.answer(request)
            if answer is None or answer.error is not None:
                raise NotFound("the vigy was deleted" if answer is None else str(answer.error))
            run = self._store.run(answer.run_id) if answer.run_id is not None else None
            if run is not None and run.result != SKIPPED:
                return run
            if run is not None:  # like who waits here, they get the run that is made with what is true now
                request = self._store.ask(vigy_id, self._time.wall_ms())
            meanwhile()
            sleep(LOOK)
        raise Conflict("the runtime that ticks this store did not answer in time")

    def open(self, job: Job) -> None:
        """Have the store know of a tick that takes long, so that a crash leaves a trace of it."""
        fence = self._tenure.fence
        if fence is None or job.opened or not self._roster.knows(job.entry):
            return
        job.opened = True
        try:
            self._store.begin_run(fence, job.run())
        except StoreError as error:
            self._trouble.meet(error)
