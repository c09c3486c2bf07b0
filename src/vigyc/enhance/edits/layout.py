"""From pieces put together to pieces that still read as themselves, and stand where a person would have put them.

Only gaps are changed: never what is in a string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from vigyc.enhance.edits.piece import BOM, Group, Piece, Token, backwards, groups

WHITE: Final = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""What the grammar takes for white space."""
DEEPEST: Final = 120
"""Columns; further right nothing is indented, so that layout cannot outgrow the program."""

Spine: TypeAlias = list[tuple[Group, int]]
"""The way to a piece: from the whole text inwards, each group with the index in it."""

_ENDS_TOKEN: Final = frozenset("()'`,\";" + WHITE)
_INDENT: Final = re.compile(r"(?<=\n)[ \t]*(?![ \t\r\n])")
_NOT_TAB: Final = re.compile(r"[^\t]")


def line_end(text: str) -> str:
    """How lines end in `text`: as the first of them does."""
    at = text.find("\n")
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def margin(spine: Spine) -> str:
    """White space as wide as what stands before the piece at `spine`, on its line."""
    parts: list[str] = []
    length = 0
    for part in _before(spine):
        _, found, tail = part.rpartition("\n")
        parts.append(tail)
        length += len(tail)
        if found or length >= DEEPEST:
            break
    line = "".join(reversed(parts)).removeprefix(BOM)
    return _NOT_TAB.sub(" ", line)[:DEEPEST]


def _before(spine: Spine) -> Iterator[str]:
    """The text before the piece at `spine` in parts, the last first."""
    for group, index in reversed(spine):
        yield group.gaps[index]
        for place in range(index - 1, -1, -1):
            yield from backwards(group.items[place])
            yield group.gaps[place]
        yield group.open


def indent(piece: Piece, before: str, after: str) -> None:
    """Indent the lines of `piece`, which stood behind the margin `before`, as they must be behind `after`."""
    if before != after:
        for group in groups(piece):
            group.gaps = [indented(gap, before, after) for gap in group.gaps]


def indented(gap: str, before: str, after: str) -> str:
    """`gap` with its lines moved from behind the margin `before` to behind `after`; empty lines stay empty."""
    if "\n" not in gap or before == after:
        return gap

    def moved(match: re.Match[str]) -> str:
        own = match[0]
        if own.startswith(before):
            wanted = after + own[len(before) :]
        else:
            wanted = after[: max(0, len(after) - (len(before) - len(own)))]
        return wanted if len(wanted) <= max(DEEPEST, len(own)) else own

    return _INDENT.sub(moved, gap)


def end_lines(piece: Piece, eol: str) -> None:
    """End the lines of the gaps in `piece` with `eol`."""
    for group in groups(piece):
        group.gaps = [gap.replace("\r\n", "\n").replace("\n", eol) if "\n" in gap else gap for gap in group.gaps]


def part(group: Group, index: int, eol: str, behind: str = "") -> None:
    """See to it that the gap at `index` of `group` parts what is on both sides of it.

    A comment gets its line end (with the margin `behind` after it), and tokens that would run together get a space.
    """
    gap = group.gaps[index]
    follows = index < len(group.items)
    if ";" in gap[gap.rfind("\n") + 1 :] and (follows or not group.whole):
        group.gaps[index] = gap.rstrip(WHITE) + eol + behind
    elif not gap and follows:
        left = _last(group.items[index - 1]) if index else group.open
        right = _first(group.items[index])
        joins = left not in _ENDS_TOKEN and right not in _ENDS_TOKEN if index else (left, right) in _JOINING
        if joins:
            group.gaps[index] = " "


_JOINING: Final = {(",", "@"), ("", BOM)}
"""What opens a group and what comes first in it, that would read as something else: `,@`, a byte-order mark."""


def _last(piece: Piece) -> str:
    """The last character of the text of `piece`."""
    while isinstance(piece, Group) and piece.prefix:
        piece = piece.items[0]
    return piece.text[-1] if isinstance(piece, Token) else ")"


def _first(piece: Piece) -> str:
    """The first character of the text of `piece`."""
    return piece.text[0] if isinstance(piece, Token) else piece.open[0]
