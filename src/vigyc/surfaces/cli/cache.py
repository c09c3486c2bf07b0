"""From `vigyc cache` to the files of the bytecode cache: what is there, what is damaged, what may go."""

from __future__ import annotations

from collections.abc import Sequence

import click

from vigyc.codegen.cache import Cache, Entry
from vigyc.model.timestamp import rfc3339
from vigyc.surfaces.cli import exit_codes, options
from vigyc.surfaces.cli.output import say, say_json


@click.group("cache")
def command() -> None:
    """Look into the bytecode cache, verify it, clear it.

    It lies in $VIGYC_CACHE_DIR or where the platform keeps caches; the key that authenticates it in
    $VIGYC_CACHE_KEY_FILE or where the platform keeps state.
    """


@command.command("ls")
@options.answer
def ls(as_json: bool) -> int:
    """List the entries, the most recently used first."""
    cache = Cache()
    entries = cache.ls()
    _tell(entries, as_json)
    _close(cache, f"{_sum(entries)} in {cache.directory}", as_json)
    return 0


@command.command("verify")
@options.answer
def verify(as_json: bool) -> int:
    """List the entries that are damaged: exit code 1 if there are any. (They are never used; prune removes them.)"""
    cache = Cache()
    damaged = cache.verify()
    _tell(damaged, as_json)
    _close(cache, f"{_sum(damaged)} damaged in {cache.directory}", as_json)
    return exit_codes.FINDINGS if damaged else 0


@command.command("prune")
@click.option("--all", "everything", is_flag=True, help="Remove every entry.")
@click.option("--older-than", type=options.duration, help="Remove what was not used for so long.")
@click.option(
    "--max-size", type=options.size, help="Then remove what was unused longest, until no more than this is left."
)
@options.answer
def prune(everything: bool, older_than: float | None, max_size: int | None, as_json: bool) -> int:
    """Remove entries.

    Those that are damaged, or of another version of vigyc or Python, always go.
    """
    cache = Cache()
    removed = cache.prune(max_age=older_than, max_bytes=max_size, everything=everything)
    if as_json:
        _tell(removed, as_json)
    _close(cache, f"{_sum(removed)} removed from {cache.directory}", as_json)
    return 0


def _tell(entries: Sequence[Entry], as_json: bool) -> None:
    for entry in entries:
        used = rfc3339(int(entry.used * 1000))
        if as_json:
            say_json({"key": entry.key, "bytes": entry.bytes, "used": used, "state": entry.state})
        else:
            say(f"{entry.key[:16]}  {entry.bytes:>10}  {used:<24}  {entry.state}")


def _sum(entries: Sequence[Entry]) -> str:
    kib = sum(entry.bytes for entry in entries) / 1024
    return f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'}, {kib:.1f} KiB,"


def _close(cache: Cache, line: str, as_json: bool) -> None:
    if not as_json:
        say(line, err=True)
    if cache.problem:
        say(cache.problem, err=True)
