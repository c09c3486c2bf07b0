"""From where a value is wanted to how it gets there: the destinations of emitted code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a form's value goes: `return`ed, to the variable `ident`, or nowhere.

    `leave`: then break out of the Python loop around, which goes round for as long as nothing is placed.
    """

    kind: str
    ident: str = ""
    leave: bool = False

    @property
    def jumps(self) -> bool:
        """Whether nothing after it runs."""
        return self.kind == "return" or self.leave


RETURN = Place("return")
EFFECT = Place("effect")


def variable(ident: str) -> Place:
    """Into the Python variable `ident`."""
    return Place("variable", ident)
