"""From what is said of a vigy to how it is registered: register, update, enable, disable, delete, roll back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigyc.linking import ModuleBundle, Modules
from vigyc.model.action import ABSENT, Absent
from vigyc.model.codec import to_json
from vigyc.model.schedule import Schedule
from vigyc.service.runtime import Runtime
from vigyc.surfaces.wire import answers
from vigyc.surfaces.wire.caller import Role
from vigyc.surfaces.wire.operation import operation
from vigyc.surfaces.wire.operations import arguments as a

_EDIT = (a.TICK_INTERVAL, a.SCHEDULE_, a.ENABLED, a.LABELS_, a.DEADLINE, a.MODULES_, a.AUTHOR, a.NOTE)


@operation("POST /v1/vigies", Role.ADMIN, a.NAME, a.PROGRAM, *_EDIT)
def register_vigy(
    runtime: Runtime,
    name: str,
    program: str,
    tick_interval_ms: int | None = None,
    schedule: Schedule | None = None,
    enabled: bool | None = None,
    labels: Mapping[str, str] | None = None,
    deadline_ms: int | Absent | None = ABSENT,
    modules: Mapping[str, Any] | None = None,
    author: str | None = None,
    note: str | None = None,
) -> Any:
    """Register a program under a name, to tick from now on (by default every second).

    Registering the same program under the same name again changes only what is given.
    """
    done = runtime.register(
        program, name=name, every=tick_interval_ms, schedule=schedule, labels=labels, enabled=enabled,
        deadline=deadline_ms, modules=modules_of(modules), author=author, note=note,
    )  # fmt: skip
    return answers.registration_json(done)


@operation("PATCH /v1/vigies/{id}", Role.ADMIN, a.ID, a.NAME, a.PROGRAM, *_EDIT, a.GENERATION)
def update_vigy(
    runtime: Runtime,
    id: str,
    name: str | None = None,
    program: str | None = None,
    tick_interval_ms: int | None = None,
    schedule: Schedule | None = None,
    enabled: bool | None = None,
    labels: Mapping[str, str] | None = None,
    deadline_ms: int | Absent | None = ABSENT,
    modules: Mapping[str, Any] | None = None,
    author: str | None = None,
    note: str | None = None,
    generation: int | None = None,
) -> Any:
    """Change what is given of a vigy; its id, its kv and its history stay. A new program is a new version."""
    return to_json(
        runtime.update(
            id, program=program, name=name, every=tick_interval_ms, schedule=schedule, labels=labels, enabled=enabled,
            deadline=deadline_ms, modules=modules_of(modules), author=author, note=note, generation=generation,
        )
    )  # fmt: skip


@operation("POST /v1/vigies/{id}/enable", Role.OPERATE, a.ID)
def enable_vigy(runtime: Runtime, id: str) -> Any:
    """Let a vigy tick from now on."""
    return to_json(runtime.enable(id))


@operation("POST /v1/vigies/{id}/disable", Role.OPERATE, a.ID)
def disable_vigy(runtime: Runtime, id: str) -> Any:
    """Let a vigy tick only when asked to."""
    return to_json(runtime.disable(id))


@operation("DELETE /v1/vigies/{id}", Role.ADMIN, a.ID, a.KEEP_DATA)
def delete_vigy(runtime: Runtime, id: str, keep_data: bool = False) -> Any:
    """Delete a vigy, with what it remembers and its runs; the vigy as it was."""
    return to_json(runtime.delete(id, keep_data=keep_data))


@operation("POST /v1/vigies/{id}/rollback", Role.OPERATE, a.ID, a.NUMBER, a.AUTHOR, a.NOTE)
def rollback_vigy(runtime: Runtime, id: str, number: int, author: str | None = None, note: str | None = None) -> Any:
    """Make the program of an earlier version the newest version."""
    return to_json(runtime.rollback(id, number, author=author, note=note))


@operation("GET /v1/vigies/{id}/versions", Role.READ, a.ID)
def list_versions(runtime: Runtime, id: str) -> Any:
    """The editions of a vigy's program, newest first."""
    return [to_json(version) for version in runtime.versions(id)]


@operation("GET /v1/vigies/{id}/versions/{number}", Role.READ, a.ID, a.NUMBER)
def get_version(runtime: Runtime, id: str, number: int) -> Any:
    """One edition of a vigy's program."""
    return to_json(runtime.version(id, number))


@operation("GET /v1/vigies/{id}/diff", Role.READ, a.ID, a.OLD, a.NEW)
def diff_versions(runtime: Runtime, id: str, old: int, new: int) -> Any:
    """What differs between two editions, as a unified diff."""
    return {"old": old, "new": new, "diff": runtime.diff(id, old, new)}


def modules_of(given: Mapping[str, Any] | None) -> Mapping[str, str] | Modules | None:
    """What a program requires: texts by path as they are, a bundle as what it is."""
    if given is not None and given.keys() == {"names", "texts"} and not isinstance(given["texts"], str):
        return ModuleBundle(given)
    return given
