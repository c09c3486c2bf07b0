"""From a vigy or a run to a tick: made now, tried, made once more from its record; and what came of its actions."""

from __future__ import annotations

from typing import Any

from vigyc.model.codec import to_json
from vigyc.service.runtime import Runtime
from vigyc.surfaces.wire import answers
from vigyc.surfaces.wire.caller import Role
from vigyc.surfaces.wire.operation import operation
from vigyc.surfaces.wire.operations import arguments as a


@operation("POST /v1/vigies/{id}/tick", Role.OPERATE, a.ID, a.TIMEOUT, slow=True)
def tick_vigy(runtime: Runtime, id: str, timeout_ms: int | None = None) -> Any:
    """Tick a vigy now, enabled or not; its run, which may have failed."""
    return to_json(runtime.tick(id, None if timeout_ms is None else timeout_ms / 1000))


@operation("POST /v1/vigies/{id}/dry-run", Role.OPERATE, a.ID, slow=True)
def dry_run_vigy(runtime: Runtime, id: str) -> Any:
    """What a tick would do now; nothing of it is kept."""
    return answers.dry_run_json(runtime.dry_run(id))


@operation("POST /v1/runs/{run}/replay", Role.OPERATE, a.RUN, slow=True)
def replay_run(runtime: Runtime, run: str) -> Any:
    """Tick a run once more from its record, no effect being performed, and tell what differs."""
    return answers.replayed_json(runtime.replay(run))


@operation("POST /v1/runs/{run}/resolve", Role.OPERATE, a.RUN, a.INDEX, a.STATUS, a.MESSAGE)
def resolve_action(runtime: Runtime, run: str, index: int, status: str, message: str | None = None) -> Any:
    """Report what came of an action of a run."""
    return to_json(runtime.resolve(run, index, status, message))


@operation("POST /v1/pause", Role.OPERATE)
def pause_runtime(runtime: Runtime) -> Any:
    """Hold scheduled ticks of all vigies back."""
    runtime.pause()
    return {"paused": True}


@operation("POST /v1/resume", Role.OPERATE)
def resume_runtime(runtime: Runtime) -> Any:
    """Go on with scheduled ticks."""
    runtime.resume()
    return {"paused": False}
