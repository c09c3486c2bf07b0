"""From the reference of the language to Markdown pages that an AI client can read, whole or by name."""

from __future__ import annotations

from functools import cache
from itertools import chain

from vigyc.effects import catalog
from vigyc.lang.errors import NotFound
from vigyc.service import reference
from vigyc.service.reference import Entry, rows
from vigyc.surfaces.mcp.primer import PRIMER


@cache
def language() -> str:
    """The primer, and every special form and macro."""
    tables = ["## Special forms", "", *rows(reference.forms()), "## Macros", "", *rows(reference.macros())]
    return PRIMER + "\n" + _joined(tables)


@cache
def builtins() -> str:
    """Every function and intrinsic, by family."""
    out = ["# Builtins", "", "`[x]` may be left out, `x...` is any number.", ""]
    for title, entries in reference.functions().items():
        out += [f"## {title}", "", *rows(entries)]
    out += ["# Intrinsics: what a tick can do", ""]
    for title, entries in reference.intrinsics().items():
        out += [f"## {title}", "", *rows(entries)]
    return _joined(out)


def name(wanted: str) -> str:
    """What there is to know of one name. Raises NotFound."""
    entry = _entries().get(wanted)
    if entry is not None:
        return f"`{entry.shape}`\n\n{entry.text or ''}\n"
    for pack_name in catalog.PACKS:
        operation = catalog.pack(pack_name).operations.get(wanted)
        if operation is not None:
            return _joined(reference.operation_lines(operation))
    raise NotFound(f"the language has no name {wanted!r}")


def names() -> list[str]:
    """Every name that `name` knows but those of packs."""
    return list(_entries())


@cache
def packs() -> str:
    """The packs, each with its operations."""
    out = ["# Packs", ""]
    for pack_name in catalog.PACKS:
        found = catalog.pack(pack_name)
        out += [f"- **{pack_name}**: {' '.join(found.doc.split())} Operations: {', '.join(found.operations)}."]
    return _joined(out)


def pack(wanted: str) -> str:
    """One pack. Raises NotFound."""
    if wanted not in catalog.PACKS:
        raise NotFound(f"there is no pack {wanted!r}; there are {', '.join(catalog.PACKS)}")
    return _joined(reference.pack_lines(wanted))


@cache
def _entries() -> dict[str, Entry]:
    families = chain(reference.functions().values(), reference.intrinsics().values())
    entries = [*reference.forms(), *reference.macros(), *chain.from_iterable(families)]
    return {entry.name: entry for entry in reversed(entries)}


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"
