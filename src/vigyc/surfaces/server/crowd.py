"""From connections to those that overstay: who is connected, how many from where, and one look at all of them.

A deadline is a field of a connection, so that setting one costs nothing; every now and then all are looked at, and
those past it are cut.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Protocol

from vigyc.surfaces.server.limits import Limits


class Connection(Protocol):
    """Who can be cut when it overstays."""

    def is_overdue(self, now: float) -> bool:
        """Whether its time is over, `now` as the loop's clock has it."""

    def cut(self) -> None:
        """End it at once; what is not sent yet is lost."""


class Crowd:
    """All connections of a server; used in its loop only."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._hosts: dict[Connection, str] = {}
        self._count: Counter[str] = Counter()
        self._sweep: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._hosts)

    def enter(self, connection: Connection, host: str) -> bool:
        """Whether there is room for one more from `host`; if so it is in."""
        if len(self._hosts) >= self.limits.connections or self._count[host] >= self.limits.per_host:
            return False
        self._hosts[connection] = host
        self._count[host] += 1
        if self._sweep is None:
            self._arm()
        return True

    def replace(self, connection: Connection, other: Connection) -> None:
        """`other` has taken the place of `connection` (a WebSocket that of its request)."""
        self._hosts[other] = self._hosts.pop(connection)

    def leave(self, connection: Connection) -> None:
        """It has gone; again is nothing."""
        host = self._hosts.pop(connection, None)
        if host is not None:
            self._count[host] -= 1
            if not self._count[host]:
                del self._count[host]

    def cut_all(self) -> None:
        """End every connection at once."""
        for connection in list(self._hosts):
            connection.cut()

    def close(self) -> None:
        """Look no more."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None

    def _arm(self) -> None:
        self._sweep = asyncio.get_running_loop().call_later(self.limits.sweep, self._look)

    def _look(self) -> None:
        self._sweep = None
        now = asyncio.get_running_loop().time()
        for connection in [each for each in self._hosts if each.is_overdue(now)]:
            connection.cut()
        if self._hosts:
            self._arm()
