"""From a one-time link or a token to the session of a browser, and to its end."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from vigyc.lang.errors import Invalid
from vigyc.surfaces.server.entrance import Entrance, host_of
from vigyc.surfaces.wire.caller import SCOPE, Caller, Unauthenticated

HOME: Final = "/"
EXPIRED: Final = "/?login=expired"
"""The dashboard, which says there that the link lets nobody in any more."""


def routes(entrance: Entrance) -> list[BaseRoute]:
    """`/login`, `/logout`, and `/session`, which says who one is."""
    desk = _Login(entrance)
    return [
        Route("/login", desk.by_code, methods=["GET"]),
        Route("/login", desk.by_token, methods=["POST"]),
        Route("/logout", desk.logout, methods=["POST"]),
        Route("/session", desk.session, methods=["GET"]),
    ]


class _Login:
    """Opens and closes sessions."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance

    async def by_code(self, request: Request) -> Response:
        """A one-time link: in, and to the dashboard; who is in needs no code; a person is told in a page."""
        code = request.query_params.get("code")
        if code is None or request.method != "GET":
            return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)
        try:
            session = self._entrance.sessions.redeem(code)
        except Unauthenticated:
            if SCOPE in request.scope:
                return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)
            self._entrance.failures.note(host_of(request.scope))
            if "text/html" in request.headers.get("accept", ""):
                return RedirectResponse(EXPIRED, HTTPStatus.SEE_OTHER)
            raise
        return self._opened(session, RedirectResponse(HOME, HTTPStatus.SEE_OTHER))

    async def by_token(self, request: Request) -> Response:
        """A token, from a form or in JSON."""
        is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        body = await request.body()
        token = _token_of_form(body) if is_form else _token_of_json(body)
        try:
            caller = self._entrance.tokens.caller_of(token)
        except Unauthenticated:
            self._entrance.failures.note(host_of(request.scope))
            raise
        answer: Response = RedirectResponse(HOME, HTTPStatus.SEE_OTHER) if is_form else _who(caller)
        return self._opened(self._entrance.sessions.open(caller, token), answer)

    async def logout(self, request: Request) -> Response:
        """The session ends."""
        for session in self._entrance.sessions_of(dict(request.scope["headers"])):
            self._entrance.sessions.close(session)
        answer = Response(status_code=HTTPStatus.NO_CONTENT)
        answer.headers["set-cookie"] = self._entrance.cookie.clearing
        return answer

    async def session(self, request: Request) -> Response:
        """Who asks."""
        return _who(request.scope[SCOPE])

    def _opened(self, session: str, answer: Response) -> Response:
        answer.headers["set-cookie"] = self._entrance.cookie.setting(session)
        return answer


def _who(caller: Caller) -> JSONResponse:
    return JSONResponse({"name": caller.name, "role": caller.role.word})


def _token_of_form(body: bytes) -> str:
    fields = parse_qs(body.decode("latin-1"), max_num_fields=10)
    return fields.get("token", [""])[0].strip()


def _token_of_json(body: bytes) -> str:
    try:
        token = json.loads(body)["token"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Invalid('the body must be {"token": "vgy_..."}') from None
    if not isinstance(token, str):
        raise Invalid("the token must be a text")
    return token
