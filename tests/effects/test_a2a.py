"""Other agents: a real one of the official SDK, and odd ones, under two grants for every host."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from effects import loopback
from effects.conftest import Effects
from effects.loopback import Asked, Loopback, Serve, answer, redirect
from effects.options import options
from vigyc.effects.limits import Limits
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError
from vigyc.runtime.secret import Secret

Make = Callable[..., Effects]
SERVER = Path(__file__).parent / "servers" / "a2a_server.py"
TEXT, DATA, TASK, STATE = map(keyword, ("text", "data", "task-id", "state"))
HERE = ("a2a:127.0.0.1", "net:127.0.0.1")


@pytest.fixture
def serve() -> Iterator[Serve]:
    with loopback.serving() as serve:
        yield serve


@pytest.fixture(scope="module")
def agent() -> Iterator[str]:
    """The URL of a real agent."""
    command = [sys.executable, str(SERVER)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


def odd(serve: Serve, *results: Any, card: Any = None) -> Loopback:
    """An agent that answers calls with `results`, one after the other and the last again and again."""
    left = list(results)

    def say(asked: Asked) -> bytes:
        if asked.method == "GET":
            own = {"url": f"http://127.0.0.1:{server.port}/rpc", "protocolVersion": "0.3.0"}
            return answer(json.dumps(own if card is None else card).encode())
        given = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(given, bytes):
            return given
        return answer(json.dumps({"jsonrpc": "2.0", "id": 1, **given}).encode())

    server = serve(say)
    return server


def at(server: Loopback) -> str:
    return f"http://127.0.0.1:{server.port}"


def task(state: str, **more: Any) -> dict[str, Any]:
    return {"result": {"kind": "task", "id": "t1", "contextId": "c1", "status": {"state": state}, **more}}


# -- a real agent, in both versions


@pytest.mark.parametrize("below", ["", "/", "/old", "/old/.well-known/agent-card.json"])
def test_a_real_agent_answers(effects: Make, agent: str, below: str) -> None:
    run = effects(*HERE)
    assert run.value("a2a-send", agent + below, "echo Ω") == {TEXT: "echo Ω", DATA: [], TASK: None, STATE: None}
    found = run.value("a2a-send", agent + below, [options(text="task"), options(data={keyword("k"): 1})])
    assert (found[TEXT], found[DATA], found[STATE]) == ("made:\ntask", [{"n": [1.0, 2.5]}], "completed")
    assert run.value("a2a-send", agent + below, "fail")[STATE] == "failed"


@pytest.mark.parametrize("below", ["", "/old"])
def test_a_real_agent_asks_back_and_is_answered(effects: Make, agent: str, below: str) -> None:
    run = effects(*HERE)
    asked = run.value("a2a-send", agent + below, "ask")
    assert (asked[TEXT], asked[STATE]) == ("which one?", "input-required")
    done = run.value("a2a-send", agent + below, "this", options(task_id=asked[TASK]))
    assert (done[TEXT], done[STATE], done[TASK]) == ("made:\nthis", "completed", asked[TASK])
    assert run.error("a2a-send", agent + below, "more", options(task_id="absent")).tag == "refused"


def test_a_real_agent_that_takes_too_long_is_a_timeout(effects: Make, agent: str) -> None:
    began = time.monotonic()
    assert effects(*HERE).error("a2a-send", agent, "slow", options(timeout_ms=200)).tag == "timeout"
    assert effects(*HERE, seconds=0.2).error("a2a-send", agent, "slow").tag == "timeout"
    assert effects(*HERE, limits=Limits(model_ms=200)).error("a2a-send", agent, "slow").tag == "timeout"
    assert time.monotonic() - began < 1.5


def test_an_agent_without_json_rpc_is_unsupported(effects: Make, agent: str) -> None:
    assert effects(*HERE).error("a2a-send", agent + "/grpc", "echo").tag == "unsupported"


# -- grants


@pytest.mark.parametrize("grants", [("print",), ("a2a:127.0.0.1",), ("net:127.0.0.1",), ("a2a:127.0.0.2", "net:*")])
def test_d13_the_host_of_an_agent_must_be_granted_for_both_kinds(
    effects: Make, serve: Serve, grants: tuple[str, ...]
) -> None:
    server = serve(answer())
    assert "`a2a-send`" in effects(*grants).denied("a2a-send", at(server), "x")
    assert server.connections == 0


@pytest.mark.parametrize("grant", ["print", "a2a:localhost", "net:localhost"])
def test_d13_another_host_that_the_card_names_must_be_granted_too(effects: Make, agent: str, grant: str) -> None:
    assert "localhost" in effects(*HERE, grant).denied("a2a-send", agent + "/away", "echo")
    both = effects(*HERE, "a2a:localhost", "net:localhost")
    assert both.value("a2a-send", agent + "/away", "echo")[TEXT] == "echo"


@pytest.mark.parametrize("grant", ["print", "a2a:localhost", "net:localhost"])
def test_d13_a_redirect_to_a_host_that_is_not_granted_is_denied(effects: Make, serve: Serve, grant: str) -> None:
    away = serve(answer())
    elsewhere = redirect(f"http://localhost:{away.port}/", 307)
    for server in (serve(elsewhere), odd(serve, elsewhere)):
        assert "localhost" in effects(*HERE, grant).denied("a2a-send", at(server), "x")
    assert away.connections == 0


@pytest.mark.parametrize("url", ["file:///etc/passwd", "/rpc", "http://user@127.0.0.1/", ""])
def test_d11_a_card_that_leads_to_no_host_is_denied(effects: Make, serve: Serve, url: str) -> None:
    server = odd(serve, {}, card={"url": url, "protocolVersion": "0.3.0"})
    effects("a2a:*", "net:*", *HERE).denied("a2a-send", at(server), "x")
    assert [asked.method for asked in server.asked] == ["GET"]


def test_f13_headers_go_to_the_agents_own_host_alone(effects: Make, serve: Serve) -> None:
    given = options(headers={"Authorization": Secret("canary-0123", "key")})
    own = odd(serve, task("completed"))
    effects(*HERE).value("a2a-send", at(own), "x", given)
    assert [asked.headers["authorization"] for asked in own.asked] == ["canary-0123"] * 2
    other = odd(serve, task("completed"))
    first = odd(serve, {}, card={"url": at(other), "protocolVersion": "0.3.0"})
    effects(*HERE).value("a2a-send", at(first), "x", given)
    assert "authorization" in first.asked[0].headers
    assert "authorization" not in other.asked[0].headers


# -- the wire


def test_a_task_under_way_is_asked_for_until_it_rests(effects: Make, serve: Serve) -> None:
    artifacts = [{"artifactId": "a", "parts": [{"kind": "text", "text": "done"}, {"kind": "data", "data": {"n": 1}}]}]
    server = odd(serve, task("submitted"), task("working"), task("completed", artifacts=artifacts))
    found = effects(*HERE).value("a2a-send", at(server), "x")
    assert found == {TEXT: "done", DATA: [{"n": 1}], TASK: "t1", STATE: "completed"}
    told = [json.loads(asked.body) for asked in server.asked[1:]]
    assert [each["method"] for each in told] == ["message/send", "tasks/get", "tasks/get"]
    assert told[1]["params"] == {"id": "t1"}
    sent = told[0]["params"]["message"]
    assert sent.pop("messageId")
    assert sent == {"kind": "message", "role": "user", "parts": [{"kind": "text", "text": "x"}]}


def test_a_task_that_never_rests_is_a_timeout_that_names_it(effects: Make, serve: Serve) -> None:
    error = effects(*HERE).error("a2a-send", at(odd(serve, task("working"))), "x", options(timeout_ms=300))
    assert (error.tag, "t1" in error.message) == ("timeout", True)


@pytest.mark.parametrize("state", ["canceled", "rejected", "auth-required", "odd"])
def test_a_task_that_rests_is_not_asked_for_again(effects: Make, serve: Serve, state: str) -> None:
    server = odd(serve, task(state))
    assert effects(*HERE).value("a2a-send", at(server), "x")[STATE] == state
    assert server.connections == 2


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ({"error": {"code": -32601, "message": "no such method"}}, "refused"),
        ({"error": "no"}, "refused"),
        ({}, "decode"),
        ({"result": None}, "decode"),
        ({"result": {"task": []}}, "decode"),
        ({"result": {"id": "t", "status": "done"}}, "decode"),
        ({"result": {"id": 7, "status": {"state": "completed"}}}, "decode"),
        (answer(b"[]"), "decode"),
        (answer(b"<html>"), "decode"),
        (answer(b"no", 500), "refused"),
        (b"", "network"),
    ],
)
def test_what_is_no_answer_is_an_error(effects: Make, serve: Serve, said: Any, tag: str) -> None:
    error = effects(*HERE).error("a2a-send", at(odd(serve, said)), "x")
    assert error.tag == tag, error.message


@pytest.mark.parametrize(
    ("card", "tag"),
    [
        ([], "decode"),
        ({}, "unsupported"),
        ({"url": "http://127.0.0.1", "preferredTransport": "GRPC"}, "unsupported"),
        ({"url": "http://127.0.0.1", "protocolVersion": "0.2"}, "unsupported"),
        ({"supportedInterfaces": ["x", {"url": 7}, {"protocolBinding": "JSONRPC", "url": 7}]}, "unsupported"),
        ({"supportedInterfaces": 7, "additionalInterfaces": {"a": 1}}, "unsupported"),
    ],
)
def test_a_card_that_is_none_is_an_error(effects: Make, serve: Serve, card: Any, tag: str) -> None:
    assert effects(*HERE).error("a2a-send", at(odd(serve, {}, card=card)), "x").tag == tag


def test_a_card_may_offer_json_rpc_beside_another_transport(effects: Make, serve: Serve) -> None:
    real = odd(serve, task("completed"))
    more = [{"transport": "HTTP+JSON", "url": "http://127.0.0.1/"}, {"transport": "JSONRPC", "url": at(real)}]
    card = {"url": "http://127.0.0.1", "preferredTransport": "GRPC", "additionalInterfaces": more}
    assert effects(*HERE).value("a2a-send", at(odd(serve, {}, card=card)), "x")[STATE] == "completed"


def test_an_agent_without_a_card_refuses(effects: Make, serve: Serve) -> None:
    assert effects(*HERE).error("a2a-send", at(serve(answer(b"gone", 404))), "x").tag == "refused"


def test_a_secret_in_the_content_is_not_sent(effects: Make, serve: Serve) -> None:
    server = odd(serve, task("completed"))
    effects(*HERE).value("a2a-send", at(server), options(data=[Secret("canary-0123", "key")]))
    assert b"canary" not in server.asked[1].body


def test_misuse_raises(effects: Make, serve: Serve) -> None:
    run = effects(*HERE)
    for args in ((), ("http://127.0.0.1",), (7, "x"), ("http://127.0.0.1", "x", options(tries=3))):
        with pytest.raises(TickError):
            run.call("a2a-send", *args)
