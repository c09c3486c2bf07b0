"""From every request to those that may pass: the one wall around the app, which denies by default.

In this order: a request is meant for this server (421), not sent by a page of another origin (403), by somebody who is
known (401, 429), with a body that may come in (413, 415). What passes has its caller in its scope. A route that nobody
thought of is closed, for only the paths named here are open to all. A stream ends when its caller would not be let in
any more.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vigyc.lang.errors import Invalid, VigycError
from vigyc.surfaces.server.entrance import Admitted, Entrance
from vigyc.surfaces.server.hosts import Hosts
from vigyc.surfaces.server.intake import Intake, check_body, most_bytes
from vigyc.surfaces.server.limits import Limits
from vigyc.surfaces.server.peer import PEER
from vigyc.surfaces.server.refusal import Header, Refusal, refuse
from vigyc.surfaces.server.watched_socket import CLOSED, WatchedSocket
from vigyc.surfaces.wire.asset import PAGE_POLICY
from vigyc.surfaces.wire.caller import SCOPE, Caller, Role, Unauthenticated
from vigyc.surfaces.wire.watch import GONE, Watch

_log = logging.getLogger("vigyc.http")

PUBLIC: Final = frozenset({"/", "/login", "/livez", "/readyz", "/swagger", "/favicon.ico"})
PUBLIC_BELOW: Final = ("/static/", "/swagger/")
DATA_BELOW: Final = "/v1/"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS: Final[tuple[Header, ...]] = (
    (b"content-security-policy", PAGE_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""Of every answer, unless its route has its own."""

_ANYBODY: Final = Admitted(Caller("", Role.READ))  # who gets what is open to all; in no scope
_ONCE: Final = (b"authorization", b"origin", b"sec-fetch-site", b"content-type")


class Guard:
    """`app`, for whom `entrance` lets in, by the names of `hosts`."""

    def __init__(self, app: ASGIApp, entrance: Entrance, hosts: Hosts, limits: Limits) -> None:
        self._app = app
        self._entrance = entrance
        self._hosts = hosts
        self._most = limits.body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request or a WebSocket pass, or refuse it."""
        if scope["type"] == "websocket":
            await self._connect(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            admitted = self._check(scope, dict(scope["headers"]), unsafe=True)
        except VigycError:
            await send({"type": "websocket.close", "code": CLOSED})  # before it is accepted: 403
        else:
            socket = WatchedSocket(receive, send, Watch(admitted.still))
            await self._app(scope, socket.receive, socket.send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer(send)
        headers = dict(scope["headers"])
        most = most_bytes(scope, self._most)
        intake = Intake(receive, most)
        try:
            unsafe = scope["method"] not in SAFE
            answer.watch = Watch(self._check(scope, headers, unsafe=unsafe).still)
            if unsafe:
                check_body(scope, headers, most)
            await self._app(scope, intake, lambda message: _unless_over(intake, answer, message))
            if intake.over is not None:
                raise intake.over
        except (VigycError, HTTPException) as error:
            await answer.refuse(intake.over or error)
        except Exception as error:
            if answer.begun and not answer.cut:
                _log.error("an answer broke off: %s", type(error).__name__, exc_info=error)
            await answer.refuse(error)

    def _check(self, scope: Scope, headers: dict[bytes, bytes], *, unsafe: bool) -> Admitted:
        """Who may pass; the scope has its caller then, if that is somebody. Raises Refusal, Unauthenticated."""
        _check_form(scope, headers)
        if PEER not in scope.get("state", {}):
            self._hosts.check_host(headers.get(b"host", b""))
        if unsafe or b"origin" in headers:
            self._hosts.check_origin(headers)
        scope.pop(SCOPE, None)
        try:
            admitted = self._entrance.admit(scope, headers)
        except (Unauthenticated, Refusal):
            if not _is_public(scope):
                raise
            return _ANYBODY
        if admitted.by_cookie:
            self._hosts.check_page(headers, unsafe=unsafe)
        scope[SCOPE] = admitted.caller
        return admitted


class _Answer:
    """Sends an answer, with the headers every answer has."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = self.cut = False
        self.watch = Watch(_ANYBODY.still)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers: list[Header] = list(message.get("headers", ()))
            names = {name for name, _ in headers}
            headers += [header for header in HEADERS if header[0] not in names]
            message = {**message, "headers": headers}
        elif message.get("more_body") and self.watch.ended():
            self.cut = True
            await self._send({"type": "http.response.body", "body": b""})
            raise Unauthenticated(GONE)
        await self._send(message)

    async def refuse(self, error: Exception) -> None:
        """Answer with `error`; one that came too late breaks the answer off."""
        if not self.begun:
            await refuse(error, self)


async def _unless_over(intake: Intake, answer: _Answer, message: Any) -> None:
    """Send `message`, unless the request is refused after all: of that its app knows nothing."""
    if intake.over is None or answer.begun:
        await answer(message)


def _check_form(scope: Scope, headers: dict[bytes, bytes]) -> None:
    if len(headers) != len(scope["headers"]):
        names = [name for name, _ in scope["headers"]]
        if any(names.count(name) > 1 for name in _ONCE):
            raise Refusal(400, Invalid("a header is there twice that can be there once"))
    if not scope["path"].isprintable() and _has_controls(scope):
        raise Refusal(400, Invalid("there are control characters in the path"))


def _has_controls(scope: Scope) -> bool:
    """Whether there are control characters in the path; encoded, they may be in the key or the name of something."""
    path: str = scope["path"]
    if path.startswith(DATA_BELOW):
        path = scope.get("raw_path", path.encode()).decode("latin-1")
    return any(ord(each) < 0x20 or each == "\x7f" for each in path)


def _is_public(scope: Scope) -> bool:
    if scope["type"] != "http":
        return False
    path: str = scope["path"]
    if scope["method"] not in {"GET", "HEAD"}:
        return path == "/login" and scope["method"] == "POST"
    return path in PUBLIC or path.startswith(PUBLIC_BELOW)
