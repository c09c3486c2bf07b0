"""What one way to a runtime can do, all can, and they say the same: one script, played through each."""

from __future__ import annotations

from typing import Any

import pytest

from surfaces.house import house
from surfaces.script import KINDS, STEPS, play
from surfaces.transports import WAYS, over_door
from vigyc.surfaces.wire.table import OPERATIONS

NOT_FOUND = {"kind": "not-found"}


@pytest.fixture(scope="module")
def truth() -> list[Any]:
    with house() as found, over_door(found, found.admin) as ask:
        return play(ask)


def test_the_script_has_every_operation_and_the_failures_of_requests() -> None:
    assert {step.operation for step in STEPS} == set(OPERATIONS)
    assert {step.fails for step in STEPS} - {None} == KINDS.keys() - {
        "program-error", "unauthenticated", "not-allowed", "settings", "store-unavailable", "internal",
    }  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_every_step_is_answered_the_same(way: str, truth: list[Any]) -> None:
    with house() as found, WAYS[way](found, found.admin) as ask:
        answers = play(ask)
    for step, answer, expected in zip(STEPS, answers, truth, strict=True):
        if answer == NOT_FOUND and way == "graphql":  # null is all that is said
            expected = {"kind": expected["kind"]}
        assert answer == expected, step
