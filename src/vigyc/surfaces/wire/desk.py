"""From an event loop to a runtime that blocks: operations are performed in threads, notices arrive in the loop.

What is in memory is answered in the loop, for which entering a thread would take longer than the answer.
What may wait for a tick or run a program has threads of its own, so that looking goes on however many of those there
are. What only waits for what others do waits in the loop, and has no thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar
from weakref import WeakSet

from vigyc.runtime.subscription import Subscription
from vigyc.service.async_subscription import AsyncSubscription
from vigyc.service.runtime import Runtime
from vigyc.surfaces.wire.caller import Caller
from vigyc.surfaces.wire.door import LocalDoor
from vigyc.surfaces.wire.table import operation_named

T = TypeVar("T")

QUICK: Final = 4
SLOW: Final = 16
WAITING: Final = 512
"""How many may wait for what others do at once; each looks at the store now and then."""


class Desk:
    """Performs operations on `runtime` for whoever asks in an event loop; close it when nobody does any more."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self._quick = ThreadPoolExecutor(QUICK, "vigyc-look")
        self._slow = ThreadPoolExecutor(SLOW, "vigyc-wait")
        self._waiting = asyncio.Semaphore(WAITING)
        self._watched: WeakSet[Subscription] = WeakSet()

    async def perform(self, caller: Caller, name: str, data: object = None) -> Any:
        """The answer of operation `name` for `caller`. One that is cancelled still ends, unheard."""
        door = LocalDoor(self.runtime, caller)
        answer = door.at_hand(name, data)
        if answer is not None:
            return answer
        if operation_named(name).awaited is not None:
            return await self._awaited(door, name, data)
        return await self._in_thread(name, door.perform, data)

    async def perform_each(self, caller: Caller, name: str, data: Sequence[object]) -> list[Any]:
        """The answers of operation `name` to each of `data`, found in one thread; where one failed, its error."""
        door = LocalDoor(self.runtime, caller)
        if operation_named(name).awaited is not None:
            waiting = (self._awaited(door, name, each) for each in data)
            return list(await asyncio.gather(*waiting, return_exceptions=True))
        return await self._in_thread(name, door.perform_each, data)

    async def _awaited(self, door: LocalDoor, name: str, data: object) -> Any:
        async with self._waiting:
            return await door.awaited(name, data)

    async def _in_thread(self, name: str, perform: Callable[[str, Any], T], data: Any) -> T:
        """What `perform` makes of operation `name` and `data`, in a thread for such operations."""
        found = operation_named(name)
        threads = self._slow if found.slow else self._quick
        return await asyncio.get_running_loop().run_in_executor(threads, perform, name, data)

    async def watch(self, caller: Caller, data: object = None) -> AsyncSubscription:
        """What happens, as it happens; to be closed."""
        door = LocalDoor(self.runtime, caller)
        watched = await asyncio.get_running_loop().run_in_executor(self._quick, door.watch, data)
        self._watched.add(watched)
        return AsyncSubscription(watched)

    def end_watching(self) -> None:
        """End all that is watched, so that whoever watches is told the end."""
        for watched in list(self._watched):
            watched.close()

    def close(self) -> None:
        """Take nothing on any more; what is under way ends by itself."""
        self.end_watching()
        self._quick.shutdown(wait=False, cancel_futures=True)
        self._slow.shutdown(wait=False, cancel_futures=True)
