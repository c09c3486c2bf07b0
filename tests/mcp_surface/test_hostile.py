"""Requests that no client of good will sends: none is a fault of the server, and all leave it well."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from mcp_surface.results import answer
from mcp_surface.serving import at_http, played, served
from vigyc.service.runtime import Runtime

ACCEPT = {"accept": "application/json, text/event-stream", "content-type": "application/json", "x-caller": "eve:admin"}
VERSION = {"mcp-protocol-version": "2026-07-28"}


def _tool(arguments: str, tool: str = "vigy_kv_set") -> str:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": "HERE"}}
    return json.dumps(call).replace('"HERE"', arguments)


BODIES = {
    "empty": "",
    "no JSON": "{",
    "a batch": "[]",
    "a number": "7",
    "half a pair": '{"jsonrpc": "2.0", "id": 1, "method": "\\ud800"}',
    "deep": "[" * 100_000,
    "no method": '{"jsonrpc": "2.0", "id": 1}',
    "a strange method": '{"jsonrpc": "2.0", "id": 1, "method": "tools/nope", "params": {}}',
    "arguments of a wrong kind": _tool("[1]"),
    "a name of a wrong kind": '{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": 7}}',
    "a session nobody opened": _tool("{}"),
    "half a pair in the arguments": _tool('{"id": "one", "key": "k", "value": "\\ud800"}'),
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Runtime.open(tmp_path_factory.mktemp("hostile") / "store.db") as runtime, served(runtime) as address:
        runtime.register("1", name="one", enabled=False)
        yield address


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("more", [{}, VERSION, {"mcp-protocol-version": "1"}], ids=["older", "newer", "unknown"])
def test_a_body_that_is_no_request(url: str, body: str, more: dict[str, str]) -> None:
    with httpx2.Client(timeout=30) as http:
        found = http.post(url, content=BODIES[body], headers={**ACCEPT, **more})
        assert 400 <= found.status_code < 500
        assert "Traceback" not in found.text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "GET", "DELETE"])
def test_a_method_that_is_none(url: str, method: str) -> None:
    with httpx2.Client(timeout=30) as http:
        assert 400 <= http.request(method, url, headers={"x-caller": "eve:admin"}).status_code < 500


def test_a_body_of_another_type(url: str) -> None:
    with httpx2.Client(timeout=30) as http:
        found = http.post(url, content="a=b", headers={**ACCEPT, "content-type": "application/x-www-form-urlencoded"})
        assert 400 <= found.status_code < 500


def test_a_body_that_is_too_large(url: str) -> None:
    with httpx2.Client(timeout=60) as http:
        found = http.post(url, content=b" " * (17 * 2**20), headers=ACCEPT)
        assert found.status_code == 413


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 10**400, -(2**70), "\u0000", {"": {"": [[[]]]}}, [None] * 1000, "x" * 100_000, 1e308],
    ids=lambda value: f"{value!r:.20}",
)
def test_a_strange_value_is_kept_as_it_is_or_refused(url: str, value: Any) -> None:
    async def story() -> None:
        async with at_http(url) as client:
            result = await client.call_tool("vigy_kv_set", {"id": "one", "key": "k", "value": value})
            assert result.is_error is False or result.structured_content["kind"] in {"invalid", "conflict"}
            if not result.is_error:
                kept = await answer(client, "vigy_kv_get", id="one", key="k")
                assert kept == result.structured_content
                assert kept["value"] == (value if value != 10**400 and _is_finite(value) else None)
            assert (await answer(client, "vigy_get", id="one"))["name"] == "one"

    played(story)


def _is_finite(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def test_a_thousand_sessions_are_more_than_it_keeps(tmp_path: Path) -> None:
    hello = {
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    }  # fmt: skip

    async def story(url: str) -> None:
        async with at_http(url) as client:  # of a protocol that needs no session
            assert (await answer(client, "vigy_list"))["vigies"] == []

    with Runtime.open(tmp_path / "store.db") as runtime, served(runtime) as url, httpx2.Client(timeout=30) as http:
        found = [http.post(url, json=hello, headers=ACCEPT).status_code for _ in range(260)]
        assert found == [200] * 256 + [503] * 4
        played(lambda: story(url))
