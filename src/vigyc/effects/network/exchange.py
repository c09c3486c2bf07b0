"""From a request to its answer over one connection: HTTP/1.1, read by h11, within bounds.

The answer's head has at most `HEAD_BYTES`, its body as many as the caller says. One request, one connection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, NamedTuple

import h11

from vigyc.effects.network.link import Link
from vigyc.effects.result import EffectFailed

HEAD_BYTES: Final = 65_536
INTERIM: Final = 16  # answers of the kind "100 Continue" before the real one


class Head(NamedTuple):
    """The status of an answer and its headers by lower-case name; those given twice are joined by a comma."""

    status: int
    headers: dict[str, str]


class Exchange:
    """One request over `link` and its answer. `moved` is told how many bytes of body went either way.

    All raise EffectFailed network | timeout | tls | decode | too-large.
    """

    def __init__(self, link: Link, place: str, moved: Callable[[int], None]) -> None:
        self._link = link
        self._place = place
        self._moved = moved
        self._ended = False
        self._wire = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Head:
        """Send the request, and the head of the answer."""
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._moved(len(body))
        request = (
            self._wire.send(h11.Request(method=method, target=path, headers=pairs))
            + self._wire.send(h11.Data(body))
            + self._wire.send(h11.EndOfMessage())
        )
        try:
            self._link.send(request)
        except EffectFailed as error:
            return self._early(error)
        return self._head()

    def _early(self, unsent: EffectFailed) -> Head:
        """The head of an answer that came before the request was all sent, as to one that is too large."""
        if unsent.tag == "network":
            with suppress(EffectFailed):
                return self._head()
        raise unsent

    def _head(self) -> Head:
        for _ in range(INTERIM):
            event = self._next()
            if isinstance(event, h11.Response):
                return _head(event)
        raise EffectFailed("decode", f"{self._place} does not come to its answer")

    def body(self, most: int, head: Head) -> bytes:
        """The body of the answer, as it was sent."""
        said = head.headers.get("content-length", "")
        if said.isdecimal() and int(said) > most and head.status not in {204, 304}:
            raise self._too_large(most)
        found = bytearray()
        while isinstance(event := self._next(), h11.Data):
            self._moved(len(event.data))
            found += event.data
            if len(found) > most:
                raise self._too_large(most)
        return bytes(found)

    def _next(self) -> object:
        try:
            while (event := self._wire.next_event()) is h11.NEED_DATA:
                data = self._link.receive()
                self._ended = not data
                self._wire.receive_data(data)
        except h11.RemoteProtocolError as error:
            if error.error_status_hint == 431:
                raise EffectFailed("too-large", f"{self._place} sends a head above {HEAD_BYTES} bytes") from error
            if self._ended:
                raise EffectFailed("network", f"{self._place} broke off its answer") from error
            raise EffectFailed("decode", f"{self._place} answers with what is not HTTP") from error
        return event

    def _too_large(self, most: int) -> EffectFailed:
        return EffectFailed("too-large", f"{self._place} sends a body above {most} bytes")


def _head(response: h11.Response) -> Head:
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Head(response.status_code, headers)
