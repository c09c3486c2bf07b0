"""From an operation to what answers its requests: one binder for all, and the few answers with a form of their own.

The arguments of an operation that are in its route come from the path; the others from the query of a GET or DELETE,
else from the JSON object that is the body.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from vigyc.lang.errors import Invalid, Stale
from vigyc.surfaces.rest import etag
from vigyc.surfaces.rest.answer import Answer, headers_of, json_answer
from vigyc.surfaces.rest.problem import problem
from vigyc.surfaces.rest.query import query_arguments
from vigyc.surfaces.rest.request import Request
from vigyc.surfaces.wire.desk import Desk
from vigyc.surfaces.wire.entity_tag import ANY, is_known
from vigyc.surfaces.wire.operation import Operation

_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_GENERATION: Final = "generation"
BODILESS: Final = frozenset({"GET", "DELETE"})


class Binder:
    """Answers requests for `operation`."""

    def __init__(self, operation: Operation, desk: Desk) -> None:
        known = {argument.name: argument for argument in operation.arguments}
        method, path = operation.route
        self._desk = desk
        self._name = operation.name
        self._in_path = tuple(known.pop(name) for name in path_parameters(path))
        self._others = known
        self._bodiless = method in BODILESS
        self._safe = method == "GET"
        self._shown = _SHOWN.get(operation.name, _plain)

    async def __call__(self, request: Request) -> Answer:
        """The answer. Raises what the operation raises."""
        taken: dict[str, Any] = {}
        try:
            caller = request.caller
            taken = await self._taken(request)
            for argument, text in zip(self._in_path, request.values, strict=True):
                taken[argument.name] = argument.kind.of_text(text)
            if not self._safe:
                await self._heed_conditions(request, taken)
            return self._shown(request, await self._desk.perform(caller, self._name, taken))
        except Exception as error:
            return problem(error)

    async def _taken(self, request: Request) -> dict[str, Any]:
        if self._bodiless:
            request.no_body()
            return query_arguments(self._name, self._others, request)
        if request.query():
            raise Invalid(f"{self._name}: it takes its arguments in the body, and none in the query of the URL")
        given = await request.json()
        for argument in self._in_path:
            if argument.name in given:
                raise Invalid(f"{self._name}.{argument.name}: it is in the path of the URL, and not in the body")
        return given

    async def _heed_conditions(self, request: Request, taken: dict[str, Any]) -> None:
        """Make `If-Match` the argument `generation`, where there is one. Raises Invalid where there is none."""
        if request.header(b"if-none-match") is not None:
            raise Invalid(f"{self._name}: If-None-Match is for what only reads")
        wanted = request.header(b"if-match")
        if wanted is None or wanted.strip() == ANY:
            return
        if _GENERATION not in self._others:
            raise Invalid(f"{self._name}: it cannot be made to depend on If-Match")
        allowed = etag.generations(wanted)
        if allowed is not None:
            taken[_GENERATION] = await self._agreed(request, taken, allowed)

    async def _agreed(self, request: Request, taken: Mapping[str, Any], allowed: frozenset[int]) -> int:
        """The one generation that is allowed; of several, the one that the vigy has."""
        if taken.get(_GENERATION) is not None:
            allowed &= {taken[_GENERATION]}
        if len(allowed) > 1:
            vigy = await self._desk.perform(request.caller, "get_vigy", {"id": taken["id"]})
            allowed &= {vigy["generation"]}
        if not allowed:
            raise Stale(f"{self._name}: the vigy is not of a generation that If-Match names; get it again")
        return next(iter(allowed))


def path_parameters(path: str) -> list[str]:
    """The names of the parameters in a route, in order."""
    return _PARAMETER.findall(path)


def _plain(_request: Request, data: Any) -> Answer:
    return json_answer(data)


def _vigy(request: Request, data: Any) -> Answer:
    """A vigy with its ETag; nothing but that for a reader who has it."""
    if request.method in {"GET", "HEAD"} and is_known(request.header(b"if-none-match"), etag.tag(data)):
        return Answer(304, (etag.tag_header(data),))
    return json_answer(data, 200, etag.tag_header(data))


def _registered(_request: Request, data: Any) -> Answer:
    place = headers_of({"location": f"/v1/vigies/{data['id']}"})
    return json_answer(data, 201 if data["created"] else 200, etag.tag_header(data), *place)


def _submitted(_request: Request, data: Any) -> Answer:
    return json_answer(data, 201 if data["created"] else 200, *headers_of({"location": f"/v1/issues/{data['id']}"}))


def _deleted(_request: Request, _data: Any) -> Answer:
    return Answer(204)


def _listed(request: Request, data: Any) -> Answer:
    """The vigies of a page; where the next one is, and how many match, is in the headers."""
    headers = {"x-total-count": str(data["total"])}
    if "next" in data:
        fields = [(name, text) for name, text in request.query() if name != "cursor"]
        headers["link"] = f'</v1/vigies?{urlencode([*fields, ("cursor", data["next"])])}>; rel="next"'
    return json_answer(data["items"], 200, *headers_of(headers))


_SHOWN: Final[Mapping[str, Callable[[Request, Any], Answer]]] = {
    "list_vigies": _listed,
    "register_vigy": _registered,
    "submit_issue": _submitted,
    "delete_vigy": _deleted,
    **dict.fromkeys(("get_vigy", "update_vigy", "enable_vigy", "disable_vigy", "rollback_vigy"), _vigy),
}
