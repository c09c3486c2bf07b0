"""From a candidate's text to whether what is stored is what is meant: printed and read again it is the same program.

Nor may there be a character that does not show, outside of strings, or one that turns the direction of writing, also in
a string, where it can be spelled: it makes people read another program than the one that runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vigyc.enhance.verifiers import grounds
from vigyc.enhance.verifiers.case import Case, Denied
from vigyc.enhance.verifiers.telling import listed, named
from vigyc.frontend.canonical import canonical
from vigyc.lang.datum import atoms

AXIS: Final = "canonical"
_LAYOUT: Final = frozenset("\n\r\t ")
_BLANK: Final = frozenset(
    map(chr, (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2800, 0x3164, *range(0xFE00, 0xFE10),
              0xFFA0, *range(0xE0100, 0xE01F0)))
)  # fmt: skip
"""What Unicode calls printable, and fonts show nothing of. In comments it may stand: emoji are spelled with it."""
_TURNING: Final = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


def verify(case: Case) -> str:
    """The evidence. Raises Denied."""
    hidden = list(_hidden(case))
    if hidden:
        raise Denied(f"there are characters that do not show; take them out: {listed(hidden)}")
    text = canonical(case.program)
    if text is None:
        raise Denied("the program cannot be read")
    again = canonical(text)
    if again != text:  # the name of the content is made of nothing else
        where = _first_difference(text, again or "")
        raise Denied(f"printed and read again it is another program: {where}; write that form in another way")
    return f"printed and read again it is the same: {named(grounds.content(case))}"


def _hidden(case: Case) -> Iterator[str]:
    if case.program.isascii() and case.program.translate(_GONE).isprintable():
        return
    source = grounds.source(case)
    spans = sorted((atom.start, atom.end, atom.value.__class__ is str) for atom in atoms(grounds.reading(case)[0]))
    offset, at = 0, 0
    for char in case.program:
        while at < len(spans) and spans[at][1] <= offset:
            at += 1
        inside = at < len(spans) and spans[at][0] <= offset
        in_string, in_name = inside and spans[at][2], inside and not spans[at][2]
        shows = in_string or char in _LAYOUT or char.isprintable()
        if char in _TURNING or not shows or (in_name and char in _BLANK):
            line, column = source.place(offset)
            spelled = f", in a string spelled \\u{{{ord(char):x}}}" if in_string else ""
            yield f"line {line}:{column}: U+{ord(char):04X}{spelled}"
        offset += len(char.encode("utf-8", "surrogatepass"))


_GONE: Final = {ord(char): None for char in _LAYOUT}


def _first_difference(one: str, other: str) -> str:
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    number, line = next(((at, a) for at, (a, b) in enumerate(pairs, 1) if a != b), (0, ""))
    return f"form {number}, {line!r:.120}" if number else "there are more forms, or fewer"
