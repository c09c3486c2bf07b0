"""From bytes to requests, in time: uvicorn's protocol for clients that are slow, greedy or hostile.

Every state a connection can be in has a deadline: waiting for the first byte, for the end of the headers, for the body,
for the next request; while a request is being answered, its reader must read. A request that two readers could take
for different ones (its length told twice, or in two ways) is refused, whoever else would accept it. Headers that come
after the body (trailers) are not taken for headers.
"""

from __future__ import annotations

import asyncio
import functools
import json
import logging
from contextlib import suppress
from enum import Enum
from http import HTTPStatus
from math import inf
from typing import Any, Final

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState

from vigyc.surfaces.server.crowd import Connection, Crowd, network_of
from vigyc.surfaces.server.outflow import Outflow
from vigyc.surfaces.server.peer import PEER, peer_of

LINGER: Final = 0.3
"""Seconds that a stream has to end by itself when the server ends."""

_LOGGER: Final = logging.getLogger("vigyc.http")


class Phase(Enum):
    """What a connection waits for."""

    FIRST_BYTE = "the first byte"
    HEADERS = "the headers"
    BODY = "the body"
    ANSWER = "the answer"
    IDLE = "another request"


class Refused(Exception):
    """The bytes are no request we take; raised in the parser's callbacks, which end the parsing."""


class DeadlineProtocol(HttpToolsProtocol):
    """A connection: as uvicorn has it, with the limits of `crowd`."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        crowd: Crowd,
        instead_of: Connection | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = _LOGGER
        self.access_log = False
        self._instead_of = instead_of
        self.ws_protocol_class = functools.partial(DeadlineSocket, crowd=crowd, instead_of=self)  # type: ignore[assignment]
        self._crowd = crowd
        self._limits = crowd.limits
        self._phase = Phase.FIRST_BYTE
        self._began = 0.0
        self._due = inf
        self._taken = 0  # bytes, of the head or of the body
        self._trailed = 0  # bytes of headers after the body
        self._status = HTTPStatus.BAD_REQUEST
        self._outflow: Outflow | None = None
        self._running: RequestResponseCycle | None = None  # whose request is being answered; others may wait

    # -- the connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As uvicorn; one too many is told so and closed."""
        super().connection_made(transport)
        self._outflow = Outflow(transport)
        peer = peer_of(transport)
        if peer is not None:
            self.app_state = {**self.app_state, PEER: peer}
        if self._instead_of is not None:
            self._crowd.replace(self._instead_of, self)
        elif not self._crowd.enter(self, network_of(self.client[0]) if self.client else ""):
            self.connections.discard(self)
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "there are too many connections")
            return
        self._enter(Phase.FIRST_BYTE, self._limits.first_byte)

    def connection_lost(self, exc: Exception | None) -> None:
        """As uvicorn, and out of the crowd."""
        self._crowd.leave(self)
        self._leave()
        super().connection_lost(exc)

    @property
    def is_waiting(self) -> bool:
        """Whether it has no request that is being answered, and nothing of an answer is yet to be sent."""
        return not self._is_answering() and not self.transport.get_write_buffer_size()

    def is_overdue(self, now: float) -> bool:
        """Whether the client let a deadline pass; what we hold up ourselves is not counted against it."""
        assert self._outflow is not None
        unsent = self.transport.get_write_buffer_size() > 0
        ends = self.transport.is_closing()
        if (unsent or ends or self._is_answering()) and self._outflow.is_stuck(now, self._limits.write):
            return True
        if unsent and self._phase is Phase.IDLE:
            self._enter(Phase.IDLE, self._limits.idle)
        return not (ends or self.flow.read_paused) and (now > self._due or self._trickles(now))

    def cut(self) -> None:
        """End it; a client that has not sent all of its request is told why."""
        begun = self._running is not None and self._running.response_started and self._is_answering()
        asking = self._phase in {Phase.HEADERS, Phase.BODY} and not begun
        if asking and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"{self._phase.value} took too long")
        else:
            self.transport.abort()

    def shutdown(self) -> None:
        """The server ends: finish the request under way and no other; a stream has a moment to say that it ends."""
        self.pipeline.clear()
        if self._running is None or self._running.response_complete:
            self.transport.close()
        else:
            self._running.keep_alive = False
            if self._running.response_started and self._running.chunked_encoding:
                self.loop.call_later(LINGER, self._break_off)

    def _break_off(self) -> None:
        """End a stream that did not end by itself."""
        if not self.transport.is_closing():
            self._leave()
            self.transport.close()

    def _leave(self) -> None:
        """Tell who answers that nobody is there any more; uvicorn tells only the last of several requests."""
        self.pipeline.clear()
        if self._running is not None:
            self._running.disconnected = True
            self._running.message_event.set()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """As uvicorn, for an app that need not know whether anybody is there still."""

        async def quietly(scope: Any, receive: Any, send: Any) -> None:
            async def send_if_open(message: Any) -> None:
                if self.transport.is_closing():
                    cycle.disconnected = True  # uvloop refuses what is written from now on
                await send(message)

            with suppress(asyncio.CancelledError):  # at the end of the server, when its clients have gone
                await app(scope, receive, send_if_open)
            cycle.disconnected = cycle.disconnected or self.transport.is_closing()

        self._running = cycle
        super()._start_asgi_task(cycle, quietly)

    def _is_answering(self) -> bool:
        return self._running is not None and not self._running.response_complete

    def _trickles(self, now: float) -> bool:
        took = now - self._began
        slow = self._phase is Phase.BODY and self._taken < took * self._limits.body_rate
        return slow and took > self._limits.body_grace

    def _enter(self, phase: Phase, seconds: float) -> None:
        self._phase = phase
        self._began = self.loop.time()
        self._due = self._began + seconds
        self._taken = 0

    # -- what the parser is fed and says

    def data_received(self, data: bytes) -> None:
        """As uvicorn, within the limits of a head."""
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        head = self.headers
        try:
            self.parser.feed_data(data)
            if self._phase is Phase.HEADERS and self.headers is head:
                self._taken += len(data)
                self._check_head(self._taken)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
        except (httptools.HttpParserError, Refused) as error:
            cause = error if isinstance(error, Refused) else error.__context__
            self._refuse(self._status, str(cause) if isinstance(cause, Refused) else "this is no HTTP/1.1 request")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._trailed = 0
        self._enter(Phase.HEADERS, self._limits.headers)

    def on_url(self, url: bytes) -> None:
        """A piece of its URL."""
        super().on_url(url)
        if len(self.url) > self._limits.url_bytes:
            self._status = HTTPStatus.REQUEST_URI_TOO_LONG
            raise Refused(f"the URL is longer than {self._limits.url_bytes} bytes")

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; one after the body counts for nothing, but it counts."""
        if self._phase is Phase.HEADERS:
            super().on_header(name, value)
            return
        self._trailed += len(name) + len(value) + _AROUND
        self._check_head(self._trailed)

    def on_headers_complete(self) -> None:
        """The headers are complete: the request is taken or refused."""
        self._check_head(sum(len(name) + len(value) + _AROUND for name, value in self.headers))
        self._check_framing()
        self._enter(Phase.BODY, self._limits.body)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._taken += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        self._phase, self._due = Phase.ANSWER, inf
        super().on_message_complete()
        if not self._is_answering():
            self._enter(Phase.IDLE, self._limits.idle)

    def on_response_complete(self) -> None:
        """A request was answered; others may wait already."""
        was_last = not self.pipeline
        super().on_response_complete()
        if was_last and self._phase is Phase.ANSWER:
            self._enter(Phase.IDLE, self._limits.idle)

    def send_400_response(self, msg: str) -> None:
        """What uvicorn itself refuses."""
        self._refuse(HTTPStatus.BAD_REQUEST, msg)

    def _check_head(self, size: int) -> None:
        if size > self._limits.head_bytes:
            self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise Refused(f"the headers are longer than {self._limits.head_bytes} bytes")

    def _check_framing(self) -> None:
        """Raises Refused if the request could be read in two ways."""
        told = {name: [value for each, value in self.headers if each == name] for name in _FRAMING}
        lengths, codings, hosts = (told[name] for name in _FRAMING)
        version = self.parser.get_http_version()
        if version not in {"1.0", "1.1"}:
            raise Refused("the version of HTTP must be 1.1")
        if not (self.url.isascii() and self.url.startswith(b"/")):
            raise Refused("the URL must be a path, in ASCII")
        if len(lengths) > 1 or (lengths and codings) or any(not value.isdigit() for value in lengths):
            raise Refused("the length of the body is told more than once, or not as a number")
        if codings and (version == "1.0" or [value.lower() for value in codings] != [b"chunked"]):
            raise Refused("the only transfer encoding is chunked, in HTTP/1.1")
        if len(hosts) > 1 or (not hosts and version == "1.1"):
            raise Refused("there must be one Host header")

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self.transport.write(_refusal(status, why))
        self.transport.close()


_AROUND: Final = 4  # bytes around a header: colon, blank, and the end of the line
_FRAMING: Final = (b"content-length", b"transfer-encoding", b"host")


class DeadlineSocket(WebSocketsSansIOProtocol):
    """A WebSocket whose reader has to read."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        crowd: Crowd,
        instead_of: Connection,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = _LOGGER
        self.conn.debug = False  # it would log every header, and with them tokens and cookies
        self._crowd = crowd
        self._instead_of = instead_of
        self._outflow: Outflow | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Taken over from the request that asked for it."""
        super().connection_made(transport)
        self._crowd.replace(self._instead_of, self)
        self._outflow = Outflow(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """As uvicorn, and out of the crowd."""
        self._crowd.leave(self)
        super().connection_lost(exc)

    @property
    def is_waiting(self) -> bool:
        """Never: it was let in."""
        return False

    def is_overdue(self, now: float) -> bool:
        """Whether its reader does not read."""
        assert self._outflow is not None
        return self._outflow.is_stuck(now, self._crowd.limits.write)

    def cut(self) -> None:
        """End it."""
        self.transport.abort()


def _refusal(status: HTTPStatus, why: str) -> bytes:
    """A whole answer for what never became a request."""
    kind = "store-unavailable" if status is HTTPStatus.SERVICE_UNAVAILABLE else "invalid"
    told = {
        "type": f"urn:vigyc:error:{kind}", "title": status.phrase, "status": status, "detail": why, "kind": kind
    }  # fmt: skip
    body = json.dumps(told).encode()
    head = (
        f"HTTP/1.1 {status} {status.phrase}\r\ncontent-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
