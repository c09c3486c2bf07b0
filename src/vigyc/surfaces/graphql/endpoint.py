"""From a POST of one GraphQL request to its answer, by the rules of GraphQL over HTTP; a browser's GET gets GraphiQL.

An answer as `application/json` has status 200 whatever came of a well-formed request; one as
`application/graphql-response+json`, which a client must ask for, has the status of what went wrong.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from vigyc.effects.data.json_text import parse
from vigyc.effects.result import EffectFailed
from vigyc.lang.errors import Invalid
from vigyc.surfaces.graphql.assets import page
from vigyc.surfaces.graphql.refusal import refusals
from vigyc.surfaces.graphql.request import Refused, read_request
from vigyc.surfaces.wire.caller import SCOPE, Caller, Unauthenticated
from vigyc.surfaces.wire.desk import Desk

JSON: Final = "application/json"
GRAPHQL: Final = "application/graphql-response+json"
BODY: Final = 1_048_576  # bytes


class Endpoint:
    """Answers at /graphql."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def get(self, request: HttpRequest) -> Response:
        """GraphiQL for a browser; queries are not answered by GET."""
        if "text/html" in request.headers.get("accept", ""):
            return page(request)
        refused = _answer(JSON, 405, {"errors": refusals([Invalid("a request is sent by POST")])})
        refused.headers["Allow"] = "POST"
        return refused

    async def post(self, request: HttpRequest) -> Response:
        """The answer of one request."""
        media = _media(request.headers.get("accept", ""))
        caller: Caller | None = request.scope.get(SCOPE)
        if media is None:
            return _refused(JSON, 406, Invalid(f"the answer can be {JSON} or {GRAPHQL}"))
        if caller is None:
            return _refused(media, 401, Unauthenticated("a token is needed"))
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            return _refused(media, 415, Invalid(f"the request must be {JSON}"))
        try:
            body = await _body(request)
            data = read_json(body)
        except OverflowError:
            return _refused(media, 413, Invalid(f"the request is longer than {BODY} bytes"))
        except Invalid as error:
            return _refused(media, 400, error)
        if not _well_formed(data):
            return _refused(media, 400, Invalid("the request must be one JSON object, with `query` as text"))
        return _answered(media, await self._executed(data, caller))

    async def _executed(self, data: object, caller: Caller) -> dict[str, Any]:
        try:
            request = await asyncio.to_thread(read_request, data)  # a hostile document takes a while
            if request.subscribes:
                raise Refused([Invalid("subscriptions are answered over WebSocket (graphql-transport-ws)")])
        except Refused as refused:
            return {"errors": refusals(refused.errors)}
        return await request.answer(self._desk, caller)


def read_json(written: bytes | str) -> Any:
    """The JSON data that is `written`, as strictly as REST reads it. Raises Invalid."""
    try:
        return parse("the request", written if isinstance(written, str) else written.decode())
    except UnicodeDecodeError as error:
        raise Invalid(f"the request is not UTF-8: {error.reason}") from None
    except EffectFailed as error:
        raise Invalid(f"the request is not JSON: {error}") from None


def _well_formed(data: object) -> bool:
    return (
        isinstance(data, dict)
        and isinstance(data.get("query"), str)
        and isinstance(data.get("operationName"), str | None)
        and all(isinstance(data.get(name), dict | None) for name in ("variables", "extensions"))
    )


async def _body(request: HttpRequest) -> bytes:
    """The body; raises OverflowError once it is too long."""
    parts, length = [], 0
    async for part in request.stream():
        length += len(part)
        if length > BODY:
            raise OverflowError
        parts.append(part)
    return b"".join(parts)


def _media(accept: str) -> str | None:
    """How to answer who accepts this."""
    ranges = [each.partition(";")[0].strip().lower() for each in accept.split(",")]
    if GRAPHQL in ranges:
        return GRAPHQL
    return JSON if accept.strip() == "" or {JSON, "application/*", "*/*"} & set(ranges) else None


def _answered(media: str, answer: dict[str, Any]) -> Response:
    status = 200
    if media == GRAPHQL and "data" not in answer:
        status = max(error["extensions"]["status"] for error in answer["errors"])
    return _answer(media, status, answer)


def _refused(media: str, status: int, error: Exception) -> Response:
    return _answer(media, status, {"errors": refusals([error])})


def _answer(media: str, status: int, answer: dict[str, Any]) -> Response:
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    kind = f"{media}; charset=utf-8"
    return Response(body.encode("utf-8", "replace"), status, {"Cache-Control": "no-store"}, media_type=kind)
