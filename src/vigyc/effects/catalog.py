"""From the name of an operation to the pack it is in, without loading the pack.

`catalog.txt` has a line for every operation: pack, name, least and greatest number of arguments, `effect` or `pure`.
It is written by scripts/docs from the packs themselves. A pack is loaded when the first program that uses it is.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

from vigyc.effects.operation import Operation
from vigyc.effects.pack import Pack

PACKS: Final = (
    "result", "io", "log", "time", "random", "crypto", "env", "secret", "budget", "fs", "process", "http", "serve",
    "kv", "sql", "llm", "mcp", "a2a", "flow", "test",
    "str", "json", "toml", "yaml", "csv", "regex", "bytes", "math", "datetime", "url", "template",
)  # fmt: skip
"""Every pack, the effects before the pure ones; each is the module of its name in `packs`, with its `PACK`."""


class Entry(NamedTuple):
    """What the compiler must know of an operation: its pack, its arity, whether it is an effect."""

    name: str
    pack: str
    lo: int
    hi: int
    effect: bool


@cache
def text() -> str:
    """The catalog as it is written."""
    return Path(__file__).with_name("catalog.txt").read_text("utf-8")


@cache
def catalog() -> dict[str, Entry]:
    """Every operation by name."""
    found = {}
    for line in text().splitlines():
        pack, name, lo, hi, kind = line.split()
        found[name] = Entry(name, pack, int(lo), int(hi), kind == "effect")
    return found


def pack(name: str) -> Pack:
    """The pack called `name`."""
    found: Pack = import_module(f"vigyc.effects.packs.{name}").PACK
    return found


def operation(name: str) -> Operation:
    """The operation called `name`, which must be one of the catalog."""
    return pack(catalog()[name].pack).operations[name]


def function(name: str) -> Callable[..., object]:
    """What generated code calls for it."""
    return pack(catalog()[name].pack).functions[name]


def written() -> str:
    """The text of `catalog.txt` as the packs are now."""
    lines = [
        f"{found.pack} {found.name} {found.lo} {found.hi} {'effect' if found.is_effect else 'pure'}"
        for name in PACKS
        for found in pack(name).operations.values()
    ]
    return "\n".join(lines) + "\n"
