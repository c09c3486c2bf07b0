"""From the pieces of a template and data to text. Strict: a name without a value is refused, not left out."""

from __future__ import annotations

import html
from typing import Final

from vigyc.effects.data.bounds import at_line, check_text
from vigyc.effects.data.json_path import ABSENT, follow
from vigyc.effects.data.template import Name, Piece, Section
from vigyc.effects.result import EffectFailed
from vigyc.lang.datum import Keyword, Symbol, keyword
from vigyc.runtime.faults import native_fault
from vigyc.runtime.lists import is_list, items
from vigyc.runtime.maps import SharedMap, as_dict
from vigyc.runtime.printer import display_string
from vigyc.runtime.secret import Secret, joined
from vigyc.runtime.values import kind_of

_MOST_STEPS: Final = 2**21
_SHOWN: Final = frozenset({str, int, float, bool, Symbol, Keyword})


class Rendering:
    """What is made of template `text`; `strict` refuses names without a value, `escape` is "html" or ""."""

    def __init__(self, op: str, template: str, *, strict: bool, escape: str) -> None:
        self.op = op
        self.template = template
        self.strict = strict
        self.escape = escape
        self.out: list[object] = []
        self.size = 0
        self.steps = 0

    def text(self) -> str | Secret:
        """What has been written; a secret, if one is in it."""
        if any(part.__class__ is Secret for part in self.out):
            return joined(self.out)
        return "".join(self.out)  # type: ignore[arg-type]

    def write(self, pieces: list[Piece], scopes: list[object]) -> None:
        """Write the pieces; a name is looked for in the last scope first. Raises EffectFailed `missing`."""
        for piece in pieces:
            self._step()
            if isinstance(piece, str):
                self._put(piece)
            elif isinstance(piece, Name):
                self._put(self._shown(piece, self._found(piece, scopes)))
            else:
                self._section(piece, scopes)

    def _step(self) -> None:
        self.steps += 1
        if self.steps > _MOST_STEPS:
            raise native_fault(self.op, f"more than {_MOST_STEPS} pieces to write")

    def _put(self, part: str | Secret) -> None:
        self.size += len(part) if isinstance(part, str) else 1
        check_text(self.op, self.size)
        self.out.append(part)

    def _section(self, section: Section, scopes: list[object]) -> None:
        value = self._found(section, scopes)
        elements = [] if value is None or value is False else items(value) if is_list(value) else [value]
        if section.inverted:
            if not elements:
                self.write(section.pieces, scopes)
            return
        for element in elements:
            self._step()
            self.write(section.pieces, [*scopes, element])

    def _found(self, piece: Name | Section, scopes: list[object]) -> object:
        if piece.name == ".":
            return scopes[-1]
        first, *rest = piece.name.split(".")
        for scope in reversed(scopes):
            held = _member(scope, first)
            if held is not ABSENT:
                for step in rest:
                    held = _member(held, step)
                break
        if held is ABSENT:
            if self.strict:
                raise self._missing(piece, f"there is no `{piece.name}`")
            return None
        return held

    def _shown(self, piece: Name, value: object) -> str | Secret:
        if isinstance(value, Secret):
            if piece.escaped and self.escape:
                raise native_fault(self.op, f"`{piece.name}` is a secret, which cannot be escaped")
            return value
        if value is None and not self.strict:
            return ""
        if value.__class__ not in _SHOWN:
            raise EffectFailed(
                "missing", f"{at_line(self.template, piece.at)}: `{piece.name}` is no text but {kind_of(value)}"
            )
        text = display_string(value)
        return html.escape(text) if piece.escaped and self.escape else text

    def _missing(self, piece: Name | Section, why: str) -> EffectFailed:
        return EffectFailed("missing", f"{at_line(self.template, piece.at)}: {why}")


def _member(data: object, step: str) -> object:
    """What is called `step` in a map (by a string or keyword) or stands there in a list."""
    if data.__class__ is dict or data.__class__ is SharedMap:
        held = as_dict(data).get(step, ABSENT)
        return as_dict(data).get(keyword(step), ABSENT) if held is ABSENT else held
    return follow(data, [step])
