"""From a runtime to the four routes on a real socket, and to requests of them."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any, NamedTuple

import uvicorn
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from vigyc.service.runtime import Runtime
from vigyc.surfaces.metrics.routes import routes
from vigyc.surfaces.wire.caller import SCOPE, Caller, Role
from vigyc.surfaces.wire.desk import Desk

READER = Caller("reader", Role.READ)


class Reply(NamedTuple):
    status: int
    kind: str
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Served:
    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, nobody: bool = False, **headers: str) -> Reply:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers={**headers, **({"x-nobody": "1"} if nobody else {})})
            answer = connection.getresponse()
            return Reply(answer.status, answer.getheader("content-type") or "", answer.read().decode())
        finally:
            connection.close()

    def samples(self) -> dict[str, list[tuple[Mapping[str, str], float]]]:
        """What `/metrics` says, by the name of the sample, as the parser of Prometheus reads it."""
        reply = self.get("/metrics")
        assert reply.status == 200, reply.text
        found: dict[str, list[tuple[Mapping[str, str], float]]] = {}
        for family in text_string_to_metric_families(reply.text):
            for sample in family.samples:
                found.setdefault(sample.name, []).append((sample.labels, sample.value))
        return found


class LetIn:
    """Lets everybody in as a reader, unless they say that they are nobody."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (b"x-nobody", b"1") not in scope["headers"]:
            scope = {**scope, SCOPE: READER}
        await self.app(scope, receive, send)


@contextmanager
def served(runtime: Runtime, vigies: int = 200) -> Iterator[Served]:
    desk = Desk(runtime)
    app = LetIn(Starlette(routes=routes(desk, vigies)))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield Served(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
        desk.close()
