"""From standard input and output to the MCP server: one client, a JSON message a line, until it goes or a signal comes.

Nothing but messages is ever written to standard output: what anything else prints goes to standard error, and what
anything else reads from standard input is empty. Input is read by a thread that nobody waits for at the end, since a
read cannot be cut short.
"""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, cast

import anyio
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from vigyc.surfaces.mcp.performer import Performer
from vigyc.surfaces.mcp.server import build_server
from vigyc.surfaces.wire.caller import Caller

AHEAD: Final = 64  # lines that are read before they are wanted
GRACE: Final = 2.0  # seconds for what is under way when the client closes its end
MOMENT: Final = 0.05
LISTEN: Final = "subscriptions/listen"
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def serve(performer: Performer, caller: Caller) -> None:
    """Serve the client at standard input until it goes, or SIGINT or SIGTERM comes; a second one ends the process."""
    source, sink = _claimed(0), _claimed(1)
    asyncio.run(_serve(build_server(performer, lambda _: caller), source, sink))


async def _serve(server: Server[Any], source: int, sink: int) -> None:
    out = anyio.wrap_file(io.TextIOWrapper(os.fdopen(sink, "wb"), encoding="utf-8", newline="\n"))
    with anyio.CancelScope() as scope, _signals(scope):
        try:
            lines = _Lines(source, _underway(server))
            async with stdio_server(cast("anyio.AsyncFile[str]", lines), out) as (read, write):
                await server.run(read, write, server.create_initialization_options())
        except* ConnectionError:  # the client has gone
            pass


@contextmanager
def _signals(scope: anyio.CancelScope) -> Iterator[None]:
    """The first signal cancels `scope`; after it signals do what they do to any process."""
    loop = asyncio.get_running_loop()
    numbers = SIGNALS if os.name == "posix" else ()

    def forget() -> None:
        for number in numbers:
            loop.remove_signal_handler(number)

    def end() -> None:
        forget()
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
        scope.cancel()

    for number in numbers:
        loop.add_signal_handler(number, end)
    try:
        yield
    finally:
        forget()


class _Underway:
    """The requests of a client that are not answered yet; one that only listens is never waited for."""

    def __init__(self) -> None:
        self._count = 0
        self._moves = 0

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        if ctx.request_id is None or ctx.method == LISTEN:
            return await call_next(ctx)
        self._count, self._moves = self._count + 1, self._moves + 1
        try:
            return await call_next(ctx)
        finally:
            self._count, self._moves = self._count - 1, self._moves + 1

    async def over(self) -> None:
        """Wait until nothing is under way and nothing moved for a moment; `GRACE` seconds at most."""
        seen = -1
        with anyio.move_on_after(GRACE):
            while self._count or self._moves != seen:
                seen = self._moves
                await anyio.sleep(MOMENT)


def _underway(server: Server[Any]) -> _Underway:
    """What is under way at `server` from now on."""
    found = _Underway()
    server.middleware.append(found)
    return found


class _Lines:
    """The lines of a file, as they come; read by a thread of its own, a few ahead.

    They end when what was asked for is answered, so that a client may close its end early.
    """

    def __init__(self, source: int, underway: _Underway) -> None:
        self._loop = asyncio.get_running_loop()
        self._underway = underway
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._room = threading.Semaphore(AHEAD)
        threading.Thread(target=self._read, args=(source,), name="vigyc-stdin", daemon=True).start()

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        line = await self._lines.get()
        if line is None:
            await self._underway.over()
            raise StopAsyncIteration
        self._room.release()
        return line

    def _read(self, source: int) -> None:
        with suppress(OSError), open(source, encoding="utf-8", errors="replace", closefd=False) as file:
            for line in file:
                self._room.acquire()
                self._put(line)
        self._put(None)

    def _put(self, line: str | None) -> None:
        with suppress(RuntimeError):  # the loop has ended: nobody reads
            self._loop.call_soon_threadsafe(self._lines.put_nowait, line)


def _claimed(number: int) -> int:
    """A descriptor of our own for standard input or output, which is nobody else's from now on."""
    ours = os.dup(number)
    if number == 1:
        sys.stdout.flush()
        os.dup2(2, 1)
    else:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, number)
        os.close(nothing)
    return ours
