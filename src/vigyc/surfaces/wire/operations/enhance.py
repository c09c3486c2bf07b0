"""From the enhance pipeline to how it goes with it: its log, its settings, and what it says of a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigyc.model.codec import to_json
from vigyc.service.runtime import Runtime
from vigyc.surfaces.wire.caller import Role
from vigyc.surfaces.wire.enhanced import named_json, names_of, status_json, verified_json
from vigyc.surfaces.wire.operation import operation
from vigyc.surfaces.wire.operations import arguments as a


@operation("GET /v1/enhance/log", Role.READ, a.VIGY, a.OF_ISSUE, a.BEFORE, a.LIMIT)
def list_epochs(
    runtime: Runtime, vigy: str | None = None, issue: str | None = None, before: int | None = None, limit: int = 20
) -> Any:
    """The log of the pipeline, newest first: every attempt at an issue, with its verdicts; go on `before` the `seq` of
    the last one."""
    found = runtime.enhance.log(vigy, issue=issue, before=before, limit=limit)
    names = names_of(runtime, found)
    return [named_json(epoch, names) for epoch in found]


@operation("GET /v1/enhance/log/{epoch}", Role.READ, a.EPOCH)
def get_epoch(runtime: Runtime, epoch: str) -> Any:
    """One attempt at an issue: what was tried, upon what, what the verifiers said, and what came of it."""
    found = runtime.enhance.epoch(epoch)
    return named_json(found, names_of(runtime, [found]))


@operation("GET /v1/enhance", Role.READ)
def get_enhance(runtime: Runtime) -> Any:
    """How it goes with the queue: issues by state, since when the oldest waits, who works
    here, what is paused."""
    return status_json(runtime.enhance.status())


@operation("GET /v1/enhance/settings", Role.READ)
def list_enhance_settings(runtime: Runtime) -> Any:
    """The settings of the pipeline, by name."""
    return [to_json(setting) for setting in runtime.enhance.settings()]


@operation("GET /v1/enhance/settings/{setting}", Role.READ, a.SETTING)
def get_enhance_setting(runtime: Runtime, setting: str) -> Any:
    """One setting of the pipeline: who proposes, what verifies, how often something is tried."""
    return to_json(runtime.enhance.setting(setting))


@operation("PATCH /v1/enhance/settings/{setting}", Role.ADMIN, a.SETTING, a.FIELDS)
def put_enhance_setting(runtime: Runtime, setting: str, fields: Mapping[str, Any]) -> Any:
    """Change what is given of a setting, or make one; the next attempt goes by it."""
    return to_json(runtime.enhance.put_setting(setting, fields))


@operation("DELETE /v1/enhance/settings/{setting}", Role.ADMIN, a.SETTING)
def delete_enhance_setting(runtime: Runtime, setting: str) -> Any:
    """Delete a setting; `default` is as it was made again. One that open issues go by stays (conflict)."""
    runtime.enhance.remove_setting(setting)
    return {"setting": setting, "deleted": True}


@operation("POST /v1/enhance/settings/{setting}/pause", Role.OPERATE, a.SETTING, a.REASON)
def pause_enhance(runtime: Runtime, setting: str, reason: str = "paused by an operator") -> Any:
    """Let the issues of a setting wait; attempts under way end."""
    return to_json(runtime.enhance.pause(setting, reason))


@operation("POST /v1/enhance/settings/{setting}/resume", Role.OPERATE, a.SETTING)
def resume_enhance(runtime: Runtime, setting: str) -> Any:
    """Go on with the issues of a setting."""
    return to_json(runtime.enhance.resume(setting))


@operation("POST /v1/vigies/{id}/verify", Role.OPERATE, a.ID, a.CANDIDATE, a.SETTING, slow=True)
def verify_candidate(runtime: Runtime, id: str, program: str, setting: str = "default") -> Any:
    """What all verifiers of a setting say of a program as the next version of a vigy; nothing of it is kept."""
    return verified_json(runtime.enhance.verify(id, program, setting))
