"""From the text of a requirement to the labels it admits: the rules of Cargo.

`1.2.3` is `^1.2.3`: whatever is compatible, which is what leaves the leftmost number that is not 0 alone. There are
`~`, `=`, `>`, `>=`, `<`, `<=`, `*` in the place of numbers, and commas where all must hold. A pre-release is admitted
only if a part of the requirement names a pre-release of the same three numbers.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from vigyc.lang.errors import Invalid
from vigyc.model.label import BUILD, NUMBER, PRE_RELEASE, Label, pre_rank

LONGEST: Final = 1_000
MOST: Final = 32

_ANY: Final = "[*xX]"
_PART: Final = re.compile(
    rf" *(\^|~|=|>=|>|<=|<|) *({NUMBER})"
    rf"(?:\.(?:({NUMBER})(?:\.(?:({NUMBER})(?:-({PRE_RELEASE}))?(?:\+{BUILD})?|({_ANY})))?|({_ANY})(?:\.{_ANY})?))? *"
)
_STAR: Final = re.compile(rf" *{_ANY} *")
_FORMS: Final = "parts are such as 1.2, ^1.2.3, ~1.2, =1.2.3, >=1.2, <2, 1.* and *"


class Comparator(NamedTuple):
    """One part: `op` (empty: a wildcard, which admits what `=` does) and as many numbers as are given."""

    op: str
    major: int
    minor: int | None = None
    patch: int | None = None
    pre: str = ""

    def admits(self, label: Label) -> bool:
        """Whether it holds of `label`, pre-releases not minded."""
        if self.op in ("=", ""):
            return self._exact(label)
        if self.op == "^":
            return self._compatible(label)
        if self.op == "~":
            return self._tilde(label)
        if self.op.endswith("=") and self._exact(label):
            return True
        order = self._order(label)
        return order > 0 if self.op.startswith(">") else order < 0

    def names(self, label: Label) -> bool:
        """Whether it names a pre-release of the numbers of `label`."""
        return bool(self.pre) and (self.major, self.minor, self.patch) == label[:3]

    def _exact(self, label: Label) -> bool:
        given = (self.major, self.minor, self.patch)
        if any(want is not None and want != have for want, have in zip(given, label[:3], strict=True)):
            return False
        return self.pre == label.pre

    def _order(self, label: Label) -> int:
        """1 if `label` comes after all that is given here, -1 if before, 0 if neither."""
        for want, have in ((self.major, label.major), (self.minor, label.minor), (self.patch, label.patch)):
            if want is None:
                return 0
            if want != have:
                return 1 if have > want else -1
        want_pre, have_pre = pre_rank(self.pre), pre_rank(label.pre)
        return (have_pre > want_pre) - (have_pre < want_pre)

    def _tilde(self, label: Label) -> bool:
        """Whether `label` is not before this and differs at most in the last number, or what is not given."""
        if label.major != self.major or (self.minor is not None and label.minor != self.minor):
            return False
        if self.patch is not None and label.patch != self.patch:
            return label.patch > self.patch
        return pre_rank(label.pre) >= pre_rank(self.pre)

    def _compatible(self, label: Label) -> bool:
        """Whether `label` is not before this and agrees up to the leftmost number that is not 0."""
        if label.major != self.major:
            return False
        if self.major == 0 and self.minor is not None:
            if label.minor != self.minor:
                return False
            if self.minor == 0 and self.patch is not None and label.patch != self.patch:
                return False
        return self._order(label) >= 0


class Requirement(NamedTuple):
    """All of `comparators` must hold; none admit every release."""

    comparators: tuple[Comparator, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Requirement:
        """Read a requirement. Raises Invalid, naming the part."""
        if len(text) > LONGEST:
            raise Invalid(f"requirement {text[:60]!r}: it must be at most {LONGEST} characters, and has {len(text)}")
        if _STAR.fullmatch(text):
            return cls()
        parts = text.split(",")
        if len(parts) > MOST:
            raise Invalid(f"requirement {text[:60]!r}: it may have {MOST} parts at most, and has {len(parts)}")
        return cls(tuple(_comparator(part) for part in parts))

    def admits(self, label: Label) -> bool:
        """Whether `label` is as required."""
        if not all(comparator.admits(label) for comparator in self.comparators):
            return False
        return not label.pre or any(comparator.names(label) for comparator in self.comparators)


def _comparator(part: str) -> Comparator:
    found = _PART.fullmatch(part)
    if found is None:
        if _STAR.fullmatch(part):
            raise Invalid("requirement: `*` must be its only part; leave it out, or the others")
        raise Invalid(f"requirement part {part.strip()[:60]!r}: {_FORMS}")
    op, major, minor, patch, pre, *wild = found.groups()
    numbers = (int(major), None if minor is None else int(minor), None if patch is None else int(patch))
    return Comparator(op or ("" if any(wild) else "^"), *numbers, pre or "")
