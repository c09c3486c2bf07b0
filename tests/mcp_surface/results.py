"""What a tool's result says, as tests ask for it."""

from __future__ import annotations

import json
from typing import Any

from mcp.client.client import Client
from mcp.types import CallToolResult, TextContent


async def answer(client: Client, tool: str, /, **arguments: Any) -> Any:
    """The answer of a tool that must not fail."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, told(result)
    assert json.loads(told(result)[-1]) == result.structured_content
    return result.structured_content


async def problem(client: Client, tool: str, /, **arguments: Any) -> Any:
    """The problem that a tool must answer with."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, told(result)
    assert json.loads(told(result)[-1]) == result.structured_content
    assert told(result)[0].startswith(f"error[{result.structured_content['kind']}]: ")
    return result.structured_content


def told(result: CallToolResult) -> list[str]:
    """The texts of a result."""
    return [part.text for part in result.content if isinstance(part, TextContent)]
