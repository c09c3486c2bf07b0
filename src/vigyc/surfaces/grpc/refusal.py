"""From an exception to the end of a call: its code, a text, and the problem as JSON in the trailing metadata.

Metadata must be small (8 KiB is what clients take by default, all of it together), so what is long is cut.
"""

from __future__ import annotations

import json
from typing import Any, Final

import grpc

from vigyc.surfaces.wire.failure import failure_of, problem_of

PROBLEM: Final = "vigy-problem-bin"
"""The key of the problem."""

_DETAIL: Final = 400  # characters, each of which may be 12 bytes of metadata
_ROOM: Final = 3072  # bytes of JSON, which are sent as base64


async def refuse(context: Any, error: Exception) -> None:
    """End the call with `error`; it raises, unless the caller is gone."""
    if context.cancelled():
        return
    problem = problem_of(error)
    code = grpc.StatusCode[failure_of(error).grpc]
    text = str(problem["detail"]).encode("utf-8", "replace").decode()
    await context.abort(code, cut(text, _DETAIL), ((PROBLEM, packed(problem)),))


def packed(problem: dict[str, Any]) -> bytes:
    """`problem` as JSON in UTF-8, with as many of its findings as there is room for; `more` is how many there are."""
    told = {**problem, "detail": cut(str(problem["detail"]), _DETAIL)}
    findings = list(told.get("findings", ()))
    while len(data := json.dumps(told).encode()) > _ROOM and findings:
        findings.pop()
        told.update(findings=findings, more=len(problem["findings"]) - len(findings))
    return data


def cut(text: str, most: int) -> str:
    """`text`, or its beginning."""
    return text if len(text) <= most else f"{text[: most - 3]}..."
