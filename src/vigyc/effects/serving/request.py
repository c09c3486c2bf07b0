"""From the head of an HTTP request to its parts, strictly: what can be read in two ways is refused.

There is one request a connection, so nothing can hide behind the first.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

MOST_HEADERS: Final = 100
_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_LINE: Final = re.compile(rf"({_TOKEN}) (/[!-~]*|\*) HTTP/1\.([01])")
_HEADER: Final = re.compile(rf"({_TOKEN}):[ \t]*([\t -~\x80-\xff]*?)[ \t]*")
_ONCE: Final = frozenset({"content-length", "host", "content-type", "authorization", "transfer-encoding"})


class Refused(Exception):
    """A request that is answered with `status` before the program sees it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Head(NamedTuple):
    """The head of a request: `path` as it was sent, `query` what follows its `?`, `headers` by lower-case name.

    `length` is how many bytes of body follow.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    length: int


def parsed(head: bytes) -> Head:
    """The parts of `head`, which ends with an empty line. Raises Refused."""
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    match = _LINE.fullmatch(first)
    if match is None:
        raise Refused(400)
    headers = _headers(lines)
    if match[3] == "1" and "host" not in headers:
        raise Refused(400)
    path, _, query = match[2].partition("?")
    return Head(match[1], path, query, headers, _length(headers))


def _headers(lines: list[str]) -> dict[str, str]:
    if len(lines) > MOST_HEADERS:
        raise Refused(431)
    found: dict[str, str] = {}
    for line in lines:
        match = _HEADER.fullmatch(line)
        if match is None:
            raise Refused(400)
        name, value = match[1].lower(), match[2]
        if name not in found:
            found[name] = value
        elif name in _ONCE:
            raise Refused(400)
        else:
            found[name] += ("; " if name == "cookie" else ", ") + value
    return found


def _length(headers: dict[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise Refused(411)
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit()):
        raise Refused(400)
    if len(text) > 18:
        raise Refused(413)
    return int(text)
