"""From a connection over a unix socket to the user at its other end."""

from __future__ import annotations

import asyncio
import os
import pwd
import socket
import struct
from typing import Final

from vigyc.surfaces.wire.caller import Caller, Role

PEER: Final = "vigyc.peer"
"""Where the state of a scope has the caller a unix socket vouches for."""

_CREDENTIALS: Final = struct.Struct("3i")  # pid, uid, gid
_NOBODY_KNOWN: Final = Caller("unix", Role.ADMIN)


def peer_of(transport: asyncio.BaseTransport) -> Caller | None:
    """Who is at the other end of a unix socket, an administrator; None for any other kind of connection.

    The socket's mode (0600) let them in; of whom the system does not tell, only that is known.
    """
    held = transport.get_extra_info("socket")
    if held is None or held.family != getattr(socket, "AF_UNIX", None):
        return None
    if not hasattr(socket, "SO_PEERCRED"):
        return _NOBODY_KNOWN
    with socket.socket(fileno=os.dup(held.fileno())) as copy:
        _, uid, _ = _CREDENTIALS.unpack(copy.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    try:
        return Caller(pwd.getpwuid(uid).pw_name, Role.ADMIN)
    except KeyError:
        return Caller(f"uid {uid}", Role.ADMIN)
