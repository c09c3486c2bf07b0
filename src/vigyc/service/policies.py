"""From what an embedder or an operator gives as policy to the policies of all vigies."""

from __future__ import annotations

import os

from vigyc.effects.policy import NOTHING, Policy
from vigyc.effects.policy_book import PolicyBook
from vigyc.effects.policy_file import load_policies
from vigyc.lang.errors import Invalid


def policy_book(given: PolicyBook | Policy | str | os.PathLike[str] | None) -> PolicyBook:
    """The policies that `given` is: a book, one policy for all, the path of a policy file, or None for no power at all.

    Raises Invalid, SettingsError.
    """
    if given is None:
        return PolicyBook.of(NOTHING)
    if isinstance(given, PolicyBook):
        return given
    if isinstance(given, Policy):
        return PolicyBook.of(given)
    if isinstance(given, str | os.PathLike):
        return load_policies(given)
    raise Invalid(f"policy: it must be a policy or the path of a policy file, not {type(given).__name__}")
