"""From a desk to the routes of REST: every operation, the stream of events, the schema, and pages that show it.

All of them are one route with a tree of paths inside: a request costs a few dictionary look-ups before its operation.
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from vigyc.lang.errors import NotFound
from vigyc.surfaces.rest import swagger
from vigyc.surfaces.rest.answer import Answer, deliver
from vigyc.surfaces.rest.binder import Binder
from vigyc.surfaces.rest.events import HEARTBEAT, Events
from vigyc.surfaces.rest.openapi import openapi
from vigyc.surfaces.rest.paths import Place
from vigyc.surfaces.rest.problem import Refused, problem
from vigyc.surfaces.rest.request import Request, decoded, segments
from vigyc.surfaces.wire.desk import Desk
from vigyc.surfaces.wire.door import WATCH_ROUTE
from vigyc.surfaces.wire.table import OPERATIONS

_OURS: Final = ("/v1/", "/swagger/")
_PAGES: Final = frozenset({"/v1", "/swagger", "/openapi.json"})


class Rest(BaseRoute):
    """Everything below `/v1`, with the schema and the pages that show it."""

    def __init__(self, root: Place) -> None:
        self._root = root

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is for REST."""
        ours = scope["type"] == "http" and (scope["path"].startswith(_OURS) or scope["path"] in _PAGES)
        return (Match.FULL if ours else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        """Nothing here has a name."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        try:
            answer = await self._answer(scope, receive)
        except Exception as error:
            answer = problem(error)
        await deliver(answer, send, head=scope["method"] == "HEAD")

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        found = self._root.find(segments(scope))
        if found is None:
            raise NotFound(f"there is nothing at {scope['path']!r:.200}")
        place, values = found
        method = scope["method"]
        endpoint = place.endpoints.get(method)
        if endpoint is not None:
            return await endpoint(Request(scope, receive, tuple(map(decoded, values))))
        allow = (b"allow", place.allow.encode())
        if method == "OPTIONS":
            return Answer(204, (allow,))
        raise Refused(405, f"{method:.20} is not for {scope['path']!r:.200}: {place.allow}", allow)


def routes(desk: Desk, heartbeat: float = HEARTBEAT) -> list[BaseRoute]:
    """What serves REST on `desk`; `heartbeat` is in seconds."""
    root = Place()
    for operation in OPERATIONS.values():
        root.add(*operation.route, Binder(operation, desk))
    root.add(*WATCH_ROUTE, Events(desk, heartbeat))
    root.add("GET", "/openapi.json", openapi)
    root.add("GET", "/swagger", swagger.page)
    root.add("GET", "/swagger/{file}", swagger.file)
    return [Rest(root)]
