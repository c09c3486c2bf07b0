"""From connections to those that overstay: who is connected, how many from where, and one look at all of them.

A deadline is a field of a connection, so that setting one costs nothing; every now and then all are looked at, and
those past it are cut. When there is no room for one more, the longest there of those with nothing to be answered makes
room: who only holds connections keeps nobody out.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from typing import Protocol

from vigyc.surfaces.server.limits import Limits


class Connection(Protocol):
    """Who can be cut when it overstays."""

    @property
    def is_waiting(self) -> bool:
        """Whether nothing of it is being answered."""

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
        if not self._has_room(host):
            return False
        self._hosts[connection] = host
        self._count[host] += 1
        if self._sweep is None:
            self._arm()
        return True

    def _has_room(self, host: str) -> bool:
        """Whether there is room for `host`, which one that waits may have to make."""
        if self._count[host] >= self.limits.per_host:
            crowded = host
        elif len(self._hosts) >= self.limits.connections:
            crowded = self._count.most_common(1)[0][0]
        else:
            return True
        for connection, its in self._hosts.items():
            if its == crowded and connection.is_waiting:
                connection.cut()
                self.leave(connection)
                return True
        return False

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


def network_of(address: str) -> str:
    """`address` as limits count it: of IPv6 the network of 64 bits, all of which one party has."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return address if found.version == 4 else str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
