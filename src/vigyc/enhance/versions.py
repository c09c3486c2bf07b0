"""From a choice of version to the one it falls on, among all there are of a vigy.

A label that is no semantic version (it can only come with data from elsewhere) admits nothing and stops nothing: it is
told among what was skipped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from vigyc.lang.errors import Invalid, NotFound
from vigyc.model import reading
from vigyc.model.argument import checked_text
from vigyc.model.enhance_setting import FIXED, LATEST, SELECTORS, SEMVER, VersionSelector
from vigyc.model.label import Label
from vigyc.model.semver_requirement import Requirement
from vigyc.model.vigy import Version

LONGEST: Final = 1_000
MOST_SHOWN: Final = 10

_NUMBER: Final = re.compile("[1-9][0-9]{0,17}")
_NAME: Final = re.compile("(?:b3|c1):[0-9a-f]{64}")
_FIXED: Final = "it must be a version's number, its label, its digest (b3:...) or its content (c1:...)"


class Selected(NamedTuple):
    """The version that was chosen; `skipped` says, a text for each, which were not looked at and why."""

    version: Version
    skipped: list[str]


def matching(versions: Sequence[Version], selector: VersionSelector) -> Selected:
    """The version that `selector` falls on; of several alike, the newest. Raises NotFound, and Invalid for what is no
    selector."""
    newest_first = sorted(versions, key=lambda version: version.number, reverse=True)
    if not newest_first:
        raise NotFound(f"no version is {_wanted(selector)}: there are none at all")
    if selector.kind == SEMVER:
        return _required(newest_first, selector)
    checked_selector(selector, "version")
    for version in newest_first:
        if selector.kind == LATEST or _is(version, selector.value):
            return Selected(version, [])
    raise _not_found(newest_first, selector, "")


def checked_selector(selector: VersionSelector, where: str) -> VersionSelector:
    """`selector` if it is one. Raises Invalid, naming `where`."""
    reading.one_of(*SELECTORS)(selector.kind, f"{where}.kind")
    value = checked_text(f"{where}.value", selector.value)
    if len(value) > LONGEST:
        raise Invalid(f"{where}.value: it must be at most {LONGEST} characters, and has {len(value)}")
    if selector.kind == LATEST and value:
        raise Invalid(f"{where}.value: the latest version needs none, and it is {value[:60]!r}")
    if selector.kind == FIXED and not _names_a_version(value):
        raise Invalid(f"{where}.value: {_FIXED}, not {value[:60]!r}")
    if selector.kind == SEMVER:
        try:
            Requirement.parse(value)
        except Invalid as fault:
            raise Invalid(f"{where}.value: {fault}") from None
    return selector


def _required(newest_first: Sequence[Version], selector: VersionSelector) -> Selected:
    requirement = Requirement.parse(selector.value)
    skipped = []
    admitted: list[tuple[Label, Version]] = []
    for version in newest_first:
        try:
            label = Label.parse(version.label)
        except Invalid as fault:
            skipped.append(f"version {version.number}: {fault}")
            continue
        if requirement.admits(label):
            admitted.append((label, version))
    if not admitted:
        bad = f"; skipped, for their labels: {_some([text.partition(':')[0] for text in skipped])}" if skipped else ""
        raise _not_found(newest_first, selector, bad)
    return Selected(max(admitted, key=lambda found: (found[0].precedence, found[1].number))[1], skipped)


def _is(version: Version, value: str) -> bool:
    return value in (str(version.number), version.label, version.digest, version.content)


def _names_a_version(value: str) -> bool:
    if _NUMBER.fullmatch(value) or _NAME.fullmatch(value):
        return True
    try:
        Label.parse(value)
    except Invalid:
        return False
    return True


def _not_found(newest_first: Sequence[Version], selector: VersionSelector, more: str) -> NotFound:
    there = _some([f"{version.number} ({version.label[:60]})" for version in newest_first])
    return NotFound(f"no version is {_wanted(selector)}: there are {there}{more}")


def _wanted(selector: VersionSelector) -> str:
    if selector.kind == LATEST:
        return "the latest"
    return f"as {selector.value[:80]!r} requires" if selector.kind == SEMVER else f"{selector.value[:80]!r}"


def _some(texts: list[str]) -> str:
    more = len(texts) - MOST_SHOWN
    return ", ".join(texts[:MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")
