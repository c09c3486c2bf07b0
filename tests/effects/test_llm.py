"""Language models: two wires, under two grants each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from effects import loopback
from effects.conftest import Effects
from effects.loopback import Asked, Loopback, Serve, answer, redirect
from effects.options import options
from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.effects.policy import Model
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError

Make = Callable[..., Effects]
KEY = "sk-canary-0123456789"
CLOUD = ("llm.cloud:gpt-4o*", "net:127.0.0.1")
LOCAL = ("llm.local:llama3*", "net:127.0.0.1")


@pytest.fixture
def serve() -> Iterator[Serve]:
    with loopback.serving() as serve:
        yield serve


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_MODEL_KEY", KEY)


def ollama(asked: Asked) -> bytes:
    told = json.loads(asked.body)
    said = {"model": told["model"], "response": "hello " + told["prompt"], "prompt_eval_count": 5, "eval_count": 7}
    return answer(json.dumps(said).encode())


def openai(asked: Asked) -> bytes:
    told = json.loads(asked.body)
    said = {
        "choices": [{"message": {"role": "assistant", "content": "re: " + told["messages"][-1]["content"]}}],
        "usage": {"prompt_tokens": 8, "completion_tokens": 3, "total_tokens": 11},
    }
    return answer(json.dumps(said).encode())


def local(make: Make, server: Loopback, *grants: str, **policy: Any) -> Effects:
    models = {"local": Model(f"http://127.0.0.1:{server.port}", "llama3")}
    return make(*(grants or LOCAL), models=models, **policy)


def cloud(make: Make, server: Loopback, *grants: str, **policy: Any) -> Effects:
    models = {"cloud": Model(f"http://127.0.0.1:{server.port}/v1/", "gpt-4o-mini", "provider")}
    secrets = {"provider": "env:TEST_MODEL_KEY"}
    return make(*(grants or CLOUD), models=models, secrets=secrets, **policy)


def test_a_local_model_answers_as_ollama_does(effects: Make, serve: Serve) -> None:
    server = serve(ollama)
    run = local(effects, server)
    assert run.value("llm-local", "you") == options(text="hello you", tokens=12, model="llama3")
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/api/generate")
    assert json.loads(asked.body) == {"model": "llama3", "prompt": "you", "stream": False, "options": {}}
    assert "authorization" not in asked.headers


def test_a_cloud_model_answers_as_openai_does(effects: Make, serve: Serve) -> None:
    server = serve(openai)
    run = cloud(effects, server)
    assert run.value("llm-cloud", "you") == options(text="re: you", tokens=11, model="gpt-4o-mini")
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/v1/chat/completions")
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert json.loads(asked.body) == {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "you"}]}


def test_options_reach_the_model(effects: Make, serve: Serve) -> None:
    given = options(model="llama3:70b", system="Be brief.", max_tokens=9, temperature=0)
    here = serve(ollama)
    assert local(effects, here).value("llm-local", "you", given)[keyword("model")] == "llama3:70b"
    told = json.loads(here.asked[0].body)
    assert (told["model"], told["system"]) == ("llama3:70b", "Be brief.")
    assert told["options"] == {"num_predict": 9, "temperature": 0.0}
    there = serve(openai)
    cloud(effects, there).value("llm-cloud", "you", {**given, keyword("model"): "gpt-4o"})
    told = json.loads(there.asked[0].body)
    assert (told["model"], told["max_tokens"], told["temperature"]) == ("gpt-4o", 9, 0.0)
    assert told["messages"][0] == {"role": "system", "content": "Be brief."}


@pytest.mark.parametrize("grants", [(), ("net:127.0.0.1",), ("llm.local:*", "net:127.0.0.1"), ("llm.cloud:gpt-4o*",)])
def test_d13_the_kind_and_the_host_of_a_cloud_model_must_both_be_granted(
    effects: Make, serve: Serve, grants: tuple[str, ...]
) -> None:
    server = serve(openai)
    run = cloud(effects, server, *(grants or ("print",)))
    assert "`llm-cloud`" in run.denied("llm-cloud", "you")
    assert server.connections == 0


def test_d13_an_endpoint_on_a_host_that_is_not_granted_is_denied(effects: Make, serve: Serve) -> None:
    server = serve(ollama)
    run = local(effects, server, "llm.local:*", "net:127.0.0.2", f"net:127.0.0.1:{server.port % 65535 + 1}")
    assert f"127.0.0.1:{server.port}" in run.denied("llm-local", "you")
    assert server.connections == 0


def test_d13_a_name_that_leads_to_this_machine_is_denied(effects: Make, serve: Serve) -> None:
    server = serve(ollama)
    models = {"local": Model(f"http://models.test:{server.port}", "llama3")}
    run = effects("llm.local:*", "net:models.test", models=models, resolve={"models.test": "127.0.0.1"})
    assert "not public" in run.denied("llm-local", "you")
    assert server.connections == 0


def test_d13_a_redirect_to_a_host_that_is_not_granted_is_denied(effects: Make, serve: Serve) -> None:
    away = serve(openai)
    server = serve(redirect(f"http://localhost:{away.port}/", 307))
    run = cloud(effects, server)
    assert "localhost" in run.denied("llm-cloud", "you")
    assert away.connections == 0


def test_a_model_that_is_not_granted_is_denied_before_anything_is_asked(effects: Make, serve: Serve) -> None:
    server = serve(openai)
    run = cloud(effects, server)
    assert "llm.cloud:o1-pro" in run.denied("llm-cloud", "you", options(model="o1-pro"))
    assert server.connections == 0


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        (answer(b'{"error": "no such model"}', 404), "refused"),
        (answer(b"busy", 503), "refused"),
        (answer(b"<html>"), "decode"),
        (answer(b"{}"), "decode"),
        (answer(b"[]"), "decode"),
        (answer(b'{"choices": []}'), "decode"),
        (answer(b'{"choices": [{"message": {"content": null}}]}'), "decode"),
        (b"", "network"),
    ],
)
def test_what_is_no_answer_is_an_error(effects: Make, serve: Serve, said: bytes, tag: str) -> None:
    run = cloud(effects, serve(said))
    error = run.error("llm-cloud", "you")
    assert error.tag == tag, error.message


def test_a_status_shows_the_beginning_of_what_was_said(effects: Make, serve: Serve) -> None:
    server = serve(answer(b"no\n such   model " + b"x" * 1000, 404))
    message = cloud(effects, server).error("llm-cloud", "you").message
    assert message.startswith(f"127.0.0.1:{server.port} answered 404: no such model xxx")
    assert len(message) < 300


def test_f13_the_key_shows_neither_in_the_answer_nor_in_an_error(effects: Make, serve: Serve) -> None:
    def echo(asked: Asked) -> bytes:
        said = {"choices": [{"message": {"content": asked.headers["authorization"]}}]}
        return answer(json.dumps(said).encode())

    run = cloud(effects, serve(echo))
    assert run.value("llm-cloud", "you")[keyword("text")] == "Bearer ***"
    for before in (0, 180, 190, 195):

        def refuse(asked: Asked, before: int = before) -> bytes:
            return answer(b"x" * before + asked.headers["authorization"].encode(), 401)

        assert "sk-" not in cloud(effects, serve(refuse)).error("llm-cloud", "you").message


def test_a_key_that_is_not_there_is_an_error_and_nothing_is_asked(effects: Make, serve: Serve) -> None:
    server = serve(openai)
    models = {"cloud": Model(f"http://127.0.0.1:{server.port}", "gpt-4o", "absent")}
    assert effects(*CLOUD, models=models).error("llm-cloud", "you").tag == "not-found"
    assert server.connections == 0


def test_the_defaults_are_ollamas_and_openais_own_places(effects: Make) -> None:
    assert "localhost:11434" in effects("llm.local:llama3").denied("llm-local", "you")
    assert "api.openai.com:443" in effects("llm.cloud:gpt-4o-mini").denied("llm-cloud", "you")
    assert "llm.local:llama3" in effects("net:*").denied("llm-local", "you")


@pytest.mark.parametrize(
    ("policy", "own"), [({"seconds": 0.2}, {}), ({"limits": Limits(model_ms=200)}, {}), ({}, {"timeout_ms": 200})]
)
def test_a_slow_model_is_a_timeout(effects: Make, serve: Serve, policy: dict[str, Any], own: dict[str, Any]) -> None:
    def slow(asked: Asked) -> bytes:
        asked.wait(3)
        return b""

    assert local(effects, serve(slow), **policy).error("llm-local", "you", options(**own)).tag == "timeout"


def test_a_model_has_longer_than_other_requests(effects: Make, serve: Serve) -> None:
    def late(asked: Asked) -> bytes:
        asked.wait(0.2)
        return ollama(asked)

    run = local(effects, serve(late), limits=Limits(request_ms=50))
    assert run.value("llm-local", "you")[keyword("text")] == "hello you"


def budget(tokens: int) -> Mapping[str, Any]:
    return {"budgets": (Budget({"tokens": tokens}),)}


def test_g01_tokens_are_charged_and_bound_the_answer(effects: Make, serve: Serve) -> None:
    server = serve(openai)
    run = cloud(effects, server, **budget(30))
    run.value("llm-cloud", "you")
    assert run.gate.left("tokens") == 19
    run.value("llm-cloud", "you", options(max_tokens=5))
    assert run.gate.left("tokens") == 8
    assert [json.loads(asked.body)["max_tokens"] for asked in server.asked] == [29, 5]


def test_g01_what_was_used_beyond_the_budget_is_spent_all_the_same(effects: Make, serve: Serve) -> None:
    server = serve(openai)
    run = cloud(effects, server, **budget(10))
    with pytest.raises(TickError) as caught:
        run.call("llm-cloud", "you")
    assert caught.value.kind == "budget-exceeded"
    assert run.gate.left("tokens") == 0
    with pytest.raises(TickError):
        run.call("llm-cloud", "you")
    assert server.connections == 1


def test_a_prompt_that_leaves_no_tokens_for_an_answer_is_not_sent(effects: Make, serve: Serve) -> None:
    server = serve(openai)
    run = cloud(effects, server, **budget(100))
    with pytest.raises(TickError) as caught:
        run.call("llm-cloud", "x" * 400)
    assert caught.value.kind == "budget-exceeded"
    assert (server.connections, run.gate.left("tokens")) == (0, 100)


@pytest.mark.parametrize("usage", [None, {"prompt_tokens": -9, "completion_tokens": True}, []])
def test_tokens_a_server_does_not_count_are_estimated(effects: Make, serve: Serve, usage: Any) -> None:
    said = {"choices": [{"message": {"content": "x" * 40}}], "usage": usage}
    run = cloud(effects, serve(answer(json.dumps(said).encode())), **budget(100))
    assert run.value("llm-cloud", "y" * 80)[keyword("tokens")] == 30
    assert run.gate.left("tokens") == 70


def test_misuse_raises(effects: Make, serve: Serve) -> None:
    run = local(effects, serve(ollama))
    for args in ((7,), ("you", options(max_tokens=0)), ("you", options(top_p=1)), ("you", options(model=1)), ()):
        with pytest.raises(TickError):
            run.call("llm-local", *args)


def test_a_prompt_of_any_characters_is_sent(effects: Make, serve: Serve) -> None:
    run = local(effects, serve(ollama))
    assert run.value("llm-local", 'Ω "\n\\ \U0001f600')[keyword("text")] == 'hello Ω "\n\\ \U0001f600'
    assert run.call("llm-local", "\ud800")[keyword("ok")] is False  # what comes back is no text
