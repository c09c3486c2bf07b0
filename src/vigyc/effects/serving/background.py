"""From the thread of a tick to one more, which does its socket work: an event loop that ends when the tick is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import TimeoutError as NotInTime
from threading import Thread
from typing import Any, Final, TypeVar

T = TypeVar("T")
_CLOSING: Final = 1.0  # seconds its tasks have to end once they are cancelled


class Background:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._live, name="vigyc-serve", daemon=True)
        self._thread.start()

    def _live(self) -> None:
        try:
            self.loop.run_forever()
        finally:
            self.loop.close()

    def run(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        """What `work` gives, done there. Raises TimeoutError, and what it raises."""
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        try:
            return future.result(seconds)
        except NotInTime:
            future.cancel()
            raise

    def call(self, function: Callable[..., object], *args: object) -> None:
        """Call `function` there, soon; it must not wait."""
        self.loop.call_soon_threadsafe(function, *args)

    def close(self) -> None:
        """Cancel what is under way and end the thread; it does so by itself, as a deadline may cut the wait."""
        asyncio.run_coroutine_threadsafe(_end(), self.loop)
        self._thread.join(2 * _CLOSING)


async def _end() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_CLOSING)
    await asyncio.sleep(0)  # transports that were aborted close their sockets in the next round
    await asyncio.sleep(0)
    asyncio.get_running_loop().stop()
