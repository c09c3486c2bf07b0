"""From a subscription to an async iterator: whoever has news wakes the event loop, and no thread waits.

What is at hand is taken in the loop; history is read in another thread, page by page. A `get` that is cancelled loses
nothing: what it did not return the next one does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Protocol

from vigyc.model.notice import Notice


class Heard(Protocol):
    """Notices as they come, as `runtime.subscription.Subscription` gives them; `reads_store` and `read_on` are for one
    that must read what it missed."""

    @property
    def seq(self) -> int:
        """The number last read."""

    @property
    def closed(self) -> bool:
        """Whether nothing new will come."""

    @property
    def reads_store(self) -> bool:
        """Whether `read_on` must be called, which blocks, before anything can be taken."""

    def take(self) -> Notice | None:
        """The next notice, if it is at hand."""

    def read_on(self) -> None:
        """Read a page of what was missed."""

    def when_ready(self, wake: Callable[[], None]) -> None:
        """Have `wake` called, from any thread, when there is something to do."""

    def close(self) -> None:
        """End it."""


class AsyncSubscription:
    """What a task has not read yet; one task reads."""

    def __init__(self, subscription: Heard) -> None:
        self._subscription = subscription

    @property
    def seq(self) -> int:
        """The number last read, from which another subscription can go on."""
        return self._subscription.seq

    async def get(self, timeout: float | None = None) -> Notice | None:
        """The next notice, waiting for it up to `timeout` seconds, or as long as it takes; None if there is none, or,
        once it is closed, will be. Raises StoreError if history cannot be read; the next call tries again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                return await self._next()
        return None

    def at_hand(self, most: int) -> list[Notice]:
        """The next notices, at most so many, as far as they can be had without waiting."""
        found: list[Notice] = []
        while len(found) < most and (notice := self._subscription.take()) is not None:
            found.append(notice)
        return found

    def close(self) -> None:
        """End it; what waits to be read is dropped. Again is nothing."""
        self._subscription.close()

    async def __aenter__(self) -> AsyncSubscription:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def __aiter__(self) -> AsyncSubscription:
        return self

    async def __anext__(self) -> Notice:
        notice = await self._next()
        if notice is None:
            raise StopAsyncIteration
        return notice

    async def _next(self) -> Notice | None:
        subscription = self._subscription
        while True:
            closed = subscription.closed  # before looking: what went out until then is still read
            notice = subscription.take()
            if notice is not None or closed:
                return notice
            if subscription.reads_store:
                await asyncio.to_thread(subscription.read_on)
            else:
                await self._news()

    async def _news(self) -> None:
        """Wait until there is something to do."""
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with suppress(RuntimeError):  # the loop was closed: nobody waits
                loop.call_soon_threadsafe(arrived.set)

        self._subscription.when_ready(wake)
        await arrived.wait()
