"""From an operation, or a wish to hear what happens, to its answer: what the server needs of a runtime, near or far.

A Desk is one; so is the Door of a server elsewhere, whose calls block and are made in threads.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol

from vigyc.model.notice import Notice
from vigyc.surfaces.wire.argument import checked_arguments
from vigyc.surfaces.wire.caller import Caller, check_role
from vigyc.surfaces.wire.door import Door, Watched
from vigyc.surfaces.wire.table import operation_named

THREADS: Final = 16
WAIT: Final = 1.0  # seconds of a thread that waits for a notice, after which a cancelled wait is over


class Notices(Protocol):
    """What happens, one notice after the other; to be closed."""

    @property
    def seq(self) -> int:
        """The number of the last notice."""

    async def get(self, timeout: float | None = None) -> Notice | None:
        """The next, waiting up to `timeout` seconds; None if there is none."""

    def close(self) -> None:
        """End it."""


class Performer(Protocol):
    """What performs operations for callers in an event loop."""

    async def perform(self, caller: Caller, name: str, data: object = None) -> Any:
        """The answer of operation `name`, as JSON data."""

    async def watch(self, caller: Caller, data: object = None) -> Notices:
        """What happens, as it happens."""


class DoorPerformer:
    """Performs over a door; what it lets through is narrowed to the role of the caller, and is as it must be."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._threads = ThreadPoolExecutor(THREADS, "vigyc-mcp")

    async def perform(self, caller: Caller, name: str, data: object = None) -> Any:
        """The answer of operation `name`."""
        operation = operation_named(name)
        check_role(caller, operation.role, name)
        checked_arguments(name, operation.arguments, data)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._door.perform, name, data)

    async def watch(self, caller: Caller, data: object = None) -> Notices:
        """What happens, as it happens."""
        watched = await asyncio.get_running_loop().run_in_executor(self._threads, self._door.watch, data)
        return _Awaited(watched)

    def close(self) -> None:
        """Take nothing on any more; what is under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Awaited:
    """Notices of a door, each waited for in a thread."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched

    @property
    def seq(self) -> int:
        return self._watched.seq

    async def get(self, timeout: float | None = None) -> Notice | None:
        return await asyncio.to_thread(self._watched.get, WAIT if timeout is None else timeout)

    def close(self) -> None:
        self._watched.close()
