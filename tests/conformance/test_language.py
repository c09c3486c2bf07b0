"""Every program of the language suite, compiled in this process, each in a fresh world, area by area."""

from __future__ import annotations

from typing import Any

import pytest

import vigyc
from conformance import suite

PROGRAMS = suite.lines("language")
AREAS = sorted({line["area"] for line in PROGRAMS})


def run(case: str, text: str) -> dict[str, Any]:
    """What the batch format says of one program, by way of the embedding API."""
    host = vigyc.Host()
    try:
        value = vigyc.compile(text, cache=False).eval(host)
    except vigyc.CompileError as error:
        first = error.diagnostics[0]
        out = {"id": case, "ok": False, "kind": first.kind, "span": [first.start, first.end]}
        return {**out, "thrown": first.thrown} if first.thrown is not None else out
    except vigyc.TickError as error:
        out = {"id": case, "ok": False, "kind": error.kind, "span": list(error.span) if error.span else None}
        return {**out, "thrown": vigyc.display(error.value)} if isinstance(error, vigyc.Thrown) else out
    return {
        "id": case,
        "ok": True,
        "value": vigyc.display(value),
        "json": vigyc.to_json(value),
        "stdout": "".join(host.output),
    }


@pytest.mark.parametrize("area", AREAS)
def test_area(area: str) -> None:
    chosen = [line for line in PROGRAMS if line["area"] == area]
    results = [run(line["id"], line["src"]) for line in chosen]
    problems = suite.disagreements("language", results, [line["id"] for line in chosen])
    assert not problems, suite.report(problems)
