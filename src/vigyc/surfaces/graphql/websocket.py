"""From a WebSocket to the answers of its requests, one or many each: the protocol graphql-transport-ws.

A client that does not read what it is sent is let go. What is not read here waits in the stream, so nothing piles up.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from vigyc.lang.errors import Invalid
from vigyc.surfaces.graphql.endpoint import read_json
from vigyc.surfaces.graphql.refusal import refusals
from vigyc.surfaces.graphql.request import Refused, answer_json, read_request
from vigyc.surfaces.wire.caller import SCOPE, Caller
from vigyc.surfaces.wire.desk import Desk

PROTOCOL: Final = "graphql-transport-ws"
INIT_S: Final = 5.0
SEND_S: Final = 15.0
MESSAGE: Final = 262_144  # characters
MOST: Final = 20  # requests under way

MALFORMED: Final = 4400
UNAUTHORIZED: Final = 4401
WRONG_PROTOCOL: Final = 4406
LATE: Final = 4408
TAKEN: Final = 4409
AGAIN: Final = 4429
UNREAD: Final = 1013


class Ended(Exception):
    """The connection is to be closed, with a code and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Sockets:
    """Answers WebSockets; the times are in seconds."""

    def __init__(self, desk: Desk, init_s: float = INIT_S, send_s: float = SEND_S) -> None:
        self._desk = desk
        self._init_s = init_s
        self._send_s = send_s

    async def serve(self, socket: WebSocket) -> None:
        """One connection, until it ends."""
        caller: Caller | None = socket.scope.get(SCOPE)
        if caller is None:
            await socket.close(UNAUTHORIZED)  # before it is accepted: the answer is 403
            return
        if PROTOCOL not in socket.scope.get("subprotocols", ()):
            await socket.accept()
            await socket.close(WRONG_PROTOCOL, "Subprotocol not acceptable")
            return
        await socket.accept(PROTOCOL)
        connection = _Connection(socket, self._desk, caller, self._send_s)
        try:
            await connection.serve(self._init_s)
        except Ended as ended:
            with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
                async with asyncio.timeout(1.0):
                    await socket.close(ended.code, ended.reason)
        except WebSocketDisconnect:
            pass
        finally:
            await connection.end()


class _Connection:
    """One connection: its requests under way, by the ids that the client gave them."""

    def __init__(self, socket: WebSocket, desk: Desk, caller: Caller, send_s: float) -> None:
        self._socket = socket
        self._desk = desk
        self._caller = caller
        self._send_s = send_s
        self._acknowledged = False
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._takes: Mapping[str, Callable[[dict[str, Any]], Awaitable[None]]] = {
            "connection_init": self._init,
            "ping": self._ping,
            "pong": self._pong,
            "subscribe": self._subscribe,
            "complete": self._complete,
        }

    async def serve(self, init_s: float) -> None:
        """Take messages. Raises Ended, WebSocketDisconnect."""
        reading = asyncio.create_task(self._read(init_s))
        try:
            await asyncio.wait({reading, self._ended}, return_when=asyncio.FIRST_COMPLETED)
            for each in (self._ended, reading):
                if each.done():
                    each.result()
        finally:
            reading.cancel()
            await asyncio.wait({reading})
            if not reading.cancelled():
                reading.exception()

    async def end(self) -> None:
        """Let go of what is under way."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if not self._ended.cancel() and not self._ended.cancelled():
            self._ended.exception()

    async def _read(self, init_s: float) -> None:
        try:
            async with asyncio.timeout(init_s) as patience:
                while True:
                    message = _message(await self._socket.receive())
                    await self._takes[message["type"]](message)
                    if self._acknowledged:
                        patience.reschedule(None)
        except TimeoutError:
            raise Ended(LATE, "Connection initialisation timeout") from None

    async def _send(self, message: dict[str, Any]) -> None:
        """Send it; if nobody reads, the connection ends."""
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        try:
            async with asyncio.timeout(self._send_s), self._sending:
                await self._socket.send_text(text.encode("utf-8", "replace").decode())
        except TimeoutError:
            self._end(Ended(UNREAD, "What was sent is not read"))
            raise asyncio.CancelledError from None
        except (RuntimeError, WebSocketDisconnect):  # it is closed
            self._end(WebSocketDisconnect(1006))
            raise asyncio.CancelledError from None

    def _end(self, why: Exception) -> None:
        if not self._ended.done():
            self._ended.set_exception(why)

    async def _init(self, message: dict[str, Any]) -> None:
        if self._acknowledged:
            raise Ended(AGAIN, "Too many initialisation requests")
        self._acknowledged = True
        await self._send({"type": "connection_ack"})

    async def _ping(self, message: dict[str, Any]) -> None:
        await self._send({"type": "pong"})

    async def _pong(self, message: dict[str, Any]) -> None:
        pass

    async def _complete(self, message: dict[str, Any]) -> None:
        task = self._tasks.pop(_id(message), None)
        if task is not None:
            task.cancel()

    async def _subscribe(self, message: dict[str, Any]) -> None:
        if not self._acknowledged:
            raise Ended(UNAUTHORIZED, "Unauthorized")
        name, payload = _id(message), message.get("payload")
        if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
            raise Ended(MALFORMED, "subscribe has no payload with a query")
        if name in self._tasks:
            raise Ended(TAKEN, f"Subscriber for {name:.60} already exists")
        if len(self._tasks) >= MOST:
            await self._refuse(name, [Invalid(f"{MOST} requests are under way, and more are not taken on")])
            return
        task = self._tasks[name] = asyncio.create_task(self._answer(name, payload))
        task.add_done_callback(lambda done: self._let_go(name, done))

    def _let_go(self, name: str, task: asyncio.Task[None]) -> None:
        if self._tasks.get(name) is task:
            del self._tasks[name]

    async def _answer(self, name: str, payload: object) -> None:
        """Answer one request, as often as it has answers."""
        try:
            request = await asyncio.to_thread(read_request, payload)  # a hostile document takes a while
            if request.subscribes:
                async with aclosing(await request.answers(self._desk, self._caller)) as answers:
                    async for each in answers:
                        await self._next(name, answer_json(each))
            else:
                answer = await request.answer(self._desk, self._caller)
                if "data" not in answer:
                    await self._told_off(name, answer["errors"])
                    return
                await self._next(name, answer)
        except Refused as refused:
            await self._refuse(name, refused.errors)
        except Exception as error:  # of the stream: the store fails, or vigyc itself
            await self._refuse(name, [error])
        else:
            self._tasks.pop(name, None)  # first: with `complete` the id is free again
            await self._send({"id": name, "type": "complete"})

    async def _next(self, name: str, answer: dict[str, Any]) -> None:
        await self._send({"id": name, "type": "next", "payload": answer})

    async def _refuse(self, name: str, errors: list[Exception]) -> None:
        await self._told_off(name, refusals(errors))

    async def _told_off(self, name: str, errors: list[dict[str, Any]]) -> None:
        if self._tasks.get(name) is asyncio.current_task():
            del self._tasks[name]
        await self._send({"id": name, "type": "error", "payload": errors})


def _message(received: Mapping[str, Any]) -> dict[str, Any]:
    """The message received. Raises WebSocketDisconnect if it is the end, Ended if it is none."""
    if received["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(received.get("code", 1006))
    text = received.get("text")
    if text is None or len(text) > MESSAGE:
        raise Ended(MALFORMED, "a message is text, and not very long")
    try:
        message = read_json(text)
    except Invalid:
        raise Ended(MALFORMED, "a message is JSON") from None
    if not isinstance(message, dict) or message.get("type") not in _TYPES:
        raise Ended(MALFORMED, "a message has a type, one that a client may send")
    return message


def _id(message: Mapping[str, Any]) -> str:
    name = message.get("id")
    if not isinstance(name, str) or not name:
        raise Ended(MALFORMED, f"{message['type']} has no id")
    return name


_TYPES: Final = ("connection_init", "ping", "pong", "subscribe", "complete")
