"""MCP servers as tests talk to them: the command as a process, and streamable HTTP over a real socket, by the SDK."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from surfaces.stage import staged
from vigyc.service.runtime import Runtime
from vigyc.surfaces.mcp.routes import McpApp
from vigyc.surfaces.rest.routes import routes as rest
from vigyc.surfaces.server.app import App
from vigyc.surfaces.wire.caller import SCOPE, Caller, Role
from vigyc.surfaces.wire.desk import Desk

PATIENCE = 60.0  # seconds
T = TypeVar("T")


def played(story: Callable[[], Awaitable[T]]) -> T:
    """Run `story` in an event loop, for no longer than `PATIENCE`."""

    async def timed() -> T:
        async with asyncio.timeout(PATIENCE):
            return await story()

    return asyncio.run(timed())


def command(db: Path, *args: str) -> StdioServerParameters:
    """What a client starts: `vigyc mcp` on the store `db`."""
    return StdioServerParameters(command=sys.executable, args=["-m", "vigyc", "mcp", "--db", str(db), *args])


@asynccontextmanager
async def at_stdio(db: Path, *args: str, mode: str = "auto", **more: Any) -> AsyncIterator[Client]:
    """A client of `vigyc mcp`."""
    async with Client(command(db, *args), mode=mode, cache=None, **more) as client:
        yield client


@asynccontextmanager
async def at_http(
    url: str, name: str = "tester", role: Role = Role.ADMIN, mode: str = "auto", **more: Any
) -> AsyncIterator[Client]:
    """A client of a server over HTTP, as a caller."""
    headers = {"x-caller": f"{name}:{role.word}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=PATIENCE) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode, cache=None, **more) as client,
    ):
        yield client


class _Guard:
    """Says who the caller is, which a header or the token tells; the real guard knows tokens."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            bearer = headers.get(b"authorization", b"Bearer nobody:read").decode().removeprefix("Bearer ")
            told = headers.get(b"x-caller", bearer.encode()).decode()
            name, _, role = told.partition(":")
            scope = {**scope, SCOPE: Caller(name, Role[role.upper()])}
        await self._app(scope, receive, send)


@contextmanager
def served(runtime: Runtime) -> Iterator[str]:
    """The address of `runtime` served over HTTP by a thread; REST is served there too."""
    with staged(runtime, _app) as port:
        yield f"http://127.0.0.1:{port}/mcp"


def _app(desk: Desk) -> App:
    app = McpApp(desk)
    return App(_Guard(Router([*app.routes, *rest(desk)])), (app.running,))
