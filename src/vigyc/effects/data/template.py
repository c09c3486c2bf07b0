"""From the text of a template to its pieces: a part of Mustache, without partials, lambdas and changed delimiters.

Tags are `{{name}}`, `{{{name}}}` and `{{&name}}` (never escaped), `{{#name}}...{{/name}}` (for each element of a list;
once for what is neither nil, #f nor an empty list), `{{^name}}...{{/name}}` (if that is not so) and `{{! comment}}`. A
name is `.` or steps with dots between them. A tag of a section or comment alone on its line takes the line with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from vigyc.effects.data.bounds import at_line

MOST_NESTED: Final = 64

_NAME: Final = re.compile(r"\.|[^\s.{}#^/!&>=]+(?:\.[^\s.{}]+)*")
_LINE_REST: Final = re.compile(r"[ \t]*(?:\r?\n|\Z)")


@dataclass(slots=True)
class Name:
    """A place for a value; `at` is where its tag begins."""

    name: str
    escaped: bool
    at: int


@dataclass(slots=True)
class Section:
    """Pieces for each element of a value, or, `inverted`, if there is none."""

    name: str
    inverted: bool
    at: int
    pieces: list[Piece] = field(default_factory=list)


Piece: TypeAlias = "str | Name | Section"


def pieces_of(text: str) -> list[Piece]:
    """The pieces of a template. Raises ValueError, which tells the line."""
    root = Section("", False, 0)
    open_sections = [root]
    at = 0
    while (start := text.find("{{", at)) >= 0:
        kind, name, end = _tag(text, start)
        before, at = _around(text, at, start, end) if kind and kind in "#^/!" else (text[at:start], end)
        top = open_sections[-1]
        if before:
            top.pieces.append(before)
        if kind in {"#", "^"}:
            if len(open_sections) > MOST_NESTED:
                raise ValueError(f"{at_line(text, start)}: sections nested more than {MOST_NESTED} deep")
            open_sections.append(Section(name, kind == "^", start))
            top.pieces.append(open_sections[-1])
        elif kind == "/":
            if name != top.name or top is root:
                also = f", {top.name} is open" if top.name else ""
                raise ValueError(f"{at_line(text, start)}: {{{{/{name}}}}} closes no section{also}")
            open_sections.pop()
        elif kind != "!":
            top.pieces.append(Name(name, kind == "", start))
    top = open_sections[-1]
    if top is not root:
        raise ValueError(f"{at_line(text, top.at)}: section {top.name} is not closed")
    root.pieces.append(text[at:])
    return root.pieces


def _tag(text: str, start: int) -> tuple[str, str, int]:
    """The kind of the tag at `start` ("" for a plain name), its name, and where it ends."""
    close = "}}}" if text.startswith("{{{", start) else "}}"
    end = text.find(close, start)
    if end < 0:
        raise ValueError(f"{at_line(text, start)}: the tag is not closed")
    inside = text[start + len(close) : end]
    end += len(close)
    if close == "}}}":
        kind, name = "&", inside.strip()
    else:
        kind = inside[:1] if inside[:1] in "#^/!&>=" else ""
        name = inside[len(kind) :].strip()
    if kind != "!" and (kind in {">", "="} or not _NAME.fullmatch(name)):
        raise ValueError(f"{at_line(text, start)}: there is no tag {{{{{inside[:40]}}}}}")
    return kind, name, end


def _around(text: str, at: int, start: int, end: int) -> tuple[str, int]:
    """The text before a tag, and where it goes on after: without the blanks and line end of a line it is alone on."""
    before = text[at:start]
    line = before.rfind("\n") + 1
    begins = line > 0 or at == 0 or text[at - 1] == "\n"
    rest = _LINE_REST.match(text, end)
    if begins and rest is not None and not before[line:].strip(" \t"):
        return before[:line], rest.end()
    return before, end
