"""Damping by rule: an emission waits until it was due in so many ticks one after another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enhance.rewriter.ticking import emitted, example, proposed, refusal, rewritten

FLAPPING = """;; Restarts what is down, at once.
(define (mend) (vigy-restart "web"))  ; far too eager
(if (vigy-get "down") (mend) (vigy-noop))
"""


def _restarts(program: str, down: list[bool]) -> list[bool]:
    return ["restart" in kinds for kinds in emitted(program, len(down), given=lambda n: {"down": down[n]})]


@given(st.lists(st.booleans(), max_size=30), st.integers(2, 5))
def test_it_is_emitted_when_it_was_due_in_so_many_ticks_and_in_no_other(down: list[bool], ticks: int) -> None:
    result = rewritten(FLAPPING, f"debounce restart by {ticks} ticks")
    due = [all(down[max(0, n - ticks + 1) : n + 1]) and n >= ticks - 1 for n in range(len(down))]
    assert _restarts(FLAPPING, down) == down
    assert _restarts(result, down) == due


def test_each_place_waits_for_itself() -> None:
    program = '(if (vigy-get "hot") (vigy-update "up") (vigy-update "down"))'
    result = rewritten(program, "debounce update by 2 ticks")
    hot = [True, False, True, False, False, True]
    assert emitted(program, 6, given=lambda n: {"hot": hot[n]}) == [["update"]] * 6
    assert emitted(result, 6, given=lambda n: {"hot": hot[n]}) == [[], [], [], [], ["update"], []]


def test_comments_and_layout_stay() -> None:
    result = rewritten(FLAPPING, "debounce restart by 3 ticks")
    assert ";; Restarts what is down, at once." in result
    assert '; far too eager\n(if (vigy-get "down") (mend) (vigy-noop))\n' in result


def test_another_number_changes_the_number_alone() -> None:
    once = rewritten(FLAPPING, "debounce restart by 3 ticks")
    assert rewritten(once, "debounce restart by 4 ticks") == once.replace('"held:restart" 3', '"held:restart" 4')
    assert "waits for 3 ticks already" in refusal(once, "debounce restart by 3 ticks")
    assert proposed(FLAPPING, "debounce restart by 3 ticks")["bump"] == "minor"
    assert proposed(once, "debounce restart by 4 ticks")["bump"] == "patch"


def test_a_limit_right_around_the_emission_comes_after_the_waiting() -> None:
    limited = rewritten('(vigy-restart "web")', "rate limit restart to once per 2s")
    result = rewritten(limited, "debounce restart by 3 ticks")
    assert emitted(result, 7) == [[], [], ["restart"], [], ["restart"], [], ["restart"]]


def test_the_order_of_the_two_does_not_matter() -> None:
    held = rewritten('(vigy-restart "web")', "debounce restart by 3 ticks")
    limited = rewritten(held, "rate limit restart to once per 2s")
    assert emitted(limited, 7) == [[], [], ["restart"], [], ["restart"], [], ["restart"]]


def test_both_can_be_asked_for_in_one_issue() -> None:
    patch = proposed(FLAPPING, "It flaps. Debounce restart by 3 ticks. Then rate limit restart to once per 1m.")
    assert patch["bump"] == "minor"
    assert [edit["op"] for edit in patch["edits"]] == ["wrap", "insert", "wrap"]


@pytest.mark.parametrize("condition", ["it", "its condition", '(vigy-get "down")', '( vigy-get  "down" )'])
def test_the_condition_may_be_named_as_the_program_has_it(condition: str) -> None:
    program = '(when (vigy-get "down") (vigy-restart 1))'
    result = rewritten(program, f"Require {condition} to hold for 2 ticks before restart.")
    assert emitted(result, 3, kv={"down": True}) == [[], ["restart"], ["restart"]]


@pytest.mark.parametrize(
    ("program", "intent", "why"),
    [
        ('(when (vigy-get "down") (vigy-restart 1))', "require (> load 3) to hold for 2 ticks before restart",
         "does not stand under the condition '(> load 3)'"),
        (example("replica-scaling"), "debounce update by 3 ticks", "so it would never be due in two ticks"),
        ('(when (vigy-once "x") (vigy-noop) (vigy-restart 1))', "debounce restart by 3 ticks", "never be due"),
        ("(define (held-for-ticks? k n) #t) (vigy-restart 1)", "debounce restart by 3 ticks", "meaning, on line 1"),
        ("(define (vigy-get k) 1) (vigy-restart 1)", "debounce restart by 3 ticks", "gives `vigy-get` another meaning"),
        ("(vigy-restart 1)", "debounce restart by 1 ticks", "from 2 to 1000"),
        ("(vigy-restart 1)", "it flaps", "sounds like damp, which is written: debounce restart by 3 ticks"),
    ],
)  # fmt: skip
def test_where_it_would_not_help_nothing_is_changed(program: str, intent: str, why: str) -> None:
    assert why in refusal(program, intent)
