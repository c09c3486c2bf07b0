"""From what was asked for to what a server listens on and lets in."""

from __future__ import annotations

from typing import Final, NamedTuple

from vigyc.surfaces.server.limits import Limits

HTTP: Final = "127.0.0.1:38821"
GRPC: Final = "127.0.0.1:38822"


class ServerSettings(NamedTuple):
    """Where an HTTP server listens and what it serves.

    `http` is an address (`HOST:PORT`, port 0 for any that is free) and `socket` the path of a unix socket; either may
    be None. `tls_cert` and `tls_key` are paths of PEM files. `allowed_hosts` are names it is called by besides its
    address. `mcp` adds /mcp.
    """

    http: str | None = HTTP
    socket: str | None = None
    tls_cert: str | None = None
    tls_key: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    mcp: bool = False
    limits: Limits = Limits()
