"""MCP servers of the official SDK and small ones of our own, over stdio and HTTP, under two grants each."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from effects import loopback
from effects.conftest import Effects
from effects.loopback import Serve, answer, redirect
from vigyc.effects.agents import mcp_stdio
from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.effects.policy import McpServer
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError
from vigyc.runtime.host import Host
from vigyc.runtime.secret import Secret

Make = Callable[..., Effects]
SERVERS = Path(__file__).parent / "servers"
PYTHON = sys.executable
SDK = McpServer((PYTHON, str(SERVERS / "mcp_server.py")))
TEXT, DATA, NAME = map(keyword, ("text", "data", "name"))
KEY = "canary-0123456789"


def small(mode: str = "") -> McpServer:
    return McpServer((PYTHON, "-S", "-E", str(SERVERS / "small_mcp_server.py"), mode))


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_stdio, "GRACE", 0.3)


@pytest.fixture
def serve() -> Iterator[Serve]:
    with loopback.serving() as serve:
        yield serve


@pytest.fixture(scope="module")
def web() -> Iterator[McpServer]:
    """The SDK's server over streamable HTTP."""
    command = [*SDK.command, "http"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        yield McpServer(url=f"http://127.0.0.1:{process.stdout.readline().strip()}/mcp")
        process.kill()


@pytest.fixture(params=["stdio", "http"])
def sdk(request: pytest.FixtureRequest, effects: Make) -> Effects:
    """A run with the server `s` of the SDK."""
    server = SDK if request.param == "stdio" else request.getfixturevalue("web")
    return effects("mcp:s", f"proc:{PYTHON}", "net:127.0.0.1", servers={"s": server}, seconds=20)


def run_of(make: Make, server: McpServer, *grants: str, **policy: Any) -> Effects:
    return make("mcp:s", f"proc:{PYTHON}", *grants, servers={"s": server}, **policy)


def options(timeout_ms: int) -> dict[Any, Any]:
    return {keyword("timeout-ms"): timeout_ms}


def pid(run: Effects, server: str = "s") -> int:
    return int(run.value("mcp-call", server, "pid")[TEXT])


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def gone(process: int, seconds: float = 4) -> bool:
    until = time.monotonic() + seconds
    while alive(process) and time.monotonic() < until:
        time.sleep(0.01)
    return not alive(process)


# -- a real server


def test_tools_of_a_real_server_answer(sdk: Effects) -> None:
    found = sdk.value("mcp-call", "s", "add", {keyword("a"): 1, "b": 2})
    assert found[DATA] == {"total": 3}
    assert sdk.value("mcp-call", "s", "echo", {"text": "Ω\n"}) == {TEXT: "Ω\n", DATA: None}
    tools = {tool[NAME]: tool for tool in sdk.value("mcp-tools", "s")}
    assert tools["add"][keyword("description")] == "Add two numbers."
    assert tools["add"][keyword("input")]["required"] == ["a", "b"]


@pytest.mark.parametrize("sdk", ["http"], indirect=True)
def test_a_tool_that_fails_is_an_error_and_its_server_goes_on(sdk: Effects) -> None:
    error = sdk.error("mcp-call", "s", "fail", {"text": "ouch"})
    assert (error.tag, "ouch" in error.message) == ("tool-error", True)
    assert "s" in sdk.session.kept["mcp"]
    assert sdk.error("mcp-call", "s", "echo", {}).tag == "tool-error"
    assert sdk.error("mcp-call", "s", "absent").tag in {"tool-error", "refused"}


@pytest.mark.parametrize("sdk", ["http"], indirect=True)
def test_a_tool_that_takes_too_long_is_a_timeout_and_the_next_call_begins_anew(sdk: Effects) -> None:
    sdk.value("mcp-call", "s", "echo", {"text": ""})
    began = time.monotonic()
    assert sdk.error("mcp-call", "s", "wait", {"seconds": 0.5}, options(100)).tag == "timeout"
    assert time.monotonic() - began < 0.4
    assert "s" not in sdk.session.kept["mcp"]
    assert sdk.value("mcp-call", "s", "echo", {"text": "again"})[TEXT] == "again"


def test_a_server_that_dies_is_closed_and_the_next_call_begins_anew(effects: Make) -> None:
    run = run_of(effects, small())
    assert run.error("mcp-call", "s", "die").tag == "closed"
    assert pid(run)


def test_e07_a_server_gets_nothing_of_our_environment_and_leaves_nothing_behind(
    effects: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_CANARY", "x")
    run = run_of(effects, small(), base=str(tmp_path))
    *names, folder, process = run.value("mcp-call", "s", "surroundings")[TEXT].split("\n")
    assert (names, folder) == (["LANG", "PATH", "VIGYC_CHILD"], str(tmp_path))
    left = int(run.value("mcp-call", "s", "leave_behind")[TEXT])
    assert run.value("mcp-call", "s", "grumble")[TEXT] == "1000000"
    assert alive(int(process))
    run.session.close()
    assert not alive(int(process))
    assert gone(left)


# -- grants


@pytest.mark.parametrize("proc", ["print", "proc:true", f"proc:{PYTHON} -V", "net:*"])
def test_e11_mcp_is_granted_but_the_command_is_not(effects: Make, tmp_path: Path, proc: str) -> None:
    mark = tmp_path / "started"
    run = effects("mcp:*", proc, servers={"s": McpServer(("sh", "-c", f"touch {mark}"))})
    assert "`mcp-call`" in run.denied("mcp-call", "s", "id")
    run.denied("mcp-tools", "s")
    assert not mark.exists()
    assert "mcp" not in run.session.kept


def test_e11_the_command_is_granted_but_the_server_is_not(effects: Make, tmp_path: Path) -> None:
    mark = tmp_path / "started"
    run = effects("mcp:other", "proc:*", servers={"s": McpServer(("sh", "-c", f"touch {mark}"))})
    assert "mcp:s" in run.denied("mcp-call", "s", "id")
    assert not mark.exists()


def test_e11_a_program_names_servers_not_commands(effects: Make) -> None:
    run = effects("mcp:*", "proc:*")
    assert run.error("mcp-call", "sh -c id", "id").tag == "not-found"


def test_d13_a_server_over_http_on_a_host_that_is_not_granted_is_denied(effects: Make, serve: Serve) -> None:
    server = serve(answer())
    servers = {
        "plain": McpServer(url=f"http://127.0.0.1:{server.port}/mcp"),
        "named": McpServer(url=f"http://tools.test:{server.port}/mcp"),
    }
    run = effects("mcp:*", "net:tools.test", "net:127.0.0.2", servers=servers, resolve={"tools.test": "127.0.0.1"})
    assert f"127.0.0.1:{server.port}" in run.denied("mcp-call", "plain", "id")
    assert "not public" in run.denied("mcp-call", "named", "id")
    assert server.connections == 0


def test_d13_a_server_over_http_cannot_lead_elsewhere(effects: Make, serve: Serve) -> None:
    away = serve(answer())
    server = serve(redirect(f"http://127.0.0.1:{away.port}/mcp", 307))
    run = effects("mcp:*", "net:127.0.0.1", servers={"s": McpServer(url=f"http://127.0.0.1:{server.port}/mcp")})
    assert run.error("mcp-call", "s", "id").tag in {"refused", "closed"}
    assert (server.connections > 0, away.connections) == (True, 0)


def test_f13_a_header_may_be_a_secret_and_shows_nowhere(
    effects: Make, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_TOOL_KEY", KEY)
    server = serve(lambda asked: answer(asked.headers["authorization"].encode(), 401))
    given = McpServer(url=f"http://127.0.0.1:{server.port}/", headers=(("Authorization", "secret:key"), ("X-A", "b")))
    run = effects("mcp:*", "net:127.0.0.1", servers={"s": given}, secrets={"key": "env:TEST_TOOL_KEY"})
    error = run.error("mcp-call", "s", "id")
    assert KEY not in error.message
    assert (server.asked[0].headers["authorization"], server.asked[0].headers["x-a"]) == (KEY, "b")


# -- connections


def test_a_server_stays_for_the_next_tick(effects: Make) -> None:
    run = run_of(effects, small())
    first = pid(run)
    run.gate.close()
    run.host = Host(tick_start_ms=1)
    run.gate = run.host.gate = run.powers.gate("id", run.powers.session("id", "vigy", {}), run.host, 5.0)
    assert pid(run) == first
    run.close()
    assert not alive(first)


def test_the_seventeenth_connection_ends_the_one_used_longest_ago(effects: Make) -> None:
    run = effects("mcp:*", f"proc:{PYTHON}", servers={str(n): small() for n in range(17)}, seconds=60)
    found = [pid(run, str(n)) for n in range(16)]
    assert pid(run, "0") == found[0]
    pid(run, "16")
    assert gone(found[1])
    kept = run.session.kept["mcp"]
    assert (len(kept), "0" in kept, "1" in kept) == (16, True, False)
    assert pid(run, "0") == found[0]
    run.session.close()
    assert not any(map(alive, found))


def test_a_server_that_never_answers_is_a_timeout_and_ends(effects: Make) -> None:
    run = run_of(effects, small("silent"), seconds=0.3)
    began = time.monotonic()
    assert run.error("mcp-call", "s", "pid").tag == "timeout"
    assert time.monotonic() - began < 1
    run.session.close()
    assert time.monotonic() - began < 5


def test_a_server_that_will_not_go_is_ended(effects: Make) -> None:
    run = run_of(effects, small("stubborn"))
    process = pid(run)
    run.session.close()
    assert not alive(process)


@pytest.mark.parametrize(("mode", "tag"), [("dead", "closed"), ("garbage", "")])
def test_a_server_that_does_not_begin_well(effects: Make, mode: str, tag: str) -> None:
    run = run_of(effects, small(mode))
    result = run.call("mcp-tools", "s")
    assert result[keyword("ok")] is (tag == "")
    if tag:
        assert result[keyword("error")].tag == tag


def test_d14_an_endless_line_ends_the_connection(effects: Make) -> None:
    run = run_of(effects, small(), limits=Limits(body_bytes=1_000_000))
    assert run.error("mcp-call", "s", "flood").tag == "closed"
    assert pid(run)


def test_a_server_that_cannot_be_started_is_an_error(effects: Make, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("no program")
    servers = {"none": McpServer(("/absent/program",)), "bad": McpServer((str(script),))}
    run = effects("mcp:*", "proc:*", servers=servers)
    assert run.error("mcp-call", "none", "x").tag == "not-found"
    error = run.error("mcp-call", "bad", "x")
    assert (error.tag, str(tmp_path) in error.message) == ("not-started", False)


def test_a_server_that_cannot_be_reached_is_an_error(effects: Make) -> None:
    run = effects("mcp:*", "net:127.0.0.1", servers={"s": McpServer(url="http://127.0.0.1:1/mcp")})
    assert run.error("mcp-call", "s", "x").tag == "network"


# -- what goes out and what comes in


def test_arguments_are_named_as_other_programs_name_them(effects: Make) -> None:
    run = run_of(effects, small())
    given = {keyword("limit"): 3, "in": {keyword("k"): [keyword("v"), None, 0.5]}, keyword("key"): Secret(KEY, "key")}
    said = run.value("mcp-call", "s", "arguments", given)[TEXT]
    assert said == '{"in": {"k": ["v", null, 0.5]}, "key": "***", "limit": 3}'
    assert run.value("mcp-call", "s", "arguments")[TEXT] == "{}"


def test_arguments_nested_too_deep_are_an_error(effects: Make) -> None:
    deep: Any = []
    for _ in range(200):
        deep = [deep]
    assert run_of(effects, small()).error("mcp-call", "s", "arguments", {"a": deep}).tag == "encode"


def test_every_page_of_tools_is_listed(effects: Make) -> None:
    tools = run_of(effects, small()).value("mcp-tools", "s")
    assert [tool[NAME] for tool in tools] == ["pid", "arguments"]
    assert tools[0] == {NAME: "pid", keyword("description"): "It.", keyword("input"): {"type": "object"}}


def test_an_answer_that_is_too_large_is_an_error(effects: Make) -> None:
    run = run_of(effects, small(), limits=Limits(body_bytes=400))
    pid(run)
    assert run.error("mcp-call", "s", "arguments", {"a": "x" * 350}).tag in {"too-large", "closed"}


def test_the_bytes_of_answers_are_charged(effects: Make) -> None:
    run = run_of(effects, small(), budgets=(Budget({"bytes": 1300}),))
    run.value("mcp-call", "s", "arguments", {"a": "x" * 250})
    assert 0 < (run.gate.left("bytes") or 0) < 750
    with pytest.raises(TickError) as caught:
        run.call("mcp-call", "s", "arguments", {"a": "x" * 250})
    assert (caught.value.kind, run.gate.left("bytes")) == ("budget-exceeded", 0)


def test_misuse_raises(effects: Make) -> None:
    run = run_of(effects, small())
    for args in ((), ("s",), ("s", "pid", 7), ("s", "pid", {7: 1}), ("s", "pid", {}, {keyword("tries"): 3})):
        with pytest.raises(TickError):
            run.call("mcp-call", *args)


# -- the extra


def test_the_sdk_is_loaded_by_the_first_call_and_asked_for_where_it_is_missing() -> None:
    program = """
import sys
from effects.conftest import Effects
from vigyc.effects import catalog
from vigyc.effects.policy import McpServer, Policy
from vigyc.lang.errors import TickError
for name in ("llm", "mcp", "a2a"):
    catalog.pack(name)
assert not {"mcp", "anyio", "httpx2", "asyncio"} & set(sys.modules), "loaded too early"
sys.modules["mcp"] = None
run = Effects(Policy.of("mcp:s", "proc:true", servers={"s": McpServer(("true",))}), 5)
try:
    run.call("mcp-call", "s", "x")
except TickError as error:
    print(error.kind, error.short)
"""
    folder = Path(__file__).parent.parent
    done = subprocess.run(
        [PYTHON, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(folder)}
    )
    assert done.stdout.startswith("missing-extra")
    assert "`mcp-call` needs the package mcp: pip install 'vigyc[mcp]'" in done.stdout


def test_a_server_is_given_the_variables_that_the_policy_names(
    effects: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_TOKEN", "canary-4711")
    script = tmp_path / "server.sh"
    script.write_text(f'#!/bin/sh\nprintf "%s" "$LEVEL $TOKEN" > {tmp_path}/seen\n')
    script.chmod(0o755)
    server = McpServer((str(script),), env=(("LEVEL", "info"), ("TOKEN", "secret:token")))
    run = effects("mcp:s", f"proc:{script}", servers={"s": server}, secrets={"token": "env:TEST_TOKEN"})
    run.error("mcp-tools", "s")
    assert (tmp_path / "seen").read_text() == "info canary-4711"
