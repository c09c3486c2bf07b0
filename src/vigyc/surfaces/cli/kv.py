"""From `vigyc kv` to what a vigy remembers: shown, changed from outside, written to a file and read from one.

Values are JSON data. Keys that begin with `__` are the runtime's own and are changed only with `--force`.
"""

from __future__ import annotations

from pathlib import Path

import click

from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.confirmation import confirm
from vigyc.surfaces.cli.json_argument import json_of, object_in
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import json_text, say, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.program_files import STDIN, read_program
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.table import say_data, say_list
from vigyc.surfaces.cli.vigy_argument import ref_argument

force_option = click.option("--force", is_flag=True, help="Change the runtime's own keys (__...) too.")


@click.group("kv")
def command() -> None:
    """Look into what a vigy remembers, and change it.

    REF is a vigy's id, its name, or the beginning of its id. A tick that is under way while something is changed is not
    kept: the next one sees the change.
    """


@command.command("get")
@ref_argument
@click.argument("key")
@click.option("--text", is_flag=True, help="Print a text as it is, not as JSON.")
@place_options
@options.format_option
def get(ref: str, key: str, text: bool, place: Place, as_format: Format) -> int:
    """Print the value of KEY as JSON."""
    with reached(place) as runtime:
        value = runtime.kv(ref).get(key)
    if text and isinstance(value, str) and as_format == "table":
        say(value)
    else:
        say_json(value)
    return 0


@command.command("set", context_settings={"ignore_unknown_options": True})  # so that -5 is a value
@ref_argument
@click.argument("key")
@click.argument("value", required=False)
@click.option("--text", is_flag=True, help="The value is text as it is, not JSON.")
@click.option("--file", metavar="FILE", help="The value is what is in FILE (- for standard input).")
@force_option
@place_options
@options.format_option
def set_(
    ref: str, key: str, value: str | None, text: bool, file: str | None, force: bool, place: Place, as_format: Format
) -> int:
    """Store VALUE, which is JSON, under KEY."""
    if (value is None) == (file is None):
        raise click.UsageError("give one of VALUE and --file FILE")
    given = value if file is None else read_program(file).text
    stored = given if text else json_of(given or "", "the value", "; --text stores it as text")
    with reached(place) as runtime:
        runtime.kv(ref).set(key, stored, force=force)
    if as_format != "table":
        say_json({"key": key, "value": stored})
    return 0


@command.command("ls")
@ref_argument
@click.argument("prefix", default="")
@place_options
@options.format_option
def ls(ref: str, prefix: str, place: Place, as_format: Format) -> int:
    """List the entries whose keys begin with PREFIX, by key."""
    with reached(place) as runtime:
        entries = runtime.kv(ref).items(prefix)
    say_list(
        entries, as_format, ("KEY", "VALUE"), lambda entry: (entry[0], json_text(entry[1])),
        lambda entry: {"key": entry[0], "value": entry[1]},
    )  # fmt: skip
    return 0


@command.command("rm")
@ref_argument
@click.argument("keys", nargs=-1, required=True)
@force_option
@options.yes
@place_options
@options.format_option
def rm(ref: str, keys: tuple[str, ...], force: bool, yes: bool, place: Place, as_format: Format) -> int:
    """Remove KEYS."""
    with reached(place) as runtime:
        kv = runtime.kv(ref)
        for key in keys:
            kv.get(key)
        confirm(f"remove {', '.join(keys)} from what {kv.vigy.name} remembers", yes)
        for key in keys:
            kv.delete(key, force=force)
    if as_format != "table":
        say_data([{"key": key} for key in keys], as_format)
    return 0


@command.command("export")
@ref_argument
@click.argument("file", default=STDIN)
@place_options
@options.format_option
def export(ref: str, file: str, place: Place, as_format: Format) -> int:
    """Write all as one JSON object to FILE, or to standard output."""
    with reached(place) as runtime:
        entries = runtime.kv(ref).export()
    if file == STDIN:
        say_json(entries)
    else:
        Path(file).write_text(json_text(entries) + "\n", encoding="utf-8")
        _tell_count(len(entries), as_format)
    return 0


@command.command("import")
@ref_argument
@click.argument("file")
@click.option("--merge", is_flag=True, help="Keep what is not in FILE.")
@force_option
@options.yes
@place_options
@options.format_option
def import_(ref: str, file: str, merge: bool, force: bool, yes: bool, place: Place, as_format: Format) -> int:
    """Make the entries those of a file.

    FILE (- for standard input) holds one JSON object, as `export` writes it.
    """
    entries = object_in(file)
    with reached(place) as runtime:
        kv = runtime.kv(ref)
        if not merge:
            confirm(f"replace all that {kv.vigy.name} remembers by what is in {file}", yes)
        kv.replace(entries, merge=merge, force=force)
    _tell_count(len(entries), as_format)
    return 0


def _tell_count(keys: int, as_format: Format) -> None:
    if as_format != "table":
        say_json({"keys": keys})
