"""A runtime served by everything there is: the HTTP server with all of its surfaces, and gRPC beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from vigyc.effects.policy import Policy
from vigyc.service.runtime import Runtime
from vigyc.surfaces.grpc.serving import GrpcServer
from vigyc.surfaces.server.server_settings import ServerSettings
from vigyc.surfaces.server.serving import HttpServer
from vigyc.surfaces.server.tokens import Tokens
from vigyc.surfaces.wire.caller import Role

PATIENCE = 30.0  # seconds
GRANTED = Policy.of("fs.read:/srv/data")


class House(NamedTuple):
    """Where a runtime is served, and a token for each role."""

    runtime: Runtime
    url: str
    grpc: str
    tokens: dict[str, str]

    @property
    def admin(self) -> str:
        return self.tokens["admin"]


@contextmanager
def house(place: Path | str = ":memory:") -> Iterator[House]:
    """A runtime on the store at `place`, served while this lasts."""
    tokens = Tokens()
    tokens.ensure()
    known = {role.word: tokens.add(role.word, role).token for role in (Role.READ, Role.OPERATE)}
    known["admin"] = tokens.named("admin").token
    with Runtime.open(place, policy=GRANTED) as runtime:
        runtime.start()
        http = HttpServer(runtime, ServerSettings(http="127.0.0.1:0", mcp=True), tokens)
        grpc = GrpcServer(runtime, "127.0.0.1:0", tokens.authenticate)
        try:
            url = http.start().url
            assert url is not None
            yield House(runtime, url.rstrip("/"), grpc.start(), known)
        finally:
            grpc.stop(1)
            http.stop(1)
