"""From what a verifier found to text of a bounded length: places as `line 3:5`, lists that say what they leave out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.source import Source

LONGEST: Final = 2_000  # characters of a list
_ITEM: Final = 300  # characters of one thing in it
_NAME: Final = 15  # characters of the name of a content: its tag and 12 digits


def said(finding: Diagnostic, source: Source) -> str:
    """A finding with its place and its help."""
    line, column = source.place(finding.start)
    notes = "".join(f"; {label}: {text}" for label, text in finding.notes)
    return f"line {line}:{column}: {finding.message}{notes}"


def listed(items: Iterable[str], most: int = LONGEST) -> str:
    """The items one after the other, parted by `; `, as many as fit."""
    found: Sequence[str] = [shortened(item) for item in items]
    room, shown = most, 0
    for item in found:
        room -= len(item) + 2
        if room < 0 and shown:
            break
        shown += 1
    more = len(found) - shown
    return "; ".join(found[:shown]) + (f"; and {more} more" if more else "")


def shortened(text: str, most: int = _ITEM) -> str:
    """`text`, or its beginning."""
    return text if len(text) <= most else text[:most] + "..."


def named(content: str | None) -> str:
    """The name of a content, as much of it as tells it from others."""
    return (content or "nothing")[:_NAME]


def counted(number: int, what: str) -> str:
    """A number with what it counts."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
