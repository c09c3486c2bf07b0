"""From an entry whose turn it is to what its tick did: load what is missing, run, and write the record.

A tick works on the vigy's live kv; one that fails puts it back at once, one that succeeds waits for its commit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from vigyc.model.run import ABORTED, EMPTY_REPORT, OK, REQUEST, SCHEDULE, Run
from vigyc.model.run_id import RunIds
from vigyc.model.vigy import Vigy
from vigyc.runtime import budget
from vigyc.runtime.due import missed
from vigyc.runtime.entry import Entry
from vigyc.runtime.host import Host, fresh
from vigyc.runtime.reconciler import Reconciler
from vigyc.runtime.recording import error_of, notices_of, report_of, standing_after
from vigyc.runtime.roster import hint
from vigyc.runtime.store.memory import MemoryScope
from vigyc.runtime.store.port import Store, TickRecord
from vigyc.runtime.time_source import Timeline, TimeSource

_new = tuple.__new__  # a NamedTuple by the short way, for what every tick makes
_SAME_MS = 50  # by which the two clocks differ when the time of day has not jumped


class Job:
    """One tick on its way.

    It began when the monotonic clock said `begun`, at `start` ms on the timeline; `due` is None for one that was asked
    for. `opened` says that the store knows of it, `cut` that it is stopped because the runtime stops.
    """

    __slots__ = (
        "begun", "cut", "due", "entry", "missed", "opened", "request", "run_id", "start", "token", "waiters", "wall",
    )  # fmt: skip

    def __init__(self, entry: Entry, begun: float, now: int, wall: int, drift: int, run_id: str) -> None:
        self.entry = entry
        self.waiters: Sequence[Future[Run]] = entry.waiters or ()  # not those who ask from now on
        self.request = entry.request
        asked = bool(self.waiters) or self.request is not None
        self.due = None if asked else entry.due if entry.owed is None else entry.owed
        self.missed = 0 if self.due is None else missed(entry.vigy, self.due, now, hint(entry), drift)
        if asked:
            entry.waiters, entry.request = [], None
        self.begun = begun
        self.start = now
        self.wall = wall
        self.run_id = run_id
        self.token: budget.Token | None = None
        self.opened = False
        self.cut = False

    def run(self, ended_at: int | None = None, result: str = OK) -> Run:
        """The run this is, without what came of it."""
        vigy, due = self.entry.vigy, self.due
        return Run(
            self.run_id, vigy.id, self.wall, ended_at, result, None, (), 0,
            REQUEST if due is None else SCHEDULE, None if due is None else due + self.wall - self.start, self.missed,
            0, vigy.version,
        )  # fmt: skip


class Outcome(NamedTuple):
    """A tick that ended: `record` is what is to be committed; `host` and `scope` what to keep or undo then."""

    job: Job
    record: TickRecord
    host: Host
    scope: MemoryScope
    ended: float  # as the monotonic clock says
    end: int  # on the timeline


class Bench:
    """Where ticks run, in whatever thread calls `perform`."""

    def __init__(
        self,
        store: Store,
        time: TimeSource,
        timeline: Timeline,
        load: Callable[[Vigy], Reconciler],
        deadline: float,
        deliver: bool,
    ) -> None:
        self._store = store
        self._time = time
        self._timeline = timeline
        self._load = load
        self._deadline = deadline
        self._deliver = deliver
        self._ids = RunIds()

    def job(self, entry: Entry, begun: float, drift: int) -> Job:
        """A tick of `entry` that begins now, which the monotonic clock calls `begun`."""
        now, wall = self._timeline.at(begun), self._time.wall_ms()
        if -_SAME_MS < wall - now - drift < _SAME_MS:
            wall = now + drift  # two clocks read one after the other: no tick seems to begin before it was due
        return Job(entry, begun, now, wall, drift, self._ids.make(wall))

    def perform(self, job: Job) -> Outcome:
        """Tick. Whatever the program does is in the record; raises StoreError when its state cannot be read."""
        entry = job.entry
        scope = self._scope(entry)
        host = fresh(scope.kv, job.wall, scope.previous_tick_ms, scope.tick_count)
        limit = entry.vigy.deadline_ms
        deadline = self._deadline if limit is None else limit / 1000
        error: BaseException | None = None
        try:
            program = entry.program
            if program is None:
                program = entry.program = self._load(entry.vigy)
            job.token = token = budget.arm(deadline)
            try:
                host = program.tick(host)
            finally:
                budget.disarm(token)
        except KeyboardInterrupt:
            scope.rollback(host)
            raise
        except BaseException as caught:  # also Halted, and SystemExit of a host's function
            error = caught
        ended = self._time.monotonic()
        duration = int((ended - job.begun) * 1_000_000)
        if error is None:
            if host.kv is not scope.kv:
                _adopt(host, scope)
            record = self._success(job, host, duration)
        else:
            scope.rollback(host)
            host.abandon()
            record = self._failure(job, host, duration, error, deadline)
        return _new(Outcome, (job, record, host, scope, ended, self._timeline.at(ended)))

    def _scope(self, entry: Entry) -> MemoryScope:
        """The kv and the counters of an entry, read now if they are not there."""
        if entry.standing is None:
            entry.standing = self._store.standing(entry.vigy.id)
        scope = entry.scope
        if scope is None:
            scope = entry.scope = MemoryScope(self._store.kv(entry.vigy.id))
            scope.tick_count = entry.standing.tick_count
            scope.previous_tick_ms = entry.standing.previous_tick_ms
        return scope

    def _success(self, job: Job, host: Host, duration: int) -> TickRecord:
        vigy, due = job.entry.vigy, job.due
        wall = job.wall
        run = _new(Run, (
            job.run_id, vigy.id, wall, wall + duration // 1000, OK, None, tuple(host.actions), 0,
            REQUEST if due is None else SCHEDULE, None if due is None else due + wall - job.start, job.missed,
            host.tick_count + 1, vigy.version, duration, None, report_of(host),
        ))  # fmt: skip
        kv = host.kv
        writes = {key: kv[key] for key in host.dirty} if host.dirty else {}
        return self._record(job, run, writes, host)

    def _failure(self, job: Job, host: Host, duration: int, error: BaseException, deadline: float) -> TickRecord:
        result, kind, text = error_of(error, deadline, job.entry.vigy.name)
        if job.cut:
            result, text = ABORTED, "cut when the runtime was stopped"
        report = report_of(host)
        run = job.run(job.wall + duration // 1000, result)._replace(
            error=text, error_kind=kind, duration_us=duration, tick=host.tick_count + 1, report=report
        )
        return self._record(job, run, {}, host)

    def _record(self, job: Job, run: Run, writes: dict[str, object], host: Host) -> TickRecord:
        vigy, before = job.entry.vigy, job.entry.standing
        assert before is not None  # `perform` read it
        standing, changed = standing_after(before, run)
        notices = notices_of(run) if run.missed or run.report is not EMPTY_REPORT else ()
        return _new(TickRecord, (
            run, vigy.generation, standing, changed, writes, host.deleted, notices, job.request,
            self._deliver and bool(run.actions),
            None if host.gate is None else host.gate.recording(writes, host.deleted),
        ))  # fmt: skip


def _adopt(host: Host, scope: MemoryScope) -> None:
    """Carry over what a reconciler did to the kv of a host of its own."""
    for key in host.dirty:
        scope.kv[key] = host.kv[key]
    for key in host.deleted:
        scope.kv.pop(key, None)
    host.kv = scope.kv
