"""From a runtime to REST on a real socket, and to requests of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any, NamedTuple

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from surfaces.stage import staged
from vigyc.service.runtime import Runtime
from vigyc.surfaces.rest.routes import routes
from vigyc.surfaces.server.app import App
from vigyc.surfaces.wire.caller import SCOPE, Caller, Role

ROOT = Caller("root", Role.ADMIN)


class LetIn:
    """Lets everybody in, as `caller` (None: as nobody); a token `role NAME` of a request says otherwise."""

    def __init__(self, app: ASGIApp, caller: Caller | None = ROOT) -> None:
        self.app = app
        self.caller = caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.caller is not None:
            word = dict(scope["headers"]).get(b"x-role", b"").decode()
            scope = {**scope, SCOPE: Caller(word, Role[word.upper()]) if word else self.caller}
        await self.app(scope, receive, send)


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Served:
    """REST at `host`:`port`."""

    def __init__(self, runtime: Runtime, host: str, port: int) -> None:
        self.runtime = runtime
        self.host = host
        self.port = port

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def ask(self, method: str, path: str, data: object = None, raw: bytes | None = None, **headers: str) -> Reply:
        """One request on a connection of its own; `data` is its JSON, `raw` its body as it stands."""
        body = raw if raw is not None else None if data is None else json.dumps(data).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            sent.setdefault("content-type", "application/json")
        connection = HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, **headers)

    def post(self, path: str, data: object = None, **headers: str) -> Reply:
        return self.ask("POST", path, data, **headers)

    def register(self, name: str = "counter", program: str = '(vigy-incr "ticks")', **more: object) -> Any:
        reply = self.post("/v1/vigies", {"name": name, "program": program, **more})
        assert reply.status == 201, reply
        return reply.json


@contextmanager
def served(runtime: Runtime, caller: Caller | None = ROOT, heartbeat: float = 15.0) -> Iterator[Served]:
    """`runtime` with REST on a free port of loopback."""
    with staged(runtime, lambda desk: App(LetIn(Router(routes(desk, heartbeat)), caller))) as port:
        yield Served(runtime, "127.0.0.1", port)
