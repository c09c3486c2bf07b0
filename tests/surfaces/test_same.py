"""What one way to a runtime can do, all can, and they say the same: one script, played through each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from surfaces.commands import COMMANDS, UNSAID, over_cli
from surfaces.house import House, house
from surfaces.script import KINDS, LESS, STEPS, play
from surfaces.transports import WAYS, over_door
from vigyc.surfaces.wire.table import OPERATIONS

LESS_TOLD = {"graphql": "not-found", "client": "invalid", "async_client": "invalid"}
"""What is said in other words: GraphQL has null for what is not there, and a client checks what it sends by itself."""


@pytest.fixture(scope="module")
def truth() -> list[Any]:
    with house() as found, over_door(found, found.admin) as ask:
        return play(ask)


def test_the_script_has_every_operation_and_the_failures_of_requests() -> None:
    assert {step.operation for step in STEPS} == set(OPERATIONS)
    assert {step.fails for step in STEPS} - {None} == KINDS.keys() - {
        "program-error", "unauthenticated", "not-allowed", "settings", "store-unavailable", "internal",
    }  # fmt: skip


def test_every_operation_has_a_command() -> None:
    assert COMMANDS.keys() == OPERATIONS.keys()


@pytest.mark.parametrize("way", WAYS)
def test_every_step_is_answered_the_same(way: str, truth: list[Any]) -> None:
    with house() as found, WAYS[way](found, found.admin) as ask:
        answers = play(ask)
    for step, answer, expected in zip(STEPS, answers, truth, strict=True):
        if LESS_TOLD.get(way) == step.fails is not None:
            assert answer["kind"] == expected["kind"], step
            continue
        assert answer == expected, step
        assert exact(answer) == exact(expected), step


@pytest.mark.parametrize("way", WAYS)
def test_why_is_said_in_the_same_words_of_one_as_of_many(way: str) -> None:
    with house() as found, WAYS[way](found, found.admin) as ask:
        ask("register_vigy", {"name": "one", "program": LESS, "enabled": False})
        (listed,) = ask("list_vigies", {})["items"]
        assert listed["why"] == "disabled: it ticks only when asked to"
        assert ask("explain_vigy", {"id": "one"})["why"] == listed["why"]
        if way == "graphql":
            query = {"query": '{ vigy(id: "one") { why } }'}
            told = httpx2.post(f"{found.url}/graphql", json=query, headers=bearer(found), trust_env=False)
            assert told.json()["data"]["vigy"]["why"] == listed["why"]


def bearer(served: House) -> dict[str, str]:
    """Who an administrator is."""
    return {"authorization": f"Bearer {served.admin}"}


def exact(answer: Any) -> str:
    """The answer as text, in which 3 is not 3.0 and 1 is not true."""
    return json.dumps(answer, sort_keys=True)


@pytest.mark.parametrize("way", ["file", "server"])
def test_the_command_line_answers_the_same(
    way: str, truth: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policy.toml").write_text('grants = ["fs.read:/srv/data"]')
    monkeypatch.setenv("VIGYC_POLICY", str(tmp_path / "policy.toml"))
    monkeypatch.setenv("LOGNAME", "bob")
    db = tmp_path / "vigy.db"
    with house(db) as found:
        place = ["--db", str(db)] if way == "file" else ["--server", found.url, "--token", found.admin]
        with over_cli(found, place, tmp_path) as ask:
            answers = play(ask)
    for step, answer, expected in zip(STEPS, answers, truth, strict=True):
        if step.fails is None:
            told = expected if UNSAID & step.arguments.keys() else COMMANDS[step.operation].told(expected)
            assert without(answer) == without(told), step


OF_A_PROCESS = {
    "base", "author", "findings", "generation", "seq", "sentences", "revision", "workers", "running", "ended",
    "approved_by",
}  # fmt: skip


def without(answer: Any) -> Any:
    """An answer without the numbers of changes and who made them, what a process says of itself, and the folder of its
    policy."""
    if isinstance(answer, dict):
        return {key: without(value) for key, value in answer.items() if key not in OF_A_PROCESS}
    return [without(each) for each in answer] if isinstance(answer, list) else answer
