"""From a vigy to its policy: one for all, and sections for those that are named or labelled.

A section stands in place of the policy for all, it adds nothing to it. One that names the vigy goes before those that
speak of labels; of these the first one that fits holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from vigyc.effects.policy import Policy
from vigyc.model.selector import Selector


class Section(NamedTuple):
    """The policy of the vigy called `vigy`, or, without that, of those whose labels `selector` fits."""

    vigy: str | None
    selector: Selector
    policy: Policy

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Whether it speaks of labels, and of these."""
        return self.vigy is None and self.selector.matches(labels)


class PolicyBook:
    """The policies of a runtime's vigies; `default` is the one of every vigy that no section speaks of."""

    def __init__(self, default: Policy, sections: Sequence[Section] = ()) -> None:
        self.default = default
        self.sections = tuple(sections)
        self._named = {section.vigy: section.policy for section in sections if section.vigy is not None}

    @classmethod
    def of(cls, policy: Policy) -> PolicyBook:
        """The same policy for all."""
        return cls(policy)

    @property
    def names(self) -> tuple[str, ...]:
        """The vigies that sections name."""
        return tuple(self._named)

    def policy_of(self, name: str, labels: Mapping[str, str]) -> Policy:
        """The policy of the vigy with this name and these labels."""
        named = self._named.get(name)
        if named is not None:
            return named
        return next((section.policy for section in self.sections if section.fits(labels)), self.default)
