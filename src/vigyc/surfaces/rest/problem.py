"""From an error to a response: problem details (RFC 9457), whatever went wrong; insides stay inside."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from vigyc.lang.errors import Invalid
from vigyc.runtime.json_value import dumps
from vigyc.surfaces.rest.answer import Answer, Header
from vigyc.surfaces.wire.failure import problem_of

_TYPE: Final[Header] = (b"content-type", b"application/problem+json")
_PRIVATE: Final[Header] = (b"cache-control", b"no-store")
_ALSO: Final[dict[int, tuple[Header, ...]]] = {
    401: ((b"www-authenticate", b'Bearer realm="vigyc"'),),
    429: ((b"retry-after", b"10"),),
    503: ((b"retry-after", b"1"),),
}


class Refused(Invalid):
    """A request that HTTP has a status of its own for, with the headers that go with that."""

    def __init__(self, status: int, detail: str, *headers: Header) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers


def problem(error: Exception) -> Answer:
    """`error` as a response."""
    found: dict[str, Any] = problem_of(error)
    also: tuple[Header, ...] = ()
    if isinstance(error, Refused):
        found |= {"status": error.status, "title": HTTPStatus(error.status).phrase}
        also = error.headers
    status: int = found["status"]
    headers = (_TYPE, _PRIVATE, *_ALSO.get(status, ()), *also)
    return Answer(status, headers, dumps(found).encode("utf-8", "replace"))
