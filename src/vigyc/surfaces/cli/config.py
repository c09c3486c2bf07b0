"""From `vigyc config` to the settings in force, and where each comes from."""

from __future__ import annotations

from typing import Any

import click

from vigyc.service.database_path import located
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import json_text
from vigyc.surfaces.cli.store_access import in_force
from vigyc.surfaces.cli.table import say_list


@click.group("config")
def command() -> None:
    """Look into the settings: vigyc.toml here or in the user's configuration folder, and the variables VIGYC_*.

    Where the store is can be said by $VIGY_DB, too.
    """


@command.command("show")
@click.option("--origin", is_flag=True, help="Show where each comes from.")
@click.option("--db", metavar="PATH", help="The file of the store, as other commands take it.")
@options.format_option
def show(origin: bool, db: str | None, as_format: Format) -> int:
    """List the settings in force. What comes later wins: default, file, variable, option."""
    settings, origins = in_force()
    path, origins["db"] = located(db)
    settings = settings._replace(db=str(path))

    def row(entry: tuple[str, Any]) -> tuple[str, ...]:
        name, value = entry
        return name, json_text(value), *([origins[name]] if origin else [])

    def data(entry: tuple[str, Any]) -> dict[str, Any]:
        name, value = entry
        return {"name": name, "value": value, **({"origin": origins[name]} if origin else {})}

    heads = ("SETTING", "VALUE", *(["FROM"] if origin else []))
    say_list(list(settings._asdict().items()), as_format, heads, row, data)
    return 0
