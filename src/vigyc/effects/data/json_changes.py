"""From two JSON data to what differs, and from a change to data it was made to. Nesting costs no Python stack."""

from __future__ import annotations

from vigyc.effects.data.bounds import check_items
from vigyc.effects.data.json_path import pointer_text
from vigyc.runtime.equality import equal
from vigyc.runtime.json_value import Json

Path = tuple[str, ...]


def merged(target: Json, patch: Json) -> Json:
    """`target` with JSON Merge Patch (RFC 7396) `patch` applied; `target` is changed if it is a map."""
    if not isinstance(patch, dict):
        return patch
    root: dict[str, Json] = target if isinstance(target, dict) else {}
    stack = [(root, patch)]
    while stack:
        entries, changes = stack.pop()
        for key, change in changes.items():
            if change is None:
                entries.pop(key, None)
            elif isinstance(change, dict):
                held = entries.get(key)
                inner: dict[str, Json] = held if isinstance(held, dict) else {}
                entries[key] = inner
                stack.append((inner, change))
            else:
                entries[key] = change
    return root


def differences(op: str, old: Json, new: Json) -> list[dict[str, Json]]:
    """The JSON Patch (RFC 6902) that makes `new` of `old`, in the order of paths.

    A list that differs is replaced whole. Raises TickError `size-exceeded`.
    """
    found: list[dict[str, Json]] = []
    room = 0
    stack: list[tuple[Path, Json, Json]] = [((), old, new)]
    while stack:
        path, before, after = stack.pop()
        room += len(path)
        check_items(op, room)
        if not isinstance(before, dict) or not isinstance(after, dict):
            if not equal(before, after):
                found.append({"op": "replace", "path": pointer_text(path), "value": after})
            continue
        found.extend({"op": "remove", "path": pointer_text((*path, key))} for key in before if key not in after)
        for key, value in after.items():
            if key not in before:
                found.append({"op": "add", "path": pointer_text((*path, key)), "value": value})
            else:
                stack.append(((*path, key), before[key], value))
    return sorted(found, key=lambda change: str(change["path"]))
