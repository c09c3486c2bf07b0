"""From "at most once per so long" to a rate limit around every emission, or a new duration in the one that is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from vigyc.enhance.rewriter.emission import Target, emissions, literal, target_of
from vigyc.enhance.rewriter.guard import Guard, guards
from vigyc.enhance.rewriter.literal import string_of, whole_number
from vigyc.enhance.rewriter.parameters import a_duration, a_name, target
from vigyc.enhance.rewriter.place import Place, Subject
from vigyc.enhance.rewriter.rule import Edit, NoRule, Rewrite, Rule, lines, replaced, wrapped
from vigyc.model.duration import duration_text

_LIMITED: Final = "vigy-rate-limited?"


def _rewrite(subject: Subject, given: Mapping[str, Any]) -> Rewrite:
    asked, every = target_of(given), given["every"]
    sites = emissions(subject, asked)
    own = {site: _own_limit(subject, site, asked) for site in sites}
    key = _key(subject, asked, [limit for limit in own.values() if limit is not None])
    if not any(own.values()):
        _expect_no_stricter(subject, sites, asked, every)
    edits: list[Edit] = []
    changed: list[Place] = []
    bare = [site for site, limit in own.items() if limit is None]
    for site in bare:
        edits.append(wrapped(subject, site, f"(unless ({_LIMITED} {string_of(key)} {every}) _)"))
    for call in dict.fromkeys(limit.call for limit in own.values() if limit is not None):
        duration = call.below[2]
        if whole_number(duration.form) != every:
            changed.append(call)
            edits.append(replaced(subject, duration, str(every)))
    if not edits:
        first = next(limit.call for limit in own.values() if limit is not None)
        raise NoRule(
            f"{asked.shown} is rate limited to once per {duration_text(every)} already: "
            f"`{subject.shown(first)}` on line {subject.line(first)}"
        )
    return Rewrite(edits, "minor" if bare else "patch", _what(subject, asked, every, bare, changed))


def _what(subject: Subject, asked: Target, every: int, bare: list[Place], changed: list[Place]) -> str:
    parts = []
    if bare:
        parts.append(f"a rate limit was put around the emission of {asked.shown} on {lines(subject, bare)}")
    if changed:
        old = sorted({whole_number(call.below[2].form) or 0 for call in changed})
        texts = " and ".join(duration_text(ms) for ms in old)
        parts.append(
            f"the limit on {lines(subject, changed)}, with all that stands behind it, was changed from {texts}"
        )
    return f"{' and '.join(parts)}: at most once per {duration_text(every)}"


def _own_limit(subject: Subject, site: Place, asked: Target) -> Guard | None:
    """The limit that `site` is surely behind, and nothing else that is emitted."""
    for limit in guards(subject, site, _LIMITED, wanted=False):
        if limit.guards_only(subject, asked):
            call = limit.call
            if len(call.below) != 3 or whole_number(call.below[2].form) is None or literal(call.below[1].form) is None:
                raise NoRule(
                    f"{asked.shown} is rate limited already on line {subject.line(call)}, by a key or a duration that "
                    f"is computed: `{subject.shown(call)}`; change it there"
                )
            return limit
    return None


def _expect_no_stricter(subject: Subject, sites: list[Place], asked: Target, every: int) -> None:
    """Raise NoRule if all of `sites` are surely behind one limit that is as strict as what is asked for."""
    first, *others = (
        [g.call for g in guards(subject, site, _LIMITED, wanted=False) if g.plain and g.sure and len(g.call.below) == 3]
        for site in sites
    )
    for call in first:
        ms = whole_number(call.below[2].form) or 0
        if ms >= every and all(call in calls for calls in others):
            raise NoRule(
                f"{asked.shown} is emitted at most once per {duration_text(ms)} already: it stands behind "
                f"`{subject.shown(call)}` on line {subject.line(call)}, with other things"
            )


def _key(subject: Subject, asked: Target, limits: list[Guard]) -> str:
    """The key for all limits of `asked`: the present one, or a new one that nothing else uses."""
    calls = list(dict.fromkeys(limit.call for limit in limits))
    keys = sorted({literal(call.below[1].form) or "" for call in calls})
    if len(keys) > 1:
        raise NoRule(
            f"{asked.shown} is rate limited under several keys ({', '.join(keys)}), on {lines(subject, calls)}: make "
            "them one by hand first, since what has keys of its own is limited apart"
        )
    key = keys[0] if keys else f"limit:{asked.key}"
    for call in subject.calls(_LIMITED):
        if call not in calls and len(call.below) > 1 and literal(call.below[1].form) == key:
            raise NoRule(f"the key `{key}` also limits something else, on line {subject.line(call)}")
    if subject.binds(_LIMITED):
        raise NoRule(f"the program gives `{_LIMITED}` another meaning")
    return key


RATE_LIMIT: Final = Rule(
    name="rate-limit",
    about="every emission of an action (or event) at most once per duration, all of them together",
    example="rate limit restart to once per 30s",
    pattern=re.compile(
        f"(?:rate[- ]?limit|limit|throttle) {target()} to (?:at most )?(?:once|one|1) ?(?:per|every|in|each|an?) "
        r"(?P<every>[0-9]{0,9}(?:\.[0-9]{1,3})? ?[a-z0-9]{1,20})",
        re.IGNORECASE,
    ),
    near=re.compile(r"\b(?:rate[- ]?limit|throttle|limit|at most|per hour|per minute)", re.IGNORECASE),
    parameters={"action": a_name, "event": a_name, "every": a_duration},
    needed=frozenset({"every"}),
    rewrite=_rewrite,
)
