"""From a socket that listens to connections that speak TLS, each of which counts from its first moment on.

asyncio's own servers tell of a connection when its handshake is over; who never begins one would not be counted, and
could open as many as this process may have files.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from vigyc.surfaces.server.crowd import Connection, Crowd, network_of

_PAUSE: Final = 0.2  # seconds without accepting, when there is nothing to accept with
_log = logging.getLogger("vigyc.http")


class Handshakes:
    """Accepts the connections of `listening`; `protocol` makes what takes the place of a handshake that is over."""

    def __init__(
        self,
        listening: socket.socket,
        protocol: Callable[[Connection], asyncio.Protocol],
        tls: ssl.SSLContext,
        crowd: Crowd,
    ) -> None:
        self._listening = listening
        self._protocol = protocol
        self._tls = tls
        self._crowd = crowd
        self._under_way: set[asyncio.Task[None]] = set()
        self._accepting = asyncio.create_task(self._accept())

    def close(self) -> None:
        """Accept nobody any more; handshakes under way are broken off."""
        self._accepting.cancel()
        for task in self._under_way:
            task.cancel()

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                made, place = await loop.sock_accept(self._listening)
            except OSError as error:
                _log.warning("a connection cannot be accepted: %s", error.strerror)
                await asyncio.sleep(_PAUSE)
                continue
            task = asyncio.create_task(self._shake_hands(made, place[0]))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _shake_hands(self, made: socket.socket, host: str) -> None:
        here = _Handshake(asyncio.current_task())
        if not self._crowd.enter(here, network_of(host)):
            made.close()
            return
        patience = self._crowd.limits.headers
        try:
            with suppress(OSError, TimeoutError):  # of TLS too: whoever it was does not speak it
                await asyncio.get_running_loop().connect_accepted_socket(
                    lambda: self._protocol(here), made, ssl=self._tls,
                    ssl_handshake_timeout=patience, ssl_shutdown_timeout=patience,
                )  # fmt: skip
        finally:
            self._crowd.leave(here)


class _Handshake:
    """One that is under way; TLS has its own deadline."""

    is_waiting = True

    def __init__(self, task: asyncio.Task[None] | None) -> None:
        self._task = task

    def is_overdue(self, _: float) -> bool:
        """Never."""
        return False

    def cut(self) -> None:
        """Break it off."""
        if self._task is not None:
            self._task.cancel()
