"""From a registered vigy to its place in the engine: what is kept of it in memory between its ticks."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Final, NamedTuple

from vigyc.model.run import Run
from vigyc.model.standing import Standing
from vigyc.model.vigy import Vigy
from vigyc.runtime.reconciler import Reconciler
from vigyc.runtime.store.memory import MemoryScope

# Where an entry is on its way through a tick; only one that is IDLE may be started.
IDLE: Final = 0
QUEUED: Final = 1  # for the slow lane
RUNNING: Final = 2
ENDED: Final = 3  # waits for its commit


class VigyStatus(NamedTuple):
    """Where a vigy is in the engine; times are ms since 1970."""

    due_at: int | None
    running_since: int | None
    slow: bool


class Entry:
    """One vigy in the engine. `last_start`, `last_end`, `due`, `owed` and `retry_at` are ms on the engine's timeline.

    `vigy.anchored_at` is on that timeline too; `anchored_at` is as it was stored. `program` and `scope` are loaded when
    the vigy first ticks, `standing` is read again when it is None. `stale` says that the store knows more, `owed`
    when the tick was due that is tried again at `retry_at`; `superseded` counts ticks in a row that were.
    """

    __slots__ = (
        "anchored_at", "due", "last_end", "last_start", "owed", "place", "program", "request", "retry_at", "scope",
        "slow", "stage", "stale", "standing", "superseded", "vigy", "waiters",
    )  # fmt: skip

    def __init__(self, vigy: Vigy, standing: Standing | None) -> None:
        self.vigy = vigy
        self.anchored_at = vigy.anchored_at
        self.standing = standing
        self.program: Reconciler | None = None
        self.scope: MemoryScope | None = None
        self.last_start: int | None = None
        self.last_end: int | None = None
        self.due: int | None = None
        self.owed: int | None = None
        self.retry_at: int | None = None
        self.place = 0
        self.stage = IDLE
        self.slow = False
        self.superseded = 0
        self.stale = False
        self.waiters: list[Future[Run]] = []
        self.request: int | None = None

    @property
    def registered(self) -> Vigy:
        """The vigy as it is stored."""
        return self.vigy._replace(anchored_at=self.anchored_at)
