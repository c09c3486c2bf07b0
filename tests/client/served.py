"""A server as tests start it: the real one, with REST and its guard, at a port that can be kept or a socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from vigyc.service.runtime import Runtime
from vigyc.surfaces.rest.routes import routes
from vigyc.surfaces.server.app import App
from vigyc.surfaces.server.entrance import Entrance
from vigyc.surfaces.server.guard import Guard
from vigyc.surfaces.server.hosts import Hosts
from vigyc.surfaces.server.server_settings import ServerSettings
from vigyc.surfaces.server.serving import HttpServer
from vigyc.surfaces.server.tokens import Tokens
from vigyc.surfaces.wire.caller import Role
from vigyc.surfaces.wire.desk import Desk


def _rest(desk: Desk, entrance: Entrance, hosts: Hosts, settings: ServerSettings) -> App:
    router = Router(routes(desk), redirect_slashes=False)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = app
        await router(scope, receive, send)

    return App(Guard(app, entrance, hosts, settings.limits))


class Served:
    """A server that runs at `url`; `admin` and `reader` are tokens for it. It can be stopped and started again."""

    def __init__(self, runtime: Runtime, settings: ServerSettings) -> None:
        self._runtime = runtime
        self._settings = settings
        self._tokens = Tokens()
        self._tokens.ensure()
        self.admin = self._tokens.named("admin").token
        self.reader = self._tokens.add("rob", Role.READ).token
        self.start()

    def start(self, runtime: Runtime | None = None) -> None:
        """Serve from now on, at the address of before."""
        self._server = HttpServer(runtime or self._runtime, self._settings, self._tokens, compose=_rest)
        bound = self._server.start()
        if bound.address is not None:
            self._settings = self._settings._replace(http=f"127.0.0.1:{bound.address.port}")
        self.url = bound.url.rstrip("/") if bound.url is not None else f"unix:{bound.socket}"

    def stop(self) -> None:
        """End it, and every connection to it."""
        self._server.stop(1.0)


@contextmanager
def served(
    runtime: Runtime, *, socket: Path | None = None, tls: tuple[Path, Path] | None = None
) -> Iterator[Served]:  # fmt: skip
    """A server upon `runtime` while this lasts: at a port, or at a unix `socket`."""
    settings = ServerSettings(http="127.0.0.1:0") if socket is None else ServerSettings(None, str(socket))
    if tls is not None:
        settings = settings._replace(tls_cert=str(tls[0]), tls_key=str(tls[1]))
    running = Served(runtime, settings)
    try:
        yield running
    finally:
        running.stop()
