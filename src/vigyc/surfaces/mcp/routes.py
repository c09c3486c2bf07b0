"""From HTTP requests at /mcp to the MCP server: the SDK's streamable HTTP, for whoever the guard let in.

The guard has checked the Host and Origin headers, so the SDK does not again. A session belongs to the caller who opened
it, is forgotten when nobody used it for `IDLE` seconds, and there are no more than `SESSIONS`; what a request may do
depends on the caller of that request alone. Clients of the protocol of 2026 need no session.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from vigyc.surfaces.mcp.server import Context, build_server
from vigyc.surfaces.wire.caller import SCOPE, Caller
from vigyc.surfaces.wire.desk import Desk

PATH: Final = "/mcp"
IDLE: Final = 900.0
SESSIONS: Final = 256
LARGEST: Final = 16 * 2**20  # bytes of a request


class McpApp:
    """The MCP server of a desk, for an HTTP server: its routes, and what must run while they are served."""

    def __init__(self, desk: Desk) -> None:
        self._manager = StreamableHTTPSessionManager(
            build_server(desk, _caller_of),
            security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
            session_idle_timeout=IDLE,
            max_sessions=SESSIONS,
            max_request_body_size=LARGEST,
        )
        self.routes: list[BaseRoute] = [Route(PATH, _Endpoint(self._manager))]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While requests are served; once."""
        async with self._manager.run():
            yield


class _Endpoint:
    """The SDK's application, which is told whose request it is, so that a session is used by nobody else."""

    def __init__(self, manager: StreamableHTTPSessionManager) -> None:
        self._manager = manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller: Caller = scope[SCOPE]
        token = AccessToken(token="", client_id=caller.name, scopes=[caller.role.word])
        await self._manager.handle_request({**scope, "user": AuthenticatedUser(token)}, receive, send)


def _caller_of(ctx: Context) -> Caller:
    caller: Caller = ctx.request.scope[SCOPE]  # type: ignore[union-attr]
    return caller
