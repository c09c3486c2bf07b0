"""From a runtime to its figures at one moment: what was counted, how many vigies are in which phase, how large all is.

What takes its time to find out is kept for a while, the longer the longer it took, so that looking costs the runtime
little however often somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from time import monotonic
from typing import Final, Generic, NamedTuple, TypeVar

from vigyc.codegen.cache import Cache
from vigyc.runtime.bus import Bus
from vigyc.runtime.engine import Engine
from vigyc.runtime.spread import Spread
from vigyc.runtime.store.port import Extent, Store
from vigyc.runtime.time_source import TimeSource
from vigyc.service.health import counted
from vigyc.service.overview import Overviews
from vigyc.service.pulse import Counts, Course, Pulse

T = TypeVar("T")

PHASES_FOR: Final = 1.0  # seconds for which a census counts, at least
EXTENT_FOR: Final = 15.0  # the same for the size of the store

SHARE: Final = 50  # what took a second to find out is kept for at least so many


class Census(NamedTuple):
    """All vigies: `phases` counts them by phase, `failing` are those whose last tick failed."""

    total: int
    phases: Mapping[str, int]
    failing: int


class Stats(NamedTuple):
    """The figures of a runtime at `now` (ms since 1970); `commits` is how long the store took for each, in
    microseconds, `dropped` how many notices subscribers were told that they missed. `cache_hits` and `cache_misses` are
    of compiled code, since the process began."""

    now: int
    census: Census
    counts: Counts
    course: Course
    extent: Extent
    commits: Spread
    subscribers: int
    dropped: int
    cache_hits: int
    cache_misses: int


class Kept(Generic[T]):
    """What `find` found, for at least `seconds`; for any thread."""

    def __init__(self, find: Callable[[], T], seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._find = find
        self._clock = clock
        self._seconds = seconds
        self._until = 0.0
        self._found: T | None = None
        self._lock = Lock()

    def get(self) -> T:
        """What was found last, or is found now. Raises what `find` raises."""
        with self._lock:
            if self._found is None or self._clock() >= self._until:
                began = self._clock()
                self._found = self._find()
                ended = self._clock()
                self._until = ended + max(self._seconds, (ended - began) * SHARE)
            return self._found


class Statistics:
    """The figures of one runtime: from the first look, or `begin`, on it listens."""

    def __init__(
        self, store: Store, engine: Engine, bus: Bus, time: TimeSource, overviews: Overviews, cache: Cache | None
    ) -> None:
        self._commits = engine.committer.took
        self._bus = bus
        self._time = time
        self._overviews = overviews
        self._cache = cache
        self._census = Kept(self._count, PHASES_FOR, time.monotonic)
        self._extent = Kept(store.extent, EXTENT_FOR, time.monotonic)
        self._pulse: Pulse | None = None
        self._lock = Lock()

    def begin(self) -> Pulse:
        """Listen from now on; again is nothing."""
        with self._lock:
            if self._pulse is None:
                self._pulse = Pulse(self._time)
                self._bus.tap(self._pulse.hear)
            return self._pulse

    def now(self) -> Stats:
        """The figures. Raises StoreError."""
        pulse, cache = self.begin(), self._cache
        return Stats(
            self._time.wall_ms(), self._census.get(), pulse.counts(), pulse.course(), self._extent.get(),
            self._commits.copy(), self._bus.subscribers, self._bus.dropped,
            cache.hits if cache is not None else 0, cache.misses if cache is not None else 0,
        )  # fmt: skip

    def _count(self) -> Census:
        phases, failing = counted(self._overviews.glances(self._overviews.situation()))
        return Census(phases.total(), phases, failing)
