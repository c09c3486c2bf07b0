"""From the store and the engine to how it goes with each vigy: its phase, when it ticks next, and why not before.

In a process that holds the lease the engine knows; in any other it is derived from what the store holds, by the same
rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from vigyc.lang.errors import Invalid, SettingsError
from vigyc.model.duration import duration_text
from vigyc.model.lease import Lease
from vigyc.model.schedule import Adaptive
from vigyc.model.selector import Selector
from vigyc.model.standing import Standing
from vigyc.model.vigy import Vigy
from vigyc.runtime.due import next_due
from vigyc.runtime.engine import Engine
from vigyc.runtime.entry import Entry
from vigyc.runtime.holder import called, is_dead
from vigyc.runtime.roster import hint
from vigyc.runtime.store.memory import MemoryScope
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import TimeSource

DISABLED: Final = "disabled"
RUNNING: Final = "running"
PAUSED: Final = "paused"
STANDBY: Final = "standby"  # no runtime ticks it
BACKING_OFF: Final = "backing-off"
LATE: Final = "late"
DUE: Final = "due"
WAITING: Final = "waiting"
PHASES: Final = (DISABLED, RUNNING, PAUSED, STANDBY, BACKING_OFF, LATE, DUE, WAITING)

LATE_MS: Final = 1_000  # by which a tick may be overdue before it is called late
_ROUNDING: Final = ((3_600_000, 60_000), (60_000, 1_000), (1_000, 100), (0, 1))  # from so many ms, to so many


class Overview(NamedTuple):
    """How it goes with a vigy: its phase, in words `why`, and when it is due (ms since 1970; None: it is not)."""

    vigy: Vigy
    standing: Standing
    due_at: int | None
    phase: str
    why: str


class Glance(NamedTuple):
    """As much of an overview as costs little; `entry` is what the engine has, `fault` why it cannot be scheduled."""

    vigy: Vigy
    standing: Standing
    due_at: int | None
    since: int | None
    phase: str
    entry: Entry | None = None
    fault: str | None = None


class Upcoming(NamedTuple):
    """A tick to come, due at `due_at` (ms since 1970)."""

    vigy: Vigy
    due_at: int
    why: str


class Situation(NamedTuple):
    """What holds for all vigies at one moment: who ticks them (None: nobody), and those that run, since when."""

    now: int
    owner: str | None
    paused: bool
    running: dict[str, int]


class Overviews:
    """Looks at the vigies of `store`."""

    def __init__(self, store: Store, engine: Engine, time: TimeSource, lease_ttl_ms: int) -> None:
        self._store = store
        self._engine = engine
        self._time = time
        self._ttl_ms = lease_ttl_ms

    def glances(self, situation: Situation) -> Iterator[Glance]:
        """All of them at a glance: in the process that ticks from what it has at hand, elsewhere from the store."""
        held = self._engine.at_hand.all()
        if held is None:
            standings = self._store.standings()
            for vigy in self._store.vigies():
                yield self._glance(vigy, standings.get(vigy.id, Standing()), situation)
            return
        for entry, status in held:
            if entry.stale or entry.standing is None:
                stored = self._store.vigy(entry.vigy.id)
                if stored is not None:
                    yield self._glance(stored, self._store.standing(stored.id), situation)
            else:
                due = status.due_at if entry.vigy.enabled else None
                phase = _phase(entry.vigy, entry.standing, situation, status.running_since, due)
                yield Glance(entry.vigy, entry.standing, due, status.running_since, phase, entry)

    def told(self, glance: Glance, situation: Situation) -> Overview:
        """What was seen at a glance, told in full."""
        vigy = glance.vigy if glance.entry is None else glance.entry.registered
        if glance.fault is not None:
            return Overview(vigy, glance.standing, None, STANDBY, glance.fault)
        why = _why(glance.phase, vigy, glance.standing, situation, glance.since, glance.due_at)
        return Overview(vigy, glance.standing, glance.due_at, glance.phase, why)

    def all(self, selector: Selector | None = None) -> list[Overview]:
        """Those that `selector` matches (None: all), in the order they were registered."""
        situation, standings = self.situation(), self._store.standings()
        return [
            self._looked_at(vigy, standings.get(vigy.id, Standing()), situation)
            for vigy in self._store.vigies()
            if selector is None or selector.matches(vigy.labels)
        ]

    def of(self, vigy: Vigy, situation: Situation | None = None) -> Overview:
        """One of them."""
        return self._looked_at(vigy, self._store.standing(vigy.id), situation or self.situation())

    def next(self, limit: int, selector: Selector | None = None) -> list[Upcoming]:
        """The ticks to come, the next first, at most one of each vigy."""
        coming = [Upcoming(each.vigy, each.due_at, each.why) for each in self.all(selector) if each.due_at is not None]
        return sorted(coming, key=lambda upcoming: (upcoming.due_at, upcoming.vigy.id))[:limit]

    def situation(self) -> Situation:
        """What holds for all of them now."""
        now = self._time.wall_ms()
        if self._engine.owns:
            return Situation(now, "this runtime", self._engine.paused, {})
        lease = self._store.lease()
        alive = lease is not None and self._is_alive(lease, now)
        running = {run.vigy_id: run.started_at for run in self._store.open_runs()} if alive else {}
        return Situation(now, called(lease.holder) if lease is not None and alive else None, False, running)

    def _is_alive(self, lease: Lease, now: int) -> bool:
        return bool(lease.holder) and abs(now - lease.renewed_at) <= 2 * self._ttl_ms and not is_dead(lease.holder)

    def _looked_at(self, vigy: Vigy, standing: Standing, situation: Situation) -> Overview:
        return self.told(self._glance(vigy, standing, situation), situation)

    def _glance(self, vigy: Vigy, standing: Standing, situation: Situation) -> Glance:
        status = self._engine.status(vigy.id) if self._engine.owns else None
        since = situation.running.get(vigy.id) if status is None else status.running_since
        due = None if status is None or not vigy.enabled else status.due_at
        try:
            if vigy.enabled and due is None and since is None:  # the engine does not know, or not yet
                due = self._due(vigy, standing)
        except (Invalid, SettingsError) as error:
            return Glance(vigy, standing, None, None, STANDBY, fault=f"it cannot be scheduled here: {error}")
        return Glance(vigy, standing, due, since, _phase(vigy, standing, situation, since, due))

    def _due(self, vigy: Vigy, standing: Standing) -> int:
        entry = Entry(vigy, standing)
        if isinstance(vigy.schedule.when, Adaptive):
            entry.scope = MemoryScope(self._store.kv(vigy.id))
        return next_due(vigy, standing.started_at, standing.ended_at, standing.failures, hint(entry))


def _phase(vigy: Vigy, standing: Standing, situation: Situation, since: int | None, due: int | None) -> str:
    if not vigy.enabled:
        return DISABLED
    if since is not None:
        return RUNNING
    if situation.paused:
        return PAUSED
    if situation.owner is None:
        return STANDBY
    late = 0 if due is None else situation.now - due
    if late < 0:
        return BACKING_OFF if standing.failures else WAITING
    return LATE if late > LATE_MS else DUE


def _why(phase: str, vigy: Vigy, standing: Standing, situation: Situation, since: int | None, due: int | None) -> str:
    """The phase in a few words."""
    now = situation.now
    if phase == DISABLED:
        return "disabled: it ticks only when asked to"
    if phase == RUNNING:
        return f"running for {span(now - since)}" if since is not None else "running"
    at = _at(due, now)
    if phase == PAUSED:
        return f"the runtime is paused; {at}"
    if phase == STANDBY:
        return f"no runtime ticks this store; {at}"
    if phase == BACKING_OFF:
        times = "once" if standing.failures == 1 else f"{standing.failures} times in a row"
        return f"failed {times}: {standing.error}; {at}"
    return at


def _at(due: int | None, now: int) -> str:
    if due is None:
        return "its turn is next"
    if due == now:
        return "due now"
    return f"due in {span(due - now)}" if due > now else f"due for {span(now - due)}"


def span(ms: int) -> str:
    """A stretch of time for people: the longer it is, the rounder; none if it began only after now was read."""
    ms = max(ms, 0)
    unit = next(unit for least, unit in _ROUNDING if ms >= least)
    return duration_text(ms // unit * unit)
