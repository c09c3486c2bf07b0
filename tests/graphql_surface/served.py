"""From a runtime to its GraphQL at a real address, where who calls is told by a header."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx2
from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from surfaces.stage import staged
from vigyc.service.runtime import Runtime
from vigyc.surfaces.graphql.routes import routes
from vigyc.surfaces.server.app import App
from vigyc.surfaces.wire.caller import SCOPE, Caller, Role

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
EVENTUALLY = 20.0  # seconds


class Served(NamedTuple):
    """A runtime and where it is served."""

    runtime: Runtime
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/graphql"

    def post(self, body: Any, role: str = "admin", accept: str = JSON, **more: Any) -> httpx2.Response:
        headers = {"role": role, "accept": accept}
        return httpx2.post(self.url, json=body, headers=headers, timeout=EVENTUALLY, trust_env=False, **more)

    def ask(self, query: str, role: str = "admin", **variables: Any) -> dict[str, Any]:
        """The whole answer."""
        answer: dict[str, Any] = self.post({"query": query, "variables": variables}, role).json()
        return answer

    def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = self.ask(query, **variables)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data


def known(app: ASGIApp, always: str | None = None) -> ASGIApp:
    """`app` behind a door that believes the header `role`; without one nobody is known (or the role `always`)."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        role = dict(scope.get("headers", ())).get(b"role", (always or "").encode()).decode()
        if role:
            scope[SCOPE] = Caller(f"test-{role}", Role[role.upper()])
        await app(scope, receive, send)

    return guarded


@contextmanager
def serving(runtime: Runtime, always: str | None = None) -> Iterator[Served]:
    """Serve it on a free port."""
    with staged(runtime, lambda desk: App(known(Router(routes(desk)), always))) as port:
        yield Served(runtime, port)
