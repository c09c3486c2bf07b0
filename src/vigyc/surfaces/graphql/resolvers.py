"""From a field of the schema to the operation that answers it: a table, and what a field asks of it.

Names differ by their case only (`tickIntervalMs`, `tick_interval_ms`) but where the table says otherwise.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from functools import cache
from re import sub
from typing import Any, Final, NamedTuple, TypeAlias

from graphql import GraphQLResolveInfo

from vigyc.lang.errors import NotFound
from vigyc.model.codec import to_json
from vigyc.model.notice import RUN
from vigyc.service.async_subscription import AsyncSubscription
from vigyc.surfaces.graphql.loading import Loading

Info: TypeAlias = GraphQLResolveInfo[Loading]
RAISE: Final = ...


class Place(NamedTuple):
    """Where in the schema an operation is reached.

    `names` are the operation's names of the field's arguments, where those differ; `parent` are arguments taken from
    the object that the field is of. Of the answer the field is `pick`, or all of it; `absent` is what it is when there
    is no such thing (RAISE: an error). `weight` is what one answer costs, in small reads.
    """

    operation: str
    names: Mapping[str, str] = {}
    parent: Mapping[str, str] = {}
    pick: str | None = None
    absent: Any = RAISE
    weight: int = 1


_OWN: Final = {"id": "id"}
_ITS_VIGY: Final = {"id": "vigy_id"}
_OF_VIGY: Final = {"vigyId": "vigy"}
_ITS_ISSUE: Final = {"issue": "issue_id"}
_ISSUE: Final = {"id": "issue"}
_SETTING: Final = {"name": "setting"}
_PAGED: Final = {"after": "cursor"}

PLACES: Final[Mapping[str, Place]] = {
    "Query.vigy": Place("get_vigy", absent=None),
    "Query.vigies": Place("list_vigies", _PAGED, pick="items"),
    "Query.vigiesPage": Place("list_vigies", _PAGED),
    "Query.inspectVigy": Place("inspect_vigy", absent=None),
    "Query.recentRuns": Place("list_runs", _OF_VIGY),
    "Query.run": Place("get_run", {"id": "run"}, absent=None),
    "Query.notices": Place("list_notices"),
    "Query.denials": Place("list_denials", _OF_VIGY),
    "Query.nextTicks": Place("next_ticks"),
    "Query.health": Place("get_health"),
    "Query.stats": Place("get_stats"),
    "Query.version": Place("get_version", absent=None),
    "Query.diff": Place("diff_versions"),
    "Query.kv": Place("get_kv", absent=None),
    "Query.checkProgram": Place("check_program", weight=50),
    "Query.audit": Place("audit_vigies", weight=500),
    "Query.decide": Place("decide_policy"),
    "Query.issues": Place("list_issues", _OF_VIGY),
    "Query.issue": Place("get_issue", _ISSUE, absent=None),
    "Query.waitIssue": Place("wait_issue", _ISSUE, absent=None, weight=50),
    "Query.epochs": Place("list_epochs", _OF_VIGY),
    "Query.epoch": Place("get_epoch", {"id": "epoch"}, absent=None),
    "Query.enhance": Place("get_enhance"),
    "Query.enhanceSettings": Place("list_enhance_settings"),
    "Query.enhanceSetting": Place("get_enhance_setting", _SETTING, absent=None),
    "Vigy.state": Place("get_vigy_state", parent=_OWN),
    "Vigy.standing": Place("get_standing", parent=_OWN),
    "Vigy.runs": Place("list_runs", parent={"vigy": "id"}),
    "Vigy.versions": Place("list_versions", parent=_OWN, weight=5),
    "Vigy.kv": Place("list_kv", parent=_OWN, weight=5),
    "Vigy.explanation": Place("explain_vigy", parent=_OWN, weight=5),
    "Vigy.policy": Place("get_policy", parent=_OWN),
    "Vigy.python": Place("get_python", parent=_OWN, pick="python", weight=50),
    "VigyRun.vigy": Place("get_vigy", parent=_ITS_VIGY, absent=None),
    "Notice.vigy": Place("get_vigy", parent=_ITS_VIGY, absent=None),
    "Issue.vigy": Place("get_vigy", parent=_ITS_VIGY, absent=None),
    "Issue.log": Place("list_epochs", parent={"issue": "id"}),
    "Epoch.vigy": Place("get_vigy", parent=_ITS_VIGY, absent=None),
    "Epoch.issue": Place("get_issue", parent=_ITS_ISSUE, absent=None),
    "Mutation.registerVigy": Place("register_vigy"),
    "Mutation.register": Place("register_vigy"),
    "Mutation.updateVigy": Place("update_vigy"),
    "Mutation.enableVigy": Place("enable_vigy"),
    "Mutation.disableVigy": Place("disable_vigy"),
    "Mutation.deleteVigy": Place("delete_vigy", absent=False),
    "Mutation.tickVigy": Place("tick_vigy", weight=50),
    "Mutation.rollbackVigy": Place("rollback_vigy"),
    "Mutation.setKv": Place("set_kv"),
    "Mutation.deleteKv": Place("delete_kv", pick="deleted"),
    "Mutation.replaceKv": Place("replace_kv", pick="keys"),
    "Mutation.resolveAction": Place("resolve_action"),
    "Mutation.dryRunVigy": Place("dry_run_vigy", weight=50),
    "Mutation.replayRun": Place("replay_run", weight=50),
    "Mutation.pause": Place("pause_runtime"),
    "Mutation.resume": Place("resume_runtime"),
    "Mutation.submitIssue": Place("submit_issue"),
    "Mutation.cancelIssue": Place("cancel_issue", _ISSUE),
    "Mutation.retryIssue": Place("retry_issue", _ISSUE),
    "Mutation.approveIssue": Place("approve_issue", _ISSUE),
    "Mutation.putEnhanceSetting": Place("put_enhance_setting", _SETTING),
    "Mutation.deleteEnhanceSetting": Place("delete_enhance_setting", _SETTING, pick="deleted"),
    "Mutation.pauseEnhance": Place("pause_enhance", _SETTING),
    "Mutation.resumeEnhance": Place("resume_enhance", _SETTING),
    "Mutation.verifyCandidate": Place("verify_candidate", weight=500),
}
"""Every field that asks something of the runtime; the others are part of such an answer."""

STREAMS: Final[Mapping[str, Mapping[str, Any]]] = {"reconcileEvents": {"kinds": [RUN]}, "notices": {}}
"""The subscriptions, and what each asks of the stream besides its arguments."""

LACKING: Final[Mapping[str, tuple[str, str, Any]]] = {
    "phase": ("explain_vigy", "phase", None),
    "why": ("explain_vigy", "why", None),
    "dueAt": ("explain_vigy", "due_at", None),
    "lastRun": ("get_standing", "run_id", None),
    "lastResult": ("get_standing", "result", None),
    "lastStartedAt": ("get_standing", "started_at", None),
    "failures": ("get_standing", "failures", 0),
    "denied": ("get_standing", "denied", 0),
}
"""Of a vigy, what only a page of vigies has at hand: which operation tells it else, under which name, its default."""


@cache
def snake(name: str) -> str:
    """`tickIntervalMs` as `tick_interval_ms`."""
    return sub("[A-Z]", lambda capital: "_" + capital[0].lower(), name)


def asked(place: Place, source: object, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of the operation; those of an `input` stand beside the others."""
    flat = {**given.get("input", {}), **{name: value for name, value in given.items() if name != "input"}}
    own = {place.names.get(name, snake(name)): value for name, value in flat.items()}
    parent = source if isinstance(source, dict) else {}
    return {**own, **{name: parent.get(key) for name, key in place.parent.items()}}


def resolver(place: Place, changes: bool) -> Any:
    """What resolves a field at `place`; one that `changes` something is performed by itself."""

    async def resolve(source: Any, info: Info, **given: Any) -> Any:
        loading = info.context
        data = asked(place, source, given)
        if place.parent and data.get("id", "") is None:  # a notice that is not of a vigy
            return None
        try:
            answer = await (loading.perform if changes else loading.load)(place.operation, data)
        except NotFound:
            if place.absent is RAISE:
                raise
            return place.absent
        if place.absent is False:
            return True
        return answer if place.pick is None else answer[place.pick]

    return resolve


def lacking(name: str) -> Any:
    """What resolves field `name` of a vigy, which may be at hand."""
    operation, key, default = LACKING[name]
    here = snake(name)

    async def resolve(source: dict[str, Any], info: Info) -> Any:
        if "why" in source:
            return source.get(here, default)
        answer = await info.context.load(operation, {"id": source["id"]})
        return answer.get(key, default)

    return resolve


def itself(source: Any, info: Info) -> Any:
    """A part that stands beside the fields of what it is part of."""
    return source


def part(name: str, default: Any) -> Any:
    """What resolves a field that is part of an answer; what is not set there is `default`."""
    key = snake(name)

    def resolve(source: dict[str, Any], info: Info) -> Any:
        return source.get(key, default)

    return resolve


async def subscribe(source: Any, info: Info, **given: Any) -> AsyncIterator[dict[str, Any]]:
    """Notices as JSON data, as they come; each is looked at afresh."""
    loading = info.context
    wanted = {_OF_VIGY.get(name, name): value for name, value in given.items()}
    watched = await loading.desk.watch(loading.caller, {**STREAMS[info.field_name], **wanted})
    return _told(watched, loading, runs=RUN in STREAMS[info.field_name].get("kinds", ()))


async def _told(watched: AsyncSubscription, loading: Loading, *, runs: bool) -> AsyncIterator[dict[str, Any]]:
    """What is heard; a stream of `runs` has no word for a gap."""
    async with watched:
        async for notice in watched:
            if notice.run is not None or not runs:
                loading.forget()
                yield to_json(notice)


def told_run(source: dict[str, Any], info: Info, **given: Any) -> Any:
    """The run that a notice is of."""
    return source["run"]
