"""From an error to the answer of a request that goes no further: problem details (RFC 9457), with the status it has."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, Final, TypeAlias

from starlette.exceptions import HTTPException
from starlette.types import Send

from vigyc.lang.errors import Invalid, NotAllowed, NotFound, VigycError
from vigyc.surfaces.wire.failure import problem_of

Header: TypeAlias = tuple[bytes, bytes]
_CHALLENGE: Final[Header] = (b"www-authenticate", b'Bearer realm="vigyc"')
_KINDS: Final[dict[int, type[VigycError]]] = {403: NotAllowed, 404: NotFound}


class Refusal(Invalid):
    """A request that HTTP has a status of its own for: `why` says what was wrong with it."""

    def __init__(self, status: int, why: VigycError, *headers: Header) -> None:
        super().__init__(str(why))
        self.status = status
        self.why = why
        self.headers = headers


async def refuse(error: Exception, send: Send) -> None:
    """Answer with what `error` is."""
    status, headers, body = _answer(error)
    head = [(b"content-type", b"application/problem+json"), (b"content-length", b"%d" % len(body)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


def _answer(error: Exception) -> tuple[int, tuple[Header, ...], bytes]:
    refusal = _as_refusal(error) if isinstance(error, HTTPException) else error
    problem: dict[str, Any] = problem_of(refusal.why if isinstance(refusal, Refusal) else refusal)
    headers: tuple[Header, ...] = ()
    if isinstance(refusal, Refusal):
        problem |= {"status": refusal.status, "title": HTTPStatus(refusal.status).phrase}
        headers = refusal.headers
    if problem["status"] == HTTPStatus.UNAUTHORIZED:
        headers = (*headers, _CHALLENGE)
    return problem["status"], headers, json.dumps(problem).encode()


def _as_refusal(error: HTTPException) -> Refusal:
    headers = [(name.lower().encode(), value.encode()) for name, value in (error.headers or {}).items()]
    return Refusal(error.status_code, _KINDS.get(error.status_code, Invalid)(error.detail), *headers)
