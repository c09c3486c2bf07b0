"""From what came in over a socket to the answer of the tick: how the two threads meet."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias


class Exchange:
    """Something a function of the program is to answer; made in the event loop.

    `value` is what the function is given, `size` how many bytes came. A connection has one at a time, so there are
    never more than connections.
    """

    __slots__ = ("_answer", "_loop", "size", "value")

    def __init__(self, value: dict[Any, Any], size: int) -> None:
        self.value = value
        self.size = size
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[Any] = self._loop.create_future()

    def answer(self, answer: Any) -> None:
        """Answer it, from any thread; None refuses it."""
        self._loop.call_soon_threadsafe(self._set, answer)

    def _set(self, answer: Any) -> None:
        if not self._answer.done():
            self._answer.set_result(answer)

    async def answered(self) -> Any:
        """The answer."""
        return await self._answer


Inbox: TypeAlias = "SimpleQueue[Exchange | None]"
"""What came in, in order; None: nothing more is to be waited for."""


def refuse_all(inbox: Inbox) -> None:
    """Refuse what is in `inbox`."""
    with suppress(Empty):
        while True:
            if (exchange := inbox.get_nowait()) is not None:
                exchange.answer(None)
