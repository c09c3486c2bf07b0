"""A real MCP server of the official SDK: over stdio, or with the argument `http` over HTTP (it prints the port)."""

from __future__ import annotations

import socket
import sys
import time

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel

server = MCPServer("tests", log_level="ERROR")


class Sum(BaseModel):
    total: int


@server.tool()
def add(a: int, b: int) -> Sum:
    """Add two numbers."""
    return Sum(total=a + b)


@server.tool(structured_output=False)
def echo(text: str) -> str:
    """Say it again."""
    return text


@server.tool(structured_output=False)
def fail(text: str) -> str:
    """Fail."""
    raise ToolError(text)


@server.tool(structured_output=False)
def wait(seconds: float) -> str:
    """Take its time."""
    time.sleep(seconds)
    return "done"


@server.tool(structured_output=False)
def long(size: int) -> str:
    """A long answer."""
    return "x" * size


def over_http() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    config = uvicorn.Config(server.streamable_http_app(), log_level="error", timeout_graceful_shutdown=0)
    uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    if sys.argv[1:] == ["http"]:
        over_http()
    else:
        server.run()
