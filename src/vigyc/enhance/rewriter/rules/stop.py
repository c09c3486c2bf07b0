"""From "stop emitting" to the program without the emissions: taken out of bodies, nil where their value is used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from vigyc.enhance.rewriter.emission import emissions, target_of
from vigyc.enhance.rewriter.parameters import a_name, target
from vigyc.enhance.rewriter.place import Place, Subject
from vigyc.enhance.rewriter.rule import Rewrite, Rule, deleted, lines, replaced

_BODY_FROM: Final = {"begin": 1, "when": 2, "unless": 2, "let": 2, "let*": 2, "letrec": 2, "lambda": 2}


def _rewrite(subject: Subject, given: Mapping[str, Any]) -> Rewrite:
    asked = target_of(given)
    sites = emissions(subject, asked)
    # From the last to the first: what is taken out moves only what comes after it.
    edits = [
        deleted(subject, site) if _value_is_unused(subject, site) else replaced(subject, site, "()")
        for site in sites[::-1]
    ]
    what = (
        f"{asked.shown} is no longer emitted; it was on {lines(subject, sites)}, with what computed its payload there"
    )
    return Rewrite(edits, "major", what)


def _value_is_unused(subject: Subject, site: Place) -> bool:
    """Whether the form can be taken out without another value taking the place of its own, which is nil."""
    around = site.parent
    if around is None:
        return site.index < len(subject.top) - 1
    last = len(around.below) - 1
    start = _BODY_FROM.get(around.word or "")
    if around.word == "define" and around.below[1].below:
        start = 2
    return start is not None and start <= site.index < last


STOP: Final = Rule(
    name="stop",
    about="an action (or event) no longer at all",
    example="stop emitting restart",
    pattern=re.compile(
        f"(?:stop emitting|never emit|do not emit|don't emit) {target()}(?: any ?more)?",
        re.IGNORECASE,
    ),
    near=re.compile(r"\b(?:stop|never emit|no longer)\b", re.IGNORECASE),
    parameters={"action": a_name, "event": a_name},
    needed=frozenset(),
    rewrite=_rewrite,
)
