"""From an epoch under way to whoever may stop it: one handle an epoch, in the process that works it off.

Cutting is heard at once by what is under way (a flow, a verifier), and by the epoch at its next step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

TAKEN: Final = "taken"  # the steps of an epoch, in order
SETTING: Final = "setting"
FLOW: Final = "flow"
TARGET: Final = "target"
ORCHESTRATED: Final = "orchestrated"
CLAIMED: Final = "claimed"
VERIFIED: Final = "verified"
SETTLING: Final = "settling"
SETTLED: Final = "settled"
STEPS: Final = (TAKEN, SETTING, FLOW, TARGET, ORCHESTRATED, CLAIMED, VERIFIED, SETTLING, SETTLED)


class Stopped(Exception):
    """The epoch was cut; the text says why."""


class Handle:
    """A handle of the epoch `epoch` of an issue. `step` is what it has come to; `reason` why it was cut, if it was."""

    def __init__(self, issue_id: str, epoch: str) -> None:
        self.issue_id = issue_id
        self.epoch = epoch
        self.step = TAKEN
        self.reason: str | None = None
        self._stops: list[Callable[[], object]] = []
        self._lock = Lock()

    def reach(self, step: str) -> None:
        """The epoch has come to `step`. Raises Stopped if it was cut."""
        self.step = step
        self.check()

    def check(self) -> None:
        """Raises Stopped if the epoch was cut."""
        if self.reason is not None:
            raise Stopped(self.reason)

    def cut(self, reason: str) -> None:
        """Stop what is under way; from any thread, and again is nothing."""
        with self._lock:
            if self.reason is not None:
                return
            self.reason = reason
        self.urge()

    def urge(self) -> None:
        """Where the epoch was cut and goes on: stop once more what is under way, which may have begun in between."""
        with self._lock:
            stops = [] if self.reason is None else self._stops.copy()
        for stop in stops:
            stop()

    @contextmanager
    def stopping(self, stop: Callable[[], object]) -> Iterator[None]:
        """Have `stop` called, by whoever cuts the epoch, while this lasts. Raises Stopped if it was cut before."""
        with self._lock:
            self._stops.append(stop)
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)
