"""From the lease in a file to whether a runtime ticks it now, as seen by a process that only looks."""

from __future__ import annotations

from typing import Final, NamedTuple

import apsw

from vigyc.lang.errors import Conflict
from vigyc.runtime.holder import is_dead, pid_of
from vigyc.runtime.store.lease import read
from vigyc.runtime.store.snapshot import has_table

SILENT_MS: Final = 60_000  # after which a holder on another machine is taken for gone


class Owner(NamedTuple):
    """The runtime that holds the lease; `pid` is None if its process is not one of this machine's.

    `alive` is what one glance tells: its process is there, or it is elsewhere and renewed the lease a moment ago.
    """

    holder: str
    pid: int | None
    epoch: int
    renewed_at: int
    alive: bool


def owner_of(connection: apsw.Connection, now: int) -> Owner | None:
    """Who holds the lease at `now`; None if nobody does."""
    lease = read(connection.cursor()) if has_table(connection, "lease") else None
    if lease is None or not lease.holder:
        return None
    pid = pid_of(lease.holder)
    silent = now - lease.renewed_at > SILENT_MS
    alive = not is_dead(lease.holder) and (pid is not None or not silent)
    return Owner(lease.holder, pid, lease.epoch, lease.renewed_at, alive)


def check_unowned(connection: apsw.Connection, name: str, now: int) -> None:
    """Raise Conflict if a runtime ticks the store."""
    owner = owner_of(connection, now)
    if owner is not None and owner.alive:
        which = f"process {owner.pid}" if owner.pid is not None else f"runtime {owner.holder}"
        raise Conflict(f"{which} ticks {name}; stop it first")
