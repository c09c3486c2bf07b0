"""From the MCP servers of a vigy to clients that stay connected from call to call, in a thread of their own.

The SDK is asynchronous: its loop runs in that thread, each client in a task there, and who calls waits no longer than
it may. At most `MOST` servers are connected; a further one ends the connection that was used longest ago. Whatever goes
wrong with a call ends its connection, so that the next call begins anew. Needs the extra `mcp`.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import ExitStack
from time import monotonic
from typing import Any, Final, TypeVar

import anyio
import httpx2
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client, MCPError
from mcp.client import Transport
from mcp.types import CONNECTION_CLOSED

from vigyc.effects.result import EffectFailed

T = TypeVar("T")
MOST: Final = 16
_GRACE: Final = 1.0  # seconds a server over HTTP has to hear that we go

logging.getLogger("mcp").addHandler(logging.NullHandler())  # what it tells is told as the error of a call


class Connection:
    """A client of the server at `transport`, from now until `end`."""

    def __init__(self, portal: BlockingPortal, transport: Transport) -> None:
        self.client: Future[Client] = Future()
        self._portal = portal
        self._end = anyio.Event()
        self._life = portal.start_task_soon(self._live, transport)

    async def _live(self, transport: Transport) -> None:
        try:
            with anyio.CancelScope() as scope:
                async with Client(transport, cache=None) as client:
                    self.client.set_result(client)
                    await self._end.wait()
                    scope.deadline = anyio.current_time() + _GRACE
        except BaseException as error:
            if not self.client.done():
                self.client.set_exception(error)
            raise

    def end(self) -> None:
        """Begin to end it; whoever closes all waits for that."""
        if self.client.done():
            self._portal.start_task_soon(self._end.set)
        else:
            self._life.cancel()


class Clients:
    """The connections of one vigy, by the names of their servers."""

    def __init__(self) -> None:
        self._closing = ExitStack()
        self._portal = self._closing.enter_context(start_blocking_portal(name="vigyc-mcp"))
        self._open: OrderedDict[str, Connection] = OrderedDict()

    def __len__(self) -> int:
        return len(self._open)

    def __contains__(self, name: str) -> bool:
        return name in self._open

    def ask(
        self, name: str, transport: Callable[[], Transport], question: Callable[[Client], Awaitable[T]], seconds: float
    ) -> T:
        """What server `name` answers to `question`; `transport` connects to it, if it is not. Raises EffectFailed."""
        until = monotonic() + seconds
        connection = self._open.get(name)
        if connection is None:
            connection = self._begin(name, transport())
        self._open.move_to_end(name)
        try:
            client = connection.client.result(max(until - monotonic(), 0.0))
            return self._answer(question, client, until)
        except BaseException as error:
            self._open.pop(name).end()
            if not isinstance(error, Exception):
                raise
            raise failure(name, error) from error

    def _begin(self, name: str, transport: Transport) -> Connection:
        if len(self._open) >= MOST:
            self._open.popitem(last=False)[1].end()
        connection = self._open[name] = Connection(self._portal, transport)
        return connection

    def _answer(self, question: Callable[[Client], Awaitable[T]], client: Client, until: float) -> T:
        asking = self._portal.start_task_soon(question, client)
        try:
            return asking.result(max(until - monotonic(), 0.0))
        finally:
            asking.cancel()

    def close(self) -> None:
        """End every connection and wait until they are ended; each takes a few seconds at most."""
        for connection in self._open.values():
            connection.end()
        self._open.clear()
        self._closing.close()


def failure(name: str, error: Exception) -> EffectFailed:
    """How a call of server `name` failed."""
    cause: Any = error
    while isinstance(cause, BaseExceptionGroup):
        cause = cause.exceptions[0]
    if isinstance(cause, TimeoutError):
        return EffectFailed("timeout", f"the MCP server {name} did not answer in time")
    if isinstance(cause, MCPError) and cause.code != CONNECTION_CLOSED:
        return EffectFailed("refused", f"the MCP server {name}: {cause.message}")
    if isinstance(cause, httpx2.TransportError):
        return EffectFailed("network", f"the MCP server {name} cannot be reached: {cause}")
    if isinstance(cause, OSError):
        return EffectFailed("not-started", f"the MCP server {name} cannot be started: {(cause.strerror or '').lower()}")
    if isinstance(cause, (MCPError, anyio.ClosedResourceError, anyio.BrokenResourceError)):
        return EffectFailed("closed", f"the MCP server {name} ended the connection")
    return EffectFailed("decode", f"the MCP server {name} did not answer as the protocol has it")
