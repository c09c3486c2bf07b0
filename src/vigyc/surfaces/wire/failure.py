"""From an exception to what every transport says of it: one table of codes, and one form of JSON, and back again.

The JSON is that of RFC 9457 (problem details), with the kind of the error and, for a program that cannot be registered,
the findings in it. A fault of vigyc itself says nothing of its insides: it is logged under a number, and that is told.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from vigyc.lang.errors import (
    CompileError,
    Conflict,
    InternalError,
    Invalid,
    NotAllowed,
    NotFound,
    NotGranted,
    ProgramError,
    SettingsError,
    Stale,
    StoreError,
    TooMany,
    VigycError,
)  # fmt: skip
from vigyc.surfaces.wire.caller import Unauthenticated
from vigyc.surfaces.wire.finding import finding_json, finding_of

_log = logging.getLogger("vigyc")


class Failure(NamedTuple):
    """What a kind of error is: its exit code, its HTTP status, and the name of its gRPC code.

    GraphQL has `kind` in capitals as `extensions.code`; MCP has the whole JSON as an error's content.
    """

    kind: str
    exit_code: int
    status: int
    grpc: str
    title: str


FAILURES: Final[Mapping[type[BaseException], Failure]] = {
    CompileError: Failure("not-a-program", 1, 422, "INVALID_ARGUMENT", "The text is not a program"),
    ProgramError: Failure("program-error", 1, 422, "FAILED_PRECONDITION", "The program is at fault"),
    NotFound: Failure("not-found", 4, 404, "NOT_FOUND", "There is no such thing"),
    Stale: Failure("stale", 4, 412, "ABORTED", "It was changed meanwhile"),
    TooMany: Failure("too-many", 4, 429, "RESOURCE_EXHAUSTED", "There is no room for another one now"),
    Conflict: Failure("conflict", 4, 409, "FAILED_PRECONDITION", "It is not in the state that is needed"),
    Unauthenticated: Failure("unauthenticated", 3, 401, "UNAUTHENTICATED", "A token is needed"),
    NotGranted: Failure("not-granted", 3, 403, "PERMISSION_DENIED", "The policy does not grant what it needs"),
    NotAllowed: Failure("not-allowed", 3, 403, "PERMISSION_DENIED", "It is not allowed"),
    Invalid: Failure("invalid", 2, 400, "INVALID_ARGUMENT", "The request is malformed"),
    SettingsError: Failure("settings", 2, 500, "INTERNAL", "The configuration is wrong"),
    StoreError: Failure("store-unavailable", 5, 503, "UNAVAILABLE", "The store is in trouble"),
    InternalError: Failure("internal", 70, 500, "INTERNAL", "vigyc itself is wrong"),
}
"""From kinds of errors to what they are; the first that fits counts."""

INTERNAL: Final = FAILURES[InternalError]
_KINDS: Final = {failure.kind: error for error, failure in FAILURES.items()}


def failure_of(error: BaseException) -> Failure:
    """What `error` is; what the table does not know is a fault of vigyc."""
    return next((failure for kind, failure in FAILURES.items() if isinstance(error, kind)), INTERNAL)


def problem_of(error: BaseException) -> dict[str, Any]:
    """`error` as a JSON object; findings have their place, where the program's text is known."""
    failure = failure_of(error)
    detail = str(error)
    if failure is INTERNAL:
        number = secrets.token_hex(4)
        _log.error("internal error %s", number, exc_info=error)
        detail = f"internal error {number}: the log of the server has more; please report it"
    found: dict[str, Any] = {
        "type": f"urn:vigyc:error:{failure.kind}",
        "title": failure.title,
        "status": failure.status,
        "detail": detail,
        "kind": failure.kind,
    }
    if isinstance(error, CompileError | NotGranted):
        found["findings"] = [finding_json(each, error.text) for each in error.diagnostics]
    return found


def error_of(problem: object) -> VigycError:
    """The error that JSON `problem` tells of, to be raised where it was asked for."""
    if not isinstance(problem, dict):
        return InternalError("the server's answer is not that of vigyc")
    kind, detail = _KINDS.get(str(problem.get("kind")), InternalError), str(problem.get("detail"))
    if kind is CompileError or kind is NotGranted:
        findings = problem.get("findings")
        return kind([finding_of(each) for each in findings] if isinstance(findings, list) else [])
    made: VigycError = kind(detail)  # type: ignore[assignment]
    return made
