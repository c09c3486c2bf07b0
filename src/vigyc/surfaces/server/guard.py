"""From every request to those that may pass: the one wall around the app, which denies by default.

In this order: a request is meant for this server (421), not sent by a page of another origin (403), by somebody who is
known (401, 429), with a body that may come in (413, 415). What passes has its caller in its scope. A route that nobody
thought of is closed, for only the paths named here are open to all.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vigyc.lang.errors import Invalid, VigycError
from vigyc.surfaces.server.entrance import Entrance
from vigyc.surfaces.server.hosts import Hosts
from vigyc.surfaces.server.intake import Intake, check_body
from vigyc.surfaces.server.limits import Limits
from vigyc.surfaces.server.peer import PEER
from vigyc.surfaces.server.refusal import Header, Refusal, refuse
from vigyc.surfaces.wire.caller import SCOPE, Unauthenticated

_log = logging.getLogger("vigyc.http")

PUBLIC: Final = frozenset({"/", "/login", "/livez", "/readyz", "/swagger", "/favicon.ico"})
PUBLIC_BELOW: Final = ("/static/", "/swagger/")
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY: Final = b"default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
HEADERS: Final[tuple[Header, ...]] = (
    (b"content-security-policy", POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""Of every answer, unless its route has its own."""

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
            self._check(scope, dict(scope["headers"]), unsafe=True)
        except VigycError:
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: 403
        else:
            await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer(send)
        headers = dict(scope["headers"])
        intake = Intake(receive, self._most)
        try:
            unsafe = scope["method"] not in SAFE
            self._check(scope, headers, unsafe=unsafe)
            if unsafe:
                check_body(scope, headers, self._most)
            await self._app(scope, intake, lambda message: _unless_over(intake, answer, message))
            if intake.over is not None:
                raise intake.over
        except (VigycError, HTTPException) as error:
            await answer.refuse(intake.over or error)
        except Exception as error:
            if answer.begun:
                _log.error("an answer broke off: %s", type(error).__name__, exc_info=error)
            await answer.refuse(error)

    def _check(self, scope: Scope, headers: dict[bytes, bytes], *, unsafe: bool) -> None:
        """Whether it may pass; its scope has its caller then. Raises Refusal, Unauthenticated."""
        _check_form(scope, headers)
        if PEER not in scope.get("state", {}):
            self._hosts.check_host(headers.get(b"host", b""))
        if unsafe or b"origin" in headers:
            self._hosts.check_origin(headers)
        scope.pop(SCOPE, None)
        try:
            scope[SCOPE], by_cookie = self._entrance.admit(scope, headers)
        except (Unauthenticated, Refusal):
            if not _is_public(scope):
                raise
            return
        if unsafe and by_cookie:
            self._hosts.check_origin(headers, by_cookie=True)


class _Answer:
    """Sends an answer, with the headers every answer has."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers: list[Header] = list(message.get("headers", ()))
            names = {name for name, _ in headers}
            headers += [header for header in HEADERS if header[0] not in names]
            message = {**message, "headers": headers}
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
    if not scope["path"].isprintable() and any(ord(each) < 0x20 or each == "\x7f" for each in scope["path"]):
        raise Refusal(400, Invalid("there are control characters in the path"))


def _is_public(scope: Scope) -> bool:
    if scope["type"] != "http":
        return False
    path: str = scope["path"]
    if scope["method"] not in {"GET", "HEAD"}:
        return path == "/login" and scope["method"] == "POST"
    return path in PUBLIC or path.startswith(PUBLIC_BELOW)
