"""From what the fields of one request ask for to few visits to the runtime, however many fields there are.

What is asked for in one turn of the event loop is performed together, each kind of operation in one thread; what was
asked for before is not asked again until `forget`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from vigyc.surfaces.wire.caller import Caller
from vigyc.surfaces.wire.desk import Desk


class Loading:
    """What one request asks of a runtime, for `caller`."""

    def __init__(self, desk: Desk, caller: Caller) -> None:
        self.desk = desk
        self.caller = caller
        self._answers: dict[tuple[str, str], asyncio.Future[Any]] = {}
        self._waiting: dict[str, list[tuple[Mapping[str, Any], asyncio.Future[Any]]]] = {}
        self._visits: set[asyncio.Task[None]] = set()

    async def load(self, name: str, data: Mapping[str, Any]) -> Any:
        """The answer of operation `name`, which changes nothing. Raises what it raises."""
        key = name, json.dumps(data, sort_keys=True)
        answer = self._answers.get(key)
        if answer is None:
            loop = asyncio.get_running_loop()
            answer = self._answers[key] = loop.create_future()
            if not self._waiting:
                loop.call_soon(self._visit)
            self._waiting.setdefault(name, []).append((data, answer))
        return await asyncio.shield(answer)

    async def perform(self, name: str, data: Mapping[str, Any]) -> Any:
        """The answer of operation `name`, which may change anything."""
        self.forget()
        try:
            return await self.desk.perform(self.caller, name, data)
        finally:
            self.forget()

    def forget(self) -> None:
        """Ask anew for everything from now on."""
        self._answers.clear()

    def _visit(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for name, asked in waiting.items():
            task = asyncio.create_task(self._ask(name, asked))
            self._visits.add(task)
            task.add_done_callback(self._visits.discard)

    async def _ask(self, name: str, asked: list[tuple[Mapping[str, Any], asyncio.Future[Any]]]) -> None:
        try:
            answers = await self.desk.perform_each(self.caller, name, [data for data, _ in asked])
        except Exception as error:  # no thread takes it on any more: the server ends
            answers = [error] * len(asked)
        for (_, future), answer in zip(asked, answers, strict=True):
            if isinstance(answer, BaseException):
                future.set_exception(answer)
                future.exception()  # it is told where it is awaited, if it still is
            else:
                future.set_result(answer)
