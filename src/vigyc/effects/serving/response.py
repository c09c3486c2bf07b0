"""From what a handler gives to an HTTP response: text, bytes, nil, or a map with :status, :headers and :body."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final, NamedTuple

from vigyc.lang.datum import Keyword, keyword
from vigyc.runtime.maps import SharedMap, as_dict

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE: Final = re.compile(r"[\t -~\x80-\xff]*")
_OURS: Final = frozenset({"content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "trailer"})
_BODILESS: Final = frozenset({204, 304})
STOP: Final = keyword("stop")


class BadResponse(Exception):
    """What a handler gave is no response."""


class Response(NamedTuple):
    """A response; `headers` are those of the program, by name."""

    status: int
    headers: dict[str, str]
    body: bytes

    def encoded(self, method: str = "GET") -> bytes:
        """As it is sent in answer to `method`."""
        phrase = HTTPStatus(self.status).phrase if self.status in HTTPStatus._value2member_map_ else "Status"
        lines = [f"HTTP/1.1 {self.status} {phrase}", *(f"{name}: {value}" for name, value in self.headers.items())]
        if self.status not in _BODILESS:
            lines.append(f"content-length: {len(self.body)}")
        head = "\r\n".join([*lines, "connection: close", "", ""]).encode("latin-1")
        return head if method == "HEAD" or self.status in _BODILESS else head + self.body


def plain(status: int) -> Response:
    """A response of ours: `status` and its name."""
    return Response(status, {"content-type": "text/plain; charset=utf-8"}, f"{HTTPStatus(status).phrase}\n".encode())


def is_stop(value: object) -> bool:
    """Whether a handler's `value` asks to end serving."""
    return value.__class__ in {dict, SharedMap} and as_dict(value).get(STOP) is True


def response_of(value: object) -> Response:
    """The response that a handler's `value` is. Raises BadResponse."""
    given = as_dict(value) if value.__class__ in {dict, SharedMap} else {keyword("body"): value}
    body, kind = _body(given.get(keyword("body")))
    status = given.get(keyword("status"), 200 if kind else 204)
    if status.__class__ is not int or not 200 <= status <= 599:
        raise BadResponse
    headers = _headers(given.get(keyword("headers")))
    if kind and "content-type" not in headers:
        headers["content-type"] = kind
    return Response(status, headers, body)


def _body(value: object) -> tuple[bytes, str]:
    if value is None:
        return b"", ""
    if value.__class__ is str:
        return value.encode("utf-8", "replace"), "text/plain; charset=utf-8"
    if value.__class__ is bytes:
        return value, "application/octet-stream"
    raise BadResponse


def _headers(value: object) -> dict[str, str]:
    """The headers in a map; those that say how the response is framed are ours and left out."""
    if value is None:
        return {}
    if value.__class__ not in {dict, SharedMap}:
        raise BadResponse
    found = {}
    for key, text in as_dict(value).items():
        name = key.name if isinstance(key, Keyword) else key
        if name.__class__ is not str or text.__class__ is not str:
            raise BadResponse
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(text):
            raise BadResponse
        if name.lower() not in _OURS:
            found[name.lower()] = text
    return found
