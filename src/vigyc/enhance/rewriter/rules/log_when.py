"""From "log this when that is emitted" to a line of the log before every emission."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from vigyc.enhance.rewriter.emission import emissions, literal, target_of
from vigyc.enhance.rewriter.literal import string_of
from vigyc.enhance.rewriter.parameters import a_name, a_text, target
from vigyc.enhance.rewriter.place import Place, Subject
from vigyc.enhance.rewriter.rule import NoRule, Rewrite, Rule, lines, wrapped
from vigyc.model.log_line import LEVELS

_LOG: Final = "vigy-log"


def _rewrite(subject: Subject, given: Mapping[str, Any]) -> Rewrite:
    asked, text, level = target_of(given), given["text"], given.get("level", "info").lower()
    if level not in LEVELS:
        raise NoRule(f"there is no level `{level}`; there are {', '.join(LEVELS)}")
    if subject.binds(_LOG):
        raise NoRule(f"the program gives `{_LOG}` another meaning")
    sites = emissions(subject, asked)
    for site in sites:
        if _logs(site, text):
            raise NoRule(f"that is logged there already: `{subject.shown(site.below[0].parent or site)}`")
    edits = [wrapped(subject, site, f"(begin ({_LOG} {string_of(level)} {string_of(text)}) _)") for site in sites]
    return Rewrite(
        edits, "minor", f"{text!r} is logged ({level}) when {asked.shown} is emitted, {lines(subject, sites)}"
    )


def _logs(site: Place, text: str) -> bool:
    """Whether the text is logged right before `site`."""
    before = site.parent.below[site.index - 1] if site.parent is not None and site.index > 0 else None
    return before is not None and before.word == _LOG and literal(before.below[-1].form) == text


LOG_WHEN: Final = Rule(
    name="log-when",
    about="a line of the log whenever an action (or event) is emitted",
    example='log "restarting" when restart',
    pattern=re.compile(
        rf"log (?:at (?P<level>[a-z]{{1,9}}) )?\"(?P<text>[^\"]{{1,200}})\" when {target()}(?: is emitted)?",
        re.IGNORECASE,
    ),
    near=re.compile(r"\blog\b", re.IGNORECASE),
    parameters={"action": a_name, "event": a_name, "text": a_text, "level": a_name},
    needed=frozenset({"text"}),
    rewrite=_rewrite,
)
