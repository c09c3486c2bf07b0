"""From an allowed address to a socket that listens on it."""

from __future__ import annotations

import errno
import socket
from typing import Final, TypeAlias

from vigyc.effects.result import EffectFailed

Port: TypeAlias = tuple[str, int]
"""An address of this machine and a port of it, as the gate has allowed them."""
_BACKLOG: Final = 128


def listening(port: Port) -> socket.socket:
    """A socket that listens on `port`. Raises EffectFailed, OSError."""
    address, number = port
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.setblocking(False)
        listener.bind((address, number))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise EffectFailed("in-use", f"port {number} is in use") from error
        if error.errno == errno.EADDRNOTAVAIL:
            raise EffectFailed("no-address", f"{address} is no address of this machine") from error
        raise
    return listener
