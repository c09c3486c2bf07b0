"""One call of every tool, in an order in which each finds what it needs; played through any door."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

PROGRAM: Final = '(vigy-log "info" "hello") (vigy-incr "n") (vigy-create (hash-map "a" 1)) (time-now)'
BETTER: Final = '(vigy-incr "n" 4) (vigy-noop)'
OTHER: Final = '(vigy-incr "n" 2) (vigy-noop)'

LONG_AGO: Final = 10**12  # in ms since 1970
Ask = Callable[[str, dict[str, Any]], Awaitable[Any]]

STEPS: Final[list[tuple[str, dict[str, Any]]]] = [
    ("vigy_check", {"program": '(vigy-log "info" 7) (nope)', "name": "one"}),
    ("vigy_register", {"name": "one", "program": PROGRAM, "enabled": False, "labels": {"team": "web"}, "author": "me"}),
    ("vigy_list", {"label_selector": "team=web", "limit": 10}),
    ("vigy_get", {"id": "one"}),
    ("vigy_tick", {"id": "one"}),
    ("vigy_run", {"run": "$vigy_tick"}),
    ("vigy_runs", {"vigy": "one", "results": ["ok"]}),
    ("vigy_inspect", {"id": "one"}),
    ("vigy_state", {"id": "one"}),
    ("vigy_standing", {"id": "one"}),
    ("vigy_explain", {"id": "one"}),
    ("vigy_resolve", {"run": "$vigy_tick", "index": 0, "status": "ok", "message": "made"}),
    ("vigy_dry_run", {"id": "one"}),
    ("vigy_replay", {"run": "$vigy_tick"}),
    ("vigy_update", {"id": "one", "program": OTHER, "note": "other", "author": "me"}),
    ("vigy_versions", {"id": "one"}),
    ("vigy_version", {"id": "one", "number": 1}),
    ("vigy_diff", {"id": "one", "old": 1, "new": 2}),
    ("vigy_rollback", {"id": "one", "number": 1, "author": "me"}),
    ("vigy_kv_set", {"id": "one", "key": "a/b c", "value": {"deep": [1, None, "ü"]}}),
    ("vigy_kv_get", {"id": "one", "key": "a/b c"}),
    ("vigy_kv_list", {"id": "one", "prefix": "a"}),
    ("vigy_kv_delete", {"id": "one", "key": "a/b c"}),
    ("vigy_kv_replace", {"id": "one", "entries": {"x": 1}, "merge": True}),
    ("vigy_enable", {"id": "one"}),
    ("vigy_next", {"limit": 5}),
    ("vigy_disable", {"id": "one"}),
    ("vigy_python", {"id": "one"}),
    ("vigy_audit", {}),
    ("vigy_policy", {"id": "one"}),
    ("vigy_decide", {"id": "one", "effect": "fs.read", "resource": "/etc/passwd"}),
    ("vigy_denials", {}),
    ("vigy_notices", {"after": 0, "limit": 50}),
    ("vigy_pause", {}),
    ("vigy_resume", {}),
    ("vigy_health", {}),
    ("vigy_stats", {}),
    ("vigy_enhance_set", {"setting": "mine", "fields": {"verifiers": ["dry-run"], "canary": {"shadow_ticks": 0}}}),
    ("vigy_verify", {"id": "one", "program": BETTER, "setting": "mine"}),
    ("vigy_enhance_setting", {"setting": "mine"}),
    ("vigy_enhance_settings", {}),
    ("vigy_enhance_pause", {"setting": "mine", "reason": "not yet"}),
    ("vigy_enhance_status", {}),
    (
        "vigy_issue_submit",
        {
            "vigy": "one",
            "intent": "twice as much",
            "setting": "mine",
            "author": "me",
            "constraints": {"most": [4, None]},
            "proposal": {"source": BETTER},
            "key": "once",
        },
    ),
    ("vigy_issue_approve", {"issue": "$vigy_issue_submit", "author": "me"}),
    ("vigy_issue_cancel", {"issue": "$vigy_issue_submit", "author": "me"}),
    ("vigy_issue_retry", {"issue": "$vigy_issue_submit"}),
    ("vigy_issue_list", {"vigy": "one", "states": ["pending"]}),
    ("vigy_enhance_resume", {"setting": "mine"}),
    ("vigy_issue_wait", {"issue": "$vigy_issue_submit", "timeout_ms": 30_000}),
    ("vigy_issue_get", {"issue": "$vigy_issue_submit"}),
    ("vigy_enhance_log", {"vigy": "one"}),
    ("vigy_enhance_epoch", {"epoch": "$vigy_issue_wait.epoch"}),
    ("vigy_enhance_unset", {"setting": "mine"}),
    ("vigy_delete", {"id": "one"}),
]

_TIMES: Final = re.compile(
    r"due (now|(in|for) [\d.hms]+)|\d{4}-\d\d-\d\dT[\d:.]+Z|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\d+(\.\d+)?(ms|s)\b|process \d+"
)
_VARYING: Final = re.compile(
    r".*(_ms|_us|_ns|_at|pages|lateness|duration|seed|started|holder|epoch)$|owner|at|id|run_id|now"
)


async def play(ask: Ask) -> list[tuple[str, Any]]:
    """The answers of all steps, without what differs from one time to the next."""
    seen: dict[str, Any] = {}
    for tool, arguments in STEPS:
        given = {
            key: _found(seen, value[1:]) if isinstance(value, str) and value.startswith("$") else value
            for key, value in arguments.items()
        }
        seen[tool] = await ask(tool, given)
    return [(tool, steady(found)) for tool, found in seen.items()]


def _found(seen: dict[str, Any], named: str) -> Any:
    """What a step answered: its `id`, or what else is named after a dot."""
    step, _, key = named.partition(".")
    return seen[step][key or "id"]


def steady(data: Any, key: str = "") -> Any:
    """`data` without times, numbers that measure, and ids."""
    if isinstance(data, dict):
        return {name: steady(value, name) for name, value in data.items()}
    if isinstance(data, list):
        return [steady(value, key) for value in data]
    if _VARYING.fullmatch(key) or (isinstance(data, int) and data > LONG_AGO):
        return type(data).__name__
    return _TIMES.sub("*", data) if isinstance(data, str) else data
