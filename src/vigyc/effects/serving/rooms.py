"""From WebSocket connections to rooms, and from a message in one to the tick; by the package websockets.

A room is the path a connection asked for. A connection's next message waits until its last one is answered. One that
does not read what it is sent is cut off, so that it holds up neither the others nor the tick.
"""

from __future__ import annotations

import asyncio
import socket
from asyncio import BaseTransport
from functools import partial
from http import HTTPStatus
from itertools import count as numbers_from
from logging import CRITICAL, Logger
from queue import SimpleQueue
from typing import Any, Final

from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Origin

from vigyc.effects.serving.exchange import Exchange, Inbox, refuse_all
from vigyc.lang.datum import keyword

MOST_CONNECTIONS: Final = 64
_OPENING: Final = 5.0  # seconds
_UNREAD: Final = 4 * 2**20  # bytes sent and not taken, of one connection
_SILENT: Final = Logger("vigyc.serving", CRITICAL + 1)


class _Bounded(ServerConnection):
    """A connection, from its first byte one of `there`; one too many, or that does not take its pongs, is let go of."""

    def __init__(self, there: set[ServerConnection], *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._there = there

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self._there.add(self)
        if len(self._there) > 2 * MOST_CONNECTIONS:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        _cut_off(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._there.discard(self)


class Rooms:
    """A server; `inbox` has the messages for the tick. All else happens in the event loop."""

    def __init__(self, most_bytes: int, origins: list[str]) -> None:
        self.inbox: Inbox = SimpleQueue()
        self._most_bytes = most_bytes
        self._origins = origins
        self._finishing = False
        self._numbers = numbers_from(1)
        self._connections: dict[int, tuple[str, ServerConnection]] = {}
        self._there: set[ServerConnection] = set()
        self._server: Server | None = None

    async def start(self, listener: socket.socket) -> None:
        """Accept connections from `listener`."""
        self._server = await serve(
            self._connected, sock=listener, origins=[None, *map(Origin, self._origins)], process_request=self._admitted,
            compression=None, max_size=self._most_bytes, max_queue=1, open_timeout=_OPENING, ping_interval=None,
            close_timeout=1, server_header=None, logger=_SILENT,
            create_connection=partial(_Bounded, self._there),  # type: ignore[arg-type]
        )  # fmt: skip

    async def finish(self, seconds: float) -> None:
        """Accept no more, and say good-bye to those that are there."""
        self._finishing = True
        refuse_all(self.inbox)
        if self._server is not None:
            self._server.close()
            await asyncio.wait([asyncio.ensure_future(self._server.wait_closed())], timeout=seconds)
        for connection in self._there:
            connection.transport.abort()

    def _admitted(self, connection: ServerConnection, request: Request) -> Response | None:
        if len(self._connections) < MOST_CONNECTIONS:
            return None
        return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "too many connections\n")

    async def _connected(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        room = connection.request.path.partition("?")[0].removeprefix("/")
        number = next(self._numbers)
        self._connections[number] = room, connection
        try:
            async for message in connection:
                if isinstance(message, str) and not self._finishing:
                    await self._handed(number, room, message)
        except ConnectionClosed:
            pass
        finally:
            del self._connections[number]

    async def _handed(self, number: int, room: str, message: str) -> None:
        event = {keyword("conn"): number, keyword("room"): room, keyword("body"): message}
        exchange = Exchange(event, len(message.encode()))
        self.inbox.put(exchange)
        await exchange.answered()

    async def send(self, text: str, room: str | None, number: int | None) -> int:
        """Send `text` to everyone in `room`, or to connection `number`; to how many it went."""
        there = [connection for connection in self._chosen(room, number) if not _cut_off(connection)]
        broadcast(there, text)
        return len(there)

    def count(self, room: str | None, number: int | None) -> int:
        """How many `send` would send to, as far as one can see from another thread."""
        return len(self._chosen(room, number))

    def _chosen(self, room: str | None, number: int | None) -> list[ServerConnection]:
        there = list(self._connections.items())
        return [held for key, (place, held) in there if (place == room if number is None else key == number)]


def _cut_off(connection: ServerConnection) -> bool:
    """Whether `connection` is gone, or let go of now because it does not read."""
    transport = connection.transport
    if transport.get_write_buffer_size() > _UNREAD:
        transport.abort()
    return transport.is_closing()
