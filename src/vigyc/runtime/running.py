"""From the ticks under way to what may be known and done of them: by which thread, since when, and to their end."""

from __future__ import annotations

import threading
from time import sleep

from vigyc.lang.errors import Conflict
from vigyc.runtime import budget
from vigyc.runtime.bench import Job
from vigyc.runtime.entry import Entry
from vigyc.runtime.time_source import TimeSource

_LOOK = 0.005  # seconds between two looks whether all have ended


class Running:
    """The ticks under way, one a thread; usable from any thread."""

    def __init__(self, time: TimeSource) -> None:
        self._time = time
        self._jobs: dict[int, Job] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    def begin(self, job: Job) -> None:
        """The calling thread makes this tick."""
        self._jobs[threading.get_ident()] = job

    def end(self) -> None:
        """The calling thread makes no tick any more."""
        self._jobs.pop(threading.get_ident(), None)

    def jobs(self) -> list[tuple[int, Job]]:
        """All of them, with the thread of each."""
        return list(self._jobs.copy().items())

    def since(self, entry: Entry) -> int | None:
        """When the tick of `entry` that is under way began, in ms since 1970."""
        return next((job.wall for _, job in self.jobs() if job.entry is entry), None)

    def refuse_inside(self, what: str) -> None:
        """Raises Conflict if the calling thread makes a tick, which cannot do `what`."""
        if threading.get_ident() in self._jobs:
            raise Conflict(f"a tick cannot {what}")

    def finish(self, grace: float) -> None:
        """Wait for all to end, and cut what is left after `grace` seconds."""
        until = self._time.monotonic() + grace
        while self._jobs and self._time.monotonic() < until:
            sleep(_LOOK)
        for _, job in self.jobs():
            if job.token is not None:
                job.cut = True
                budget.cut(job.token)
