"""From a WebSocket to one that ends, for both sides, when its caller would not be let in any more."""

from __future__ import annotations

from typing import Any, Final

from starlette.types import Receive, Send

from vigyc.surfaces.wire.watch import GONE, Watch

CLOSED: Final = 1008
"""The code of a WebSocket that may not be open (policy violation)."""


class WatchedSocket:
    """A WebSocket that ends with the next message after `watch` ended."""

    def __init__(self, receive: Receive, send: Send, watch: Watch) -> None:
        self._receive = receive
        self._send = send
        self._watch = watch
        self._closed = False

    async def receive(self) -> Any:
        """The next message of the client."""
        message = await self._receive()
        if message["type"] == "websocket.receive" and await self._has_ended():
            return {"type": "websocket.disconnect", "code": CLOSED}
        return message

    async def send(self, message: Any) -> None:
        """Send it. Raises OSError once nobody may hear it."""
        if message["type"] == "websocket.send" and await self._has_ended():
            raise OSError(GONE)
        if not self._closed:
            await self._send(message)

    async def _has_ended(self) -> bool:
        if self._watch.ended() and not self._closed:
            self._closed = True
            await self._send({"type": "websocket.close", "code": CLOSED, "reason": GONE})
        return self._closed
