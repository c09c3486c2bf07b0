"""From one name of a variable or function of the program to another, everywhere at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from vigyc.checking import check
from vigyc.enhance.edits.apply import Refused, applied
from vigyc.enhance.edits.edit import read_edits
from vigyc.enhance.rewriter.parameters import NAME, a_name
from vigyc.enhance.rewriter.place import Subject
from vigyc.enhance.rewriter.roles import CODE, NAMES
from vigyc.enhance.rewriter.rule import Edit, NoRule, Rewrite, Rule, lines
from vigyc.frontend.reader import read
from vigyc.lang.datum import Atom, Symbol
from vigyc.lang.forms import SPECIAL_FORMS
from vigyc.lang.source import Source
from vigyc.model.action import KINDS
from vigyc.scope import scope_of


def _rewrite(subject: Subject, given: Mapping[str, Any]) -> Rewrite:
    old, new = given["from"], given["to"]
    places = [place for place in subject.places if place.name == old]
    if not any(place.role == NAMES for place in places):
        hint = f"; for the action write `rename action {old} to ...`" if old in KINDS else ""
        raise NoRule(f"the program defines nothing called `{old}`{hint}")
    for place in places:
        if place.role not in (CODE, NAMES):
            raise NoRule(
                f"`{old}` on line {subject.line(place)} stands in quoted data or in what a macro is made of or given "
                f"({place.role}), where it may be more than the name of a variable: rename it by hand"
            )
        outer = [around.word for around in place.around()]
        if place.role == NAMES and ("provide" in outer or "require" in outer):
            raise NoRule(f"`{old}` is a name that modules share, on line {subject.line(place)}: rename it by hand")
    _expect_symbol(new)
    if any(place.name == new for place in subject.places):
        raise NoRule(f"`{new}` occurs in the program already")
    if any(f"`{old}`" in found.message for found in check(subject.source.text)):
        raise NoRule(f"the checker finds something about `{old}`, which would be news about `{new}`: mend it first")
    edits: list[Edit] = [{"op": "rename", "old": old, "new": new}]
    if _leaves_unbound(subject, edits, new):
        raise NoRule(
            f"not every `{old}` is the one that the program defines: some mean what the language or a module calls so; "
            "rename it by hand"
        )
    return Rewrite(edits, "patch", f"`{old}` is called `{new}` now, on {lines(subject, places)}")


def _leaves_unbound(subject: Subject, edits: list[Edit], new: str) -> bool:
    """Whether `new`, which nothing was called before, would stand where nothing is bound to it."""
    try:
        found = check(applied(subject.source.text, read_edits(edits)))
    except Refused:  # which is said of every patch that does not fit
        return False
    return any(one.id == "unbound-name" and one.message == f"nothing is bound to `{new}`" for one in found)


def _expect_symbol(new: str) -> None:
    forms, mistakes = read(Source("<name>", new))
    if mistakes or len(forms) != 1 or not isinstance(forms[0], Atom) or not isinstance(forms[0].value, Symbol):
        raise NoRule(f"`{new}` is not a name that a variable can have")
    if new in SPECIAL_FORMS or new in scope_of(None).signatures or new in ("else", "catch", "&rest", ".", "_"):
        raise NoRule(f"`{new}` is a name of the language: give one of your own")


RENAME: Final = Rule(
    name="rename",
    about="another name for a variable or function of the program, everywhere",
    example="rename scale to step",
    pattern=re.compile(
        rf"rename (?:the )?(?:symbol |function |variable )?[`'\"]?(?P<from>{NAME})[`'\"]? "
        rf"to [`'\"]?(?P<to>{NAME})[`'\"]?",
        re.IGNORECASE,
    ),
    near=re.compile(r"\brename\b", re.IGNORECASE),
    parameters={"from": a_name, "to": a_name},
    needed=frozenset({"from", "to"}),
    rewrite=_rewrite,
)
