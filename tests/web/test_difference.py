"""The difference of two texts that the dashboard computes: it leads from one to the other, and none is shorter."""

from __future__ import annotations

import difflib
import random
import re
from collections.abc import Callable

from playwright.sync_api import Page

UNIFIED = """async pairs => {
    const module = document.querySelector('link[rel=modulepreload][href$="unified.js"]').href;
    const { unified } = await import(module);
    return pairs.map(([one, other, around]) => unified(one, other, ["one", "other"], around));
}"""
MARK = "\\ No newline at the end\n"


def applied(text: str, diff: str) -> str:
    """`text` after `diff`, which must fit it line by line."""
    old, found, at = text.splitlines(keepends=True), list[str](), 0
    lines = diff.splitlines(keepends=True)[2:]
    for index, line in enumerate(lines):
        hunk = re.fullmatch(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@\n", line)
        if hunk is not None:
            start, gone, place, come = map(int, hunk.groups())
            start -= gone > 0
            found += old[at:start]
            at = start
            assert len(found) == place - (come > 0)
            continue
        if line == MARK:
            continue
        piece = line[1:-1] if lines[index + 1 : index + 2] == [MARK] else line[1:]
        if line[0] in " -":
            assert old[at] == piece
            at += 1
        if line[0] in " +":
            found.append(piece)
    return "".join(found + old[at:])


def shortest(one: str, other: str) -> int:
    """How many lines differ at least: all but those of a longest common subsequence."""
    left, right = one.splitlines(keepends=True), other.splitlines(keepends=True)
    row = [0] * (len(right) + 1)
    for line in left:
        before = row
        row = [0]
        for index, each in enumerate(right):
            row.append(before[index] + 1 if line == each else max(before[index + 1], row[index]))
    return len(left) + len(right) - 2 * row[-1]


def test_differences_of_random_texts(visit: Callable[..., Page]) -> None:
    chance = random.Random(6)
    text = lambda: "\n".join(chance.choices("abcde", k=chance.randrange(14))) + chance.choice(["", "\n"])  # noqa: E731
    pairs = [(text(), text(), chance.randrange(4)) for _ in range(2_000)]
    for (one, other, _), diff in zip(pairs, visit().evaluate(UNIFIED, pairs), strict=True):
        assert applied(one, diff) == other
        assert sum(line[0] in "+-" for line in diff.splitlines()[2:]) == shortest(one, other)


def test_a_difference_is_as_it_is_known(visit: Callable[..., Page]) -> None:
    one = "".join(f"line {n}\n" for n in range(40))
    other = one.replace("line 7\n", "seven\n").replace("line 30\n", "")
    [diff] = visit().evaluate(UNIFIED, [(one, other, 3)])
    expected = difflib.unified_diff(one.splitlines(True), other.splitlines(True), "one", "other")
    assert diff == "".join(expected)


def test_large_texts_that_have_nothing_in_common_do_not_hang(visit: Callable[..., Page]) -> None:
    one, other = ("".join(f"{word} {n}\n" for n in range(5_000)) for word in ("one", "other"))
    [diff] = visit().evaluate(UNIFIED, [(one, other, 3)])
    assert applied(one, diff) == other
