"""From a kind of change to what is known of it: its name, its sentence, its parameters, and how it is made.

A rule makes its change wholly or raises NoRule: where it cannot be sure that it sees every place it says which place
is in doubt, and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

from vigyc.enhance.rewriter.place import Place, Subject

Edit: TypeAlias = dict[str, Any]
Parameter: TypeAlias = Callable[[object, str], Any]


_MOST_LINES: Final = 10


class NoRule(Exception):
    """No rule applies; the text tells the author why, and what could be asked for."""


class Rewrite(NamedTuple):
    """What a rule does: its edits in the order of their application, and what they change, as a clause."""

    edits: list[Edit]
    bump: str
    what: str


@dataclass(frozen=True)
class Rule:
    """A kind of change.

    A sentence that `pattern` matches wholly asks for it, its groups being the parameters; one where `near` is found
    probably meant to. `parameters` reads what is given for each name; `needed` must be given.
    """

    name: str
    about: str
    example: str
    pattern: re.Pattern[str]
    near: re.Pattern[str]
    parameters: Mapping[str, Parameter]
    needed: frozenset[str]
    rewrite: Callable[[Subject, Mapping[str, Any]], Rewrite]


def replaced(subject: Subject, place: Place, new: str) -> Edit:
    """The edit that puts `new` in the place of what is at `place`."""
    return {"op": "replace", "path": place.path, "old": subject.text(place.form), "new": new}


def wrapped(subject: Subject, place: Place, new: str) -> Edit:
    """The edit that puts `new` around what is at `place`, which takes the place of the `_` in it."""
    return {"op": "wrap", "path": place.path, "old": subject.text(place.form), "new": new}


def deleted(subject: Subject, place: Place) -> Edit:
    """The edit that takes out what is at `place`."""
    return {"op": "delete", "path": place.path, "old": subject.text(place.form)}


def lines(subject: Subject, places: list[Place]) -> str:
    """The lines of `places` as text: `line 3` or `lines 3, 7 and 9`."""
    numbers = [str(number) for number in sorted({subject.line(place) for place in places})]
    if len(numbers) > _MOST_LINES:
        numbers = [*numbers[:_MOST_LINES], f"{len(numbers) - _MOST_LINES} more"]
    if len(numbers) == 1:
        return f"line {numbers[0]}"
    return f"lines {', '.join(numbers[:-1])} and {numbers[-1]}"
