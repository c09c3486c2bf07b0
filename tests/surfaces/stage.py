"""A small app on the real HTTP server, at a free port of loopback, for as long as a test takes: up and down at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vigyc.service.runtime import Runtime
from vigyc.surfaces.server.app import App
from vigyc.surfaces.server.server_settings import ServerSettings
from vigyc.surfaces.server.serving import HttpServer
from vigyc.surfaces.wire.desk import Desk


@contextmanager
def staged(runtime: Runtime, app_of: Callable[[Desk], App]) -> Iterator[int]:
    """The port at which `app_of` a desk of `runtime` is served."""
    server = HttpServer(runtime, ServerSettings(http="127.0.0.1:0"), compose=lambda desk, *_: app_of(desk))
    address = server.start().address
    assert address is not None
    try:
        yield address.port
    finally:
        server.stop(1)
        assert server._thread is not None
        assert not server._thread.is_alive(), "the server goes on"
