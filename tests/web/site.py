"""A runtime with its HTTP server, as `vigyc serve` has them, for a browser to visit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from vigyc.service.runtime import Runtime
from vigyc.service.settings import Settings
from vigyc.surfaces.server.server_settings import ServerSettings
from vigyc.surfaces.server.serving import HttpServer
from vigyc.surfaces.server.tokens import Tokens


class Site:
    """A served runtime; `url` ends with a slash."""

    def __init__(self, runtime: Runtime, server: HttpServer, url: str) -> None:
        self.runtime = runtime
        self.server = server
        self.url = url

    def link(self) -> str:
        """A one-time login link."""
        link = self.server.login_link()
        assert link is not None
        return link

    def token(self) -> str:
        """A token of an administrator."""
        return self.server.tokens.all()[0].token

    def register(self, name: str, program: str, **more: Any) -> str:
        """The id of a vigy that ticks only when asked to, unless told otherwise."""
        return self.runtime.register(program, name=name, **{"enabled": False, **more}).vigy.id


@contextmanager
def served(address: str = "127.0.0.1:0", **options: Any) -> Iterator[Site]:
    """A site on a fresh store in memory, whose vigies tick."""
    runtime = Runtime.open(settings=options.pop("settings", Settings()), **options)
    server = HttpServer(runtime, ServerSettings(http=address), Tokens())
    bound = server.start()
    assert bound.url is not None
    try:
        runtime.start()
        yield Site(runtime, server, bound.url)
    finally:
        server.stop(1)
        runtime.close()
