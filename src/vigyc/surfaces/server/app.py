"""From a desk to the one app of its HTTP server: every surface whose packages are installed, behind the guard.

This is the only place that knows which HTTP surfaces there are; each is loaded when an app is composed, and not before.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, NamedTuple

from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from vigyc.lang.errors import SettingsError
from vigyc.surfaces.server import login
from vigyc.surfaces.server.entrance import Entrance
from vigyc.surfaces.server.guard import Guard
from vigyc.surfaces.server.hosts import Hosts
from vigyc.surfaces.server.server_settings import ServerSettings
from vigyc.surfaces.wire.desk import Desk


class Served(NamedTuple):
    """What a surface adds: its routes, and what has to run while they are served."""

    routes: list[BaseRoute]
    running: Callable[[], AbstractAsyncContextManager[None]] | None = None


class App(NamedTuple):
    """The app, and what has to run while it is served."""

    asgi: ASGIApp
    running: tuple[Callable[[], AbstractAsyncContextManager[None]], ...] = ()


class Surface(NamedTuple):
    """A surface: its module, the package it stands on, the extra that installs that, and how it is built."""

    module: str
    package: str
    extra: str
    build: Callable[[Any, Desk], Served]


def _mcp(module: Any, desk: Desk) -> Served:
    app = module.McpApp(desk)
    return Served(app.routes, app.running)


_ROOM: Final = "vigyc.surfaces"
SURFACES: Final = (
    Surface(f"{_ROOM}.rest.routes", "starlette", "server", lambda rest, desk: Served(rest.routes(desk))),
    Surface(f"{_ROOM}.web.routes", "starlette", "server", lambda web, _: Served(web.routes())),
    Surface(f"{_ROOM}.metrics.routes", "prometheus_client", "metrics", lambda found, desk: Served(found.routes(desk))),
    Surface(f"{_ROOM}.graphql.routes", "graphql", "graphql", lambda found, desk: Served(found.routes(desk))),
)
"""Those that are served whenever their package is there."""

MCP: Final = Surface(f"{_ROOM}.mcp.routes", "mcp", "mcp", _mcp)
"""The one that has to be asked for."""


def is_installed(package: str) -> bool:
    """Whether the top-level `package` can be imported."""
    return importlib.util.find_spec(package) is not None


def compose(desk: Desk, entrance: Entrance, hosts: Hosts, settings: ServerSettings) -> App:
    """The app of `desk`. Raises SettingsError if something is asked for that is not installed."""
    served = [surface.build(importlib.import_module(surface.module), desk) for surface in _chosen(settings)]
    routes = [*login.routes(entrance), *(route for each in served for route in each.routes)]
    running = tuple(each.running for each in served if each.running is not None)
    return App(Guard(_App(routes), entrance, hosts, settings.limits), running)


def _chosen(settings: ServerSettings) -> Iterator[Surface]:
    yield from (surface for surface in SURFACES if is_installed(surface.package))
    if settings.mcp:
        if not is_installed(MCP.package):
            raise SettingsError(f"/mcp needs more to be installed: pip install 'vigyc[{MCP.extra}]'")
        yield MCP


class _App:
    """The routes and nothing else: what goes wrong is the guard's to tell."""

    def __init__(self, routes: list[BaseRoute]) -> None:
        self._router = Router(routes, redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self  # then a route that is missing is an exception, not a text
        await self._router(scope, receive, send)
