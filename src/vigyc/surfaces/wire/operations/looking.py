"""From a question to what is so: vigies and how it goes with them, runs, the stream, health."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vigyc.model.codec import to_json
from vigyc.service.browsing import REGISTERED
from vigyc.service.runtime import Runtime
from vigyc.surfaces.wire import answers, gathered
from vigyc.surfaces.wire.caller import Role
from vigyc.surfaces.wire.figures import stats_json
from vigyc.surfaces.wire.operation import operation
from vigyc.surfaces.wire.operations import arguments as a


@operation(
    "GET /v1/vigies", Role.READ, a.SELECTOR, a.SEARCH, a.PHASE, a.FAILING, a.SORT, a.LIMIT, a.CURSOR
)  # fmt: skip
def list_vigies(
    runtime: Runtime,
    label_selector: str = "",
    search: str = "",
    phase: str | None = None,
    failing: bool | None = None,
    sort: str = REGISTERED,
    limit: int = 100,
    cursor: str | None = None,
) -> Any:
    """A page of the vigies, each with how it goes with it, and the cursor of the next page."""
    page = runtime.browse(
        label_selector, search=search, phase=phase, failing=failing, sort=sort, limit=limit, cursor=cursor
    )  # fmt: skip
    return answers.page_json(page)


def _vigy_at_hand(runtime: Runtime, id: str) -> Any:
    vigy = runtime.at_hand.vigy(id)
    return None if vigy is None else to_json(vigy)


@operation("GET /v1/vigies/{id}", Role.READ, a.ID, at_hand=_vigy_at_hand, each=gathered.vigies)
def get_vigy(runtime: Runtime, id: str) -> Any:
    """A vigy, as it is registered."""
    return to_json(runtime.get(id))


@operation("GET /v1/vigies/{id}/inspect", Role.READ, a.ID, a.LIMIT)
def inspect_vigy(runtime: Runtime, id: str, limit: int = 5) -> Any:
    """Everything about a vigy: how it is registered, where it stands, its state, its last runs."""
    known = runtime.explain(id)
    vigy_id = known.vigy.id
    return {
        **answers.inspection_json(known, runtime.standing(vigy_id), runtime.state(vigy_id)),
        "recent_runs": [to_json(run) for run in runtime.runs(vigy_id, limit=limit)],
    }


@operation("GET /v1/vigies/{id}/state", Role.READ, a.ID, each=gathered.states)
def get_vigy_state(runtime: Runtime, id: str) -> Any:
    """What the ticks of a vigy want and saw, its conditions, and the actions that have no result yet."""
    return to_json(runtime.state(id))


@operation("GET /v1/vigies/{id}/standing", Role.READ, a.ID, each=gathered.standings)
def get_standing(runtime: Runtime, id: str) -> Any:
    """The counters of a vigy, and its last run."""
    return to_json(runtime.standing(id))


@operation("GET /v1/vigies/{id}/explain", Role.READ, a.ID)
def explain_vigy(runtime: Runtime, id: str) -> Any:
    """Why a vigy ticks or does not, in sentences."""
    return answers.explanation_json(runtime.explain(id))


@operation("GET /v1/runs", Role.READ, a.VIGY, a.BEFORE, a.LIMIT, a.RESULTS_, each=gathered.runs)
def list_runs(
    runtime: Runtime,
    vigy: str | None = None,
    before: int | None = None,
    limit: int = 20,
    results: Sequence[str] = (),
) -> Any:
    """Runs, newest first, of one vigy or of all; go on `before` the number (`seq`) of the last one."""
    return [to_json(run) for run in runtime.runs(vigy, before=before, limit=limit, results=results)]


@operation("GET /v1/runs/{run}", Role.READ, a.RUN)
def get_run(runtime: Runtime, run: str) -> Any:
    """One run, with everything it said."""
    return to_json(runtime.run(run))


@operation("GET /v1/notices", Role.READ, a.AFTER, a.LIMIT)
def list_notices(runtime: Runtime, after: int = 0, limit: int = 100) -> Any:
    """What happened after a number of the stream, in order; to hear it as it happens, take the stream of events."""
    return [to_json(notice) for notice in runtime.notices(after, limit)]


@operation("GET /v1/denials", Role.READ, a.VIGY, a.BEFORE, a.LIMIT)
def list_denials(runtime: Runtime, vigy: str | None = None, before: int | None = None, limit: int = 20) -> Any:
    """What the policy refused, newest first: which effect, of what, by which rule."""
    return [to_json(notice) for notice in runtime.denials(vigy, before=before, limit=limit)]


@operation("GET /v1/next", Role.READ, a.LIMIT, a.SELECTOR)
def next_ticks(runtime: Runtime, limit: int = 20, label_selector: str = "") -> Any:
    """The ticks to come, the next first."""
    return [answers.upcoming_json(each) for each in runtime.next(limit, label_selector)]


@operation("GET /v1/health", Role.READ)
def get_health(runtime: Runtime) -> Any:
    """Whether all is well with the runtime: who ticks, how late, how many vigies in which phase."""
    return answers.health_json(runtime.health())


@operation("GET /v1/stats", Role.READ)
def get_stats(runtime: Runtime) -> Any:
    """The figures of the runtime: vigies by phase, ticks per second, lateness, counters, the last ten minutes."""
    return stats_json(runtime.stats())
