"""From the store's vigies to entries on the agenda: who is registered, and when each is due next.

What is due is derived: from the schedule, the last start, the failures in a row. The roster is used under the engine's
lock; what it must read from the store is read before, by `news`, and taken in by `absorb`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import NamedTuple

from vigyc.lang.errors import NotFound, StoreError
from vigyc.model.notice import DELETED, KV_EDITED
from vigyc.model.request import Request
from vigyc.model.run import Run
from vigyc.model.schedule import Adaptive, Cron
from vigyc.model.standing import Standing
from vigyc.model.vigy import Vigy
from vigyc.runtime.agenda import Agenda
from vigyc.runtime.due import next_due
from vigyc.runtime.entry import IDLE, Entry
from vigyc.runtime.store.port import Store
from vigyc.runtime.time_source import Timeline
from vigyc.runtime.trouble import Trouble

DRIFT_MS = 250  # by which the time of day must jump before cron schedules are looked at anew


class News(NamedTuple):
    """What the store knows about one vigy that was changed: None when it is gone."""

    vigy_id: str
    vigy: Vigy | None
    standing: Standing
    kv_changed: bool


class Roster:
    """The entries of an engine, by id and by due time, and those a tick was asked of."""

    def __init__(self, store: Store, timeline: Timeline, trouble: Trouble) -> None:
        self.entries: dict[str, Entry] = {}
        self.agenda: Agenda[Entry] = Agenda()
        self.requested: deque[tuple[int, Entry]] = deque()
        self.stale: set[str] = set()
        self.complete = False
        self._store = store
        self._timeline = timeline
        self._trouble = trouble
        self._seen = self._read_to = 0
        self._unread: set[str] = set()
        self._ids: dict[str, str] = {}  # by name
        self._in_hand: set[int] = set()  # requests of other processes
        self._drift = timeline.drift()

    # -- what is registered

    def load(self, vigies: Iterable[Vigy], standings: Mapping[str, Standing]) -> None:
        """Take in all that the store holds, but for what is there already."""
        for vigy in vigies:
            if vigy.id not in self.entries:
                self._enter(vigy, standings.get(vigy.id, Standing()))
        self.complete = True

    def begin(self) -> list[Future[Run]]:
        """Forget everything, and hear of what changes from now on; raises StoreError."""
        self._seen = self._store.last_seq()
        return self.clear()

    def clear(self) -> list[Future[Run]]:
        """Forget everything; comes back with those who wait for a tick that has not begun."""
        waiters = [waiter for entry in self.entries.values() for waiter in entry.waiters]
        for entry in self.entries.values():
            entry.waiters, entry.request = [], None
        self.entries.clear()
        self._ids.clear()
        self.agenda = Agenda()
        self.requested.clear()
        self.stale.clear()
        self._unread.clear()
        self._in_hand.clear()
        self.complete = False
        return waiters

    def knows(self, entry: Entry) -> bool:
        """Whether `entry` is of the time since the lease was taken; what an earlier one did must not be stored."""
        return self.entries.get(entry.vigy.id) is entry

    def entry(self, vigy_id: str) -> Entry:
        """The entry of one vigy, read now if it is not there yet; raises NotFound, StoreError."""
        found = self.entries.get(vigy_id)
        if found is None:
            vigy = self._store.vigy(vigy_id)
            if vigy is None:
                raise NotFound(f"there is no vigy {vigy_id}")
            found = self._enter(vigy, self._store.standing(vigy_id))
        return found

    def fresh(self, ref: str) -> Entry | None:
        """The entry of the vigy with this id or name, as it is in the store for all that is known; None if not."""
        entry = self.entries.get(ref)
        if entry is None and self.settled:
            entry = self.entries.get(self._ids.get(ref, ""))
        known = entry is not None and not entry.stale and entry.vigy.id not in self.stale | self._unread
        return entry if known else None

    def take_stale(self) -> set[str]:
        """The ids of what is known to be out of date, which is for the caller to look at."""
        stale, self.stale = self.stale, set()
        self._unread |= stale
        return stale

    @property
    def heard(self) -> int:
        """The number of the newest change that was taken in."""
        return self._seen

    @property
    def settled(self) -> bool:
        """Whether nothing is known to be otherwise in the store."""
        return self.complete and not self.stale and not self._unread

    def news(self, stale: set[str]) -> list[News]:
        """What changed in the store since the last `absorb`, and all of `stale`; raises StoreError.

        Needs no lock, but one caller at a time. A vigy that cannot be read is left for the next time.
        """
        self._unread |= stale
        edited = set(self._unread)
        changed = dict.fromkeys(sorted(edited))
        self._read_to = self._seen
        for notice in self._store.changes(self._seen):
            self._read_to = notice.seq
            if notice.vigy_id is not None and (notice.vigy_id in self.entries or self.complete):
                changed[notice.vigy_id] = None
                if notice.kind in {KV_EDITED, DELETED}:
                    edited.add(notice.vigy_id)
        return [each for vigy_id in changed if (each := self._news_of(vigy_id, vigy_id in edited)) is not None]

    def _news_of(self, vigy_id: str, edited: bool) -> News | None:
        try:
            vigy, standing = self._store.vigy(vigy_id), self._store.standing(vigy_id)
        except StoreError as error:
            self._trouble.meet(error)
            self._unread.add(vigy_id)
            return None
        again = vigy is not None and vigy.generation > self._read_to  # changed once more, who knows how
        return News(vigy_id, vigy, standing, edited or again)

    def absorb(self, news: list[News]) -> list[Future[Run]]:
        """Take in what changed; an entry whose tick is under way is looked at again when that has ended.

        Comes back with those who wait for ticks of vigies that are gone.
        """
        orphans: list[Future[Run]] = []
        self._seen = self._read_to
        for vigy_id, vigy, standing, kv_changed in news:
            self._unread.discard(vigy_id)
            entry = self.entries.get(vigy_id)
            if entry is None:
                if vigy is not None:
                    self._enter(vigy, standing)
            elif entry.stage != IDLE:
                entry.stale = True
            elif vigy is None:
                self.agenda.drop(entry)
                del self.entries[vigy_id]
                self._forget_name(entry.vigy)
                orphans += entry.waiters
                self.let_go(entry.request)
                entry.waiters, entry.request = [], None
            else:
                self._change(entry, vigy, standing, kv_changed)
        return orphans

    def _enter(self, vigy: Vigy, standing: Standing) -> Entry:
        entry = self.entries[vigy.id] = Entry(self._anchored(vigy), standing)
        self._ids[vigy.name] = vigy.id
        entry.anchored_at = vigy.anchored_at
        now = self._timeline.now()
        if standing.started_at is not None:
            entry.last_start = min(standing.started_at - self._drift, now)
            entry.last_end = min((standing.ended_at or standing.started_at) - self._drift, now)
        self.schedule(entry)
        return entry

    def _change(self, entry: Entry, vigy: Vigy, standing: Standing, kv_changed: bool) -> None:
        if vigy.name != entry.vigy.name:
            self._forget_name(entry.vigy)
            self._ids[vigy.name] = vigy.id
        if (vigy.digest, vigy.modules) != (entry.vigy.digest, entry.vigy.modules):
            entry.program = None
        if vigy.anchored_at != entry.anchored_at:
            entry.anchored_at = vigy.anchored_at
            entry.vigy = self._anchored(vigy)
        else:
            entry.vigy = vigy._replace(anchored_at=entry.vigy.anchored_at)
        entry.standing, entry.retry_at, entry.owed = standing, None, None
        if kv_changed:
            entry.scope = None
        self.schedule(entry)

    def _forget_name(self, vigy: Vigy) -> None:
        if self._ids.get(vigy.name) == vigy.id:  # and not of another by now
            del self._ids[vigy.name]

    def _anchored(self, vigy: Vigy) -> Vigy:
        """`vigy` with its anchor on the timeline, which the time of day may have left, and not ahead of it."""
        anchor = min(vigy.anchored_at - self._drift, self._timeline.now())
        return vigy if anchor == vigy.anchored_at else vigy._replace(anchored_at=anchor)

    # -- what is due

    def schedule(self, entry: Entry) -> None:
        """Put an idle entry on the agenda for its next tick, or take it off; one that is not known is let go."""
        vigy = entry.vigy
        if not self.knows(entry):
            return
        if not vigy.enabled:
            self.agenda.drop(entry)
        elif entry.retry_at is not None:
            self.agenda.put(entry, entry.retry_at)
        else:
            failures = entry.standing.failures if entry.standing is not None else 0
            wish = hint(entry) if vigy.schedule.when.__class__ is Adaptive else None
            try:
                due = next_due(vigy, entry.last_start, entry.last_end, failures, wish, self._drift)
                self.agenda.put(entry, due)
            except Exception as error:  # such as SettingsError: what cron needs is not there; others can tick
                self.agenda.drop(entry)
                self._trouble.meet(error)
        if entry.waiters or entry.request is not None:
            self.ask(entry)

    def put_back(self, entry: Entry, retry_at: int | None, again_at: int) -> None:
        """Have an entry whose tick is over due anew: at `retry_at`, if given, or as its schedule says.

        If it changed meanwhile that is heard first, or it is due at `again_at` if nothing is heard.
        """
        entry.stage, entry.retry_at = IDLE, retry_at
        if entry.stale and self.knows(entry):
            entry.stale, entry.retry_at = False, again_at
            self.stale.add(entry.vigy.id)
        self.schedule(entry)

    def ask(self, entry: Entry) -> None:
        """Have `entry` tick as soon as its turn comes."""
        self.requested.append((self._timeline.now(), entry))

    def take_requests(self, requests: Sequence[Request]) -> list[Request]:
        """Have what another process asks for ticked, each once; comes back with those for no vigy there is."""
        unknown = []
        for request in requests:
            if request.id in self._in_hand:
                continue
            try:
                entry = self.entry(request.vigy_id)
            except NotFound:
                unknown.append(request)
                continue
            except StoreError as error:
                self._trouble.meet(error)
                continue
            if entry.request is None:
                entry.request = request.id
                self._in_hand.add(request.id)
                self.ask(entry)
        self._in_hand.intersection_update([request.id for request in requests])
        return unknown

    def let_go(self, request: int | None) -> None:
        """A request that was in hand is not answered: it is to be heard again."""
        if request is not None:
            self._in_hand.discard(request)

    def pop(self, now: int, *, only_requested: bool) -> Entry | None:
        """The entry whose turn it is, off the agenda, be it by schedule or by request: what has waited longest."""
        while self.requested:
            asked, entry = self.requested[0]
            if entry.stage == IDLE and (entry.waiters or entry.request is not None):
                due = self.agenda.next()
                if not only_requested and due is not None and due < asked:
                    break
                self.requested.popleft()
                self.agenda.drop(entry)
                return entry
            self.requested.popleft()  # served already, or asked again when its tick has ended
        return None if only_requested else self.agenda.pop(now)

    def watch_the_day(self) -> None:
        """Look at cron schedules anew when the time of day has jumped: what it jumped over is late, not lost."""
        jump = self._timeline.drift() - self._drift
        if abs(jump) < DRIFT_MS:
            return
        self._drift += jump
        now = self._timeline.now()
        for entry in self.entries.values():
            if isinstance(entry.vigy.schedule.when, Cron):
                entry.vigy = self._anchored(entry.vigy._replace(anchored_at=entry.anchored_at))
                if entry.last_start is not None:
                    entry.last_start = min(entry.last_start - jump, now)
                if entry.stage == IDLE:
                    self.schedule(entry)

    @property
    def drift(self) -> int:
        """How far the time of day was ahead of the timeline when it was last looked at, in ms."""
        return self._drift


def hint(entry: Entry) -> int | None:
    """The interval that an adaptive vigy's kv asks for, in ms."""
    when = entry.vigy.schedule.when
    if not isinstance(when, Adaptive) or entry.scope is None:
        return None
    value = entry.scope.kv.get(when.hint_key)
    return int(value) if value.__class__ in {int, float} and value == value and abs(value) < 2**53 else None  # noqa: PLR0124
