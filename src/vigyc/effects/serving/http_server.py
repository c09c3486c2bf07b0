"""From a socket that listens to requests for the tick, and from its responses back: HTTP/1.1, one request a connection.

A connection has so long for each step, counted from the step's beginning however slowly bytes drip in. Connections,
the head, each body and all bodies held at once are bounded; what is beyond gets a status, not a place in memory.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Collection
from ipaddress import ip_address
from queue import SimpleQueue
from typing import Any, Final, TypeAlias

from vigyc.effects.serving.acceptor import Acceptor
from vigyc.effects.serving.exchange import Exchange, Inbox, refuse_all
from vigyc.effects.serving.pages import is_foreign
from vigyc.effects.serving.request import Head, Refused, parsed
from vigyc.effects.serving.response import Response, plain
from vigyc.lang.datum import keyword

MOST_CONNECTIONS: Final = 64
MOST_HEAD: Final = 2**15
_BODIES_HELD: Final = 4  # times the greatest body, of requests and of responses that are not taken
Task: TypeAlias = asyncio.Task[Any]
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Seconds:
    """How long a step of a connection may take; `linger` is for a client that is still sending what was refused."""

    HEAD: float = 5.0
    BODY: float = 10.0
    WRITE: float = 10.0
    LINGER: float = 1.0


class HttpServer:
    """A server; `inbox` has the requests for the tick. All else happens in the event loop."""

    def __init__(
        self, body_bytes: int, as_bytes: bool, tls: ssl.SSLContext | None, origins: Collection[str] = ()
    ) -> None:
        self.inbox: Inbox = SimpleQueue()
        self._origins = origins
        self._on_loopback = False
        self._body_bytes = body_bytes
        self._as_bytes = as_bytes
        self._tls = tls
        self._held = 0
        self._finishing = False
        self._answering: set[Task] = set()
        self._acceptor: Acceptor | None = None

    async def start(self, listener: socket.socket) -> None:
        """Accept connections from `listener`."""
        self._on_loopback = ip_address(listener.getsockname()[0]).is_loopback
        self._acceptor = Acceptor(listener, self._serve, MOST_CONNECTIONS, MOST_HEAD, self._tls, Seconds.HEAD)

    async def finish(self, seconds: float) -> None:
        """Accept no more, wait for the responses that are on their way, and let go of every connection."""
        self._finishing = True
        if self._acceptor is None:
            return
        self._acceptor.stop()
        refuse_all(self.inbox)
        if self._answering:
            await asyncio.wait(self._answering, timeout=seconds)
        await self._acceptor.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, refused = "GET", False
        task = asyncio.current_task()
        assert task is not None
        try:
            head = await _head(reader)
            method = head.method
            response = await self._answer(task, head, reader, writer)
            if self._held + len(response.body) > _BODIES_HELD * self._body_bytes:
                raise Refused(503)
        except Refused as refusal:
            response, refused = plain(refusal.status), True
        self._answering.add(task)
        self._held += len(response.body)
        try:
            async with asyncio.timeout(Seconds.WRITE):
                writer.write(response.encoded(method))
                await writer.drain()
            if refused:
                await _linger(reader, writer)
            writer.close()
            async with asyncio.timeout(Seconds.WRITE):
                await writer.wait_closed()
        finally:
            self._held -= len(response.body)
            self._answering.discard(task)

    async def _answer(
        self, task: Task, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> Response:
        if self._on_loopback and is_foreign(head.method, head.headers, self._origins):
            raise Refused(403)
        if head.length > self._body_bytes:
            raise Refused(413)
        if self._held + head.length > _BODIES_HELD * self._body_bytes:
            raise Refused(503)
        self._held += head.length
        try:
            body = await _body(head, reader, writer)
            if self._finishing:
                raise Refused(503)
            exchange = Exchange(self._request(head, body), len(body))
            self._answering.add(task)
            self.inbox.put(exchange)
            response: Response | None = await exchange.answered()
            if response is None:
                raise Refused(503)
            return response
        finally:
            self._held -= head.length

    def _request(self, head: Head, body: bytes) -> dict[object, object]:
        return {
            keyword("method"): head.method,
            keyword("path"): head.path,
            keyword("query"): head.query,
            keyword("headers"): head.headers,
            keyword("body"): body if self._as_bytes else body.decode("utf-8", "replace"),
        }


async def _head(reader: asyncio.StreamReader) -> Head:
    try:
        async with asyncio.timeout(Seconds.HEAD):
            return parsed(await reader.readuntil(b"\r\n\r\n"))
    except asyncio.LimitOverrunError:
        raise Refused(431) from None
    except TimeoutError:
        raise Refused(408) from None


async def _body(head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    if not head.length:
        return b""
    if head.headers.get("expect", "").lower() == "100-continue":
        writer.write(_CONTINUE)
    try:
        async with asyncio.timeout(Seconds.BODY):
            return await reader.readexactly(head.length)
    except TimeoutError:
        raise Refused(408) from None


async def _linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Throw away what a client still sends, so that it gets to read the refusal before the connection breaks."""
    if writer.can_write_eof():
        writer.write_eof()
    async with asyncio.timeout(Seconds.LINGER):
        while await reader.read(2**16):
            pass
