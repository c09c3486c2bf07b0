"""From something opened in the world to a value a program can hold: handles, owned by one run.

A handle is an object, so a program can neither guess nor make one; it dies with its run. Of those open at once the one
that was used longest ago is closed when a further one would be too many.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from vigyc.lang.errors import TickError
from vigyc.runtime.values import Foreign

MOST: Final = 256


class Handle(Foreign):
    """Something open; `what` says what to a person, `close` ends it. Subclass it, one class a kind of thing."""

    __slots__ = ("closed", "owner", "what")
    what: str
    closed: bool
    owner: Handles | None

    def __init__(self, what: str) -> None:
        self.what = what
        self.closed = False
        self.owner = None

    def close(self) -> None:
        """Let go of what is behind it; called once, by its owner."""


class Handles:
    """The open handles of one run."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._open: OrderedDict[int, Handle] = OrderedDict()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, handle: Handle) -> Handle:
        """Own `handle`; the one unused longest is closed if there are too many."""
        handle.owner = self
        self._open[id(handle)] = handle
        while len(self._open) > self._most:
            self.close(next(iter(self._open.values())))
        return handle

    def use(self, handle: Handle, name: str) -> None:
        """Mark it as used by effect `name`. Raises TickError `closed-handle`, also for one of another run."""
        if handle.closed or handle.owner is not self:
            raise TickError("closed-handle", f"`{name}`: {handle.what} is closed")
        self._open.move_to_end(id(handle))

    def close(self, handle: Handle) -> None:
        """Close it; again is nothing."""
        if self._open.pop(id(handle), None) is not None:
            handle.closed = True
            handle.close()

    def close_all(self) -> None:
        """Close what is open, the newest first; what one of them raises does not keep the others open."""
        trouble: BaseException | None = None
        for handle in reversed(list(self._open.values())):
            try:
                self.close(handle)
            except BaseException as error:
                trouble = error
        if trouble is not None:
            raise trouble
