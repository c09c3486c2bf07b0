"""Roles: tools beyond them are not listed, and not performed either; a session is used by nobody but who opened it."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest

from mcp_surface.results import answer, problem
from mcp_surface.serving import at_http, at_stdio, played, served
from vigyc.service.runtime import Runtime
from vigyc.surfaces.mcp.tools import TOOLS
from vigyc.surfaces.wire.caller import Role

MAY = {role: {name for name, tool in TOOLS.items() if tool.operation.role <= role} for role in Role}
MINIMAL = {"name": "x", "program": "1", "id": "one", "key": "k", "value": 1, "entries": {}, "number": 1, "run": "r"}
MINIMAL |= {"index": 0, "status": "ok", "vigy": "one", "intent": "x", "issue": "1", "setting": "s", "fields": {}}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_over_http_only_what_the_role_allows_is_listed_and_done(tmp_path: Path, role: Role, mode: str) -> None:
    async def story(url: str) -> None:
        async with at_http(url, role=role, mode=mode) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == MAY[role]
            for name in TOOLS.keys() - MAY[role]:
                required = TOOLS[name].operation.schema["required"]
                refused = await problem(client, name, **{key: MINIMAL[key] for key in required})
                assert refused["kind"] == "not-allowed", name
            assert (await answer(client, "vigy_get", id="one"))["enabled"] is False

    with Runtime.open(tmp_path / "store.db") as runtime, served(runtime) as url:
        runtime.register("(vigy-noop)", name="one", enabled=False)
        played(lambda: story(url))
        if role < Role.ADMIN:
            assert [vigy.name for vigy in runtime.list()] == ["one"]


@pytest.mark.parametrize(
    ("options", "role"),
    [(["--read-only"], Role.READ), (["--role", "operate"], Role.OPERATE), ([], Role.ADMIN)],
    ids=["read-only", "operate", "default"],
)  # fmt: skip
def test_over_stdio_the_option_says_the_role(tmp_path: Path, options: list[str], role: Role) -> None:
    async def story() -> None:
        async with at_stdio(tmp_path / "store.db", *options) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == MAY[role]
            if role < Role.ADMIN:
                assert (await problem(client, "vigy_register", name="x", program="1"))["kind"] == "not-allowed"

    played(story)


def test_who_did_it_is_kept(tmp_path: Path) -> None:
    async def story(url: str) -> None:
        async with at_http(url, name="ann") as client:
            await answer(client, "vigy_register", name="x", program="1", enabled=False)
            versions = (await answer(client, "vigy_versions", id="x"))["versions"]
            assert [version["author"] for version in versions] == ["ann"]

    with Runtime.open(tmp_path / "store.db") as runtime, served(runtime) as url:
        played(lambda: story(url))


def test_a_session_belongs_to_who_opened_it(tmp_path: Path) -> None:
    hello = {
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    }  # fmt: skip
    look = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}
    accept = {"accept": "application/json, text/event-stream"}
    with Runtime.open(tmp_path / "store.db") as runtime, served(runtime) as url, httpx2.Client() as http:
        opened = http.post(url, json=hello, headers={**accept, "x-caller": "ann:admin"})
        assert opened.status_code == 200
        session = {**accept, "mcp-session-id": opened.headers["mcp-session-id"]}
        assert http.post(url, json=look, headers={**session, "x-caller": "eve:admin"}).status_code == 404
        mine = http.post(url, json=look, headers={**session, "x-caller": "ann:read"})
        assert mine.status_code == 200
        event = next(line for line in mine.text.splitlines() if line.startswith("data: {"))
        assert {tool["name"] for tool in json.loads(event[6:])["result"]["tools"]} == MAY[Role.READ]
        assert http.post(url, json=look, headers={**accept, "mcp-session-id": "made-up"}).status_code == 404
        assert http.delete(url, headers={**session, "x-caller": "ann:admin"}).status_code == 200
        assert http.post(url, json=look, headers={**session, "x-caller": "ann:admin"}).status_code == 404
