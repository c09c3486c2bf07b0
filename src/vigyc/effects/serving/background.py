"""From the thread of a tick to one more, which does its socket work: an event loop that ends when the tick is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import TimeoutError as NotInTime
from contextlib import suppress
from threading import Thread
from typing import Any, Final, TypeVar

T = TypeVar("T")
_CLOSING: Final = 1.0  # seconds its tasks have to end once they are cancelled


class Background:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = Thread(target=self.loop.run_forever, name="vigyc-serve", daemon=True)
        self._thread.start()

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
        """Cancel what is under way and end the thread."""
        with suppress(NotInTime):
            self.run(_cancel_all(), 2 * _CLOSING)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(_CLOSING)
        if not self._thread.is_alive():
            self.loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_CLOSING)
    await asyncio.sleep(0)  # transports that were aborted close their sockets in the next round
    await asyncio.sleep(0)
