"""From a vigy to what it remembers: read, and changed from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigyc.service.kv import checked_value
from vigyc.service.runtime import Runtime
from vigyc.surfaces.wire.caller import Role
from vigyc.surfaces.wire.operation import operation
from vigyc.surfaces.wire.operations import arguments as a


@operation("GET /v1/vigies/{id}/kv", Role.READ, a.ID, a.PREFIX)
def list_kv(runtime: Runtime, id: str, prefix: str = "") -> Any:
    """The entries of a vigy's kv, by key."""
    return [{"key": key, "value": value} for key, value in runtime.kv(id).items(prefix)]


@operation("GET /v1/vigies/{id}/kv/{key}", Role.READ, a.ID, a.KEY)
def get_kv(runtime: Runtime, id: str, key: str) -> Any:
    """The value of a key."""
    return {"key": key, "value": runtime.kv(id).get(key)}


@operation("PUT /v1/vigies/{id}/kv/{key}", Role.OPERATE, a.ID, a.KEY, a.VALUE, a.FORCE)
def set_kv(runtime: Runtime, id: str, key: str, value: Any, force: bool = False) -> Any:
    """Store a value under a key. A tick under way meanwhile is not kept."""
    kept = checked_value(key, value)
    runtime.kv(id).set(key, kept, force=force)
    return {"key": key, "value": kept}


@operation("DELETE /v1/vigies/{id}/kv/{key}", Role.OPERATE, a.ID, a.KEY, a.FORCE)
def delete_kv(runtime: Runtime, id: str, key: str, force: bool = False) -> Any:
    """Remove a key; whether it was there."""
    return {"key": key, "deleted": runtime.kv(id).delete(key, force=force)}


@operation("PUT /v1/vigies/{id}/kv", Role.OPERATE, a.ID, a.ENTRIES, a.MERGE, a.FORCE)
def replace_kv(runtime: Runtime, id: str, entries: Mapping[str, Any], merge: bool = False, force: bool = False) -> Any:
    """Make these the entries of a vigy's kv, or add them to it."""
    runtime.kv(id).replace(entries, merge=merge, force=force)
    return {"keys": len(entries)}
