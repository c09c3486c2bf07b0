"""Faults that were found in the packs `llm`, `mcp` and `a2a`: servers that lie, that give without end, that drip."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from effects import loopback
from effects.loopback import Asked, Serve, answer, redirect
from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.effects.policy import McpServer, Model
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError

PYTHON = sys.executable
TOKENS, TEXT, NAME = map(keyword, ("tokens", "text", "name"))
SERVER = """
import json, sys
for line in sys.stdin:
    told = json.loads(line)
    if "id" not in told:
        continue
    at = int((told.get("params") or {}).get("cursor") or 0)
    if told["method"] == "initialize":
        found = {"protocolVersion": told["params"]["protocolVersion"], "capabilities": {"tools": {}},
                 "serverInfo": {"name": "x", "version": "1"}}
    else:
        found = FOUND
    print(json.dumps({"jsonrpc": "2.0", "id": told["id"], "result": found}), flush=True)
"""


@pytest.fixture
def serve() -> Iterator[Serve]:
    with loopback.serving() as serve:
        yield serve


def model(effects: Any, serve: Serve, said: bytes | Callable[[Asked], bytes], **policy: Any) -> Any:
    server = serve(said)
    models = {"local": Model(f"http://127.0.0.1:{server.port}", "llama3")}
    return effects("llm.local:llama3", "net:127.0.0.1", models=models, **policy)


def counted(asked: object, answered: object) -> bytes:
    return answer(json.dumps({"response": "hi", "prompt_eval_count": asked, "eval_count": answered}).encode())


def test_counts_that_cannot_be_are_estimated(effects: Any, serve: Serve) -> None:
    run = model(effects, serve, counted(2**63 - 1, 2**63 - 1))
    assert run.value("llm-local", "hi")[TOKENS] == 2


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        (lambda asked: b"" * asked.wait(0.4), "timeout"),
        (answer(b'{"response": 1}'), "decode"),
        (answer(b"x" * 3000), "too-large"),
        (answer(b"not JSON"), "decode"),
    ],
    ids=["never", "no text", "too much", "no JSON"],
)
def test_a_prompt_that_was_sent_is_paid_for_whatever_comes_back(
    effects: Any, serve: Serve, said: Any, tag: str
) -> None:
    limits = Limits(body_bytes=2000, model_ms=150)
    run = model(effects, serve, said, budgets=(Budget({"tokens": 100}),), limits=limits)
    assert run.error("llm-local", "x" * 40).tag == tag
    assert run.gate.left("tokens") == 90


def test_a_model_that_drips_is_a_timeout(effects: Any, serve: Serve) -> None:
    def drip(asked: Asked) -> bytes:
        asked.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(30):
            asked.say(b" ")
            if not asked.wait(0.02):
                break
        return b""

    run = model(effects, serve, drip, limits=Limits(model_ms=200))
    began = time.monotonic()
    assert run.error("llm-local", "hi").tag == "timeout"
    assert time.monotonic() - began < 0.6


def mcp(effects: Any, tmp_path: Path, found: str, **policy: Any) -> Any:
    script = tmp_path / "server.py"
    script.write_text(SERVER.replace("FOUND", found))
    server = McpServer((PYTHON, "-S", "-E", str(script)))
    return effects("mcp:s", f"proc:{PYTHON}", servers={"s": server}, **policy)


def test_pages_of_tools_without_end_are_not_all_held(effects: Any, tmp_path: Path) -> None:
    page = (
        '{"tools": [{"name": "t", "description": "x" * 90_000, "inputSchema": {"type": "object"}}],'
        ' "nextCursor": str(open("pages", "a").write("x") and at + 1)}'
    )
    run = mcp(effects, tmp_path, page, limits=Limits(body_bytes=200_000), base=str(tmp_path))
    assert run.error("mcp-tools", "s").tag == "too-large"
    assert len((tmp_path / "pages").read_text()) <= 4


def test_what_a_tool_is_told_is_charged_and_bounded(effects: Any, tmp_path: Path) -> None:
    found = '{"content": [{"type": "text", "text": "x"}]}'
    budgets, limits = (Budget({"bytes": 1000}),), Limits(write_bytes=2000)
    run = mcp(effects, tmp_path, found, budgets=budgets, limits=limits)
    with pytest.raises(TickError) as caught:
        run.call("mcp-call", "s", "t", {"a": "x" * 1500})
    assert caught.value.kind == "budget-exceeded"
    assert run.error("mcp-call", "s", "t", {"a": "x" * 2500}).tag == "too-large"
    assert run.gate.left("bytes") == 1000


RESULTS = {
    "deep": '{"content": [], "structuredContent": eval("{\'a\':" * 90 + "1" + "}" * 90)}',
    "binary": '{"content": [{"type": "image", "data": "AA==", "mimeType": "image/png"}]}',
    "no content": '{"content": "x"}',
    "a list": "[1, 2]",
    "a number of many digits": '{"content": [], "structuredContent": {"n": 10**400}}',
}


@pytest.mark.parametrize("found", RESULTS.values(), ids=RESULTS)
def test_what_a_tool_answers_is_data_or_an_error(effects: Any, tmp_path: Path, found: str) -> None:
    result = mcp(effects, tmp_path, found).call("mcp-call", "s", "t", {}, {keyword("timeout-ms"): 600})
    assert result[keyword("ok")] or result[keyword("error")].tag in {"decode", "closed", "refused", "timeout"}


def test_a_card_or_a_redirect_of_an_agent_leads_nowhere_else(effects: Any, serve: Serve) -> None:
    inner = serve(answer(b"{}"))
    for given in (
        answer(json.dumps({"url": f"http://localhost:{inner.port}/", "protocolVersion": "0.3.0"}).encode()),
        answer(json.dumps({"url": "http://169.254.169.254/", "protocolVersion": "0.3.0"}).encode()),
        answer(json.dumps({"url": "file:///etc/passwd", "protocolVersion": "0.3.0"}).encode()),
        redirect(f"http://localhost:{inner.port}/"),
    ):
        server = serve(given)
        run = effects(f"a2a:127.0.0.1:{server.port}", f"net:127.0.0.1:{server.port}")
        run.denied("a2a-send", f"http://127.0.0.1:{server.port}", "hi")
    assert inner.asked == []
