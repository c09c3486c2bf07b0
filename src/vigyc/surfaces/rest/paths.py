"""From a path as it was sent to what answers there: a tree with a level for each segment, no regular expressions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from vigyc.surfaces.rest.answer import Answer
from vigyc.surfaces.rest.request import Request

Endpoint: TypeAlias = Callable[[Request], Awaitable[Answer]]


class Place:
    """What is at a path: endpoints by method, and what is below it, by name or (`beneath`) by a parameter."""

    __slots__ = ("allow", "below", "beneath", "endpoints")

    def __init__(self) -> None:
        self.endpoints: dict[str, Endpoint] = {}
        self.below: dict[bytes, Place] = {}
        self.beneath: Place | None = None
        self.allow = ""

    def add(self, method: str, path: str, endpoint: Endpoint) -> None:
        """Have `endpoint` answer at `path`, such as `/v1/vigies/{id}`. What answers a GET answers a HEAD."""
        place = self
        for segment in path.split("/")[1:]:
            if segment.startswith("{"):
                place.beneath = place.beneath or Place()
                place = place.beneath
            else:
                place = place.below.setdefault(segment.encode(), Place())
        assert method not in place.endpoints, f"{method} {path} is there twice"
        place.endpoints[method] = endpoint
        if method == "GET":
            place.endpoints["HEAD"] = endpoint
        place.allow = ", ".join([*sorted(place.endpoints), "OPTIONS"])

    def find(self, segments: list[bytes]) -> tuple[Place, list[bytes]] | None:
        """The place of a path, and the segments that are parameters; None where nothing answers."""
        place = self
        values = []
        for segment in segments:
            below = place.below.get(segment)
            if below is None:
                below = place.beneath
                if below is None or not segment:
                    return None
                values.append(segment)
            place = below
        return (place, values) if place.endpoints else None
