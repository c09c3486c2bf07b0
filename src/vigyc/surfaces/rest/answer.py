"""From what is to be told to a response: a status, headers, and bytes, or bytes that keep coming."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final, NamedTuple

from starlette.types import Send

from vigyc.runtime.json_value import dumps

Header = tuple[bytes, bytes]

JSON: Final[Header] = (b"content-type", b"application/json")
PRIVATE: Final[Header] = (b"cache-control", b"private, no-cache")


class Answer(NamedTuple):
    """What a request is answered with. A body that keeps coming has no length."""

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes | AsyncGenerator[bytes, None] = b""


def json_answer(data: Any, status: int = 200, *headers: Header) -> Answer:
    """JSON `data`; half a pair of surrogates, which UTF-8 has no bytes for, becomes `?`."""
    return Answer(status, (JSON, PRIVATE, *headers), dumps(data).encode("utf-8", "replace"))


def headers_of(texts: Mapping[str, str]) -> tuple[Header, ...]:
    """Headers from text."""
    return tuple((name.encode("ascii"), value.encode("latin-1", "replace")) for name, value in texts.items())


async def deliver(answer: Answer, send: Send, *, head: bool = False) -> None:
    """Send `answer`, or for a HEAD all but its body."""
    body = answer.body
    if not isinstance(body, bytes):
        await send({"type": "http.response.start", "status": answer.status, "headers": list(answer.headers)})
        await _stream(body, send)
        return
    headers = list(answer.headers)
    if answer.status not in {204, 304}:
        headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})


async def _stream(body: AsyncGenerator[bytes, None], send: Send) -> None:
    try:
        async for part in body:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        await body.aclose()
