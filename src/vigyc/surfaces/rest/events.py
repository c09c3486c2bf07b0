"""From notices to server-sent events: what happens, as it happens, after a number or from now on.

The number of a notice is the id of its event, so that a client that was cut off goes on where it was (`Last-Event-ID`).
Those that are at hand together go out together. The stream ends when the client goes or the runtime closes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, Final

from vigyc.lang.errors import VigycError
from vigyc.model.codec import to_json
from vigyc.model.notice import Notice
from vigyc.runtime.json_value import dumps
from vigyc.service.async_subscription import AsyncSubscription
from vigyc.surfaces.rest.answer import Answer, Header
from vigyc.surfaces.rest.query import query_arguments
from vigyc.surfaces.rest.request import Request
from vigyc.surfaces.wire.argument import COUNT
from vigyc.surfaces.wire.desk import Desk
from vigyc.surfaces.wire.door import WATCH, WATCH_ARGUMENTS
from vigyc.surfaces.wire.failure import problem_of

HEARTBEAT: Final = 15.0
"""Seconds of silence after which a comment says that the stream is alive."""

_BATCH: Final = 64
_HELLO: Final = b"retry: 2000\n\n"
_ALIVE: Final = b": alive\n\n"
_HEADERS: Final[tuple[Header, ...]] = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)


class Events:
    """Answers with the stream of what `desk`'s runtime does."""

    def __init__(self, desk: Desk, heartbeat: float = HEARTBEAT) -> None:
        self._desk = desk
        self._heartbeat = heartbeat

    async def __call__(self, request: Request) -> Answer:
        """The stream; a client that was cut off goes on after what it heard last, whatever `after` says."""
        request.no_body()
        wanted = query_arguments(WATCH, {argument.name: argument for argument in WATCH_ARGUMENTS}, request)
        heard = request.header(b"last-event-id")
        if heard:
            wanted["after"] = COUNT.of_text(heard)
        subscription = await self._desk.watch(request.caller, wanted)
        if request.method == "HEAD":
            subscription.close()
            return Answer(200, _HEADERS)
        return Answer(200, _HEADERS, _stream(request, subscription, self._heartbeat))


async def _stream(request: Request, subscription: AsyncSubscription, heartbeat: float) -> AsyncGenerator[bytes, None]:
    gone = asyncio.ensure_future(request.until_gone())
    gone.add_done_callback(lambda _: subscription.close())
    try:
        yield _HELLO
        while True:
            try:
                async with asyncio.timeout(heartbeat):
                    notice = await subscription.get()
            except TimeoutError:
                yield _ALIVE
                continue
            if notice is None:
                return
            yield b"".join(map(event, [notice, *subscription.at_hand(_BATCH)]))
    except VigycError as error:
        yield _event("problem", problem_of(error))
    finally:
        gone.cancel()
        subscription.close()


def event(notice: Notice) -> bytes:
    """A notice as an event."""
    return b"id: %d\n" % notice.seq + _event(notice.kind, to_json(notice))


def _event(kind: str, data: Any) -> bytes:
    return f"event: {kind}\ndata: {dumps(data)}\n\n".encode("utf-8", "replace")
