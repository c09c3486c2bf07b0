"""From findings to the text people read: the one error renderer.

First what, then where with carets under the form, then why and what to do:

    error[wrong-arity]: `if` takes 2 or 3 forms, and this has 4
     --> counter.tatara:7:5
      |
    7 |     (if due (run) (wait) (log "x"))
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = shape: (if test then else?)
      = help: to do two things in one branch, wrap them in (begin ...)

Carets count characters; a form of several lines is underlined to the end of its first. Characters that would move the
cursor of a terminal are shown as pictures, one for one, wherever they come from.
"""

from __future__ import annotations

from collections.abc import Iterable

from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.source import Source

LONGEST_LINE = 160
"""A longer source line is shown in part, around the place in question."""

_HIDDEN = (*range(0x80, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if code != 0x09}
_PICTURES |= {0x7F: "\u2421"} | dict.fromkeys(_HIDDEN, "\ufffd")

_RESET, _BOLD, _BLUE = "\x1b[0m", "\x1b[1m", "\x1b[1;34m"
_HUES = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m"}


def render(diagnostics: Iterable[Diagnostic], source: Source, *, color: bool = False) -> str:
    """The findings one below another, parted by empty lines, ending with a line feed (nothing for none)."""
    shown = ["".join(line + "\n" for line in _block(diagnostic, source, color)) for diagnostic in diagnostics]
    return "\n".join(shown)


def brief(diagnostic: Diagnostic, source: Source) -> str:
    """One finding on one line: `file:line:column: error[id]: message`."""
    where = ":".join(str(part) for part in (_visible(source.name), *source.place(_within(diagnostic.start, source))))
    return f"{where}: {_title(diagnostic)}: {_visible(diagnostic.message)}"


def _title(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.severity}[{diagnostic.id}]"


def _block(diagnostic: Diagnostic, source: Source, color: bool) -> Iterable[str]:
    def paint(text: str, hue: str) -> str:
        return hue + text + _RESET if color else text

    hue = _HUES.get(diagnostic.severity, _BOLD)
    start = _within(diagnostic.start, source)
    number, column = source.place(start)
    pad = " " * len(str(number))
    before, marked, after = _split(source, start, max(_within(diagnostic.end, source), start), number)
    margin = "".join("\t" if char == "\t" else " " for char in before)
    bar = paint(f"{pad} |", _BLUE)

    yield paint(_title(diagnostic), hue) + paint(f": {_visible(diagnostic.message)}", _BOLD)
    yield f"{pad}{paint('-->', _BLUE)} {_visible(source.name)}:{number}:{column}"
    yield bar
    yield f"{paint(f'{number} |', _BLUE)} {before}{marked}{after}".rstrip()
    yield f"{bar} {margin}{paint('^' * max(len(marked), 1), hue)}"
    for label, text in diagnostic.notes:
        first, *more = text.split("\n")
        yield f"{pad} {paint('=', _BLUE)} {paint(label, _BOLD)}: {_visible(first)}"
        for line in more:
            yield f"{pad}   {' ' * len(label)}  {_visible(line)}"


def _within(offset: int, source: Source) -> int:
    return min(max(offset, 0), len(source.data))


def _split(source: Source, start: int, end: int, number: int) -> tuple[str, str, str]:
    """The line of `start` as the text before the marked part, the marked part, and the text after it."""
    first = source.line_starts[number - 1]
    line = source.line(number).removesuffix("\r")
    ahead = len(source.data[first:start].decode("utf-8", "replace"))
    width = len(source.data[start:end].split(b"\n", 1)[0].decode("utf-8", "replace").removesuffix("\r"))
    before, marked, after = line[:ahead], line[ahead : ahead + width], line[ahead + width :]
    if len(line) > LONGEST_LINE:
        third = LONGEST_LINE // 3
        before = before if len(before) <= third else "…" + before[1 - third :]
        marked = marked if len(marked) <= third else marked[: third - 1] + "…"
        after = after if len(after) <= third else after[: third - 1] + "…"
    return _visible(before), _visible(marked), _visible(after)


def _visible(text: str) -> str:
    return text.translate(_PICTURES)
