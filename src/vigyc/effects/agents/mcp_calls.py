"""From a call of a tool to its answer, by the MCP server that the policy names. Needs the extra `mcp`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from mcp import Client
from mcp.client import Transport
from mcp.types import CallToolResult, TextContent, Tool

from vigyc.effects.agents.exchange import shown
from vigyc.effects.agents.mcp_clients import Clients
from vigyc.effects.agents.mcp_http import http
from vigyc.effects.agents.mcp_stdio import stdio
from vigyc.effects.gate import Gate
from vigyc.effects.network.reach import reach
from vigyc.effects.policy import McpServer
from vigyc.effects.result import EffectFailed
from vigyc.effects.scopes.host import Target
from vigyc.effects.scopes.program import Invocation
from vigyc.lang.datum import keyword
from vigyc.runtime.json_value import Json, from_json
from vigyc.runtime.secret import open_secret

TEXT: Final = keyword("text")
DATA: Final = keyword("data")
NAME: Final = keyword("name")
DESCRIPTION: Final = keyword("description")
INPUT: Final = keyword("input")
_SECRET: Final = "secret:"
_KEPT: Final = "mcp"
_PAGES: Final = 100
Place = Invocation | Target
T = TypeVar("T")


def call(gate: Gate, name: str, place: Place, tool: str, arguments: dict[str, Json], timeout_ms: int | None) -> object:
    """What `tool` of server `name`, at `place`, answers. Raises EffectFailed `tool-error` if it says that it failed."""
    _charge_told(gate, name, len(json.dumps(arguments, separators=(",", ":"))))
    result = _ask(gate, name, place, lambda client: client.call_tool(tool, arguments), timeout_ms)
    _charge(gate, name, len(result.model_dump_json()))
    text = "\n".join(part.text for part in result.content if isinstance(part, TextContent))
    if result.is_error:
        raise EffectFailed("tool-error", f"{tool}: {shown(gate, text)}")
    return {TEXT: text, DATA: _data(result)}


def _data(result: CallToolResult) -> object:
    return from_json(result.structured_content)


def tools(gate: Gate, name: str, place: Place, timeout_ms: int | None) -> object:
    """The tools of server `name`, at `place`."""
    found = _ask(gate, name, place, lambda client: _tools(client, gate.limits.body_bytes), timeout_ms)
    _charge(gate, name, sum(len(tool.model_dump_json()) for tool in found))
    return [
        {NAME: tool.name, DESCRIPTION: tool.description or "", INPUT: from_json(tool.input_schema)} for tool in found
    ]


async def _tools(client: Client, most: int) -> list[Tool]:
    """Every page of the list, or more than `most` bytes of it."""
    page = await client.list_tools()
    found = list(page.tools)
    for _ in range(_PAGES):
        most -= len(page.model_dump_json())
        if page.next_cursor is None or most < 0:
            break
        page = await client.list_tools(cursor=page.next_cursor)
        found += page.tools
    return found


def _ask(gate: Gate, name: str, place: Place, question: Callable[[Client], Awaitable[T]], timeout_ms: int | None) -> T:
    clients: Clients | None = gate.session.kept.get(_KEPT)
    if clients is None:
        clients = gate.session.kept[_KEPT] = Clients()
    most = gate.limits.request_ms
    seconds = gate.remaining(most if timeout_ms is None else min(most, timeout_ms))
    server = gate.session.policy.servers[name]
    try:
        return clients.ask(name, lambda: _transport(gate, server, place), question, seconds)
    except EffectFailed as error:
        raise EffectFailed(error.tag, shown(gate, error.message)) from error


def _transport(gate: Gate, server: McpServer, place: Place) -> Transport:
    """The way to `server`, which is at `place`. Raises EffectFailed; TickError `denied` for where its name leads."""
    policy = gate.session.policy
    if isinstance(place, Invocation):
        if not place.path:
            raise EffectFailed("not-found", f"there is no program {place.argv[0]}")
        given = {name: _opened(gate, value) for name, value in server.env}
        return stdio(place, policy.base or "/", given, gate.limits.body_bytes)
    found = reach(policy, place, gate.remaining(gate.limits.connect_ms))
    if not found.decision.allowed:
        raise gate.refuse(found.decision)
    return http(policy, place, {name: _opened(gate, value) for name, value in server.headers})


def _opened(gate: Gate, value: str) -> str:
    """A header or a variable, which may be that of a secret."""
    return open_secret(gate.secret(value.removeprefix(_SECRET))) if value.startswith(_SECRET) else value


def _charge_told(gate: Gate, name: str, size: int) -> None:
    """Charge the bytes that the server is to be told."""
    if size > gate.limits.write_bytes:
        raise EffectFailed("too-large", f"more than {gate.limits.write_bytes} bytes for the MCP server {name}")
    gate.charge("bytes", size)


def _charge(gate: Gate, name: str, size: int) -> None:
    """Charge the bytes of an answer; where less is left, all that is and then the error."""
    if size > gate.limits.body_bytes:
        raise EffectFailed("too-large", f"the MCP server {name} answered with more than {gate.limits.body_bytes} bytes")
    there = gate.most("bytes", size)
    gate.charge("bytes", there)
    gate.charge("bytes", size - there)
