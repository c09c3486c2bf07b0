"""From the methods of the service to the operations they are: one table, and one handler for all that have one answer.

A method reads its request as JSON data, has the operation performed, and writes what it answers into its response; the
two streams do so with notices.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import grpc
from google.protobuf.message import DecodeError

from vigyc.lang.errors import Invalid, StoreError
from vigyc.model.notice import RUN
from vigyc.surfaces.grpc.encoding import Encoding
from vigyc.surfaces.grpc.guard import CALLER, STILL
from vigyc.surfaces.grpc.refusal import refuse
from vigyc.surfaces.grpc.schema import METHODS, SERVICE, kind_of
from vigyc.surfaces.grpc.translation import read, written
from vigyc.surfaces.wire.caller import Unauthenticated
from vigyc.surfaces.wire.desk import Desk
from vigyc.surfaces.wire.watch import GONE, Watch

OPERATION_OF: Final[Mapping[str, str]] = {
    "Register": "register_vigy",
    "Update": "update_vigy",
    "Disable": "disable_vigy",
    "Enable": "enable_vigy",
    "Get": "get_vigy",
    "GetState": "get_vigy_state",
    "Tick": "tick_vigy",
    "Delete": "delete_vigy",
    "List": "list_vigies",
    "ListRuns": "list_runs",
    "GetRun": "get_run",
    "ReplayRun": "replay_run",
    "ResolveAction": "resolve_action",
    "DryRun": "dry_run_vigy",
    "ListVersions": "list_versions",
    "GetVersion": "get_version",
    "DiffVersions": "diff_versions",
    "Rollback": "rollback_vigy",
    "Inspect": "inspect_vigy",
    "Explain": "explain_vigy",
    "GetStanding": "get_standing",
    "NextTicks": "next_ticks",
    "ListKv": "list_kv",
    "GetKv": "get_kv",
    "SetKv": "set_kv",
    "DeleteKv": "delete_kv",
    "ReplaceKv": "replace_kv",
    "CheckProgram": "check_program",
    "GetPython": "get_python",
    "AuditVigies": "audit_vigies",
    "GetPolicy": "get_policy",
    "DecidePolicy": "decide_policy",
    "ListNotices": "list_notices",
    "ListDenials": "list_denials",
    "SubmitIssue": "submit_issue",
    "ListIssues": "list_issues",
    "GetIssue": "get_issue",
    "WaitIssue": "wait_issue",
    "CancelIssue": "cancel_issue",
    "RetryIssue": "retry_issue",
    "ApproveIssue": "approve_issue",
    "ListEpochs": "list_epochs",
    "GetEpoch": "get_epoch",
    "GetEnhance": "get_enhance",
    "ListEnhanceSettings": "list_enhance_settings",
    "GetEnhanceSetting": "get_enhance_setting",
    "PutEnhanceSetting": "put_enhance_setting",
    "DeleteEnhanceSetting": "delete_enhance_setting",
    "PauseEnhance": "pause_enhance",
    "ResumeEnhance": "resume_enhance",
    "VerifyCandidate": "verify_candidate",
    "GetHealth": "get_health",
    "GetStats": "get_stats",
    "Pause": "pause_runtime",
    "Resume": "resume_runtime",
}
STREAMS: Final = ("StreamEvents", "Watch")
_WAITING: Final = ("Tick", "WaitIssue")

_SHAPES: Final[Mapping[str, Callable[[Any], Any]]] = {
    "Delete": lambda vigy: {"deleted": True, "vigy": vigy},
    "DryRun": lambda run: {"run": run, **run},
    "GetPolicy": lambda policy: {"policy": policy},
    "GetStats": lambda stats: {"stats": stats},
}
"""The response as JSON, where it is not as the operation's answer is."""

MOST_STREAMS: Final = 1_000

Handler = Callable[[bytes, Any], Awaitable[Any]]


class VigyService:
    """The methods, performed at `desk`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open = 0  # streams

    def handlers(self) -> Any:
        """All of them, for a server of grpc.aio."""
        unary = {
            name: grpc.unary_unary_rpc_method_handler(self._unary(name, operation))
            for name, operation in OPERATION_OF.items()
        }
        streams = {name: grpc.unary_stream_rpc_method_handler(self._stream(name)) for name in STREAMS}
        return grpc.method_handlers_generic_handler(SERVICE, {**unary, **streams})

    def _unary(self, name: str, operation: str) -> Handler:
        request_kind, response_kind = kind_of(METHODS[name].input_type), kind_of(METHODS[name].output_type)
        shape = _SHAPES.get(name, _as_it_is)
        waits = name in _WAITING

        async def answer(request: bytes, context: Any) -> Any:
            data: dict[str, Any] = {}
            try:
                data = asked(request_kind, request)
                if waits:
                    shorten(data, context.time_remaining())
                found = await self._desk.perform(CALLER.get(), operation, data)
                return written(response_kind(), shape(found)).SerializeToString()
            except Exception as error:
                await refuse(context, error)

        return answer

    def _stream(self, name: str) -> Handler:
        request_kind, runs = kind_of(METHODS[name].input_type), name == "StreamEvents"
        encoding = Encoding(kind_of(METHODS[name].output_type), runs=runs)

        async def stream(request: bytes, context: Any) -> None:
            if self._open >= MOST_STREAMS:
                await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, f"there are {MOST_STREAMS} streams already")
            try:
                data = asked(request_kind, request)
                if data.get("vigy") == "":
                    del data["vigy"]
                watched = await self._desk.watch(CALLER.get(), {**data, **({"kinds": [RUN]} if runs else {})})
                self._open += 1
                try:
                    await context.send_initial_metadata(())
                    watch = Watch(STILL.get())
                    async for notice in watched:
                        if watch.ended():
                            raise Unauthenticated(GONE)
                        if notice.run is not None or not runs:
                            await context.write(encoding.of(notice))
                finally:
                    watched.close()
                    self._open -= 1
                raise StoreError(f"the server stops; go on after {watched.seq}")
            except Exception as error:
                await refuse(context, error)

        return stream


def asked(kind: Any, request: bytes) -> dict[str, Any]:
    """The JSON data of a request, a message of `kind`. Raises Invalid."""
    try:
        message = kind.FromString(request)
    except DecodeError as error:
        raise Invalid(f"the request is not a {kind.DESCRIPTOR.name}: {error}") from None
    return read(message)


def shorten(data: dict[str, Any], remaining: float | None) -> None:
    """Wait no longer than the caller does, who has `remaining` seconds."""
    if remaining is not None:
        least = max(1, int(remaining * 1000))
        data["timeout_ms"] = min(data.get("timeout_ms", least), least)


def _as_it_is(answer: Any) -> Any:
    return answer
