"""From the history of a vigy's program to one edition of it, or to what differs between two.

The store holds every text against its digest; here an edition with all it requires is held against its content, for
what it is picked out for is to be shown, or to tick again.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from vigyc.frontend.canonical import TAG, content_of
from vigyc.lang.errors import NotFound, StoreError
from vigyc.model.vigy import Version, Vigy
from vigyc.runtime.store.port import Store


def find_version(store: Store, vigy: Vigy, number: int) -> Version:
    """Version `number` of `vigy`. Raises NotFound, StoreError if it is not what it was."""
    found = store.version(vigy.id, number)
    if found is None:
        there = ", ".join(str(version.number) for version in reversed(store.versions(vigy.id)))
        raise NotFound(f"{vigy.name} has no version {number}; there are {there}")
    _check_content(vigy, found)
    return found


def difference(vigy: Vigy, old: Version, new: Version) -> str:
    """What differs between two editions, modules and all, as a unified diff; empty for nothing."""
    before, after = _texts(vigy, old), _texts(vigy, new)
    names = [vigy.name, *sorted((before.keys() | after.keys()) - {vigy.name})]
    lines = [
        line
        for name in names
        for line in _changes(
            before.get(name, ""), after.get(name, ""), f"{name} v{old.number}", f"{name} v{new.number}"
        )
    ]
    return "".join(line + "\n" for line in lines)


def _check_content(vigy: Vigy, version: Version) -> None:
    """Versions from before contents were named have none; one with another tag was named in another way."""
    known = version.content
    if known is not None and known.startswith(TAG) and content_of(version.program, version.modules) != known:
        raise StoreError(
            f"version {version.number} of {vigy.name}: its text, or what it requires, was changed outside vigyc;"
            f" it is not {known} any more"
        )


def _texts(vigy: Vigy, version: Version) -> dict[str, str]:
    modules = {} if version.modules is None else version.modules["texts"]
    return {**modules, vigy.name: version.program}


def _changes(old: str, new: str, old_name: str, new_name: str) -> Iterator[str]:
    return unified_diff(_lines(old), _lines(new), old_name, new_name, lineterm="")


def _lines(text: str) -> list[str]:
    *lines, last = text.split("\n")
    return [*lines, last + "\n\\ No newline at end of file"] if last else lines
