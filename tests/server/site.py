"""A server as tests start it: the real one, on a port of its own, with a small app behind its guard or all of it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, Router, WebSocketRoute
from starlette.websockets import WebSocket

from vigyc.service.runtime import Runtime
from vigyc.surfaces.server import login
from vigyc.surfaces.server.app import App
from vigyc.surfaces.server.entrance import Entrance
from vigyc.surfaces.server.guard import Guard
from vigyc.surfaces.server.hosts import Hosts
from vigyc.surfaces.server.limits import Limits
from vigyc.surfaces.server.server_settings import ServerSettings
from vigyc.surfaces.server.serving import Bound, HttpServer
from vigyc.surfaces.server.tokens import Tokens
from vigyc.surfaces.wire.caller import SCOPE, Role
from vigyc.surfaces.wire.desk import Desk

SHORT = Limits(first_byte=0.3, headers=0.4, body=0.8, body_rate=1024, body_grace=0.3, idle=0.3, write=0.5, drain=1.0)
LONG = 30.0  # seconds no test waits
MIB = 2**20


async def _echo(request: Request) -> Response:
    body = await request.body()
    return JSONResponse({"bytes": len(body), "caller": request.scope[SCOPE].name, "path": request.url.path})


async def _much(request: Request) -> Response:
    return Response(bytes(64 * MIB))


async def _stream(request: Request) -> Response:
    async def endless() -> Any:
        yield b"data: begun\n\n"
        while True:
            yield bytes(MIB) if "fast" in request.query_params else b""
            await asyncio.sleep(0.01)

    return StreamingResponse(endless(), media_type="text/event-stream")


async def _stuck(request: Request) -> Response:
    await asyncio.sleep(LONG)
    return PlainTextResponse("late")


async def _broken(request: Request) -> Response:
    raise ZeroDivisionError("secret insides")


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(f"{socket.scope[SCOPE].name}: {text}")


def small_app(desk: Desk, entrance: Entrance, hosts: Hosts, settings: ServerSettings) -> App:
    """A few routes, each for something a test does."""
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    router = Router(
        [
            *login.routes(entrance),
            Route("/v1/echo", _echo, methods=every),
            Route("/v1/much", _much),
            Route("/v1/stream", _stream),
            Route("/v1/stuck", _stuck),
            Route("/v1/broken", _broken),
            Route("/", lambda _: PlainTextResponse("page")),
            Route("/livez", lambda _: PlainTextResponse("live")),
            WebSocketRoute("/v1/socket", _socket),
        ]
    )

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["app"] = router
        await router(scope, receive, send)

    return App(Guard(app, entrance, hosts, settings.limits))


class Site:
    """A server that runs, and who talks to it."""

    def __init__(self, server: HttpServer, bound: Bound) -> None:
        self.server = server
        self.bound = bound
        self.token = server.tokens.all()[0].token
        assert bound.address is not None
        self.port = bound.address.port

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def bearer(self, role: Role) -> str:
        """The header of somebody with that role."""
        name = f"some-{role.word}"
        known = {token.name: token for token in self.server.tokens.all()}
        return f"Bearer {(known.get(name) or self.server.tokens.add(name, role)).token}"

    def connect(self, **options: Any) -> socket.socket:
        """A connection; `rcvbuf` makes its reader a small one."""
        made = socket.socket()
        if "rcvbuf" in options:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options["rcvbuf"])
        made.settimeout(LONG)
        made.connect(("127.0.0.1", self.port))
        return made

    def request(
        self, method: str = "GET", path: str = "/v1/echo", *, body: bytes = b"", **headers: str | None
    ) -> bytes:
        """The bytes of a request; a header given as None is left out, and `_` stands for `-`."""
        told: dict[str, str | None] = {"Host": self.host, "Authorization": f"Bearer {self.token}"}
        if body:
            told |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"{name}: {value}\r\n" for name, value in told.items() if value is not None]
        return f"{method} {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode("latin-1") + body

    def ask(self, method: str = "GET", path: str = "/v1/echo", *, body: bytes = b"", **headers: str | None) -> Reply:
        """Ask once."""
        with self.connect() as connection:
            connection.sendall(self.request(method, path, body=body, **{"Connection": "close", **headers}))
            return reply(connection)

    def raw(self, data: bytes) -> Reply:
        """What is answered to these bytes, whatever they are."""
        with self.connect() as connection:
            with suppress(OSError):  # it may hang up before it has all; what it said is there to be read
                connection.sendall(data)
            return reply(connection)


class Reply:
    """What came back: nothing at all has the status 0."""

    def __init__(self, data: bytes) -> None:
        head, _, self.body = data.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        self.status = int(first.split(" ")[1]) if first else 0
        pairs = [line.split(": ", 1) for line in rest]
        self.headers = {name.lower(): value for name, value in pairs}
        self.data = data

    def __repr__(self) -> str:
        return repr(self.data[:2000])


def reply(connection: socket.socket | ssl.SSLSocket) -> Reply:
    """Everything until the other side closes."""
    return Reply(everything(connection))


def everything(connection: socket.socket) -> bytes:
    """All bytes until the other side closes, or breaks off."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def one_reply(connection: socket.socket) -> Reply:
    """One answer with a length, on a connection that goes on."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return Reply(data)
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    told = Reply(head + b"\r\n\r\n")
    length = int(told.headers.get("content-length", "0"))
    while len(body) < length:
        body += connection.recv(65536)
    return Reply(head + b"\r\n\r\n" + body)


@contextmanager
def site(settings: ServerSettings | None = None, *, tokens: Tokens | None = None, **options: Any) -> Iterator[Site]:
    """A server on a port of its own, of a runtime in memory; `whole=True` for the whole app, with `limits`."""
    limits = options.get("limits", Limits())
    chosen = (settings or ServerSettings())._replace(http="127.0.0.1:0", limits=limits)
    compose = {} if options.get("whole") else {"compose": small_app}
    with Runtime.open(":memory:") as runtime:
        server = HttpServer(runtime, chosen, tokens, **compose)
        bound = server.start()
        try:
            yield Site(server, bound)
        finally:
            server.stop()
