"""From a port to a function of the program that answers what comes in: the pack `serve`.

A call of `serve-http` goes on for as long as it is told, at most until shortly before the tick is over; requests are
answered one after the other, in the tick itself. What is not listening between two ticks is refused by the system.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from queue import Empty
from socket import socket
from ssl import SSLContext
from time import monotonic
from typing import Any, Final, TypeAlias

from vigyc.effects.gate import Gate
from vigyc.effects.operation import NO_OPTIONS, Options
from vigyc.effects.pack import Pack
from vigyc.effects.result import EffectFailed
from vigyc.effects.serving.background import Background
from vigyc.effects.serving.exchange import Exchange, Inbox
from vigyc.effects.serving.http_server import HttpServer
from vigyc.effects.serving.listener import Port, listening
from vigyc.effects.serving.response import BadResponse, Response, is_stop, plain, response_of
from vigyc.effects.serving.tls import server_tls
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError
from vigyc.runtime.edge import translate

PACK: Final = Pack("serve", "Servers on the ports of this machine.")

Function: TypeAlias = Callable[..., object]
Start: TypeAlias = Callable[[socket], Coroutine[Any, Any, None]]
Finish: TypeAlias = Callable[[float], Coroutine[Any, Any, None]]
_ROOMS: Final = "serve-ws"
_MARGIN: Final = 0.25  # seconds before the end of the tick, for what comes after serving
_FINISHING: Final = 1.0  # seconds for responses that are on their way
_STARTING_MS: Final = 5000
_UNTIL: Final[dict[str, tuple[str, object]]] = {"requests": ("int", None), "for-ms": ("int", None)}
_HTTP: Final[dict[str, tuple[str, object]]] = {**_UNTIL, "bytes": ("bool", False), "origins": ("list[str]", [])}


@PACK.effect(
    "serve-http", needs="serve", result=True, changes=True, options=_HTTP,
    example='(serve-http 8080 (lambda (request) (hash-map :status 200 :body "hello")) (hash-map :requests 1))',
)  # fmt: skip
def serve_http(gate: Gate, port: Port, handler: Function, options: Options = NO_OPTIONS) -> dict[Any, Any]:
    """Answer HTTP requests with what `handler` gives for each: {:served 3 :failed 0 :port 8080}.

    `port` is a number, on the loopback, or "ADDRESS:PORT". A request is {:method "GET" :path "/a" :query "b=1"
    :headers {"host" "..."} :body ""}: path and query as sent, headers by lower-case name, :body as text, or as bytes
    with `:bytes`. A response is {:status 200 :headers {"name" "value"} :body "text or bytes"}, or just a body; nil is
    status 204. An error of the handler, or a body above the limit `body_bytes`, is a 500 and counts as `:failed`.

    On the loopback a request that a web page of elsewhere makes in a browser is refused (403), unless the page's origin
    is in `:origins`; so is one whose `Host` is another name than those of the machine and of `:origins`.

    It ends after `:requests` of them, after `:for-ms`, when a response has `:stop #t`, or when the tick is nearly over.
    Each request is a call and its bytes of the budget. Errors: `in-use`, `no-permission`, `no-address`.
    """
    return _serve_http(gate, port, handler, options, None)


@PACK.effect(
    "serve-https", needs="serve", result=True, changes=True,
    options={**_HTTP, "cert": ("str", None), "key": ("str", None)},
    example='(serve-https 8443 (lambda (request) "hello") (hash-map :cert "/data/cert.pem" :key "/data/key.pem"))',
)  # fmt: skip
def serve_https(gate: Gate, port: Port, handler: Function, options: Options) -> dict[Any, Any]:
    """As `serve-http`, over TLS with the PEM files `:cert` and `:key`, both granted for `fs.read`.

    Further errors: `bad-certificate`, and those of reading the files.
    """
    if options["cert"] is None or options["key"] is None:
        raise TickError("native-fn", "in native `serve-https`: :cert and :key are needed")
    return _serve_http(gate, port, handler, options, server_tls(gate, options["cert"], options["key"]))


@PACK.effect(
    "serve-ws", needs="serve", result=True, changes=True, options={**_UNTIL, "origins": ("list[str]", [])},
    example='(serve-ws 8081 (lambda (message) (serve-broadcast (get message :room) (get message :body))))',
)  # fmt: skip
def serve_ws(gate: Gate, port: Port, handler: Function, options: Options = NO_OPTIONS) -> dict[Any, Any]:
    """Hand every text message that comes over a WebSocket to `handler`: {:served 3 :failed 0 :port 8081}.

    A message is {:conn 1 :room "lobby" :body "text"}: the room is the path of the connection's URL, :conn the number of
    the connection. What the handler gives is ignored, but for {:stop #t}; it answers by `serve-broadcast` and
    `serve-send`. Binary messages are ignored. A web page can connect only if its origin is in `:origins`.

    It ends, and charges the budget, as `serve-http` does. Errors: `in-use`, `no-permission`, `no-address`. It needs the
    package websockets.
    """
    rooms = _new_rooms(gate.limits.body_bytes, options["origins"])
    with _serving(gate, port, rooms.start, rooms.finish) as (number, background), _current(gate, rooms, background):
        return {**_answer_all(gate, rooms.inbox, partial(_listen, gate, handler), options), keyword("port"): number}


@PACK.effect("serve-broadcast", result=True, changes=True, example='(serve-broadcast "lobby" "hello")')
def serve_broadcast(gate: Gate, room: str, text: str) -> int:
    """Send `text` to every connection of `room`; to how many. Errors: `not-serving` outside `serve-ws`, `too-large`."""
    return _send(gate, text, room=room)


@PACK.effect("serve-send", result=True, changes=True, example='(serve-send (get message :conn) "hello")')
def serve_send(gate: Gate, conn: int, text: str) -> bool:
    """Send `text` to one connection; #f if it is gone. Errors: `not-serving` outside `serve-ws`, `too-large`."""
    return _send(gate, text, number=conn) > 0


def _serve_http(gate: Gate, port: Port, handler: Function, options: Options, tls: SSLContext | None) -> dict[Any, Any]:
    server = HttpServer(gate.most("bytes", gate.limits.body_bytes), options["bytes"], tls, options["origins"])
    with _serving(gate, port, server.start, server.finish) as (number, _):
        return {**_answer_all(gate, server.inbox, partial(_respond, gate, handler), options), keyword("port"): number}


@contextmanager
def _serving(gate: Gate, port: Port, start: Start, finish: Finish) -> Iterator[tuple[int, Background]]:
    """Listen on `port`, whose number it gives, for as long as this is entered."""
    listener = listening(port)
    number = listener.getsockname()[1]
    background = Background()
    try:
        background.run(start(listener), gate.remaining(_STARTING_MS))
        try:
            yield number, background
        finally:
            with suppress(TimeoutError):
                background.run(finish(min(_FINISHING, gate.remaining() + _MARGIN)), 2 * _FINISHING)
    finally:
        try:
            background.close()
        finally:
            listener.close()


def _answer_all(gate: Gate, inbox: Inbox, answer: Callable[[Exchange], bool], options: Options) -> dict[Any, Any]:
    """Have what comes in answered, until one says it was the last or it is time; how many were, and how many badly."""
    most, served, failed, stop = gate.limits.serve_requests, 0, 0, False
    if options["requests"] is not None:
        most = min(most, options["requests"])
    until = monotonic() + min(gate.remaining() - _MARGIN, gate.remaining(options["for-ms"]))
    with gate.waiting(lambda: inbox.put(None)):
        while served < most and not stop and (left := until - monotonic()) > 0:
            try:
                exchange = inbox.get(timeout=left)
            except Empty:
                break
            if exchange is None:  # the run is to end
                break
            _pay(gate, exchange)
            served += 1
            try:
                stop = answer(exchange)
            except BadResponse:
                failed += 1
            except Exception as error:
                translate(error)  # raises what is a fault of ours and not the program's
                failed += 1
    return {keyword("served"): served, keyword("failed"): failed}


def _pay(gate: Gate, exchange: Exchange) -> None:
    """Take a request from the budget; without that it is refused, and serving is over."""
    try:
        gate.charge("calls", 1)
        gate.charge("bytes", exchange.size)
    except TickError:
        exchange.answer(None)
        raise


def _respond(gate: Gate, handler: Function, exchange: Exchange) -> bool:
    """Answer a request with what `handler` makes of it; whether it was the last. Raises BadResponse, what it raises."""
    response: Response = plain(500)
    try:
        value = gate.hand(handler, exchange.value)
        found = response_of(value)
        if len(found.body) > gate.limits.body_bytes:
            raise BadResponse
        gate.charge("bytes", len(found.body))
        response = found
        return is_stop(value)
    finally:
        exchange.answer(response)


def _listen(gate: Gate, handler: Function, exchange: Exchange) -> bool:
    """Hand a message to `handler`; whether it was the last."""
    try:
        return is_stop(gate.hand(handler, exchange.value))
    finally:
        exchange.answer(None)


class _Current:
    """The rooms whose messages are being handled, kept by the session for `serve-broadcast`."""

    def __init__(self, rooms: Any, background: Background) -> None:
        self.rooms = rooms
        self.background = background

    def close(self) -> None:
        """Nothing: they end with the call that serves."""


@contextmanager
def _current(gate: Gate, rooms: Any, background: Background) -> Iterator[None]:
    kept = gate.session.kept
    before = kept.get(_ROOMS)
    kept[_ROOMS] = _Current(rooms, background)
    try:
        yield
    finally:
        kept[_ROOMS] = before
        if before is None:
            del kept[_ROOMS]


def _send(gate: Gate, text: str, room: str | None = None, number: int | None = None) -> int:
    current = gate.session.kept.get(_ROOMS)
    if current is None:
        raise EffectFailed("not-serving", "there are rooms and connections only in a handler of serve-ws")
    size = len(text.encode("utf-8", "replace"))
    if size > gate.limits.body_bytes:
        raise EffectFailed("too-large", f"a message of more than {gate.limits.body_bytes} bytes")
    gate.charge("bytes", size * current.rooms.count(room, number))
    sent: int = current.background.run(current.rooms.send(text, room, number), gate.remaining(_STARTING_MS))
    return sent


def _new_rooms(most_bytes: int, origins: list[str]) -> Any:
    try:
        from vigyc.effects.serving.rooms import Rooms
    except ModuleNotFoundError as error:
        raise TickError(
            "missing-extra", "`serve-ws` needs the package websockets: pip install 'vigyc[serve]'"
        ) from error
    return Rooms(most_bytes, origins)
