"""From the options that say what is allowed, and for whom, to a policy."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Final, NamedTuple, TypeVar

import click

from vigyc.effects.policy import Policy
from vigyc.effects.policy_book import PolicyBook
from vigyc.effects.policy_file import load_policies, policy_from_flags
from vigyc.model.labels import parse_label
from vigyc.service.policies import policy_book
from vigyc.service.settings import load_settings

F = TypeVar("F", bound=Callable[..., Any])


class PolicyChoice(NamedTuple):
    """What was given of a policy: a file or grants, and the vigy it is asked about."""

    policy_file: str | None = None
    grants: tuple[str, ...] = ()
    budgets: tuple[str, ...] = ()
    vigy: str = ""
    labels: tuple[str, ...] = ()

    @property
    def given(self) -> bool:
        """Whether a policy was given at all."""
        return self.policy_file is not None or bool(self.grants or self.budgets)

    def book(self) -> PolicyBook:
        """The policies given, else those of the settings. Raises click.UsageError, Invalid, SettingsError."""
        if self.policy_file is not None:
            if self.grants or self.budgets:
                raise click.UsageError("give --policy, or --grant and --budget")
            return load_policies(self.policy_file)
        if self.given:
            return PolicyBook.of(policy_from_flags(self.grants, self.budgets, os.getcwd()))
        return policy_book(load_settings()[0].policy)

    def chosen(self) -> PolicyBook | None:
        """The policies given; None where none are. Raises click.UsageError, Invalid, SettingsError."""
        return self.book() if self.given else None

    def policy(self) -> Policy:
        """The one of the vigy asked about. Raises the same."""
        return self.book().policy_of(self.vigy, dict(map(parse_label, self.labels)))


_SOURCES: Final = (
    click.option("--policy", "policy_file", metavar="FILE", help="The policy file to go by."),
    click.option(
        "--grant", "grants", metavar="KIND:SCOPE", multiple=True,
        help="Allow this, such as fs.read:data, instead of a policy file (may be repeated).",
    ),
    click.option(
        "--budget", "budgets", metavar="UNIT=AMOUNT", multiple=True,
        help="Allow so much, such as calls=100, with --grant (may be repeated).",
    ),
)  # fmt: skip
_SUBJECT: Final = (
    click.option("--vigy", default="", metavar="NAME", help="The policy of the vigy with this name."),
    click.option(
        "--label", "labels", metavar="KEY=VALUE", multiple=True,
        help="The policy of a vigy with this label (may be repeated).",
    ),
)  # fmt: skip


def source_options(function: F) -> F:
    """Give a command `--policy`, `--grant` and `--budget`, together as argument `choice`."""
    return _collecting(function, _SOURCES, ("policy_file", "grants", "budgets"))


def policy_options(function: F) -> F:
    """The same, with `--vigy` and `--label` for whose policy is meant."""
    return _collecting(function, (*_SOURCES, *_SUBJECT), PolicyChoice._fields)


def _collecting(function: F, options: Sequence[Callable[[Any], Any]], names: Sequence[str]) -> F:
    @wraps(function)
    def collected(**given: Any) -> Any:
        choice = PolicyChoice(**{name: given.pop(name) for name in names})
        return function(choice=choice, **given)

    for option in reversed(options):
        collected = option(collected)
    return collected  # type: ignore[return-value]
