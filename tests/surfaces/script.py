"""One script of operations for every way to a runtime, and the plain form in which what they answer is compared.

A step is the name of an operation, its arguments, and the kind of failure that it must end with. `$step` in an argument
is the id that the step called so answered last; a step is called as its operation is, unless it has a name of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from vigyc.surfaces.wire.failure import FAILURES, Failure

Ask = Callable[[str, dict[str, Any]], Any]


class Step(NamedTuple):
    """One operation that is asked for."""

    operation: str
    arguments: Mapping[str, Any] = MappingProxyType({})
    fails: str | None = None
    called: str = ""


class Told(Exception):
    """A failure, as a transport told it: the problem, and the transport's own code for it."""

    def __init__(self, problem: Mapping[str, Any], code: object) -> None:
        super().__init__(f"{code}: {problem}")
        self.problem = problem
        self.code = code

    def fits(self, kind: str | None) -> bool:
        """Whether this is a failure of that kind; a command tells its exit code only."""
        exit_code: int | None = self.problem.get("exit")
        if exit_code is not None and kind is not None:
            return exit_code == KINDS[kind].exit_code
        return kind is not None and bool(self.problem.get("kind") == kind)


BIG: Final = 9_007_199_254_740_993
TALKS: Final = """(vigy-log "info" (format "tick {} ü" (vigy-incr "n")))
(vigy-set "big" 9007199254740993) (vigy-set "float" 3.0) (vigy-set "nothing" nil) (vigy-set "empty" (list "" (list)))
(vigy-condition "Ready" #t "why" "well")
(vigy-desired "replicas" 3) (vigy-observed "replicas" 2.5)
(vigy-metric "load" 0.5) (vigy-event "seen" "it") (vigy-trace "deep" (list 1 (list)))
(println "said")
(vigy-create (hash-map "id" 9007199254740993 "tags" (list "a" "")))
(vigy-noop)
"""
LESS: Final = '(vigy-incr "n" 2)\n(vigy-noop)\n'
DULL: Final = '; by twos\n(vigy-incr "n" 2)\n(vigy-noop)\n'
FAILS: Final = '(vigy-set "half" 1)\n(car 7)\n'
BROKEN: Final = '(vigy-log "info"\n  (if "ü" (vigy-noop)'
WANTS: Final = '\n (fs-read "/etc/passwd")'
TRIES: Final = '(try (fs-read (string-append "/etc/" "hostname")) (catch (e) (vigy-set "e" (error-message e))))'
CRON: Final = {"kind": "cron", "expr": "0 0 1 1 *"}
NAME: Final = "a/b ü"
KEY: Final = "k/ey ?#ü"

STEPS: Final = (
    Step("list_vigies"),
    Step("get_health"),
    Step("check_program", {"program": '(define x 1)\n(vigy-log "info" (nope "ü" x))', "name": "one"}),
    Step("check_program", {"program": WANTS, "name": "one", "labels": {"team": "web"}}),
    Step("check_program", {"program": BROKEN}),
    # what cannot be registered
    Step("register_vigy", {"name": "bad", "program": BROKEN}, "not-a-program"),
    Step("register_vigy", {"name": "bad", "program": WANTS}, "not-granted"),
    Step("register_vigy", {"name": "", "program": LESS}, "invalid"),
    Step("register_vigy", {"name": "bad", "program": LESS, "tick_interval_ms": 0}, "invalid"),
    Step("register_vigy", {"name": "bad", "program": LESS, "schedule": {"kind": "odd"}}, "invalid"),
    Step("register_vigy", {"name": "bad", "program": LESS, "labels": {"": "x"}}, "invalid"),
    # what can
    Step("register_vigy", {"name": NAME, "program": TALKS, "enabled": False, "labels": {"team": "web"},
                           "deadline_ms": 3000, "tick_interval_ms": 60_000, "note": "first", "author": "ann"}),
    Step("register_vigy", {"name": NAME, "program": TALKS}, called="again"),
    Step("register_vigy", {"name": NAME, "program": LESS}, "conflict"),
    Step("register_vigy", {"name": "two", "program": TRIES, "enabled": False, "schedule": CRON}, called="two"),
    Step("list_vigies", {"label_selector": "team=web", "limit": 10}),
    Step("list_vigies", {"sort": "name", "search": "b ü", "phase": "disabled", "failing": False}),
    Step("list_vigies", {"label_selector": "="}, "invalid"),
    Step("list_vigies", {"limit": 0}, "invalid"),
    Step("list_vigies", {"cursor": "nonsense"}, "invalid"),
    Step("get_vigy", {"id": NAME}),
    Step("get_vigy", {"id": "$register_vigy"}),
    Step("get_vigy", {"id": "nobody"}, "not-found"),
    # ticks
    Step("tick_vigy", {"id": NAME}),
    Step("tick_vigy", {"id": "nobody"}, "not-found"),
    Step("get_run", {"run": "$tick_vigy"}),
    Step("get_run", {"run": "zzz"}, "not-found"),
    Step("list_runs", {"vigy": NAME, "results": ["ok"], "limit": 3}),
    Step("list_runs", {"results": ["failed", "timed_out"]}),
    Step("list_runs", {"vigy": "nobody"}, "not-found"),
    Step("inspect_vigy", {"id": NAME, "limit": 1}),
    Step("get_vigy_state", {"id": NAME}),
    Step("get_standing", {"id": NAME}),
    Step("explain_vigy", {"id": NAME}),
    Step("explain_vigy", {"id": "nobody"}, "not-found"),
    Step("resolve_action", {"run": "$tick_vigy", "index": 0, "status": "failed", "message": "it was ü"}),
    Step("resolve_action", {"run": "$tick_vigy", "index": 7, "status": "ok"}, "not-found"),
    Step("dry_run_vigy", {"id": NAME}),
    Step("replay_run", {"run": "$tick_vigy"}, "not-found"),
    Step("tick_vigy", {"id": "two"}, called="tried"),
    Step("replay_run", {"run": "$tried"}),
    Step("list_denials", {"vigy": "two"}),
    # editions
    Step("update_vigy", {"id": NAME, "program": FAILS, "note": "worse", "author": "bob", "generation": 0}, "stale"),
    Step("update_vigy", {"id": NAME, "program": BROKEN}, "not-a-program"),
    Step("update_vigy", {"id": NAME, "program": WANTS}, "not-granted"),
    Step("update_vigy", {"id": NAME, "name": "two"}, "conflict"),
    Step("update_vigy", {"id": NAME, "program": FAILS, "note": "worse", "author": "bob", "deadline_ms": None}),
    Step("tick_vigy", {"id": NAME}, called="failed"),
    Step("list_vigies", {"failing": True, "sort": "attention"}),
    Step("explain_vigy", {"id": NAME}),
    Step("get_python", {"id": NAME}),
    Step("list_versions", {"id": NAME}),
    Step("get_version", {"id": NAME, "number": 1}),
    Step("get_version", {"id": NAME, "number": 9}, "not-found"),
    Step("diff_versions", {"id": NAME, "old": 1, "new": 2}),
    Step("rollback_vigy", {"id": NAME, "number": 9}, "not-found"),
    Step("rollback_vigy", {"id": NAME, "number": 1, "author": "cy", "note": "back"}),
    Step("update_vigy", {"id": NAME, "labels": {"team": "kern-ü", "b": ""}, "schedule": CRON}),
    # kv
    Step("set_kv", {"id": NAME, "key": KEY, "value": {"deep": [1, BIG, 3.0, None, "", {}], "ü": True}}),
    Step("get_kv", {"id": NAME, "key": KEY}),
    Step("set_kv", {"id": NAME, "key": "null", "value": None}),
    Step("get_kv", {"id": NAME, "key": "null"}),
    Step("get_kv", {"id": NAME, "key": "nowhere"}, "not-found"),
    Step("set_kv", {"id": NAME, "key": "__own", "value": 1}, "invalid"),
    Step("set_kv", {"id": NAME, "key": "__own", "value": 1, "force": True}),
    Step("list_kv", {"id": NAME}),
    Step("list_kv", {"id": NAME, "prefix": "k/"}),
    Step("delete_kv", {"id": NAME, "key": KEY}),
    Step("delete_kv", {"id": NAME, "key": "$never"}),
    Step("replace_kv", {"id": NAME, "entries": {"x": BIG, "y\n": None}, "merge": True}),
    Step("replace_kv", {"id": NAME, "entries": {"x": 1.0}}),
    Step("list_kv", {"id": NAME}),
    # ticking by itself
    Step("enable_vigy", {"id": NAME}),
    Step("tick_vigy", {"id": NAME}, called="enabled"),  # after which whoever ticks knows that it is
    Step("next_ticks", {"limit": 5}),
    Step("disable_vigy", {"id": NAME}),
    Step("disable_vigy", {"id": "nobody"}, "not-found"),
    Step("pause_runtime"),
    Step("resume_runtime"),
    # what programs may do
    Step("audit_vigies"),
    Step("audit_vigies", {"effects": ["fs.read"], "label_selector": "team=none"}),
    Step("audit_vigies", {"effects": ["nonsense"]}, "invalid"),
    Step("get_policy", {"id": NAME}),
    Step("decide_policy", {"id": NAME, "effect": "fs.read", "resource": "/etc/passwd"}),
    Step("decide_policy", {"id": NAME, "effect": "nonsense"}, "invalid"),
    # what has happened so far
    Step("list_notices", {"after": 0, "limit": 100}),
    # better programs
    Step("register_vigy", {"name": "dull", "program": DULL, "enabled": False}, called="dull"),
    Step("tick_vigy", {"id": "dull"}, called="dull ticked"),
    Step("get_enhance"),
    Step("list_enhance_settings"),
    Step("get_enhance_setting", {"setting": "default"}),
    Step("get_enhance_setting", {"setting": "nowhere"}, "not-found"),
    Step("put_enhance_setting", {"setting": "mine", "fields": {"verifiers": []}}, "invalid"),
    Step("put_enhance_setting", {"setting": "mine", "fields": {"nonsense": 1}}, "invalid"),
    Step("put_enhance_setting", {"setting": "mine", "fields": {
        "replays": 3, "factor": 900, "ttl_ms": 60_000, "replay_changes": 0.5,
        "verifiers": ["tests", "dry-run", "replay", "convergence", "idempotence"],  # none that measures time
        "canary": {"shadow_ticks": 0, "watch_ticks": 0}}}),
    Step("put_enhance_setting", {"setting": "mine", "fields": {"canary": None, "replay_changes": 1}}),
    Step("verify_candidate", {"id": "dull", "program": DULL.replace("2", "3"), "setting": "mine"}),
    Step("verify_candidate", {"id": "dull", "program": BROKEN, "setting": "mine"}, called="verified in vain"),
    Step("verify_candidate", {"id": "nobody", "program": DULL}, "not-found"),
    Step("put_enhance_setting", {"setting": "tight", "fields": {"max_pending": 1}}),
    Step("pause_enhance", {"setting": "mine", "reason": "not yet, ü"}),
    Step("list_enhance_settings"),
    Step("submit_issue", {"vigy": "dull", "intent": "threes, ü\n", "setting": "mine", "key": "k1", "author": "ann",
                          "constraints": {"most": BIG, "list": [None, 3.0, ""]},
                          "proposal": {"edits": [{"op": "replace", "path": [0, 2], "old": "2", "new": "3"}],
                                       "bump": "minor", "rationale": "threes"}}),
    Step("submit_issue", {"vigy": "dull", "intent": "threes, ü\n", "setting": "mine", "key": "k1", "author": "ann",
                          "constraints": {"most": BIG, "list": [None, 3.0, ""]},
                          "proposal": {"edits": [{"op": "replace", "path": [0, 2], "old": "2", "new": "3"}],
                                       "bump": "minor", "rationale": "threes"}}, called="once"),
    Step("submit_issue", {"vigy": "dull", "intent": "fours", "setting": "mine", "key": "k1", "author": "ann"},
         "conflict"),
    Step("submit_issue", {"vigy": "dull", "intent": "more", "setting": "tight", "author": "ann"}, "too-many"),
    Step("submit_issue", {"vigy": "dull", "intent": "more", "setting": "nowhere", "author": "ann"}, "not-found"),
    Step("submit_issue", {"vigy": "dull", "intent": " ", "author": "ann"}, "invalid"),
    Step("submit_issue", {"vigy": "dull", "intent": "more", "author": "ann",
                          "proposal": {"edits": [{"op": "turn"}]}}, "invalid"),
    Step("submit_issue", {"vigy": "nobody", "intent": "more", "author": "ann"}, "not-found"),
    Step("get_issue", {"issue": "$submit_issue"}),
    Step("get_issue", {"issue": "zzz"}, "not-found"),
    Step("wait_issue", {"issue": "$submit_issue", "timeout_ms": 1}, called="waited in vain"),
    Step("list_issues", {"vigy": "dull", "states": ["pending", "dead"], "limit": 3}),
    Step("list_issues", {"states": ["applied"]}),
    Step("list_issues", {"vigy": "nobody"}, "not-found"),
    Step("list_epochs", {"vigy": "dull"}),
    Step("cancel_issue", {"issue": "$submit_issue", "author": "bob", "note": "not now, ü"}),
    Step("cancel_issue", {"issue": "$submit_issue", "author": "bob"}, "conflict"),
    Step("approve_issue", {"issue": "$submit_issue", "author": "cy"}, "conflict"),
    Step("retry_issue", {"issue": "$submit_issue"}),
    Step("retry_issue", {"issue": "$submit_issue"}, "conflict"),
    Step("approve_issue", {"issue": "$submit_issue", "author": "cy"}),
    Step("get_enhance"),
    Step("resume_enhance", {"setting": "mine"}),
    Step("wait_issue", {"issue": "$submit_issue", "timeout_ms": 30_000}),
    Step("list_epochs", {"issue": "$submit_issue", "limit": 5}),
    Step("get_epoch", {"epoch": "$wait_issue.epoch"}),
    Step("get_epoch", {"epoch": "zzz"}, "not-found"),
    Step("list_versions", {"id": "dull"}),
    Step("get_version", {"id": "dull", "number": 2}),
    Step("submit_issue", {"vigy": "dull", "intent": "nonsense", "setting": "mine", "author": "ann",
                          "proposal": {"source": BROKEN}}, called="broken"),
    Step("wait_issue", {"issue": "$broken", "timeout_ms": 30_000}, called="rejected"),
    Step("list_epochs", {"issue": "$broken"}),
    Step("get_enhance"),
    Step("delete_enhance_setting", {"setting": "mine"}),
    Step("delete_enhance_setting", {"setting": "mine"}, "not-found"),
    Step("delete_vigy", {"id": "dull"}),
    # the end
    Step("get_stats"),
    Step("delete_vigy", {"id": NAME}),
    Step("delete_vigy", {"id": NAME}, "not-found"),
    Step("delete_vigy", {"id": "two", "keep_data": True}),
    Step("list_vigies"),
)  # fmt: skip

KINDS: Final[Mapping[str, Failure]] = {failure.kind: failure for failure in FAILURES.values()}


def play(ask: Ask, steps: tuple[Step, ...] = STEPS) -> list[Any]:
    """What each step answers, in plain form; of a failure the kind, the detail and the findings."""
    seen: dict[str, str] = {"never": "never"}
    answers: list[Any] = []
    for step in steps:
        given = {name: _filled(value, seen) for name, value in step.arguments.items()}
        try:
            answer = ask(step.operation, given)
        except Told as told:
            if not told.fits(step.fails):
                raise AssertionError(step) from told
            answers.append(plain({name: told.problem.get(name) for name in ("kind", "detail", "findings")}))
            continue
        assert step.fails is None, (step, answer)
        if isinstance(answer, dict) and isinstance(answer.get("id"), str):
            seen[step.called or step.operation] = answer["id"]
            seen[f"{step.called or step.operation}.epoch"] = answer.get("epoch", "")
        answers.append(plain(answer))
    return answers


def _filled(value: Any, seen: Mapping[str, str]) -> Any:
    return seen[value[1:]] if isinstance(value, str) and value.startswith("$") else value


_MASKS: Final = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"), "RUN"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r"due (now|(in|for) [\d.dhms]+)"), "DUE"),
    (re.compile(r"\b(\d+(\.\d+)?(ms|s|m|h|d))+\b"), "SPAN"),
    (re.compile(r"process \d+"), "OWNER"),
    (re.compile(r"\d+(\.\d+)? ms"), "SPAN"),
)
_MEASURED: Final = re.compile(
    r"(duration|at)_us|lateness_ms|wal_pages|wal_bytes|kv_bytes|outbox|subscribers|counters|series|holder|owner"
    r"|ticks_per_second|errors_per_minute|last_commit_at|previous_tick_at"
)
_DATA: Final = frozenset({"value", "payload", "before", "after"})
"""Under these keys stands what a program or a caller put there, and nothing of that may be lost."""
_ALWAYS: Final = frozenset({"value"})
"""Which is told also where it is null."""
_COUNTS: Final = frozenset({"failures", "denied"})
"""Which are left out where they are 0, or not."""


def plain(data: Any, key: str = "") -> Any:
    """JSON data without what differs from one time to the next; what is empty is not told from what is absent."""
    if key in _DATA:
        return data
    if isinstance(data, dict):
        kept = {name: plain(value, name) for name, value in data.items() if not _MEASURED.fullmatch(name)}
        return {name: value for name, value in kept.items() if name in _ALWAYS or not _is_nothing(name, value)}
    if isinstance(data, list):
        return [plain(value) for value in data]
    if isinstance(data, str):
        for pattern, name in _MASKS:
            data = pattern.sub(name, data)
    return data


def _is_nothing(name: str, value: Any) -> bool:
    return value in (None, [], {}) or (name in _COUNTS and value == 0)
