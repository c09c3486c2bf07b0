"""`vigyc mcp`: nothing but the protocol on its output, an end that is clean, a server instead of a file, the extra."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

from mcp_surface.results import answer, problem
from mcp_surface.serving import PATIENCE, at_stdio, played, served
from vigyc.service.runtime import Runtime

ADMIN, READER = "ann:admin", "rob:read"  # tokens
HELLO = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}  # fmt: skip
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def _call(number: int, tool: str, **arguments: Any) -> dict[str, Any]:
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


def _started(db: Path, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "vigyc", "mcp", "--db", str(db), *args],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        preexec_fn=_hear_interrupts if os.name == "posix" else None,  # noqa: PLW1509  # a signal setting and no more
    )  # fmt: skip


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _lines(*messages: object) -> str:
    return "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in messages)


def _ask(process: subprocess.Popen[str], *messages: object) -> Any:
    """Send messages, and take the next line of output."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(_lines(*messages))
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def test_all_that_was_asked_before_the_end_of_input_is_answered(tmp_path: Path) -> None:
    with _started(tmp_path / "store.db") as process:
        program = '(println "on whose output?") (display "x") (vigy-noop)'
        out, err = process.communicate(
            _lines(
                HELLO, READY, _call(2, "vigy_register", name="loud", program=program, enabled=False),
            ) + _lines(_call(3, "vigy_check", program="(f)")),
            timeout=PATIENCE,
        )  # fmt: skip
    assert process.returncode == 0, err
    assert sorted(json.loads(line)["id"] for line in out.splitlines()) == [1, 2, 3]
    assert err == ""


def test_what_programs_print_is_not_on_its_output(tmp_path: Path) -> None:
    with _started(tmp_path / "store.db") as process:
        assert _ask(process, HELLO)["id"] == 1
        program = '(println "on whose output?") (display "x") (vigy-noop)'
        assert _ask(process, READY, _call(2, "vigy_register", name="v", program=program, enabled=False))["id"] == 2
        assert _ask(process, _call(3, "vigy_tick", id="v"))["result"]["structuredContent"]["result"] == "ok"
        out, _ = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (0, "")


RUBBISH = ["this is no JSON", "{", "[]", "7", '{"jsonrpc": "2.0"}', "\u0000", "", "[[[[" * 5000, '"\\ud800"']


def test_what_is_no_message_does_not_end_it(tmp_path: Path) -> None:
    with _started(tmp_path / "store.db") as process:
        assert _ask(process, HELLO, READY)["id"] == 1
        for number, rubbish in enumerate(RUBBISH, 2):
            found = _ask(process, rubbish, _call(number, "vigy_health"))
            while found.get("id") != number:
                found = _ask(process)
            assert found["result"]["isError"] is False
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(tmp_path: Path, number: signal.Signals) -> None:
    with _started(tmp_path / "store.db") as process:
        assert _ask(process, HELLO)["id"] == 1
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_client_that_is_gone_ends_it(tmp_path: Path) -> None:
    with _started(tmp_path / "store.db") as process:
        assert _ask(process, HELLO)["id"] == 1
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        process.stdin.write(_lines(READY, _call(2, "vigy_health")))
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_it_does_not_tick_by_itself(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_stdio(tmp_path / "store.db") as client:
            await answer(client, "vigy_register", name="v", program="(vigy-noop)", tick_interval_ms=100)
            assert (await answer(client, "vigy_health"))["status"] != "ticking"
            assert (await answer(client, "vigy_runs"))["runs"] == []

    played(story)


def test_it_works_beside_a_process_that_ticks(tmp_path: Path) -> None:
    async def story() -> None:
        async with at_stdio(tmp_path / "store.db") as client:
            await answer(client, "vigy_register", name="v", program='(vigy-incr "n")', enabled=False)
            run = await answer(client, "vigy_tick", id="v")
            assert run["result"] == "ok"
            assert (await answer(client, "vigy_kv_get", id="v", key="n"))["value"] == 1

    with Runtime.open(tmp_path / "store.db") as runtime:
        runtime.start()
        played(story)


def test_over_a_server_instead_of_a_file(tmp_path: Path) -> None:
    async def story(url: str, token: str, *args: str) -> None:
        given = ["-m", "vigyc", "mcp", "--server", url, "--token", token, *args]
        async with Client(StdioServerParameters(command=sys.executable, args=given), cache=None) as client:
            if args or token == READER:
                refused = await problem(client, "vigy_register", name="v", program="1")
                assert refused["kind"] == "not-allowed"
                return
            made = await answer(client, "vigy_register", name="v", program='(vigy-incr "n")', enabled=False)
            assert made["created"] is True
            assert (await answer(client, "vigy_tick", id="v"))["result"] == "ok"
            assert (await answer(client, "vigy_list"))["vigies"][0]["name"] == "v"
            assert (await problem(client, "vigy_get", id="none"))["kind"] == "not-found"
            assert "there is no argument" in (await problem(client, "vigy_delete", id="v", force=True))["detail"]
            assert "it is missing" in (await problem(client, "vigy_delete"))["detail"]
            async with client.listen(resource_subscriptions=["vigy://vigies/v"]) as stream:
                await answer(client, "vigy_tick", id="v")
                assert (await anext(aiter(stream))).uri == "vigy://vigies/v"  # type: ignore[union-attr]
            assert (await answer(client, "vigy_delete", id="v"))["deleted"] is True

    with Runtime.open(tmp_path / "store.db") as runtime, served(runtime) as url:
        address = url.removesuffix("/mcp")
        played(lambda: story(address, ADMIN))
        played(lambda: story(address, ADMIN, "--role", "operate"))
        played(lambda: story(address, READER))


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['mcp'] = None; from vigyc.surfaces.cli.main import main; main()"
    command = [sys.executable, "-c", code, "mcp", "--db", str(tmp_path / "store.db")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'vigyc[mcp]'" in done.stderr


@pytest.mark.parametrize("words", [["--version"], ["list"], ["mcp", "--help"]], ids=" ".join)
def test_nothing_else_imports_the_sdk(tmp_path: Path, words: list[str]) -> None:
    code = f"""
import sys, atexit
atexit.register(lambda: print("mcp" in sys.modules, "starlette" in sys.modules, file=sys.stderr))
from vigyc.surfaces.cli.main import main
main({words!r})
"""
    environment = {**os.environ, "VIGY_DB": str(tmp_path / "store.db")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment
    )
    assert done.stderr.splitlines()[-1] == "False False"
