"""From `vigyc mcp` to an MCP server on standard input and output: what an AI client starts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

import click

from vigyc.lang.errors import SettingsError
from vigyc.surfaces.cli.main import debug_option
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.policy_options import PolicyChoice, source_options
from vigyc.surfaces.cli.store_access import opened
from vigyc.surfaces.wire.caller import Caller, Role
from vigyc.surfaces.wire.desk import Desk

NAME: Final = "mcp"
ROLES: Final = {role.word: role for role in Role}


@click.command(NAME)
@click.option(
    "--role", type=click.Choice(list(ROLES)), default=Role.ADMIN.word, show_default=True,
    help="What the client may do: look; also tick, enable and edit kv; also register, update and delete.",
)  # fmt: skip
@click.option("--read-only", "role", flag_value=Role.READ.word, help="The same as --role read.")
@source_options
@place_options
@debug_option
def command(role: str, choice: PolicyChoice, place: Place) -> int:
    """Serve one AI client over the Model Context Protocol, on standard input and output.

    Such a client is configured with this command line. It registers, checks, ticks, explains and repairs vigies with
    tools, and reads programs, runs and the language's reference. Nothing ticks by itself here: that is for
    `vigyc serve`, which may run on the same store meanwhile. It ends when its client does, or by Ctrl-C.
    """
    with _needing_extra():
        from vigyc.surfaces.mcp.performer import DoorPerformer
        from vigyc.surfaces.mcp.stdio import serve

        caller = Caller(NAME, ROLES[role])
        if place.server is None:
            with opened(place.path, choice.chosen()) as runtime, closing(Desk(runtime)) as desk:
                serve(desk, caller)
            return 0
        if choice.given:
            raise click.UsageError(f"{place.server} goes by its own policy; one can be given for a file")
        from vigyc.surfaces.client.http_door import HttpDoor

        with closing(HttpDoor(place.server, place.token)) as door, closing(DoorPerformer(door)) as performer:
            serve(performer, caller)
    return 0


@contextmanager
def _needing_extra() -> Iterator[None]:
    """Raises SettingsError if a package is missing that comes with the extra."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.partition(".")[0] == "vigyc":
            raise
        raise SettingsError(f"`vigyc mcp` needs the package {missing.name}: pip install 'vigyc[mcp]'") from missing
