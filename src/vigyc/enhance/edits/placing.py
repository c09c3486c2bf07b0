"""From a group and an index to room for one more item there, or to a gap where there was an item.

A new item gets a line of its own where its neighbour has one, and stands behind it otherwise. An item on a line of its
own is taken out with the line, and with the comment at the end of that; comments on other lines stay.
"""

from __future__ import annotations

import re
from typing import Final

from vigyc.enhance.edits.layout import WHITE
from vigyc.enhance.edits.piece import BOM, Group

_INLINE: Final = WHITE.replace("\n", "")
_EMPTY_LINE: Final = re.compile(r"\n[^\S\n]*\n")
_REST_OF_LINE: Final = re.compile(r"[^\S\n]*(?:;[^\n]*)?(?:\n|\Z)")
_EMPTY_LAST_LINE: Final = re.compile(r"(?<=\n)[^\S\n]*\n\Z")
_EMPTY_LINE_FIRST: Final = re.compile(r"[^\S\n]*\n")


def gaps_for_one_more(group: Group, index: int, eol: str) -> tuple[str, str]:
    """The gaps before and after a new item at `index`, for the one gap that is there now."""
    gap, last = group.gaps[index], len(group.items)
    if not last:
        return _first_of(group, gap, eol)
    neighbour = min(index, last - 1)
    if not _begins_line(group, neighbour):
        return (" ", gap) if index == last else (gap, " ")
    margin = _last_line(group.gaps[neighbour])
    line = eol * 2 if _parted_by_empty_lines(group, index) else eol
    if index == last:
        kept = gap.rstrip(WHITE)
        return kept + line + margin, gap[len(kept) :]
    cut = _start_of_comments(gap, group.whole and index == 0)
    return gap[:cut] + margin, line + gap[cut:]


def _first_of(group: Group, gap: str, eol: str) -> tuple[str, str]:
    """The gaps around the first item of a group without any."""
    if not group.whole:
        return gap, ""
    starts_line = _last_line(gap).strip(WHITE) == ""
    return (gap if starts_line else gap + eol), eol


def gap_without(group: Group, index: int) -> str:
    """The gap that is left when the item at `index` is taken out from between its two."""
    before, after = group.gaps[index], group.gaps[index + 1]
    last = index == len(group.items) - 1
    rest = _REST_OF_LINE.match(after)
    ends_line = rest is not None and (rest[0].endswith("\n") or (last and group.whole))
    if _begins_line(group, index):
        if ends_line and rest is not None:
            return _without_line(before, after[rest.end() :], last)
        if last:
            return before if ";" in before else ""
        return before + after.lstrip(_INLINE)
    if index == 0:
        return before + after.lstrip(WHITE)
    if ends_line or last:
        return before.rstrip(_INLINE) + after
    return before + after.lstrip(_INLINE)


def _without_line(before: str, after: str, last: bool) -> str:
    """What stood before a line and after it, with one empty line where there would be two, and none at an edge."""
    at = before.rfind("\n") + 1
    head = before[:at] or (BOM if before.startswith(BOM) else "")
    starts = not head.strip(BOM)
    if not starts and not _EMPTY_LAST_LINE.search(head):
        return head + after
    if last and not after and not starts:
        return _EMPTY_LAST_LINE.sub("", head)
    empty = _EMPTY_LINE_FIRST.match(after)
    return head + (after if empty is None else after[empty.end() :])


def _begins_line(group: Group, index: int) -> bool:
    """Whether nothing but white space stands before the item on its line."""
    return "\n" in group.gaps[index] or (group.whole and index == 0)


def _last_line(gap: str) -> str:
    return gap[gap.rfind("\n") + 1 :].removeprefix(BOM)


def _parted_by_empty_lines(group: Group, index: int) -> bool:
    """Whether empty lines part the items around `index`."""
    last = len(group.items)
    between = min(max(index, 1), last - 1)
    return between > 0 and _EMPTY_LINE.search(group.gaps[between]) is not None


def _start_of_comments(gap: str, first: bool) -> int:
    """Where, in the gap before an item that begins a line, the comment lines begin that stand right above it.

    They are about that item: no empty line parts them from it. Without any it is the start of the item's own line. What
    is on the first line of a gap is about the item before, unless the gap is the `first` of the text.
    """
    least = 0 if first else gap.find("\n") + 1
    start = gap.rfind("\n") + 1
    while start > least:
        above = gap.rfind("\n", 0, start - 1) + 1
        if not gap[above:start].removeprefix(BOM).lstrip(WHITE).startswith(";"):
            break
        start = above
    return start or (len(BOM) if gap.startswith(BOM) else 0)
