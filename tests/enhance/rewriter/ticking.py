"""From a program and an intent to what the program emits before and after, tick after tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import vigyc
from vigyc.enhance.edits.apply import applied
from vigyc.enhance.edits.edit import read_edits
from vigyc.enhance.rewriter.rewriting import propose
from vigyc.enhance.rewriter.rule import NoRule

EXAMPLES = Path(__file__).parents[3] / "examples"


def example(name: str) -> str:
    """The text of a shipped example."""
    return (EXAMPLES / f"{name}.tatara").read_text("utf-8")


def proposed(program: str, intent: str, **constraints: object) -> dict[str, Any]:
    """The patch for the intent, with the findings the checker has."""
    return propose(program, intent, constraints, vigyc.check(program))


def rewritten(program: str, intent: str, **constraints: object) -> str:
    """The program after the patch, which brings no finding that was not there."""
    patch = proposed(program, intent, **constraints)
    result = applied(program, read_edits(patch["edits"]))
    before = {(found.id, found.message) for found in vigyc.check(program)}
    assert {(found.id, found.message) for found in vigyc.check(result)} <= before
    return result


def refusal(program: str, intent: str, **constraints: object) -> str:
    """Why no rule applies."""
    with pytest.raises(NoRule) as caught:
        proposed(program, intent, **constraints)
    return str(caught.value)


def emitted(
    program: str,
    ticks: int,
    *,
    every_ms: int = 1_000,
    kv: Mapping[str, Any] | None = None,
    given: Callable[[int], Mapping[str, Any]] = lambda _: {},
    events: bool = False,
) -> list[list[str]]:
    """The kinds of the actions (or events) of each tick; `given` is put into the kv before the tick of that number."""
    place = {"at": 1_700_000_000_000}
    ticker = vigyc.Ticker(vigyc.compile(program), dict(kv or {}), clock=lambda: place["at"])
    told = []
    for number in range(ticks):
        ticker.scope.kv.update(given(number))
        host = ticker.tick()
        told.append([one.kind for one in (host.events if events else host.actions)])
        place["at"] += every_ms
    return told
