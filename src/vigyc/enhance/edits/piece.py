"""From a program's text to pieces that can be exchanged, and back to the text, byte for byte.

A piece is a token or a list of pieces with what stands between them: white space and comments, kept as they are. A text
with a piece exchanged is therefore the same text everywhere else. Nothing here recurses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from vigyc.frontend.reader import read
from vigyc.lang.datum import Atom, Form, ListForm, PrefixForm
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.printer import print_form
from vigyc.lang.source import Source

PREFIXES: Final = {"quote": "'", "quasiquote": "`", "unquote": ",", "unquote-splice": ",@"}
BOM: Final = "\ufeff"
LONGEST_SHOWN: Final = 200
"""The characters of a form in a message."""


class Token:
    """A number, string, boolean, keyword or symbol as it is spelled, and what it stands for."""

    __slots__ = ("text", "value")

    def __init__(self, text: str, value: object) -> None:
        self.text = text
        self.value = value


class Group:
    """`items` with `gaps` before each of them and after the last, between what opens and what closes them.

    A list opens with `(`, a prefix form (with one item) with its prefix, and the whole text with nothing.
    """

    __slots__ = ("close", "gaps", "items", "open")

    def __init__(self, opens: str, closes: str) -> None:
        self.open = opens
        self.close = closes
        self.gaps: list[str] = []
        self.items: list[Piece] = []

    @property
    def whole(self) -> bool:
        """Whether this is a whole text."""
        return not self.open

    @property
    def prefix(self) -> bool:
        """Whether this is a prefix form."""
        return self.open in _PREFIX_TEXTS


Piece: TypeAlias = Token | Group
Way: TypeAlias = "tuple[Way, int] | None"
"""The index of a piece in its group, with the way to that; None is where one starts."""

_PREFIX_TEXTS: Final = frozenset(PREFIXES.values())


def parsed(text: str, name: str) -> tuple[Group, list[Diagnostic]]:
    """The pieces of `text`, and the mistakes in it; with mistakes the pieces are none."""
    source = Source(name, text)
    forms, diagnostics = read(source)
    whole = Group("", "")
    if not diagnostics:
        _fill(whole, forms, source)
    return whole, diagnostics


def _fill(whole: Group, forms: list[Form], source: Source) -> None:
    data: str | bytes = source.text if source.text.isascii() else source.data

    def cut(start: int, end: int) -> str:
        part = data[start:end]
        return part if isinstance(part, str) else part.decode("utf-8", "surrogatepass")

    waiting = [(whole, forms, 0, len(data))]
    while waiting:
        group, inner, start, end = waiting.pop()
        for form in inner:
            group.gaps.append(cut(start, form.start))
            start = form.end
            if isinstance(form, ListForm):
                below = Group("(", ")")
                group.items.append(below)
                waiting.append((below, form.items, form.start + 1, form.end - 1))
            elif isinstance(form, PrefixForm):
                below = Group(PREFIXES[form.kind], "")
                group.items.append(below)
                waiting.append((below, [form.form], form.start + len(below.open), form.end))
            elif isinstance(form, Atom):
                group.items.append(Token(cut(form.start, form.end), form.value))
        group.gaps.append(cut(start, end))


def written(piece: Piece) -> str:
    """The text of `piece`."""
    return "".join(_parts(piece))


def _parts(piece: Piece) -> Iterator[str]:
    waiting: list[Piece | str] = [piece]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, Token):
            yield part.text
        else:
            yield part.open
            waiting.append(part.close)
            waiting.append(part.gaps[-1])
            for place in range(len(part.items) - 1, -1, -1):
                waiting.append(part.items[place])
                waiting.append(part.gaps[place])


def backwards(piece: Piece) -> Iterator[str]:
    """The text of `piece` in parts, the last first."""
    waiting: list[Piece | str] = [piece]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, Token):
            yield part.text
        else:
            yield part.close
            yield part.gaps[-1]
            waiting.append(part.open)
            for gap, item in zip(part.gaps, part.items, strict=False):
                waiting.append(gap)
                waiting.append(item)


def same(one: Piece, other: Piece) -> bool:
    """Whether the two read as the same form, whatever their layout and spelling."""
    return first_difference(one, other) is None


def first_difference(one: Piece, other: Piece) -> tuple[Way, Piece, Piece] | None:
    """Where the two first read as different forms: the way there, and what is there in each."""
    waiting: list[tuple[Way, Piece, Piece]] = [(None, one, other)]
    while waiting:
        way, left, right = waiting.pop()
        if isinstance(left, Token) and isinstance(right, Token):
            if left.text != right.text and _read_as(left) != _read_as(right):
                return way, left, right
        elif isinstance(left, Token) or isinstance(right, Token) or not _alike(left, right):
            return way, left, right
        else:
            waiting += [((way, at), left.items[at], right.items[at]) for at in range(len(left.items) - 1, -1, -1)]
    return None


def _alike(left: Group, right: Group) -> bool:
    return left.open == right.open and len(left.items) == len(right.items)


def path_of(way: Way) -> tuple[int, ...]:
    """The indices on `way`, from its start."""
    indices = []
    while way is not None:
        way, index = way
        indices.append(index)
    return tuple(reversed(indices))


def _read_as(token: Token) -> str:
    return print_form(Atom(token.value, 0, 0))


def shown(piece: Piece) -> str:
    """`piece` on one line for a message: its beginning if it is long, and no character that would not be seen."""
    text = ""
    waiting: list[Piece | str] = [piece]
    while waiting and len(text) <= LONGEST_SHOWN:
        part = waiting.pop()
        if isinstance(part, str):
            text += part
        elif isinstance(part, Token):
            text += part.text if len(part.text) > LONGEST_SHOWN else _read_as(part)
        else:
            text += part.open
            waiting.append(part.close)
            for place in range(len(part.items) - 1, -1, -1):
                waiting.append(part.items[place])
                if place:
                    waiting.append(" ")
    return visible(text)


def visible(text: str) -> str:
    """The beginning of `text` in backquotes, with codes for characters that would not be seen."""
    cut = text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "\u2026"
    return "`" + "".join(char if char.isprintable() else f"\\u{{{ord(char):x}}}" for char in cut) + "`"


def groups(piece: Piece) -> Iterator[Group]:
    """All groups in `piece`, itself included."""
    waiting = [piece] if isinstance(piece, Group) else []
    while waiting:
        group = waiting.pop()
        yield group
        waiting += [item for item in group.items if item.__class__ is Group]
