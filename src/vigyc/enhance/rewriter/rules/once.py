"""From "only once" to a mark in the kv, which the first emission leaves and every later one stops at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from vigyc.enhance.rewriter.emission import emissions, literal, target_of
from vigyc.enhance.rewriter.guard import guards
from vigyc.enhance.rewriter.literal import string_of
from vigyc.enhance.rewriter.parameters import a_name, target
from vigyc.enhance.rewriter.place import Subject
from vigyc.enhance.rewriter.rule import NoRule, Rewrite, Rule, lines, wrapped

_ONCE: Final = "vigy-once"


def _rewrite(subject: Subject, given: Mapping[str, Any]) -> Rewrite:
    asked = target_of(given)
    sites = emissions(subject, asked)
    key = f"once:{asked.key}"
    for site in sites:
        for guard in guards(subject, site, _ONCE, wanted=True):
            raise NoRule(
                f"{asked.shown} on line {subject.line(site)} already depends on `{subject.shown(guard.call)}`, line "
                f"{subject.line(guard.call)}"
            )
    if subject.binds(_ONCE):
        raise NoRule(f"the program gives `{_ONCE}` another meaning")
    for call in subject.calls(_ONCE):
        if len(call.below) > 1 and literal(call.below[1].form) == key:
            raise NoRule(f"the key `{key}` is used for something else, on line {subject.line(call)}")
    edits = [wrapped(subject, site, f"(when ({_ONCE} {string_of(key)}) _)") for site in sites]
    what = f"{asked.shown} on {lines(subject, sites)} is emitted the first time only, which the kv remembers as `{key}`"
    return Rewrite(edits, "minor", what)


ONCE: Final = Rule(
    name="once",
    about="an action (or event) the first time only, ever",
    example="emit restart only once",
    pattern=re.compile(
        f"emit {target()} (?:only|just) once",
        re.IGNORECASE,
    ),
    near=re.compile(r"\bonly once\b", re.IGNORECASE),
    parameters={"action": a_name, "event": a_name},
    needed=frozenset(),
    rewrite=_rewrite,
)
