"""Our column of docs/sandbox.md: nothing that is tried gets out, and what is harmless runs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "sandbox"))

import arena
from arena import BLOCKED, CONTAINED, ERRORED, ESCAPED, OK, Case

CASES = arena.cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_our_column_of_the_comparison(case: Case) -> None:
    found = arena.tried(case, "vigyc")
    if case.unmet:  # told as such on the page: no more, no less
        assert found.word in ({BLOCKED, ERRORED} if case.is_benign else {ESCAPED}), found
    elif case.is_benign:
        assert found.word == OK, found
    else:
        assert found.word in CONTAINED, found


def test_the_comparison_is_large_enough() -> None:
    assert len({case.id for case in CASES}) == len(CASES) >= 30
    assert sum(case.is_benign for case in CASES) >= 8
