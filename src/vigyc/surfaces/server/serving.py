"""From a runtime to an HTTP server beside it: one thread with an event loop, from `start` to `stop`.

uvicorn's protocols do the work; its `Server` does not, for that one owns the process: signals, logging, lifespan. Here
the sockets are bound before anything else, so that what is wrong with an address is told at once; and the end has a
time limit that no client can stretch.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import importlib.util
import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from email.utils import formatdate
from typing import Final, NamedTuple, TypeAlias

from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.server import ServerState

from vigyc.lang.errors import Conflict, SettingsError
from vigyc.service.runtime import Runtime
from vigyc.surfaces.server.app import App, compose
from vigyc.surfaces.server.crowd import Crowd
from vigyc.surfaces.server.entrance import Entrance, Failures
from vigyc.surfaces.server.handshakes import Handshakes
from vigyc.surfaces.server.hosts import Hosts
from vigyc.surfaces.server.listening import Address, address_of, forget_unix, listen, listen_unix, tls_of
from vigyc.surfaces.server.protocol import DeadlineProtocol
from vigyc.surfaces.server.server_settings import ServerSettings
from vigyc.surfaces.server.sessions import Cookie, Sessions
from vigyc.surfaces.server.tokens import Tokens
from vigyc.surfaces.wire.desk import Desk

GRACE: Final = 5.0
MESSAGE: Final = 2**20  # bytes of a WebSocket message
_LAST: Final = 0.5  # seconds that are kept of the grace for what was cut
_GLANCE: Final = 0.02
_log = logging.getLogger("vigyc")

Compose: TypeAlias = Callable[[Desk, Entrance, Hosts, ServerSettings], App]


class Bound(NamedTuple):
    """Where a server listens: at `address`, as browsers write it `url`; at the unix socket `socket`."""

    address: Address | None
    url: str | None
    socket: str | None


class HttpServer:
    """Serves `runtime` over HTTP to whoever has one of `tokens`; its methods are for one thread, any thread."""

    def __init__(
        self,
        runtime: Runtime,
        settings: ServerSettings | None = None,
        tokens: Tokens | None = None,
        *,
        compose: Compose = compose,
    ) -> None:
        self._runtime = runtime
        self._settings = settings if settings is not None else ServerSettings()
        self.tokens = tokens if tokens is not None else Tokens()
        self.sessions = Sessions(self.tokens.whose)
        self._compose = compose
        self._tcp: list[socket.socket] = []
        self._unix: tuple[socket.socket, int] | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending = asyncio.Event()
        self._ends_at = 0.0
        self._bound: Bound | None = None

    def start(self) -> Bound:
        """Listen and serve from now on. Raises SettingsError if it cannot, Conflict if it does already."""
        if self._thread is not None:
            raise Conflict("this server was started already")
        settings = self._settings
        tls = tls_of(settings.tls_cert, settings.tls_key)
        self.tokens.ensure()
        try:
            bound = self._listen(tls)
            ready: Future[None] = Future()
            self._thread = threading.Thread(target=self._run, args=(bound, tls, ready), name="vigyc-http")
            self._thread.start()
            ready.result()
        except BaseException:
            self._close_sockets()
            raise
        self._bound = bound
        return bound

    def stop(self, grace: float = GRACE) -> None:
        """End within `grace` seconds: what is under way ends or is cut; again is nothing."""
        if self._thread is None:
            return
        self._ends_at = time.monotonic() + grace
        if self._loop is not None:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(grace + 1)
        if self._thread.is_alive():
            _log.error("the HTTP server did not end within %g s; something in it does not let go", grace + 1)
        self._close_sockets()

    def login_link(self, seconds: float | None = None) -> str | None:
        """A link that opens one session of an administrator, within `seconds` or whenever; None without a port."""
        if self._bound is None or self._bound.url is None:
            return None
        return f"{self._bound.url}login?code={self.sessions.code(seconds=seconds)}"

    def _listen(self, tls: ssl.SSLContext | None) -> Bound:
        address, url, path = None, None, self._settings.socket
        if self._settings.http is not None:
            asked = address_of(self._settings.http)
            self._tcp = listen(asked)
            address = asked._replace(port=self._tcp[0].getsockname()[1])
            url = f"{'http' if tls is None else 'https'}://{_reachable(address)}/"
        if path is not None:
            made = listen_unix(path)
            self._unix = (made, os.lstat(path).st_ino)
        if address is None and path is None:
            raise SettingsError("a server needs an address or a socket to listen at")
        return Bound(address, url, path)

    def _close_sockets(self) -> None:
        for each in self._tcp:
            each.close()
        if self._unix is not None and self._unix[0].fileno() != -1:
            forget_unix(*self._unix)
        self._tcp, self._unix = [], None

    def _run(self, bound: Bound, tls: ssl.SSLContext | None, ready: Future[None]) -> None:
        """All of the thread."""
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                self._loop = runner.get_loop()
                runner.run(self._serve(bound, tls, ready))
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    async def _serve(self, bound: Bound, tls: ssl.SSLContext | None, ready: Future[None]) -> None:
        settings = self._settings
        desk = Desk(self._runtime)
        cookie = Cookie(bound.address.port if bound.address is not None else 0, tls is not None)
        entrance = Entrance(self.tokens, self.sessions, cookie, Failures())
        hosts = Hosts(bound.address, settings.allowed_hosts, tls=tls is not None)
        crowd = Crowd(settings.limits)
        try:
            app = self._compose(desk, entrance, hosts, settings)
            async with AsyncExitStack() as stack:
                for running in app.running:
                    await stack.enter_async_context(running())
                state = await stack.enter_async_context(_dated())
                protocol = _protocol(app.asgi, crowd, state)
                servers = await self._accept(protocol, tls, crowd)
                ready.set_result(None)
                await self._ending.wait()
                for server in servers:
                    server.close()
                desk.end_watching()
                await self._drain(state, crowd)
        finally:
            crowd.close()
            desk.close()

    async def _accept(
        self, protocol: Callable[..., asyncio.Protocol], tls: ssl.SSLContext | None, crowd: Crowd
    ) -> list[asyncio.AbstractServer | Handshakes]:
        loop = asyncio.get_running_loop()
        servers: list[asyncio.AbstractServer | Handshakes] = [
            await loop.create_server(protocol, sock=each)
            if tls is None
            else Handshakes(each, lambda instead_of: protocol(instead_of=instead_of), tls, crowd)
            for each in self._tcp
        ]
        if self._unix is not None:
            servers.append(await loop.create_unix_server(protocol, sock=self._unix[0].dup()))
        return servers

    async def _drain(self, state: ServerState, crowd: Crowd) -> None:
        """Let what is under way end, then cut it."""
        for connection in list(state.connections):
            connection.shutdown()
        left = self._ends_at - time.monotonic()
        await _until(lambda: not (crowd or state.tasks), min(self._settings.limits.drain, left - _LAST))
        crowd.cut_all()
        await asyncio.sleep(0)
        for task in list(state.tasks):
            task.cancel()
        await _until(lambda: not (crowd or state.tasks), _LAST)


async def _until(so: Callable[[], bool], seconds: float) -> None:
    """Wait until `so`, but no longer than `seconds`."""
    end = time.monotonic() + seconds
    while not so() and time.monotonic() < end:
        await asyncio.sleep(_GLANCE)


@asynccontextmanager
async def _dated() -> AsyncIterator[ServerState]:
    """What uvicorn's connections share, with the date kept up."""
    state = ServerState()

    async def keep() -> None:
        while True:
            state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
            await asyncio.sleep(1)

    state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
    clock = asyncio.create_task(keep())
    try:
        yield state
    finally:
        clock.cancel()


def _protocol(app: ASGIApp, crowd: Crowd, state: ServerState) -> Callable[..., asyncio.Protocol]:
    """What makes the connections."""
    config = Config(
        app,
        lifespan="off",
        interface="asgi3",
        log_config=None,
        proxy_headers=False,  # nobody is believed about the address of somebody else
        ws="none",
        ws_max_size=MESSAGE,
        timeout_keep_alive=3600,  # the crowd's deadline is the one that counts
    )
    config.load()
    return functools.partial(DeadlineProtocol, config, state, {}, crowd=crowd)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop, where it is installed."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    return factory


def _reachable(address: Address) -> Address:
    """`address` as one goes to it: if it is every address of this machine, the loopback one."""
    wildcards = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
    return address._replace(host=wildcards.get(address.host, address.host))
