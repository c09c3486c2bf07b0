"""From calls of tools to the answers of the MCP servers that the policy names: the pack `mcp`.

A call needs two grants: `mcp` for the name of the server, and for where it is: `proc` for the command that starts it,
or `net` for its URL. A server is started, or connected to, by the first call, and stays for those of later ticks.
"""

from __future__ import annotations

from typing import Any, Final

from vigyc.effects.extras import need
from vigyc.effects.gate import Gate
from vigyc.effects.operation import Options
from vigyc.effects.pack import Pack
from vigyc.effects.plain import told
from vigyc.effects.result import EffectFailed

PACK: Final = Pack("mcp", "The tools of MCP servers.")

_OPTIONS: Final[dict[str, tuple[str, object]]] = {"timeout-ms": ("int", None)}
_GIVEN: Final[Options] = {"timeout-ms": None}
_NONE: Final[dict[str, object]] = {}


@PACK.effect(
    "mcp-call", needs="mcp", result=True, changes=True, options=_OPTIONS,
    example='(mcp-call "github" "search_issues" (hash-map :query "is:open"))',
)  # fmt: skip
def mcp_call(
    gate: Gate,
    server: str,
    tool: str,
    arguments: dict[str, object] = _NONE,
    options: Options = _GIVEN,
) -> object:
    """What a tool of the server answers: a map of `:text`, and `:data` as the tool structured it, or nil.

    The arguments are a map with names as keys; a secret in it is sent as ***. Of what is not text or data, such as
    images, nothing is kept. `:timeout-ms` bounds the call, with the start of the server. Errors: `tool-error` (the tool
    says that it failed), `refused` (the server does), `timeout`, `closed` (it ended), `network`, `not-found` (the
    policy names no such server, or its program is not there), `not-started`, `too-large`, `decode`. Any but the first
    ends the connection, so that the next call begins anew.
    """
    place = _place(gate, server)
    return _calls("mcp-call").call(gate, server, place, tool, told("mcp-call", arguments), options["timeout-ms"])


@PACK.effect("mcp-tools", needs="mcp", result=True, options=_OPTIONS, example='(mcp-tools "github")')
def mcp_tools(gate: Gate, server: str, options: Options = _GIVEN) -> object:
    """The tools of the server: a list of maps of `:name`, `:description` and `:input`, a JSON schema of the arguments.

    Option and errors are those of mcp-call.
    """
    return _calls("mcp-tools").tools(gate, server, _place(gate, server), options["timeout-ms"])


def _place(gate: Gate, name: str) -> Any:
    """Where server `name` is, now that it may be started or connected to. Raises TickError `denied`."""
    server = gate.session.policy.servers.get(name)
    if server is None:
        raise EffectFailed("not-found", f"the policy names no MCP server {name}")
    return gate.allow("proc", list(server.command)) if server.command else gate.allow("net", server.url)


def _calls(op: str) -> Any:
    return need(op, "vigyc.effects.agents.mcp_calls", "mcp", "mcp")
