"""From the options that say which store is meant to a place: a file on this machine, or a server.

What is given on the command line counts before the environment. $VIGYC_SERVER counts before $VIGY_DB and the setting
`db`, so that a command which can ask a server does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import click

from vigyc.service.database_path import VARIABLE, database_path
from vigyc.surfaces.cli.program_files import read_program

F = TypeVar("F", bound=Callable[..., Any])

SERVER: Final = "VIGYC_SERVER"
TOKEN: Final = "VIGYC_TOKEN"


class Place(NamedTuple):
    """Where a store is: the file at `path`, unless there is the URL of a `server`, which is shown `token`."""

    path: Path
    server: str | None = None
    token: str | None = None


_OPTIONS: Final = (
    click.option(
        "--db", metavar="PATH",
        help=f"The file of the store (default: ${VARIABLE}, the setting `db`, or ~/.local/share/vigy/vigy.db).",
    ),
    click.option("--server", metavar="URL", help=f"Ask this server instead of a file (default: ${SERVER})."),
    click.option("--token", metavar="TOKEN", help=f"What the server knows you by (better: ${TOKEN}, or --token-file)."),
    click.option("--token-file", metavar="FILE", help="The file that holds the token."),
)  # fmt: skip
_NAMES: Final = ("db", "server", "token", "token_file")


def place_options(function: F) -> F:
    """Give a command `--db`, `--server`, `--token` and `--token-file`, together as argument `place`."""

    @wraps(function)
    def collected(**given: Any) -> Any:
        return function(place=place_of({name: given.pop(name) for name in _NAMES}), **given)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected  # type: ignore[return-value]


def place_of(given: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Place:
    """The place that the options `given` name, else the environment, else the settings.

    Raises click.UsageError, SettingsError, and Unreadable for a file of the token that is.
    """
    db, server, token, file = (given.get(name) for name in _NAMES)
    if db and server:
        raise click.UsageError("give --db or --server, not both")
    if token and file:
        raise click.UsageError("give --token or --token-file, not both")
    if not db and not server:
        server = environ.get(SERVER)
    if not server:
        if token or file:
            raise click.UsageError("a token is for a server: give --server too")
        return Place(database_path(db))
    if file:
        token = read_program(file).text.strip()
    return Place(Path(), server, token or environ.get(TOKEN) or None)
