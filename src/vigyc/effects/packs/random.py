"""From the system's randomness to numbers and bytes, and from a seed to the same ones again: the pack `random`.

`random-next-int` and `random-next-float` are SplitMix64 with its state in the program's hands: equal states give equal
numbers, on every machine. They are not for secrets.
"""

from __future__ import annotations

import secrets
from random import SystemRandom
from typing import Final
from uuid import uuid4

from vigyc.effects.gate import Gate
from vigyc.effects.pack import Pack
from vigyc.effects.result import VALUE
from vigyc.lang.datum import keyword
from vigyc.runtime.faults import native_fault

PACK: Final = Pack("random", "Random numbers, choices and bytes.")

STATE: Final = keyword("state")
MOST_BYTES: Final = 2**20
_SYSTEM: Final = SystemRandom()
_WORD: Final = 2**64
_GOLDEN: Final = 0x9E3779B97F4A7C15


@PACK.effect("random-int", needs="random", example="(random-int 1 6)")
def random_int(gate: Gate, lo: int, hi: int) -> int:
    """An integer from `lo` to `hi`, both included, each as likely as the other."""
    return lo + secrets.randbelow(_span("random-int", lo, hi))


@PACK.effect("random-float", needs="random", example="(random-float)")
def random_float(gate: Gate) -> float:
    """A number from 0 up to, but not including, 1."""
    return _SYSTEM.random()


@PACK.effect("random-choice", needs="random", example='(random-choice (list "a" "b"))')
def random_choice(gate: Gate, items: list[object]) -> object:
    """One element of a list that is not empty."""
    if not items:
        raise native_fault("random-choice", "the list is empty")
    return secrets.choice(items)


@PACK.effect("random-shuffle", needs="random", example="(random-shuffle (list 1 2 3))")
def random_shuffle(gate: Gate, items: list[object]) -> list[object]:
    """The elements of a list in a random order."""
    return _SYSTEM.sample(items, len(items))


@PACK.effect("random-uuid", needs="random", example="(random-uuid)")
def random_uuid(gate: Gate) -> str:
    """A random UUID (version 4) as text."""
    return str(uuid4())


@PACK.effect("random-bytes", needs="random", example="(random-bytes 16)")
def random_bytes(gate: Gate, count: int) -> bytes:
    """`count` random bytes, at most 1048576; fit for keys."""
    if not 0 <= count <= MOST_BYTES:
        raise native_fault("random-bytes", f"the count must be from 0 to {MOST_BYTES}, got {count}")
    return secrets.token_bytes(count)


@PACK.pure("random-seed", example="(random-seed 42)")
def random_seed(seed: int) -> int:
    """A state for `random-next-int` and `random-next-float`; near seeds give states far from each other."""
    return _signed(_next(seed)[0])


@PACK.pure("random-next-int", example="(random-next-int (random-seed 42) 1 6)")
def random_next_int(state: int, lo: int, hi: int) -> dict[object, object]:
    """An integer from `lo` to `hi`, both included, as `:value`, and the state after it as `:state`."""
    span = _span("random-next-int", lo, hi)
    fair = _WORD - _WORD % span  # a word beyond would make the first values likelier
    word, state = _next(state)
    while word >= fair:
        word, state = _next(state)
    return {VALUE: lo + word % span, STATE: _signed(state)}


@PACK.pure("random-next-float", example="(random-next-float (random-seed 42))")
def random_next_float(state: int) -> dict[object, object]:
    """A number from 0 up to, but not including, 1 as `:value`, and the state after it as `:state`."""
    word, state = _next(state)
    return {VALUE: (word >> 11) * 2.0**-53, STATE: _signed(state)}


def _span(name: str, lo: int, hi: int) -> int:
    if hi < lo:
        raise native_fault(name, f"there is no integer from {lo} to {hi}")
    return hi - lo + 1


def _next(state: int) -> tuple[int, int]:
    """The next word of SplitMix64, from 0 to 2**64 - 1, and the state after it."""
    state = (state + _GOLDEN) % _WORD
    word = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 % _WORD
    word = (word ^ word >> 27) * 0x94D049BB133111EB % _WORD
    return word ^ word >> 31, state


def _signed(word: int) -> int:
    return word - _WORD if word >= _WORD // 2 else word
