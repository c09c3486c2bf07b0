"""From registered vigies and a clock to ticks, each committed before anybody hears of it.

**Theory.** One thread at a time leads (crew.py): it takes the entry that has been due longest, ticks it, puts the
outcome aside, and goes on; when enough outcomes have gathered, or nothing is due, they are committed in one
transaction, published, and their entries scheduled anew (committer.py). An entry is idle, queued, running or ended, and
only an idle one is started: no vigy ticks twice at once. When a vigy is due next follows from its schedule and its last
start, so nothing that happens to one tick can lose the ones after it.

**Ownership.** Only the holder of the lease ticks; its commits carry the lease's epoch. Another runtime on the same
store stands by, hears of everything through the store, and asks the holder for ticks through it (attendant.py).

An engine that was not started does nothing by itself: `step` does what is due, in the caller's thread.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from vigyc.lang.errors import Conflict, Fenced, StoreError
from vigyc.model.notice import PAUSED, RESUMED, Notice
from vigyc.model.run import Run
from vigyc.model.vigy import Vigy
from vigyc.runtime.at_hand import AtHand
from vigyc.runtime.attendant import Attendant
from vigyc.runtime.bench import Bench, Job
from vigyc.runtime.bus import Bus
from vigyc.runtime.committer import RETRY_MS, Committer, refuse, succeeded
from vigyc.runtime.crew import Crew
from vigyc.runtime.entry import IDLE, QUEUED, RUNNING, Entry, VigyStatus
from vigyc.runtime.housekeeper import Housekeeper, Retention
from vigyc.runtime.lateness import Lateness, lateness
from vigyc.runtime.limits import EngineLimits
from vigyc.runtime.reconciler import Reconciler
from vigyc.runtime.roster import Roster
from vigyc.runtime.running import Running
from vigyc.runtime.store.port import Store
from vigyc.runtime.tenure import Tenure
from vigyc.runtime.time_source import Timeline, TimeSource
from vigyc.runtime.trouble import Trouble

WATCH = 0.05  # seconds between two looks of the watcher
LONGEST_WAIT = 1.0  # seconds the leader waits at most, whatever is due


class Engine:
    """Ticks what is in `store`; `load` makes what ticks of a vigy, `deliver` says that actions go to the outbox."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        load: Callable[[Vigy], Reconciler],
        time: TimeSource,
        limits: EngineLimits = EngineLimits(),  # noqa: B008 - immutable
        retention: Retention = Retention(),  # noqa: B008 - immutable
        *,
        deliver: bool = False,
    ) -> None:
        self.limits = limits
        self.tenure = Tenure(store, time, limits.lease_ttl)
        self._store = store
        self._bus = bus
        self._time = time
        self._trouble = Trouble(time)
        self._timeline = timeline = Timeline(time)
        self._lock = lock = threading.Lock()
        self._work = threading.Condition(lock)
        self._process = os.getpid()  # two cannot share a lease
        self._stepping = threading.Lock()
        self._running = Running(time)
        self._roster = roster = Roster(store, timeline, self._trouble)
        self._bench = Bench(store, time, timeline, load, limits.deadline, deliver)
        self.committer = Committer(store, bus, roster, self.tenure, timeline, self._trouble, lock, limits.slow)
        self._attendant = Attendant(store, bus, roster, self.tenure, time, self._trouble, lock, self._wake)
        self.housekeeper = Housekeeper(store, self.tenure, time, self._trouble, retention)
        self.at_hand = AtHand(roster, bus, self._running, self.tenure, self._trouble, lock, lambda: self.started)
        self._crew: Crew | None = None
        self._watcher: threading.Thread | None = None
        self._stopped = threading.Event()
        self._woken = False
        self._paused = False
        self._late: deque[int] = deque(maxlen=10_000)

    # -- what it tells

    @property
    def owns(self) -> bool:
        """Whether this runtime holds the lease, as far as it knows."""
        return self.tenure.fence is not None

    @property
    def started(self) -> bool:
        """Whether it ticks by itself."""
        return self._crew is not None

    @property
    def paused(self) -> bool:
        """Whether scheduled ticks are held back."""
        return self._paused

    @property
    def trouble(self) -> str | None:
        """What hinders it, None if nothing does."""
        return self._trouble.text

    def status(self, vigy_id: str) -> VigyStatus | None:
        """Where a vigy is; None if this engine does not know it."""
        with self._lock:
            entry = self._roster.entries.get(vigy_id)
            if entry is None:
                return None
            due = None if entry.due is None else entry.due + self._roster.drift
            return VigyStatus(due, self._running.since(entry), entry.slow)

    def upcoming(self, limit: int) -> list[tuple[int, str]]:
        """The next ticks: when each is due (ms since 1970), and the vigy's id."""
        with self._lock:
            drift = self._roster.drift
            return [((entry.due or 0) + drift, entry.vigy.id) for entry in self._roster.agenda.upcoming(limit)]

    def lateness(self) -> Lateness:
        """How late the newest scheduled ticks began."""
        return lateness(self._late)

    # -- what it is asked

    def tick(self, vigy_id: str, timeout: float = 15.0) -> Run:
        """A tick of this vigy that begins after the call, once it is committed; `timeout` is in seconds.

        Here if this runtime holds the lease or can take it, otherwise by the one that does. Raises NotFound, Conflict
        (no answer in time, or called from inside a tick), StoreError.
        """
        self._check_process()
        self._running.refuse_inside("ask for a tick and wait for it")
        if self._attendant.claim():
            try:
                return self._tick_here(vigy_id, timeout)
            except Fenced:
                self._attendant.step_down()
        return self._attendant.ask(vigy_id, timeout, self._serve_if_alone)

    def refresh(self, vigy_id: str) -> None:
        """This process changed the vigy in the store: tell it, and look at it again before anything else."""
        with self._work:
            self._roster.stale.add(vigy_id)
            self._woken = True
            self._work.notify()
        self._bus.poll()

    def pause(self) -> None:
        """Hold scheduled ticks back; what is asked for is still ticked. Raises StoreError."""
        self._set_paused(True, PAUSED)

    def resume(self) -> None:
        """Go on; ticks that were missed become one late tick each. Raises StoreError."""
        self._set_paused(False, RESUMED)

    def drain(self, timeout: float) -> bool:
        """Pause, and wait until no tick runs or waits for its commit; whether that was reached in `timeout` seconds."""
        self.pause()
        until = self._time.monotonic() + timeout
        while not self._is_quiet():
            if self._time.monotonic() >= until:
                return False
            self._stopped.wait(0.005)
        return True

    # -- its life

    def start(self) -> None:
        """Tick by itself from now on, in threads of its own. Raises Conflict when it does."""
        self._check_process()
        if self._crew is not None:
            raise Conflict("the runtime is started already")
        self._stopped.clear()
        self._crew = Crew(self._lock, self._lead, self._tick_slow, self.limits.threads)
        self._attendant.attend()
        self._crew.start()
        self._watcher = threading.Thread(target=self._watch, name="vigyc-watch", daemon=True)
        self._watcher.start()
        self.housekeeper.start()

    def stop(self, grace: float) -> None:
        """End: no tick begins, those under way end or are cut after `grace` seconds, the lease is given back.

        Nothing in a process that was forked. Raises Conflict when called from inside a tick.
        """
        if self._process != os.getpid():
            return
        self._running.refuse_inside("stop the runtime that makes it")
        self._stopped.set()
        self.housekeeper.stop()
        crew, self._crew = self._crew, None
        if crew is not None and self._watcher is not None:
            crew.stop()
            self._wake()
            self._watcher.join()
        self._running.finish(grace)
        if crew is not None:
            crew.join(1.0)
        with self._stepping:
            try:
                self.committer.commit()
                self.tenure.give_back()
            except StoreError as error:
                self._trouble.meet(error)
            with self._lock:
                waiters = self._roster.clear()
                for _, job in self._running.jobs():  # what nothing could cut
                    waiters += job.waiters
            refuse(waiters, Conflict("the runtime was stopped"))

    def step(self) -> float:
        """Do what is due, in this thread; how many seconds there are until something is. Not for a started engine."""
        if self._crew is not None:
            raise Conflict("the runtime is started; it ticks by itself")
        self._check_process()
        self._running.refuse_inside("step the runtime that makes it")
        with self._stepping:
            self._attendant.attend(self.limits.poll)
            wait = self._round(None)
            self.housekeeper.keep_house()
            return min(wait, self.limits.poll)

    # -- the leading thread

    def _lead(self) -> None:
        crew = self._crew
        while crew is not None and crew.leads():
            try:
                wait = self._round(crew)
            except BaseException as error:
                self._trouble.bug(error)
                wait = LONGEST_WAIT
            with self._work:
                if not self._woken and wait > 0 and crew.leads():
                    self._work.wait(wait)
                self._woken = False

    def _round(self, crew: Crew | None, *, only_requested: bool = False) -> float:
        """Tick what is due until nothing is; the seconds until something will be.

        Without a crew only what was due when this began: a caller's thread must come back.
        """
        committer, limits = self.committer, self.limits
        begun = moment = self._time.monotonic()
        try:
            while self.owns and (crew is None or crew.leads()):
                if self._roster.stale:
                    self._attendant.hear()
                upto = self._timeline.at(begun if crew is None else moment)
                job = self._next(crew, upto, moment, only_requested or self._paused)
                if job is not None:
                    moment = self._perform(job)
                    if not committer.is_full(limits.batch, self._timeline.at(moment) - limits.batch_ms):
                        continue
                elif crew is not None and self._gathers():
                    moment = self._time.monotonic()
                    continue
                if crew is None or crew.leads():
                    committer.commit()
                if job is None and not self._roster.stale:
                    break
                moment = self._time.monotonic()
        except Fenced:
            self._attendant.step_down()
        except StoreError as error:
            self._trouble.meet(error)
            return LONGEST_WAIT
        except BaseException:
            if crew is None:
                self._recover()
            raise
        if crew is not None and not crew.leads():
            self._wake()  # for what this thread leaves to be committed
        return self._until_next()

    def _recover(self) -> None:
        """A caller's thread was interrupted, between any two steps: ticks that are nowhere now did not happen."""
        self._running.end()
        with self._lock:
            ended = {outcome.record.run.vigy_id for outcome in self.committer.done}
            for entry in self._roster.entries.values():
                if entry.vigy.id not in ended:
                    if entry.stage != IDLE:
                        entry.scope = entry.standing = None
                    self._roster.put_back(entry, entry.retry_at, self._timeline.now())

    def _gathers(self) -> bool:
        """Wait for a tick that is due in time to be committed with those that wait; False if there is none."""
        until = self.committer.may_wait_until(self.limits.batch_ms)
        with self._work:
            due = None if self._paused else self._roster.agenda.next()
            if until is None or due is None or due > until or self._roster.requested or self._woken:
                return False
            return not self._work.wait(max(due - self._timeline.now(), 0) / 1000)

    def _next(self, crew: Crew | None, upto: int, moment: float, only_requested: bool) -> Job | None:
        """The tick whose turn it is of those due up to `upto`, begun; those of the slow lane are handed on."""
        with self._lock:
            while True:
                entry = self._roster.pop(upto, only_requested=only_requested)
                if entry is None:
                    return None
                if crew is None or not entry.slow or self.limits.threads == 1:
                    return self._begin(entry, moment)
                entry.stage = QUEUED
                crew.submit(entry)

    def _begin(self, entry: Entry, moment: float) -> Job:
        try:
            job = self._bench.job(entry, moment, self._roster.drift)
        except BaseException:
            again_at = self._timeline.now() + RETRY_MS
            self._roster.put_back(entry, again_at, again_at)
            raise
        entry.stage = RUNNING
        if job.due is not None:
            self._late.append(job.start - job.due)
        return job

    def _perform(self, job: Job) -> float:
        """Tick in this thread, and put the outcome aside; when it ended, as the monotonic clock says."""
        self._running.begin(job)
        try:
            outcome = self._bench.perform(job)
            self.committer.put(outcome)
            return outcome.ended
        except StoreError as error:
            self._trouble.meet(error)
            self.committer.postpone([job])
            refuse(job.waiters, error)
            return self._time.monotonic()
        except BaseException as error:
            self.committer.postpone([job])
            refuse(job.waiters, error)
            raise
        finally:
            self._running.end()

    def _tick_slow(self, entry: Entry) -> None:
        """Tick in a thread of the slow lane; the leader commits it."""
        try:
            with self._lock:
                job = self._begin(entry, self._time.monotonic()) if self._roster.knows(entry) else None
            if job is not None:
                self._attendant.open(job)
                self._perform(job)
        except BaseException as error:
            self._trouble.bug(error)
        self._wake()

    def _until_next(self) -> float:
        if not self.owns:
            return LONGEST_WAIT
        with self._lock:
            if self._roster.requested or self._roster.stale:
                return 0.0
            due = None if self._paused else self._roster.agenda.next()
        return LONGEST_WAIT if due is None else min(max(due - self._timeline.now(), 0) / 1000, LONGEST_WAIT)

    # -- the watcher

    def _watch(self) -> None:
        """Give the lead on when a tick is long; look after lease, requests and changes."""
        while not self._stopped.wait(WATCH):
            try:
                self._depose_the_slow()
                self._attendant.attend(self.limits.poll)
            except Exception as error:
                self._trouble.bug(error)

    def _depose_the_slow(self) -> None:
        crew, late = self._crew, self._timeline.now() - self.limits.slow * 1000
        for thread, job in self._running.jobs():
            if crew is not None and job.start < late:
                with self._lock:
                    crew.depose(thread)
                self._attendant.open(job)

    # -- a tick that is asked for

    def _tick_here(self, vigy_id: str, timeout: float) -> Run:
        future: Future[Run] = Future()
        if self._crew is not None:
            self._want(vigy_id, future)
            self._wake()
        else:
            with self._stepping:
                self._attendant.hear()
                self._want(vigy_id, future)
                self._round(None, only_requested=True)
        try:
            return future.result(timeout)
        except TimeoutError:
            raise Conflict(f"vigy {vigy_id} has not ticked within {timeout:g} s") from None

    def _want(self, vigy_id: str, future: Future[Run]) -> None:
        with self._lock:
            if not self.owns:
                raise succeeded()
            entry = self._roster.entry(vigy_id)
            entry.waiters.append(future)
            self._roster.ask(entry)

    def _serve_if_alone(self) -> None:
        """Take the place of the runtime that ticked, if it is gone and this one does not look out by itself."""
        if self._crew is None:
            with self._stepping:
                if self._attendant.claim():
                    self._attendant.hear()
                    self._round(None, only_requested=True)

    # -- small things

    def _wake(self) -> None:
        with self._work:
            self._woken = True
            self._work.notify()

    def _check_process(self) -> None:
        if self._process != os.getpid():
            raise Conflict("a forked process cannot use this runtime; open another there")

    def _is_quiet(self) -> bool:
        with self._lock:
            crew = self._crew
            return not self._running and not self.committer.done and not (crew is not None and crew.slow)

    def _set_paused(self, paused: bool, kind: str) -> None:
        if self._paused == paused:
            return
        self._paused = paused
        fence = self.tenure.fence
        if fence is not None:
            self._bus.publish(self._store.post(fence, [Notice(0, self._time.wall_ms(), kind)]))
        self._wake()
