"""From `vigyc token` to the tokens that let clients into a server of the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vigyc.lang.errors import NotFound
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.output import say, say_json
from vigyc.surfaces.cli.store_access import in_force
from vigyc.surfaces.cli.table import say_list
from vigyc.surfaces.server.tokens import Token, Tokens, tokens_path
from vigyc.surfaces.wire.caller import Role


@click.group("token")
def command() -> None:
    """Manage the tokens that clients of the server use.

    They are kept beside the store (or where the setting `tokens` says), in a file that only you can read. The first
    server makes it, with a token `admin`. A server that runs notices changes at once. The role `read` looks, `operate`
    also ticks, enables, disables, edits kv and rolls back, and `admin` also registers, updates and deletes.
    """


@command.command("list")
@options.database
@options.answer
def list_tokens(db: Path, as_json: bool) -> int:
    """List the tokens: names and roles, no secrets."""
    tokens = _tokens(db)
    found = tokens.all() if tokens.path is None or tokens.path.exists() else ()
    say_list(
        found, "jsonl" if as_json else "table", ("NAME", "ROLE"), lambda each: (each.name, each.role.word),
        lambda each: {"name": each.name, "role": each.role.word},
    )  # fmt: skip
    return 0


@command.command("add")
@click.argument("name")
@click.option(
    "--role", type=click.Choice([role.word for role in Role]), default="read", show_default=True, help="What it may do."
)
@options.database
@options.answer
def add(name: str, role: str, db: Path, as_json: bool) -> int:
    """Make a token for NAME and print it; `vigyc token show` prints it again."""
    tokens = _tokens(db)
    tokens.ensure()  # the first of all is an administrator's
    _tell(tokens.add(name, Role[role.upper()]), as_json)
    return 0


@command.command("remove")
@click.argument("name")
@options.database
@options.answer
def remove(name: str, db: Path, as_json: bool) -> int:
    """Remove the token of NAME, which lets nobody in from now on."""
    _made(db).remove(name)
    if as_json:
        say_json({"name": name, "removed": True})
    else:
        say(f"removed {name}")
    return 0


@command.command("show")
@click.argument("name")
@options.database
@options.answer
def show(name: str, db: Path, as_json: bool) -> int:
    """Print the token of NAME."""
    _tell(_made(db).named(name), as_json)
    return 0


def _tokens(db: Path) -> Tokens:
    settings, _ = in_force()
    path = settings.tokens or tokens_path(db)
    if path is None:
        raise NotFound("a store in memory has no tokens to manage")
    return Tokens(path)


def _made(db: Path) -> Tokens:
    """The same. Raises NotFound if nobody has made any."""
    tokens = _tokens(db)
    if tokens.path is not None and not tokens.path.exists():
        raise NotFound(f"there are no tokens yet at {tokens.path}: the first `vigyc serve` makes one called admin")
    return tokens


def _tell(token: Token, as_json: bool) -> None:
    told: dict[str, Any] = {"name": token.name, "role": token.role.word, "token": token.token}
    if as_json:
        say_json(told)
    else:
        say(token.token)
