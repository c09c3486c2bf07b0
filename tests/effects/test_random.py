"""Random draws, and the ones a seed repeats."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from vigyc.effects.packs.random import PACK
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError
from vigyc.runtime.values import INT_MAX, INT_MIN

VALUE, STATE = keyword("value"), keyword("state")
FUNCTIONS: dict[str, Any] = dict(PACK.functions)
seed, next_int, next_float = FUNCTIONS["random-seed"], FUNCTIONS["random-next-int"], FUNCTIONS["random-next-float"]

SPLITMIX64 = (
    6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821,
)  # fmt: skip
"""The first words from state 1234567, as published with the generator."""


def draws(state: int, count: int, lo: int, hi: int) -> list[int]:
    found = []
    for _ in range(count):
        drawn = next_int(state, lo, hi)
        found.append(drawn[VALUE])
        state = drawn[STATE]
    return found


@pytest.mark.parametrize(
    ("name", "args"),
    [("random-int", (1, 2)), ("random-float", ()), ("random-choice", ([1],)), ("random-shuffle", ([1],)),
     ("random-uuid", ()), ("random-bytes", (1,))],
)  # fmt: skip
def test_without_a_grant_nothing_is_drawn(effects: Callable[..., Any], name: str, args: tuple[object, ...]) -> None:
    assert "there is no grant of random" in effects().denied(name, *args)


def test_integers_reach_both_bounds_about_equally(effects: Callable[..., Any]) -> None:
    run = effects("random")
    counts = Counter(run.call("random-int", -1, 2) for _ in range(4000))
    assert counts.keys() == {-1, 0, 1, 2}
    assert all(800 < count < 1200 for count in counts.values())  # 7 standard deviations


def test_integers_of_the_full_range(effects: Callable[..., Any]) -> None:
    run = effects("random")
    found = [run.call("random-int", INT_MIN, INT_MAX) for _ in range(200)]
    assert all(INT_MIN <= value <= INT_MAX for value in found)
    assert min(found) < -(2**60)
    assert max(found) > 2**60
    assert run.call("random-int", INT_MAX, INT_MAX) == INT_MAX
    assert run.call("random-int", INT_MIN, INT_MIN) == INT_MIN


@pytest.mark.parametrize(("lo", "hi"), [(2, 1), (INT_MAX, INT_MIN)])
def test_no_integer_lies_between_crossed_bounds(effects: Callable[..., Any], lo: int, hi: int) -> None:
    with pytest.raises(TickError, match=rf"in native `random-int`: there is no integer from {lo} to {hi}"):
        effects("random").call("random-int", lo, hi)
    with pytest.raises(TickError, match=r"in native `random-next-int`: there is no integer"):
        next_int(1, lo, hi)


def test_floats_lie_in_the_unit_interval(effects: Callable[..., Any]) -> None:
    run = effects("random")
    found = [run.call("random-float") for _ in range(500)]
    assert all(0 <= value < 1 for value in found)
    assert len(set(found)) == 500
    assert 0.4 < sum(found) / 500 < 0.6


def test_choices_and_shuffles(effects: Callable[..., Any]) -> None:
    run = effects("random")
    items = ["a", "b", "c", "d"]
    assert {run.call("random-choice", items) for _ in range(200)} == set(items)
    shuffles = [run.call("random-shuffle", items) for _ in range(200)]
    assert all(sorted(shuffled) == items for shuffled in shuffles)
    assert len({tuple(shuffled) for shuffled in shuffles}) > 12
    assert items == ["a", "b", "c", "d"]
    assert run.call("random-choice", ("a", ["a"])) == "a"  # a pair
    assert run.call("random-shuffle", None) == run.call("random-shuffle", []) == []


def test_nothing_can_be_chosen_from_an_empty_list(effects: Callable[..., Any]) -> None:
    empties: list[Any] = [[], None]
    for empty in empties:
        with pytest.raises(TickError, match="in native `random-choice`: the list is empty"):
            effects("random").call("random-choice", empty)
    with pytest.raises(TickError, match="`random-choice`: items must be a list, got string"):
        effects("random").call("random-choice", "abc")


def test_uuids(effects: Callable[..., Any]) -> None:
    run = effects("random")
    found = {run.call("random-uuid") for _ in range(50)}
    assert len(found) == 50
    assert all(re.fullmatch(r"[0-9a-f-]{36}", text) and UUID(text).version == 4 for text in found)


def test_g09_bytes_up_to_a_mebibyte(effects: Callable[..., Any]) -> None:
    run = effects("random")
    assert run.call("random-bytes", 0) == b""
    assert len(run.call("random-bytes", 2**20)) == 2**20
    assert run.call("random-bytes", 16) != run.call("random-bytes", 16)
    for wrong in (-1, 2**20 + 1, INT_MAX, INT_MIN):
        with pytest.raises(TickError, match=rf"`random-bytes`: the count must be from 0 to 1048576, got {wrong}"):
            run.call("random-bytes", wrong)


def test_the_generator_gives_the_published_words() -> None:
    words = draws(1234567, 5, INT_MIN, INT_MAX)
    assert [word - INT_MIN for word in words] == list(SPLITMIX64)


def test_the_generator_begins_anywhere() -> None:
    assert draws(0, 1, INT_MIN, INT_MAX) == [0xE220A8397B1DCDAF + INT_MIN]
    for state in (INT_MIN, -1, INT_MAX):
        assert INT_MIN <= next_int(state, INT_MIN, INT_MAX)[STATE] <= INT_MAX


def test_equal_seeds_give_equal_numbers() -> None:
    assert seed(1234567) == SPLITMIX64[0]
    assert draws(seed(42), 12, 1, 6) == draws(seed(42), 12, 1, 6) == [3, 4, 3, 3, 6, 4, 3, 3, 4, 3, 5, 3]
    assert draws(seed(42), 12, 1, 6) != draws(seed(43), 12, 1, 6)
    assert all(INT_MIN <= seed(n) <= INT_MAX for n in (INT_MIN, -1, 0, 1, INT_MAX))


def test_seeded_integers_are_even() -> None:
    counts = Counter(draws(seed(7), 6000, 1, 6))
    assert counts.keys() == set(range(1, 7))
    assert all(850 < count < 1150 for count in counts.values())


def test_a_range_that_divides_the_words_unevenly_is_still_even() -> None:
    """Of 3 * 2**62 values the first third would come twice as often, were words just folded."""
    first = sum(value < INT_MIN + 2**62 for value in draws(seed(1), 3000, INT_MIN, INT_MIN + 3 * 2**62 - 1))
    assert 850 < first < 1150


def test_seeded_floats() -> None:
    state, found = seed(3), []
    for _ in range(500):
        drawn = next_float(state)
        found.append(drawn[VALUE])
        state = drawn[STATE]
    assert all(0 <= value < 1 for value in found)
    assert 0.4 < sum(found) / 500 < 0.6
    assert next_float(1234567)[VALUE] == (SPLITMIX64[0] >> 11) / 2**53


def test_a_seed_needs_no_grant_and_is_no_effect() -> None:
    assert not any(PACK.operations[name].is_effect for name in ("random-seed", "random-next-int", "random-next-float"))
    with pytest.raises(TickError, match="`random-seed`: seed must be an integer, got float"):
        seed(1.5)
