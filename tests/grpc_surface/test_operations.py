"""Every operation over gRPC, and the same at the runtime's own door: two runtimes, one script, the same answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import grpc
import pytest

from grpc_surface.calling import Client, authenticate
from vigyc.effects.policy import Policy
from vigyc.runtime.time_source import VirtualTime
from vigyc.service.runtime import Runtime
from vigyc.surfaces.grpc.schema import METHODS
from vigyc.surfaces.grpc.servicer import OPERATION_OF, STREAMS
from vigyc.surfaces.grpc.serving import GrpcServer
from vigyc.surfaces.grpc.translation import parts, read
from vigyc.surfaces.wire.caller import Caller, Role
from vigyc.surfaces.wire.door import WATCH, LocalDoor
from vigyc.surfaces.wire.table import OPERATIONS

PROGRAM = """
(random-int 6 6)
(vigy-set "ticks" (+ 1 (vigy-get "ticks" 0)))
(vigy-set "large" 9007199254740993)
(vigy-set "float" 3.0)
(vigy-log :info "here")
(vigy-metric "load" 0.5)
(vigy-event "seen" "it")
(vigy-trace "deep" (list 1 (list 2 (hash-map "a" (list)))))
(vigy-condition "Ready" "true" "Since" "so it is")
(vigy-desired "size" 3)
(vigy-observed "size" 2.5)
(vigy-push (list 1 "two" (hash-map "three" 3)))
(vigy-apply (hash-map "id" 9007199254740993))
"""


class Row(NamedTuple):
    """A method and its request as Google writes it; the same request for the operation, where it is not the same."""

    method: str
    request: Mapping[str, Any] = MappingProxyType({})
    data: Mapping[str, Any] | None = None
    shape: Callable[[Any], Any] = lambda answer: answer


CRON = {"kind": "cron", "expr": "*/5 * * * *", "offset_ms": "auto", "jitter_ms": 250}
SCRIPT = (
    Row(
        "Register",
        {"name": "a", "program": PROGRAM, "tick_interval": "2.5s", "labels": {"team": "blue"}, "deadline": "3s"},
        {"name": "a", "program": PROGRAM, "tick_interval_ms": 2500, "labels": {"team": "blue"}, "deadline_ms": 3000},
    ),
    Row(
        "Register",
        {"name": "b", "program": "(vigy-noop)",
         "schedule": {"kind": "adaptive", "min": "1s", "max": "60s", "hint_key": "h"}},
        {"name": "b", "program": "(vigy-noop)",
         "schedule": {"kind": "adaptive", "min_ms": 1000, "max_ms": 60000, "hint_key": "h"}},
    ),
    Row(
        "Update",
        {"id": "b", "schedule": {"kind": "cron", "expr": "*/5 * * * *", "offset_ms": "auto", "jitter": "0.25s"}},
        {"id": "b", "schedule": CRON},
    ),
    Row("Update", {"id": "a", "program": PROGRAM + "; more", "no_deadline": True, "note": "why", "generation": "1"},
        {"id": "a", "program": PROGRAM + "; more", "deadline_ms": None, "note": "why", "generation": 1}),
    Row("Disable", {"id": "a"}),
    Row("Enable", {"id": "a"}),
    Row("Get", {"id": "a"}),
    Row("Tick", {"id": "a", "timeout": "9s"}, {"id": "a", "timeout_ms": 9000}),
    Row("Tick", {"id": "a"}),
    Row("GetState", {"id": "a"}),
    Row("GetStanding", {"id": "a"}),
    Row("Inspect", {"id": "a", "limit": 1}),
    Row("Explain", {"id": "a"}),
    Row("List", {"label_selector": "team=blue", "limit": 1, "sort": "name", "failing": False}),
    Row("List", {"limit": 1}),
    Row("ListRuns", {"vigy_id": "a", "limit": 1, "results": ["RESULT_STATUS_OK"]},
        {"vigy": "a", "limit": 1, "results": ["ok"]}),
    Row("ListRuns", {"results": ["RESULT_STATUS_TIMED_OUT"]}, {"results": ["timed_out"]}),
    Row("GetRun", {"run_id": "{run}"}, {"run": "{run}"}),
    Row("ReplayRun", {"run_id": "{run}"}, {"run": "{run}"}),
    Row("ResolveAction", {"run_id": "{run}", "index": "1", "status": "RESULT_STATUS_FAILED", "message": "no"},
        {"run": "{run}", "index": 1, "status": "failed", "message": "no"}),
    Row("DryRun", {"id": "a"}, shape=lambda run: _dry_run(**run)),
    Row("ListVersions", {"id": "a"}),
    Row("GetVersion", {"id": "a", "number": "2"}, {"id": "a", "number": 2}),
    Row("DiffVersions", {"id": "a", "old": "1", "new": "2"}, {"id": "a", "old": 1, "new": 2}),
    Row("Rollback", {"id": "a", "number": "1", "author": "me"}, {"id": "a", "number": 1, "author": "me"}),
    Row("ListKv", {"id": "a"}),
    Row("ListKv", {"id": "a", "prefix": "fl"}),
    Row("GetKv", {"id": "a", "key": "large"}),
    Row("SetKv", {"id": "a", "key": "k", "value": {"x": [1, 2.5, None, True, "t"]}}),
    Row("SetKv", {"id": "a", "key": "k", "value": None}),
    Row("DeleteKv", {"id": "a", "key": "k"}),
    Row("DeleteKv", {"id": "a", "key": "k"}),
    Row("ReplaceKv", {"id": "a", "entries": {"one": 1}, "merge": True}),
    Row("NextTicks", {"limit": 5}),
    Row("CheckProgram", {"program": "(vigy-set 1 2) (fs-read \"a\")", "name": "c", "labels": {"team": "red"}}),
    Row("GetPython", {"id": "a"}),
    Row("AuditVigies", {"effects": ["random"]}),
    Row("GetPolicy", {"id": "a"}, shape=lambda policy: {"policy": policy}),
    Row("DecidePolicy", {"id": "a", "effect": "fs.read", "resource": "/etc/passwd"}),
    Row("ListNotices", {"after": "1", "limit": 50}, {"after": 1, "limit": 50}),
    Row("ListDenials", {"vigy_id": "a"}, {"vigy": "a"}),
    Row("GetHealth"),
    Row("GetStats"),
    Row("Pause"),
    Row("Resume"),
    Row("VerifyCandidate", {"id": "b", "program": "(car", "setting": "default"}),
    Row("PutEnhanceSetting", {"setting": "mine", "fields": {"canary": {"shadow_ticks": 0}, "verifiers": ["replay"],
                                                            "ttl_ms": 60000, "paused": "not yet"}}),
    Row("GetEnhanceSetting", {"setting": "mine"}),
    Row("ListEnhanceSettings"),
    Row("SubmitIssue", {"vigy": "b", "intent": "more", "setting": "mine", "author": "me", "key": "k",
                        "constraints": {"most": [1, None, 2.5]}, "proposal": {"source": "(vigy-incr \"n\")"}}),
    Row("ApproveIssue", {"issue": "{issue}", "author": "me"}),
    Row("CancelIssue", {"issue": "{issue}", "note": "no", "author": "me"}),
    Row("RetryIssue", {"issue": "{issue}"}),
    Row("GetIssue", {"issue": "{issue}"}),
    Row("ListIssues", {"vigy": "b", "states": ["pending"], "limit": 1}),
    Row("PauseEnhance", {"setting": "mine", "reason": "why"}),
    Row("GetEnhance"),
    Row("ResumeEnhance", {"setting": "mine"}),
    Row("WaitIssue", {"issue": "{issue}", "timeout": "29s"}, {"issue": "{issue}", "timeout_ms": 29000}),
    Row("ListEpochs", {"vigy": "b", "issue": "{issue}", "limit": 2}),
    Row("GetEpoch", {"epoch": "{epoch}"}),
    Row("DeleteEnhanceSetting", {"setting": "mine"}),
    Row("Delete", {"id": "b", "keep_data": True}, shape=lambda vigy: {"deleted": True, "vigy": vigy}),
)  # fmt: skip


def _dry_run(changes: Any, dry_run: bool, **run: Any) -> dict[str, Any]:
    return {"run": {"id": "", "seq": 0, **run}, "dry_run": dry_run, "changes": changes}


ONLY_LISTS = {
    "ListRuns", "ListVersions", "ListKv", "NextTicks", "AuditVigies", "ListNotices", "ListDenials", "ListIssues",
    "ListEpochs", "ListEnhanceSettings",
}  # fmt: skip


@pytest.fixture
def runtimes() -> Iterator[list[Runtime]]:
    opened = [Runtime.open(time=VirtualTime(), cache=False, policy=Policy.of("random")) for _ in range(2)]
    for runtime in opened:
        runtime.enhance.start()
    yield opened
    for runtime in opened:
        runtime.close()


def test_every_operation_answers_what_it_answers_at_the_door(runtimes: list[Runtime]) -> None:
    door = LocalDoor(runtimes[0], Caller("admin", Role.ADMIN))
    server = GrpcServer(runtimes[1], "127.0.0.1:0", authenticate)
    with grpc.insecure_channel(server.start()) as channel:
        client = Client(channel)
        for row in SCRIPT:
            here = door.perform(OPERATION_OF[row.method], _placed(door, row.request if row.data is None else row.data))
            there = client.call(row.method, _placed(LocalDoor(runtimes[1]), row.request))
            expected = row.shape(here)
            if isinstance(expected, list):
                assert row.method in ONLY_LISTS
                (field,) = there.DESCRIPTOR.fields_by_name
                expected = {field: expected}
            if row.method == "List":
                assert [vigy.name for vigy in there.vigies] == [item["name"] for item in here["items"]]
            if row.method == "GetStats":  # which counts what the whole process does
                assert read(there)["stats"].keys() == here.keys()
                continue
            assert _plain(read(there)) == _plain(expected), row.method
    server.stop()


def test_the_script_has_every_operation() -> None:
    assert {OPERATION_OF[row.method] for row in SCRIPT} == set(OPERATIONS)


def test_the_methods_are_the_operations_and_the_streams() -> None:
    assert set(METHODS) == OPERATION_OF.keys() | set(STREAMS)
    assert sorted(OPERATION_OF.values()) == sorted(OPERATIONS)
    assert WATCH == "stream_events"


def test_every_argument_is_in_its_request_and_nothing_else_is() -> None:
    for method, operation in OPERATION_OF.items():
        keys = {part.key for part in parts(METHODS[method].input_type)}
        assert keys == {argument.name for argument in OPERATIONS[operation].arguments}, method


def test_what_an_operation_does_not_require_has_presence() -> None:
    for method, operation in OPERATION_OF.items():
        fields = METHODS[method].input_type.fields
        required = {argument.name for argument in OPERATIONS[operation].arguments if argument.required}
        plain = {field.name for field in fields if not field.has_presence and not field.is_repeated}
        plain -= {field.name for field in fields if field.name.endswith("_json")}
        renamed = {"run_id": "run"}
        assert {renamed.get(name, name) for name in plain} <= required, method


NEWEST = {"{run}": "list_runs", "{issue}": "list_issues", "{epoch}": "list_epochs"}


def _placed(door: LocalDoor, data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` with the ids of the newest run, issue and epoch in it."""
    newest = {
        mark: door.perform(listed, {"limit": 1})[0]["id"]
        for mark, listed in NEWEST.items() if mark in data.values()
    }  # fmt: skip
    return {key: newest.get(value, value) if isinstance(value, str) else value for key, value in data.items()}


VARYING = {"duration_us", "at_us", "holder"}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def _plain(data: Any) -> Any:
    """JSON data without what is empty, which a message cannot tell from absent, and what differs from run to run."""
    if isinstance(data, dict):
        kept = {key: _plain(value) for key, value in data.items() if key not in VARYING}
        return {key: value for key, value in kept.items() if value not in ([], {})}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return UUID.sub("uuid", data) if isinstance(data, str) else (type(data).__name__, data)
