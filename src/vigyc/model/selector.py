"""From text to a choice of vigies by their labels: `team=db, tier!=test, region, !legacy`.

All the terms must hold. Every term is looked at when the text is read, so whether a selector is valid never depends on
what it is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from vigyc.lang.errors import Invalid
from vigyc.model.labels import key_fault, value_fault

_COMPARISON: Final = re.compile(r"([^=!]*)(==|!=|=)(.*)", re.DOTALL)


class Term(NamedTuple):
    """The label `key` is `value` (None: is there, with whatever value); with `negated`, it is not."""

    key: str
    value: str | None
    negated: bool

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether it is so of `labels`."""
        found = labels.get(self.key)
        return (found is None if self.value is None else found != self.value) == self.negated


class Selector(NamedTuple):
    """All of `terms`; none select everything."""

    terms: tuple[Term, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Selector:
        """Read terms parted by commas: `k=v` (or `k==v`), `k!=v` (holds where there is no `k`, too), `k`, `!k`.

        Raises Invalid, naming the term.
        """
        return cls(tuple(_term(piece.strip()) for piece in text.split(",") if piece.strip()))

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether all terms hold of `labels`."""
        return all(term.holds(labels) for term in self.terms)


def _term(piece: str) -> Term:
    compared = _COMPARISON.fullmatch(piece)
    if compared is not None:
        term = Term(compared[1].strip(), compared[3].strip(), compared[2] == "!=")
    else:
        term = Term(piece.removeprefix("!").strip(), None, piece.startswith("!"))
    fault = key_fault(term.key) or (None if term.value is None else value_fault(term.value))
    if fault is not None:
        raise Invalid(f"selector term {piece[:60]!r}: {fault}; terms are k=v, k!=v, k and !k")
    return term
