"""From an operation to the method of a client that asks for it, and from what that gives to the operation's answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from vigyc.model.codec import from_json, to_json
from vigyc.model.schedule import Schedule
from vigyc.service.audit import wanted
from vigyc.surfaces.client.async_client import AsyncClient
from vigyc.surfaces.client.client import Client
from vigyc.surfaces.wire import answers, enhanced, uses


class Method(NamedTuple):
    """A method; `kv.set` is one of the kv of a vigy. `shown` is given what it gives, and the arguments."""

    name: str
    shown: Callable[[Any, dict[str, Any]], Any] = lambda found, _: to_json(found)


def _each(shown: Callable[[Any], Any]) -> Callable[[Any, dict[str, Any]], Any]:
    return lambda found, _: [shown(each) for each in found]


def _one(shown: Callable[[Any], Any]) -> Callable[[Any, dict[str, Any]], Any]:
    return lambda found, _: shown(found)


def _as_it_is(found: Any, _: dict[str, Any]) -> Any:
    return found


RENAMED = {
    "id": "ref", "vigy": "ref", "tick_interval_ms": "every", "deadline_ms": "deadline", "label_selector": "selector",
}  # fmt: skip

METHODS: dict[str, Method] = {
    "register_vigy": Method("register", _one(answers.registration_json)),
    "update_vigy": Method("update"),
    "enable_vigy": Method("enable"),
    "disable_vigy": Method("disable"),
    "delete_vigy": Method("delete", lambda _, __: {"deleted": True}),
    "rollback_vigy": Method("rollback"),
    "list_versions": Method("versions", _each(to_json)),
    "get_version": Method("version"),
    "diff_versions": Method("diff", lambda found, given: {"old": given["old"], "new": given["new"], "diff": found}),
    "list_vigies": Method("browse", _one(answers.page_json)),
    "get_vigy": Method("get"),
    "get_vigy_state": Method("state"),
    "get_standing": Method("standing"),
    "explain_vigy": Method("explain", _one(answers.explanation_json)),
    "list_runs": Method("runs", _each(to_json)),
    "get_run": Method("run"),
    "list_notices": Method("notices", _each(to_json)),
    "list_denials": Method("denials", _each(to_json)),
    "next_ticks": Method("next", _each(answers.upcoming_json)),
    "get_health": Method("health", _one(answers.health_json)),
    "get_stats": Method("stats", _as_it_is),
    "tick_vigy": Method("tick"),
    "dry_run_vigy": Method("dry_run", _one(answers.dry_run_json)),
    "replay_run": Method("replay", _one(answers.replayed_json)),
    "resolve_action": Method("resolve"),
    "pause_runtime": Method("pause", lambda _, __: {"paused": True}),
    "resume_runtime": Method("resume", lambda _, __: {"paused": False}),
    "list_kv": Method("kv.items", lambda found, _: [{"key": key, "value": value} for key, value in found]),
    "get_kv": Method("kv.get", lambda found, given: {"key": given["key"], "value": found}),
    "set_kv": Method("kv.set", lambda _, given: {"key": given["key"], "value": given["value"]}),
    "delete_kv": Method("kv.delete", lambda found, given: {"key": given["key"], "deleted": found}),
    "replace_kv": Method("kv.replace", lambda _, given: {"keys": len(given["entries"])}),
    "check_program": Method("check", lambda found, given: uses.checked_json(found, given["program"])),
    "get_python": Method("python", lambda found, _: {"python": found}),
    "audit_vigies": Method("audit", _each(uses.audited_json)),
    "get_policy": Method("policy", _as_it_is),
    "decide_policy": Method("decide", lambda found, _: found._asdict()),
}
METHODS |= {
    "submit_issue": Method("enhance.submit", lambda done, _: {**to_json(done.issue), "created": done.created}),
    "list_issues": Method("enhance.issues", _each(to_json)),
    "get_issue": Method("enhance.issue"),
    "wait_issue": Method("enhance.wait"),
    "cancel_issue": Method("enhance.cancel"),
    "retry_issue": Method("enhance.retry"),
    "approve_issue": Method("enhance.approve"),
    "list_epochs": Method("enhance.log", _each(to_json)),
    "get_epoch": Method("enhance.epoch"),
    "get_enhance": Method("enhance.status", _one(enhanced.status_json)),
    "list_enhance_settings": Method("enhance.settings", _each(to_json)),
    "get_enhance_setting": Method("enhance.setting"),
    "put_enhance_setting": Method("enhance.put_setting"),
    "delete_enhance_setting": Method(
        "enhance.remove_setting", lambda _, given: {"setting": given["setting"], "deleted": True}
    ),
    "pause_enhance": Method("enhance.pause"),
    "resume_enhance": Method("enhance.resume"),
    "verify_candidate": Method("enhance.verify", _one(enhanced.verified_json)),
}
OF_ISSUES = {"get_issue", "wait_issue", "cancel_issue", "retry_issue", "approve_issue"}
WITH_NAMES = {*OF_ISSUES, "submit_issue", "list_issues", "list_epochs", "get_epoch"}
INSPECT = "inspect_vigy"
"""Which a client asks for in its parts."""


def asked(client: Client, name: str, data: dict[str, Any]) -> Any:
    """The answer of operation `name`."""
    found = _asked(client, name, data)
    if name in WITH_NAMES:
        return _named(found, {vigy.id: vigy.name for vigy in client.list()})
    return found


def _asked(client: Client, name: str, data: dict[str, Any]) -> Any:
    if name == INSPECT:
        known = client.explain(data["id"])
        parts = answers.inspection_json(known, client.standing(data["id"]), client.state(data["id"]))
        return {**parts, "recent_runs": [to_json(run) for run in client.runs(data["id"], limit=data["limit"])]}
    method, given = METHODS[name], _given(name, data)
    holder, _, called = method.name.rpartition(".")
    if holder == "kv":
        found = getattr(client.kv(given.pop("ref")), called)(**given)
    else:
        found = getattr(client.enhance if holder else client, called)(**given)
    return method.shown(found, data)


async def asked_async(client: AsyncClient, name: str, data: dict[str, Any]) -> Any:
    """The answer of operation `name`."""
    found = await _asked_async(client, name, data)
    if name in WITH_NAMES:
        return _named(found, {vigy.id: vigy.name for vigy in await client.list()})
    return found


async def _asked_async(client: AsyncClient, name: str, data: dict[str, Any]) -> Any:
    ref = data.get("id", "")
    if name == INSPECT:
        known, standing, state = await client.explain(ref), await client.standing(ref), await client.state(ref)
        runs = await client.runs(ref, limit=data["limit"])
        return {**answers.inspection_json(known, standing, state), "recent_runs": [to_json(run) for run in runs]}
    method, given = METHODS[name], _given(name, data)
    holder, _, called = method.name.rpartition(".")
    if holder == "kv":
        found = await getattr(await client.kv(given.pop("ref")), called)(**given)
    else:
        found = await getattr(client.enhance if holder else client, called)(**given)
    return method.shown(found, data)


def _named(found: Any, names: dict[str, str]) -> Any:
    """Issues and epochs with the names of their vigies, which a client asks for by itself."""
    if isinstance(found, list):
        return [_named(each, names) for each in found]
    return {**found, **({"vigy_name": names[found["vigy_id"]]} if found["vigy_id"] in names else {})}


def _given(name: str, data: dict[str, Any]) -> dict[str, Any]:
    """The arguments as a method takes them."""
    given = {RENAMED.get(key, key): value for key, value in data.items()}
    if name == "get_run":
        given["ref"] = given.pop("run")
    if name in OF_ISSUES:
        given["ref"] = given.pop("issue")
    if name == "get_epoch":
        given["ref"] = given.pop("epoch")
    if name.endswith(("_enhance_setting", "_enhance")) and "setting" in given:
        given["name"] = given.pop("setting")
    if "schedule" in given:
        given["schedule"] = from_json(Schedule, given["schedule"])
    if name == "audit_vigies":
        lists = [given.pop(key, ()) for key in ("effects", "hosts", "calls")]
        given["looked_for"] = wanted(*lists)
    if "timeout_ms" in given:
        given["timeout"] = given.pop("timeout_ms") / 1000
    return given
