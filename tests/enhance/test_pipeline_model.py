"""The whole pipeline with a language model: a server of this test that speaks its wire, and says what it is told to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from time import monotonic

import pytest

from effects import loopback
from effects.loopback import Asked, Loopback, Serve, answer
from enhance.epochs import BROKEN, COUNTS, COUNTS_TWICE, World, state, until
from vigyc.effects.policy import Model, Policy
from vigyc.enhance import queue
from vigyc.model.enhance_setting import AXES
from vigyc.model.issue import APPLIED, DEAD, PENDING, REJECTED

KEY = "sk-canary-0123456789"
MODEL = {"kind": "model", "model": "gpt-4o-mini"}


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    monkeypatch.setenv("TEST_MODEL_KEY", KEY)
    with loopback.serving() as serve:
        yield serve


def saying(*texts: str) -> Callable[[Asked], bytes]:
    """What answers with each of `texts` in turn, the last one again and again."""
    left = [*texts]

    def say(asked: Asked) -> bytes:
        text = left.pop(0) if len(left) > 1 else left[0]
        said = {"choices": [{"message": {"content": text}}], "usage": {"prompt_tokens": 8, "completion_tokens": 3}}
        return answer(json.dumps(said).encode())

    return say


def grant(world: World, server: Loopback) -> None:
    world.policies["enhance"] = Policy.of(
        "llm.cloud:gpt-4o*",
        "net:127.0.0.1",
        models={"cloud": Model(f"http://127.0.0.1:{server.port}/v1/", "gpt-4o-mini", "provider")},
        secrets={"provider": "env:TEST_MODEL_KEY"},
    )


def patch(source: str, **fields: str) -> str:
    return json.dumps({"source": source, **fields})


def test_a_model_learns_from_the_denials_and_its_second_patch_becomes_a_version(world: World, serve: Serve) -> None:
    server = serve(saying(patch(BROKEN), patch(COUNTS_TWICE, rationale=f"counts twice {KEY}", bump="minor")))
    grant(world, server)
    world.setting(proposer=MODEL, verifiers=AXES)
    target = world.register("one")
    world.tick(target, 3)
    issue = world.worked(target, intent="count twice, please")
    assert (issue.state, world.head(target).program) == (APPLIED, COUNTS_TWICE)
    assert world.store.versions(target.id)[0].label == "0.2.0"
    entry = world.entry(issue)
    assert (entry.tokens, entry.claims) == (22, ())
    asked = [call for call in entry.calls if call["name"] == "llm-cloud"]
    assert len(asked) == len(server.asked) == 2
    assert "no-such-function" in server.asked[1].body.decode()
    assert "count twice, please" in json.dumps(asked[0]["args"])
    assert KEY not in json.dumps(list(entry.calls))


def test_a_model_that_never_learns_is_rejected_with_the_last_reasons(world: World, serve: Serve) -> None:
    server = serve(saying(patch(BROKEN)))
    grant(world, server)
    world.setting(proposer=MODEL, repairs=2)
    issue = world.worked(world.register("one", COUNTS))
    assert issue.state == REJECTED
    assert any("no-such-function" in reason for reason in issue.reasons)
    assert len(server.asked) == 3
    assert world.entry(issue).program == BROKEN


def test_a_model_that_fails_is_asked_again_later(world: World, serve: Serve) -> None:
    server = serve(lambda asked: answer(b"overloaded", 503))
    grant(world, server)
    world.setting(proposer=MODEL, attempts=2)
    issue = world.submit(world.register("one"))
    first = world.work()
    assert (first.state, world.entries(issue)[0].outcome) == (PENDING, "retry")
    world.time.advance(60_000)  # type: ignore[attr-defined]
    assert world.work().state == DEAD


def test_an_issue_can_be_cancelled_while_a_model_thinks(live: World, serve: Serve) -> None:
    def think(asked: Asked) -> bytes:
        asked.wait(30)
        return b""

    server = serve(think)
    grant(live, server)
    live.setting(proposer={**MODEL, "timeout_ms": 3_000}, attempts=1)
    issue = live.submit(live.register("one"))
    worker = live.worker()
    worker.start()
    try:
        until(lambda: server.asked)
        known = live.store.issue(issue.id)
        assert known is not None
        began = monotonic()
        queue.cancel(live.store, known, live.time.wall_ms())
        worker.cancel(issue.id)
        until(lambda: not worker.running())
        assert monotonic() - began < 10.0
    finally:
        worker.stop(1.0)
    assert state(live, issue) == "cancelled"
    assert [entry.outcome for entry in live.entries(issue)] == ["cancelled"]
