"""From an address `vigy://...` to what stands there: vigies, their programs and runs, the language.

The list has the registered vigies page by page, after what is always there.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from mcp.types import (
    ListResourcesResult,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)  # fmt: skip

from vigyc.lang.errors import NotFound
from vigyc.surfaces.mcp import pages
from vigyc.surfaces.mcp.calls import as_text, protocol_error
from vigyc.surfaces.mcp.performer import Performer
from vigyc.surfaces.wire.caller import Caller

JSON: Final = "application/json"
TATARA: Final = "text/x-tatara"
MARKDOWN: Final = "text/markdown"
PAGE: Final = 100
MOST: Final = 1000

Reader = Callable[[Performer, Caller, str], Awaitable[str]]


class Place(NamedTuple):
    """An address, which may have one variable part, and what reads it, given that part."""

    address: str
    name: str
    doc: str
    mime: str
    read: Reader


def _operation(name: str, argument: str | None = None, **fixed: Any) -> Reader:
    async def read(performer: Performer, caller: Caller, part: str) -> str:
        given = {argument: part} if argument else {}
        return as_text(await performer.perform(caller, name, {**given, **fixed}))

    return read


async def _program(performer: Performer, caller: Caller, part: str) -> str:
    text: str = (await performer.perform(caller, "get_vigy", {"id": part}))["program"]
    return text


def _page(make: Callable[[str], str]) -> Reader:
    async def read(_: Performer, __: Caller, part: str) -> str:
        return await asyncio.to_thread(make, part)

    return read


PLACES: Final = (
    Place("vigy://vigies", "vigies", "The vigies (at most 1000), each with how it goes with it.", JSON,
          _operation("list_vigies", limit=MOST)),
    Place("vigy://reference/language", "language",
          "How a vigy is written: a primer, the special forms and macros.", MARKDOWN,
          _page(lambda _: pages.language())),
    Place("vigy://reference/builtins", "builtins",
          "Every builtin function and intrinsic: its call and what it does.", MARKDOWN,
          _page(lambda _: pages.builtins())),
    Place("vigy://reference/packs", "packs", "The packs: operations that reach outside a program, and pure ones.",
          MARKDOWN, _page(lambda _: pages.packs())),
    Place("vigy://vigies/{id}", "vigy", "A vigy: how it is registered, its state, its last runs.", JSON,
          _operation("inspect_vigy", "id")),
    Place("vigy://vigies/{id}/program", "program", "The text of a vigy's program.", TATARA, _program),
    Place("vigy://vigies/{id}/runs", "runs", "The last runs of a vigy, newest first.", JSON,
          _operation("list_runs", "vigy")),
    Place("vigy://runs/{run}", "run", "A run, with everything it said.", JSON, _operation("get_run", "run")),
    Place("vigy://reference/builtins/{name}", "builtin",
          "A name of the language: a special form, macro, function, intrinsic or operation of a pack.", MARKDOWN,
          _page(pages.name)),
    Place("vigy://reference/packs/{pack}", "pack", "One pack: its operations, with examples.", MARKDOWN,
          _page(pages.pack)),
)  # fmt: skip

_PATTERNS: Final = [(re.compile(re.sub(r"\\{\w+\\}", "([^/]+)", re.escape(place.address))), place) for place in PLACES]


def templates() -> list[ResourceTemplate]:
    """The addresses that have a variable part."""
    return [
        ResourceTemplate(
            uri_template=place.address, name=place.name, description=place.doc, mime_type=place.mime
        )
        for place in PLACES
        if "{" in place.address
    ]  # fmt: skip


async def page(performer: Performer, caller: Caller, cursor: str | None) -> ListResourcesResult:
    """A page of what there is to read. Raises MCPError."""
    try:
        found = await performer.perform(
            caller, "list_vigies", {"limit": PAGE, **({} if cursor is None else {"cursor": cursor})}
        )  # fmt: skip
    except Exception as error:
        raise protocol_error(error) from None
    standing = [] if cursor is not None else [_standing(place) for place in PLACES if "{" not in place.address]
    vigies = [resource for vigy in found["items"] for resource in _of_vigy(vigy)]
    return ListResourcesResult(resources=[*standing, *vigies], next_cursor=found.get("next"))


async def read(performer: Performer, caller: Caller, uri: str) -> ReadResourceResult:
    """What stands at `uri`. Raises MCPError."""
    try:
        place, part = _found(uri)
        text = await place.read(performer, caller, part)
    except Exception as error:
        raise protocol_error(error) from None
    return ReadResourceResult(contents=[TextResourceContents(uri=uri, mime_type=place.mime, text=text)])


def vigy_in(uri: str) -> str | None:
    """The vigy that `uri` is about, as it is written there."""
    match = re.match(r"vigy://vigies/([^/]+)", uri)
    return unquote(match[1]) if match else None


def addresses(ref: str) -> list[str]:
    """The addresses of what changes when the vigy `ref` does."""
    return [f"vigy://vigies/{ref}", f"vigy://vigies/{ref}/program", f"vigy://vigies/{ref}/runs"]


def _found(uri: str) -> tuple[Place, str]:
    for pattern, place in _PATTERNS:
        match = pattern.fullmatch(uri)
        if match:
            return place, unquote(match[1]) if match.groups() else ""
    raise NotFound(f"there is no resource {uri[:200]!r}")


def _standing(place: Place) -> Resource:
    return Resource(uri=place.address, name=place.name, description=place.doc, mime_type=place.mime)


def _of_vigy(vigy: dict[str, Any]) -> list[Resource]:
    name, phase = vigy["name"], vigy["phase"]
    about, program, runs = addresses(vigy["id"])
    return [
        Resource(uri=about, name=name, description=f"The vigy {name} ({phase}).", mime_type=JSON),
        Resource(uri=program, name=f"{name} program", description=f"The program of {name}.", mime_type=TATARA),
        Resource(uri=runs, name=f"{name} runs", description=f"The last runs of {name}.", mime_type=JSON),
    ]
