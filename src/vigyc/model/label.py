"""From the text of a version's label to its parts, its rank among others, and the next: semver.org 2.0.0.

The labels that vigyc gives are three numbers and only grow, so none occurs twice in a vigy. A label that was read with
data from elsewhere may have a pre-release and build metadata too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple, TypeAlias

from vigyc.lang.errors import Invalid

MAJOR: Final = "major"
MINOR: Final = "minor"
PATCH: Final = "patch"
BUMPS: Final = (MAJOR, MINOR, PATCH)
FIRST: Final = "0.1.0"
LONGEST: Final = 256

_HIGHEST: Final = 10**18 - 1
NUMBER: Final = "(?:0|[1-9][0-9]{0,17})"
PRE_RELEASE: Final = (
    r"(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*"
)
BUILD: Final = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_LABEL: Final = re.compile(rf"({NUMBER})\.({NUMBER})\.({NUMBER})(?:-({PRE_RELEASE}))?(?:\+({BUILD}))?")

Rank: TypeAlias = tuple[tuple[int, int, str], ...]
"""Where a pre-release stands: the greater comes later, and a release after all pre-releases of it."""

_RELEASE: Final[Rank] = ((2, 0, ""),)


class Label(NamedTuple):
    """A semantic version; `pre` and `build` are empty, or the identifiers behind `-` and `+`."""

    major: int
    minor: int
    patch: int
    pre: str = ""
    build: str = ""

    @classmethod
    def parse(cls, text: str) -> Label:
        """Read `1.2.3`, `1.2.3-rc.1`, `1.2.3+build`. Raises Invalid."""
        if len(text) > LONGEST:
            raise Invalid(f"label {text[:60]!r}: it must be at most {LONGEST} characters, and has {len(text)}")
        found = _LABEL.fullmatch(text)
        if found is None:
            raise Invalid(f"label {text[:60]!r}: it must be three numbers such as 1.2.3")
        major, minor, patch, pre, build = found.groups()
        return cls(int(major), int(minor), int(patch), pre or "", build or "")

    @property
    def precedence(self) -> tuple[int, int, int, Rank]:
        """What labels are ordered by; build metadata does not count."""
        return self.major, self.minor, self.patch, pre_rank(self.pre)

    def __str__(self) -> str:
        pre, build = self.pre and f"-{self.pre}", self.build and f"+{self.build}"
        return f"{self.major}.{self.minor}.{self.patch}{pre}{build}"


def pre_rank(pre: str) -> Rank:
    """The rank of the pre-release `pre` (empty: of a release). Numbers come before words, and fewer parts first."""
    if not pre:
        return _RELEASE
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split("."))


def bumped(label: str | None, bump: str) -> str:
    """The label after `label` (None: the first). Raises Invalid for what is no label or no bump.

    Whatever the bump, the new label has no pre-release and no build metadata, and comes after `label`: where a number
    cannot grow any more, the one before it does.
    """
    if bump not in BUMPS:
        raise Invalid(f"bump: it must be one of {', '.join(BUMPS)}, not {bump!r:.60}")
    if label is None:
        return FIRST
    major, minor, patch, *_ = Label.parse(label)
    if bump == PATCH and patch < _HIGHEST:
        return f"{major}.{minor}.{patch + 1}"
    if bump != MAJOR and minor < _HIGHEST:
        return f"{major}.{minor + 1}.0"
    if major < _HIGHEST:
        return f"{major + 1}.0.0"
    raise Invalid(f"label {label!r:.60}: there is none above it; its numbers may have 18 digits")


def bumped_of(labels: Iterable[str], bump: str) -> str:
    """The label after the highest of `labels`, whatever their order; those that are none do not count."""
    known = [label for label in map(_parsed, labels) if label is not None]
    return bumped(str(max(known, key=lambda label: label.precedence)) if known else None, bump)


def _parsed(text: str) -> Label | None:
    try:
        return Label.parse(text)
    except Invalid:
        return None
