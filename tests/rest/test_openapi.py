"""The document, the operations and the answers say the same."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from rest.described import DOCUMENT, OPERATIONS, answer_faults, resolved
from rest.serving import Reply, Served, served
from vigyc.service.runtime import Runtime
from vigyc.surfaces.wire.argument import Argument
from vigyc.surfaces.wire.door import WATCH_ARGUMENTS, WATCH_ROUTE
from vigyc.surfaces.wire.operation import Operation
from vigyc.surfaces.wire.table import OPERATIONS as TABLE

ROOT = Path(__file__).resolve().parents[2]
PROBES = {"getLiveness", "getReadiness", "getWellness", "getMetrics"}
ELSEWHERE = {"streamEvents", "getOpenapi"} | PROBES
HEADERS = {"If-None-Match", "If-Match", "Last-Event-ID"}


def camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


def parameters(told: Any) -> list[Any]:
    return [each for each in map(resolved, told.get("parameters", [])) if each["name"] not in HEADERS]


def of_argument(argument: Argument, where: str) -> dict[str, Any]:
    schema = argument.schema
    doc = schema.pop("description")
    return {"name": argument.name, "in": where, "required": argument.required, "description": doc, "schema": schema}


def plain(parameter: Any) -> dict[str, Any]:
    return {key: value for key, value in parameter.items() if key not in {"style", "explode"}}


def by_name(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in found}


def test_every_operation_is_told_and_nothing_else() -> None:
    assert OPERATIONS.keys() == {camel(name) for name in TABLE} | ELSEWHERE
    for operation in TABLE.values():
        method, path, told = OPERATIONS[camel(operation.name)]
        assert (method, path) == operation.route
        assert told["x-role"] == operation.role.word
        assert told["summary"].split() == operation.doc.split("\n\n")[0].split()


@pytest.mark.parametrize("operation", TABLE.values(), ids=lambda operation: operation.name)
def test_parameters_and_bodies_are_the_arguments(operation: Operation) -> None:
    method, path, told = OPERATIONS[camel(operation.name)]
    in_path = set(re.findall(r"\{(\w+)\}", path))
    expected = [of_argument(each, "path") for each in operation.arguments if each.name in in_path]
    others = [each for each in operation.arguments if each.name not in in_path]
    if method in {"GET", "DELETE"}:
        expected += [of_argument(each, "query") for each in others]
        assert "requestBody" not in told
    else:
        schema = told["requestBody"]["content"]["application/json"]["schema"]
        wanted = operation.schema
        wanted["properties"] = {name: each for name, each in wanted["properties"].items() if name not in in_path}
        wanted["required"] = [name for name in wanted["required"] if name not in in_path]
        wanted["properties"] = {
            name: referred(schema["properties"].get(name), each) for name, each in wanted["properties"].items()
        }
        assert schema == wanted
        assert told["requestBody"]["required"] == bool(wanted["required"])
    assert by_name([plain(each) for each in parameters(told)]) == by_name(expected)


def referred(told: Any, wanted: dict[str, Any]) -> Any:
    """`wanted`, or the reference in its place to something of the same type."""
    if told is None or "$ref" not in told:
        return wanted
    same = resolved(told)["type"] == wanted["type"] and told["description"] == wanted["description"]
    return told if same else wanted


def test_the_stream_is_told() -> None:
    method, path, told = OPERATIONS["streamEvents"]
    assert (method, path) == WATCH_ROUTE
    assert told["x-role"] == "read"
    found = by_name([plain(each) for each in parameters(told)])
    assert found == by_name([of_argument(each, "query") for each in WATCH_ARGUMENTS])


def test_examples_and_schemas_are_valid() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        for example in schema.get("examples", []):
            whole = {"components": DOCUMENT["components"], "allOf": [schema]}
            assert not list(Draft202012Validator(whole).iter_errors(example)), name
    for _, _, told in OPERATIONS.values():
        for kind in told.get("requestBody", {}).get("content", {}).values():
            Draft202012Validator.check_schema(kind["schema"])
            whole = {"components": DOCUMENT["components"], "allOf": [kind["schema"]]}
            if "example" in kind:
                assert not list(Draft202012Validator(whole).iter_errors(kind["example"])), told["operationId"]


def test_the_package_holds_what_the_spec_says() -> None:
    command = [sys.executable, ROOT / "spec" / "generate.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "openapi" not in done.stderr, done.stderr


PROGRAM = """
(vigy-log "info" "hello")
(vigy-event "kind" "message")
(vigy-metric "number" 1.5)
(vigy-trace "trace" (list 1 2))
(vigy-desired "a" 1)
(vigy-observed "a" 2)
(vigy-condition "Ready" "true" "Reason" "message")
(vigy-incr "ticks")
(vigy-emit "custom" (hash-map "some" "payload"))
(fs-read "a")
"""


class Play:
    """Asks for operations by name, and checks every answer against the document."""

    def __init__(self, rest: Served) -> None:
        self.rest = rest
        self.played: set[str] = set()

    def __call__(self, name: str, path: str = "", data: object = None, *, query: str = "", status: int = 200) -> Reply:
        method, route, _ = OPERATIONS[name]
        for value in path.split():
            route = re.sub(r"\{\w+\}", value, route, count=1)
        reply = self.rest.ask(method, route + query, data)
        assert reply.status == status, (name, reply)
        assert not answer_faults(name, status, reply.body), (name, reply.json)
        self.played.add(name)
        return reply


def test_real_answers_are_as_they_are_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("text")
    file = tmp_path / "policy.toml"
    file.write_text('base = "."\ngrants = ["fs.read:a"]\n')
    with Runtime.open(policy=file) as runtime, served(runtime) as rest:
        play = Play(rest)
        play_registry(play)
        play_ticks(play)
        play_kv(play)
        play_programs(play)
        runtime.enhance.start()
        play_enhance(play)
        play("pauseRuntime")
        play("resumeRuntime")
        play("getHealth")
        play("getStats")
        play("nextTicks")
        play("listNotices")
        play("listDenials")
        play("getOpenapi", status=200)
        play("deleteVigy", "second", status=204)
        assert OPERATIONS.keys() - play.played == {"streamEvents"} | PROBES


def play_registry(play: Play) -> None:
    full = {
        "name": "full", "program": PROGRAM, "schedule": {"kind": "cron", "expr": "*/5 * * * *", "jitter_ms": 5},
        "labels": {"team": "ops"}, "deadline_ms": "5s", "author": "me", "note": "new",
        "enabled": False,
    }  # fmt: skip
    play("registerVigy", "", full, status=201)
    play("registerVigy", "", {"name": "second", "program": "1"}, status=201)
    play("registerVigy", "", {"name": "second", "program": "1"})
    play("updateVigy", "full", {"program": PROGRAM + "; again", "note": "newer", "tick_interval_ms": "1h"})
    play("getVigy", "full")
    play("enableVigy", "full")
    play("disableVigy", "full")
    play("listVersions", "full")
    play("getVersion", "full 1")
    play("diffVersions", "full", query="?old=1&new=2")
    play("rollbackVigy", "full", {"number": 1})


def play_ticks(play: Play) -> None:
    run = play("tickVigy", "full").json
    assert run["result"] == "ok", run
    play("getRun", run["id"])
    play("listRuns", query="?vigy=full&results=ok&results=failed")
    play("dryRunVigy", "full")
    play("replayRun", run["id"])
    play("getVigyState", "full")
    play("resolveAction", run["id"], {"index": 0, "status": "ok", "message": "done"})
    play("getStanding", "full")
    play("inspectVigy", "full")
    play("explainVigy", "full")
    play("listVigies")


def play_kv(play: Play) -> None:
    play("listKv", "full")
    play("setKv", "full key", {"value": [1, {"a": None}]})
    play("getKv", "full key")
    play("replaceKv", "full", {"entries": {"more": 1.5}, "merge": True})
    play("deleteKv", "full key")


def play_programs(play: Play) -> None:
    play("checkProgram", "", {"program": '(fs-read "b") (http-get "https://a.example/") (nothing)'})
    play("getPython", "full")
    play("auditVigies")
    play("getPolicy", "full")
    play("decidePolicy", "full", {"effect": "fs.read", "resource": "b"})
    play("getVigy", "nobody", status=404)
    play("registerVigy", "", {"name": "broken", "program": "(if"}, status=422)


def play_enhance(play: Play) -> None:
    play("verifyCandidate", "second", {"program": "(car"})
    play("putEnhanceSetting", "mine", {"fields": {"canary": {"watch_ticks": 1}, "factor": 999}})
    play("getEnhanceSetting", "mine")
    play("pauseEnhance", "mine", {"reason": "not yet"})
    play("listEnhanceSettings")
    play("getEnhance")
    wish = {
        "vigy": "second", "intent": "more of it", "setting": "mine", "key": "k", "author": "me",
        "constraints": {"most": 3},
        "proposal": {"edits": [{"op": "replace", "path": [0], "old": "1", "new": "2"}], "bump": "minor"},
    }  # fmt: skip
    issue = play("submitIssue", "", wish, status=201).json
    assert play("submitIssue", "", wish).json["id"] == issue["id"]
    play("submitIssue", "", {**wish, "intent": "less of it"}, status=409)
    play("putEnhanceSetting", "tight", {"fields": {"max_pending": 1}})
    full = play("submitIssue", "", {"vigy": "second", "intent": "x", "setting": "tight"}, status=429)
    assert full.headers["retry-after"] == "10"
    play("approveIssue", issue["id"], {"author": "me"})
    play("cancelIssue", issue["id"], {"note": "no"})
    play("retryIssue", issue["id"])
    play("getIssue", issue["id"])
    play("listIssues", query="?vigy=second&states=pending&states=dead&limit=3")
    play("resumeEnhance", "mine")
    ended = play("waitIssue", issue["id"], query="?timeout_ms=30s").json
    assert (ended["state"], ended.get("version")) == ("applied", 2), ended["reasons"]
    (epoch,) = play("listEpochs", query=f"?issue={issue['id']}").json[:1]
    play("getEpoch", epoch["id"])
    play("deleteEnhanceSetting", "mine")
    assert play("getVersion", "second 2").json["label"] == "0.2.0"
