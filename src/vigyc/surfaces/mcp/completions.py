"""From the beginning of a word that somebody types to what it may become: a vigy, a run, a name of the language."""

from __future__ import annotations

import asyncio
from typing import Final

from mcp.types import Completion

from vigyc.effects.catalog import PACKS
from vigyc.surfaces.mcp import pages
from vigyc.surfaces.mcp.calls import protocol_error
from vigyc.surfaces.mcp.performer import Performer
from vigyc.surfaces.wire.caller import Caller

MOST: Final = 100  # as the protocol has it


async def complete(performer: Performer, caller: Caller, argument: str, begun: str, of_prompt: bool) -> Completion:
    """What `argument` of a prompt or of an address may be, given how it begins. Raises MCPError."""
    try:
        found = await _candidates(performer, caller, argument, begun, of_prompt)
    except Exception as error:
        raise protocol_error(error) from None
    return Completion(values=found[:MOST], has_more=len(found) > MOST)


async def _candidates(performer: Performer, caller: Caller, argument: str, begun: str, of_prompt: bool) -> list[str]:
    if argument == "id":
        page = await performer.perform(caller, "list_vigies", {"search": begun, "limit": MOST + 1})
        return [vigy["name"] for vigy in page["items"]]
    if of_prompt:
        return []
    if argument == "run":
        runs = await performer.perform(caller, "list_runs", {"limit": 10 * MOST})
        return [run["id"] for run in runs if run["id"].startswith(begun)]
    if argument == "pack":
        return [pack for pack in PACKS if pack.startswith(begun)]
    names = await asyncio.to_thread(pages.names)
    return [name for name in names if name.startswith(begun)] if argument == "name" else []
