"""From a socket that listens to the connections that are served: each is known from the moment it is accepted.

With as many connections as there may be it accepts no more until one has ended: the others wait in the system.
(asyncio's own server loses sockets that it accepted just before it was closed.)
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final, TypeAlias

_PAUSE: Final = 0.1  # seconds, where the system has no more descriptors
_ROUNDS: Final = 3  # of the event loop, until a transport that was aborted has closed its socket

Serve: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


class Acceptor:
    """Serves the connections of `listener` by `serve`, at most `most` at once; all in the event loop."""

    def __init__(
        self,
        listener: socket.socket,
        serve: Serve,
        most: int,
        most_line: int,
        tls: ssl.SSLContext | None,
        patience: float,
    ) -> None:
        self._listener = listener
        self._serve = serve
        self._most = most
        self._most_line = most_line
        self._tls = tls
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = True
        self._resume()

    def _resume(self) -> None:
        if self._open and len(self._tasks) < self._most:
            self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError:
            self._loop.remove_reader(self._listener)
            self._loop.call_later(_PAUSE, self._resume)
            return
        connection.setblocking(False)
        task = self._loop.create_task(self._served(connection))
        task.add_done_callback(partial(self._ended, connection))
        self._tasks.add(task)
        if len(self._tasks) >= self._most:
            self._loop.remove_reader(self._listener)

    def _ended(self, connection: socket.socket, task: asyncio.Task[None]) -> None:
        connection.close()
        self._tasks.discard(task)
        self._resume()

    async def _served(self, connection: socket.socket) -> None:
        reader = asyncio.StreamReader(limit=self._most_line)
        protocol = asyncio.StreamReaderProtocol(reader)
        handshake = None if self._tls is None else self._patience
        try:
            transport, _ = await self._loop.connect_accepted_socket(
                lambda: protocol, connection, ssl=self._tls, ssl_handshake_timeout=handshake
            )
        except OSError:
            return
        writer = asyncio.StreamWriter(transport, protocol, reader, self._loop)
        try:
            await self._serve(reader, writer)
        except (OSError, EOFError):  # it is gone, or too slow
            pass
        finally:
            transport.abort()
            for _ in range(_ROUNDS):
                await asyncio.sleep(0)

    def stop(self) -> None:
        """Accept no more."""
        self._open = False
        self._loop.remove_reader(self._listener)

    async def close(self) -> None:
        """Let go of every connection."""
        self.stop()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._patience)
