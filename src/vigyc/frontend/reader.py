"""From program text to forms: the reader.

The grammar (grammar.lark) accepts every text; what is wrong with one is found by the actions of the productions for
mistakes, so several are reported at once and nothing is raised. Actions run inside the LALR parser as it reduces: no
parse tree is built and no recursion happens, whatever the nesting. Diagnostics come in the order the mistakes are
noticed, reading from the left; an unterminated string makes the rest of the text meaningless and is reported alone.

Lark is imported, and the parse table built, when the first text is read: a program that comes from the cache needs
neither.
"""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from functools import cache, partialmethod
from importlib import resources
from itertools import accumulate
from operator import itemgetter
from typing import Any, Protocol

from vigyc.lang.datum import Atom, Form, ListForm, PrefixForm, keyword, symbol
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.source import Source

INT_LIMIT = 2**63
MAX_DEPTH = 10_000
"""Lists and prefixes inside one another; deeper text is refused (`nested-too-deeply`)."""


class _Token(str):
    """The part of Lark's token the actions use: its text, and its place in characters."""

    start_pos: int
    end_pos: int


class _Parser(Protocol):
    def parse(self, text: str) -> Any: ...


class _Actions:
    """What each terminal and production of the grammar becomes; one reading at a time."""

    def __init__(self) -> None:
        self.text = ""
        self.depth = 0
        self.diagnostics: list[Diagnostic] = []

    def begin(self, text: str) -> None:
        """Forget the last text."""
        self.text = text
        self.depth = 0
        self.diagnostics = []

    # Terminals.

    def INT(self, token: _Token) -> Form:  # noqa: N802
        return Atom(_number(token), token.start_pos, token.end_pos)

    def FLOAT(self, token: _Token) -> Form:  # noqa: N802
        return Atom(float(token), token.start_pos, token.end_pos)

    def BOOL(self, token: _Token) -> Form:  # noqa: N802
        return Atom(token[1] == "t", token.start_pos, token.end_pos)

    def KEYWORD(self, token: _Token) -> Form:  # noqa: N802
        return Atom(keyword(token[1:]), token.start_pos, token.end_pos)

    def SYMBOL(self, token: _Token) -> Form:  # noqa: N802
        return Atom(symbol(str(token)), token.start_pos, token.end_pos)

    def STRING(self, token: _Token) -> Form:  # noqa: N802
        return Atom(_unescape(token[1:-1]), token.start_pos, token.end_pos)

    def UNTERMINATED(self, token: _Token) -> Form:  # noqa: N802
        place = token.start_pos
        self.diagnostics.append(_unterminated(self.text, place, token.end_pos))
        return Atom(None, place, token.end_pos)

    def OPEN(self, token: _Token) -> int:  # noqa: N802
        place = token.start_pos
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._too_deep(place)
        return place

    def CLOSE(self, token: _Token) -> int:  # noqa: N802
        return token.end_pos

    # Forms.

    only = itemgetter(0)

    def nothing(self, _: list[Any]) -> list[Form]:
        return []

    def more(self, parts: list[Any]) -> list[Form]:
        forms: list[Form]
        forms, form = parts
        forms.append(form)
        return forms

    def list_form(self, parts: list[Any]) -> Form:
        start, items, end = parts
        self.depth -= 1
        return ListForm(items, start, end)

    def _prefix(self, kind: str, parts: list[_Token]) -> tuple[str, int]:
        (token,) = parts
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._too_deep(token.start_pos)
        return kind, token.start_pos

    quote = partialmethod(_prefix, "quote")
    quasiquote = partialmethod(_prefix, "quasiquote")
    unquote = partialmethod(_prefix, "unquote")
    unquote_splice = partialmethod(_prefix, "unquote-splice")

    def prefixed(self, parts: list[Any]) -> Form:
        (kind, start), form = parts
        self.depth -= 1
        return PrefixForm(kind, form, start, form.end)

    program = only

    # Mistakes.

    def stray(self, parts: list[Any]) -> list[Form]:
        forms: list[Form]
        forms, end = parts
        self._unmatched_close(end, "there is no open `(` that it could close; take it out, or add the missing `(`")
        return forms

    def stray_after_prefix(self, parts: list[Any]) -> list[Form]:
        forms: list[Form]
        forms, _, end = parts
        self._unmatched_close(end, "the prefix before it needs a form, and there is no open `(` that it could close")
        return forms

    def torn_list(self, parts: list[Any]) -> Form:
        start, items, _, end = parts
        self._unmatched_close(end, "the prefix before it needs a form; write the form, or take the prefix out")
        self.depth -= 1
        return ListForm(items, start, end)

    def loose(self, parts: list[Any]) -> None:
        self.depth -= 1

    def _unmatched_close(self, end: int, help_text: str) -> None:
        notes = (("help", help_text),)
        self.diagnostics.append(Diagnostic("unmatched-close", "unmatched closing paren", end - 1, end, notes=notes))

    def dangling_end(self, parts: list[Any]) -> list[Any]:
        (_, start), *_ = parts
        notes = (("help", "write the form it stands before, or take the prefix out"),)
        end = start + (2 if self.text.startswith(",@", start) else 1)
        self.diagnostics.append(Diagnostic("dangling-prefix", "unexpected end of input", start, end, notes=notes))
        return []

    outer_prefix = itemgetter(1)

    def innermost(self, parts: list[Any]) -> list[Any]:
        return [parts]

    def outer_list(self, parts: list[Any]) -> list[Any]:
        opened: list[Any]
        start, items, opened = parts
        opened.append((start, items))
        return opened

    def torn_program(self, parts: list[Any]) -> list[Form]:
        forms: list[Form]
        forms, opened = parts
        if opened:
            self.diagnostics.append(_unclosed(self.text, opened))
        return forms

    def _too_deep(self, place: int) -> None:
        if self.depth == MAX_DEPTH + 1:
            message = f"nested more than {MAX_DEPTH} levels deep"
            self.diagnostics.append(Diagnostic("nested-too-deeply", message, place, place + 1, notes=_TOO_DEEP))


_TOO_DEEP = (("help", "move inner parts into definitions of their own"),)


def _number(token: str) -> int | float:
    """The integer `token` spells, or the nearest float where it needs more than 64 bits."""
    if len(token) <= 18:
        return int(token)
    sign = token[0] if token[0] in "+-" else ""
    digits = token[len(sign) :].lstrip("0") or "0"
    value = int(sign + digits) if len(digits) <= 19 else INT_LIMIT
    return value if -INT_LIMIT <= value < INT_LIMIT else float(token)


_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]+)\}|(.))", re.DOTALL)
_SHORT = {"n": "\n", "t": "\t", "r": "\r"}


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_escaped, text) if "\\" in text else text


def _escaped(match: re.Match[str]) -> str:
    digits, char = match.groups()
    if digits is None:
        return _SHORT.get(char, char)
    digits = digits.lstrip("0") or "0"
    code = int(digits, 16) if len(digits) <= 6 else 0x110000
    return chr(code) if code < 0xD800 or 0xDFFF < code < 0x110000 else match[0][1:]


def _unterminated(text: str, start: int, end: int) -> Diagnostic:
    place = len(text[:start].encode("utf-8", "surrogatepass"))
    notes = (("help", 'end it with `"`; a quote inside a string is written `\\"`'),)
    message = f"unterminated string literal at position {place}"
    return Diagnostic("unterminated-string", message, start, end, notes=notes)


def _unclosed(text: str, opened: list[tuple[int, list[Form]]]) -> Diagnostic:
    """The lists still open at the end, innermost first, as one finding.

    A `(` that starts a line inside an open list is most likely a new top-level form, so the `)` is missing before it:
    the finding points at the innermost list open there.
    """
    opened.reverse()
    culprit = opened[-1][0]
    closed = [item.start for _, items in opened for item in items if isinstance(item, ListForm)]
    notes = [("help", "add the `)` that closes it")]
    for place in sorted(closed + [start for start, _ in opened[1:]]):
        if text[place - 1] == "\n":
            culprit = max(start for start, _ in opened if start < place)
            line = text.count("\n", 0, place) + 1
            notes = [("help", f"the `)` is probably missing before line {line}, which begins with `(`")]
            break
    if len(opened) > 1:
        notes.append(("note", f"{len(opened)} lists are still open where the text ends"))
    return Diagnostic("unclosed-list", "unmatched opening paren", culprit, culprit + 1, notes=tuple(notes))


@cache
def _parser() -> tuple[_Parser, _Actions]:
    """The parser and its actions, made once."""
    from lark import Lark  # the reader's one heavy import, not needed by a program that comes from the cache

    actions = _Actions()
    grammar = resources.files("vigyc.frontend").joinpath("grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=actions, maybe_placeholders=False), actions


_one_at_a_time = threading.Lock()


def read(source: Source) -> tuple[list[Form], list[Diagnostic]]:
    """The top-level forms of `source`, and its mistakes in the order a reader from the left notices them.

    Spans are UTF-8 byte offsets. With mistakes the forms are what could be made of the text; they are not to be run.
    """
    text = source.text
    with _one_at_a_time:
        parser, actions = _parser()
        actions.begin(text)
        forms: list[Form] = parser.parse(text)
        diagnostics = actions.diagnostics
    for fatal in ("unterminated-string", "nested-too-deeply"):
        found = [d for d in diagnostics if d.id == fatal]
        if found:
            forms, diagnostics = [], found
    if not text.isascii():
        offsets = list(accumulate(map(_utf8_length, text), initial=0))
        _to_bytes(forms, offsets)
        diagnostics = [replace(d, start=offsets[d.start], end=offsets[d.end]) for d in diagnostics]
    return forms, diagnostics


def _utf8_length(char: str) -> int:
    return 1 if char < "\x80" else 2 if char < "\u0800" else 3 if char < "\U00010000" else 4


def _to_bytes(forms: list[Form], offsets: list[int]) -> None:
    """Turn the places of `forms` from characters into bytes."""
    waiting = list(forms)
    while waiting:
        form = waiting.pop()
        form.start = offsets[form.start]
        form.end = offsets[form.end]
        if isinstance(form, ListForm):
            waiting += form.items
        elif isinstance(form, PrefixForm):
            waiting.append(form.form)


def program_text(diagnostic: Diagnostic) -> str:
    """What a program sees of a read error (`error-message` after `read-string`): the language's own text."""
    if diagnostic.id == "unmatched-close":
        return diagnostic.message + " at position 0"
    return diagnostic.message
