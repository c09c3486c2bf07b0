"""From one kind of action to another, or from one name of an event to another, at every emission."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from vigyc.enhance.rewriter.emission import ACTION, EVENT, Target, emissions
from vigyc.enhance.rewriter.literal import string_of
from vigyc.enhance.rewriter.parameters import NAME, a_name
from vigyc.enhance.rewriter.place import Place, Subject
from vigyc.enhance.rewriter.rule import Edit, NoRule, Rewrite, Rule, lines, replaced
from vigyc.model.action import KINDS

_WITHOUT_PAYLOAD: Final = ("noop", "defer")


def _rewrite(subject: Subject, given: Mapping[str, Any]) -> Rewrite:
    sort, old, new = given["what"].lower(), given["from"], given["to"]
    if sort not in (ACTION, EVENT):
        raise NoRule("what: give `action` or `event`")
    if old == new:
        raise NoRule(f"the {sort} is called `{old}` already")
    if sort == ACTION:
        _expect_kinds(old, new)
    sites = emissions(subject, Target(sort, old))
    edits = [edit for site in sites for edit in _edits(subject, site, new)]
    return Rewrite(edits, "major", f"{Target(sort, old).shown} on {lines(subject, sites)} is emitted as `{new}` now")


def _expect_kinds(old: str, new: str) -> None:
    for kind in (old, new):
        if kind in _WITHOUT_PAYLOAD:
            raise NoRule(
                f"`{kind}` says that nothing is done and has no payload, so it cannot stand for another action"
            )
    if new not in KINDS:
        kinds = ", ".join(kind for kind in KINDS if kind not in _WITHOUT_PAYLOAD)
        raise NoRule(f"there is no kind of action `{new}`; there are {kinds}")


def _edits(subject: Subject, site: Place, new: str) -> list[Edit]:
    head = site.below[0]
    if head.name in ("vigy-emit", "vigy-event"):
        return [replaced(subject, site.below[1], string_of(new))]
    if new != "custom":
        return [replaced(subject, head, f"vigy-{new}")]
    kind: Edit = {"op": "insert", "path": [*site.path, 1], "new": string_of(new)}
    return [replaced(subject, head, "vigy-emit"), kind]


RENAME_EMISSION: Final = Rule(
    name="rename-emission",
    about="another kind for an action, or another name for an event, at every emission",
    example="rename action update to apply",
    pattern=re.compile(
        rf"rename (?:the )?(?P<what>action|event) [`'\"]?(?P<from>{NAME})[`'\"]? to [`'\"]?(?P<to>{NAME})[`'\"]?",
        re.IGNORECASE,
    ),
    near=re.compile(r"\brename\b", re.IGNORECASE),
    parameters={"what": a_name, "from": a_name, "to": a_name},
    needed=frozenset({"what", "from", "to"}),
    rewrite=_rewrite,
)
