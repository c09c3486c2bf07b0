"""From the bytes of a stream of server-sent events, however they are cut, to the events in it.

Lines end with LF, CR or both; a blank line ends an event; a line that begins with a colon says nothing.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from typing import NamedTuple


class ServerEvent(NamedTuple):
    """An event: `id` is what to go on after, None if it has none."""

    kind: str
    data: str
    id: str | None


def server_events(parts: Iterable[bytes]) -> Iterator[ServerEvent]:
    """The events in `parts`; one that has no data, or is cut off at the end, is none."""
    kind, data, number = "", [], None  # type: str, list[str], str | None
    for line in _lines(parts):
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "event":
                kind = value
            elif name == "data":
                data.append(value)
            elif name == "id":
                number = value
        else:
            if data:
                yield ServerEvent(kind, "\n".join(data), number)
            kind, data, number = "", [], None


def _lines(parts: Iterable[bytes]) -> Iterator[str]:
    """The whole lines; a CR is one end with an LF that follows it, even in another part."""
    decoder = getincrementaldecoder("utf-8")("replace")
    held: list[str] = []
    after_cr = False
    for part in parts:
        text = decoder.decode(part)
        if after_cr and text:
            text, after_cr = text.removeprefix("\n"), False
        after_cr = after_cr or text.endswith("\r")
        *whole, rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for line in whole:
            held.append(line)
            yield "".join(held)
            held.clear()
        held.append(rest)
