"""From a call of a tool to its result: the answer as JSON, or what is wrong, which a reader can act on.

Whatever goes wrong in an operation is a result marked as an error: one readable line, with the place in the program if
that is known, and the problem as JSON. Only a tool that does not exist is an error of the protocol.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, INVALID_PARAMS, CallToolResult, TextContent

from vigyc.lang.render import render
from vigyc.lang.source import Source
from vigyc.surfaces.mcp.performer import Performer
from vigyc.surfaces.mcp.tools import TOOLS
from vigyc.surfaces.wire.caller import Caller
from vigyc.surfaces.wire.failure import INTERNAL, problem_of
from vigyc.surfaces.wire.finding import finding_of

CHECK = "check_program"


async def call(performer: Performer, caller: Caller, name: str, arguments: Mapping[str, Any] | None) -> CallToolResult:
    """The result of tool `name`. Raises MCPError if there is none."""
    tool = TOOLS.get(name)
    if tool is None:
        raise MCPError(INVALID_PARAMS, f"Unknown tool: {name[:100]}")
    given = dict(arguments or {})
    program = given.get("program")
    text = program if isinstance(program, str) else None
    try:
        answer = await performer.perform(caller, tool.operation.name, given)
    except Exception as error:
        return _failed(error, text)
    shaped = tool.shaped(answer)
    if text is None or "findings" not in shaped:
        return _told(shaped)
    rendered = frames([*shaped["findings"], *shaped.get("refused", ())], text)
    if tool.operation.name == CHECK:
        shaped["rendered"] = rendered
    return _told(shaped, rendered or "no findings")


def frames(findings: Iterable[object], program: str) -> str:
    """Findings, as JSON, shown under the text of the program."""
    return render(map(finding_of, findings), Source("<program>", program))


def as_text(data: object) -> str:
    """JSON text."""
    return json.dumps(data, ensure_ascii=False)


def line_of(problem: Mapping[str, Any]) -> str:
    """A problem in one line."""
    return f"error[{problem['kind']}]: {' '.join(str(problem['detail']).split())}"


def protocol_error(error: Exception) -> MCPError:
    """`error` where the protocol has no result that is an error; its data is the problem."""
    problem = problem_of(error)
    code = INTERNAL_ERROR if problem["kind"] == INTERNAL.kind else INVALID_PARAMS
    return MCPError(code, line_of(problem), problem)


def _failed(error: Exception, program: str | None) -> CallToolResult:
    problem = problem_of(error)
    findings = problem.get("findings", [])
    shown = frames(findings, program) if findings and program is not None else ""
    result = _told(problem, "\n\n".join(part for part in (line_of(problem), shown) if part))
    result.is_error = True
    return result


def _told(data: dict[str, Any], *readable: str) -> CallToolResult:
    """A result: what is readable first, then the JSON as text, and as data."""
    content = [TextContent(type="text", text=text) for text in (*readable, as_text(data))]
    return CallToolResult(content=list(content), structured_content=data)
