"""From grants, budgets and limits to what a vigy may do: the one place that decides.

Deny by default: what no grant covers is refused, and any is spelled `*`. The same `judge` decides before a program runs
(about what its text says) and when it runs (about what it asks for). A policy is data: it opens nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from vigyc.effects.budget import Budget
from vigyc.effects.decision import Decision
from vigyc.effects.grant import Grant, includes, parse_grant
from vigyc.effects.kinds import KINDS, NONE
from vigyc.effects.limits import Limits
from vigyc.effects.scopes.families import FAMILIES
from vigyc.effects.scopes.path import PathScope
from vigyc.lang.digest import digest
from vigyc.lang.errors import Invalid

_UNSAID: Final = Limits()
_NAMED: Final = ("secrets", "servers", "models", "resolve")
_LONGEST_SHOWN: Final = 200  # characters of what is asked for, where it is malformed
_LONGEST_TOLD: Final = 4096  # and where it is not


class McpServer(NamedTuple):
    """An MCP server a policy names: the command that starts it, with variables, or its URL, with `headers` to send."""

    command: tuple[str, ...] = ()
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()  # a value may be "secret:NAME"
    env: tuple[tuple[str, str], ...] = ()  # likewise


class Model(NamedTuple):
    """Where a language model is asked: base URL, its name, the secret that is its key ("" none)."""

    url: str
    model: str
    key: str = ""


class Judged(NamedTuple):
    """A decision, the grant that allowed it and the resource in its normal form (None where it is refused)."""

    decision: Decision
    grant: Grant | None
    resource: Any


@dataclass(frozen=True)
class Policy:
    """What is granted. `base` is the folder relative paths begin at, of grants and of programs.

    `costs` is what a call of an effect costs in the unit `cost`, by name (default 1). `secrets` are where secrets come
    from, by name: `env:VARIABLE`, `file:PATH` or `keyring:SERVICE/USER`. `resolve` are addresses for hosts by name,
    instead of asking for them; what may be reached is decided as ever. `ca` is the path of a PEM file: the authorities
    that servers are trusted by, instead of the system's.
    """

    grants: tuple[Grant, ...] = ()
    budgets: tuple[Budget, ...] = ()
    limits: Limits = _UNSAID
    costs: Mapping[str, int] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    servers: Mapping[str, McpServer] = field(default_factory=dict)
    models: Mapping[str, Model] = field(default_factory=dict)
    resolve: Mapping[str, str] = field(default_factory=dict)
    base: str | None = None
    ca: str = ""

    @classmethod
    def of(cls, *grants: str, base: str | None = None, **rest: Any) -> Policy:
        """A policy of grants as they are written. Raises Invalid."""
        return cls(tuple(parse_grant(grant, base) for grant in grants), base=base, **rest)

    def judge(self, kind: str, value: object) -> Judged:
        """Whether `kind` may be done to `value`, as an effect is given it."""
        known = KINDS[kind]
        granted = [grant for grant in self.grants if grant.kind == kind]
        if known.scope == NONE:
            if granted:
                return Judged(Decision(True, kind, "", granted[0].text), granted[0], None)
            return Judged(Decision(False, kind, "", f"there is no grant of {kind}", kind), None, None)
        try:
            resource, text = FAMILIES[known.scope].resource(value, self.base)
        except ValueError as error:
            return Judged(Decision(False, kind, _shown(str(value), _LONGEST_SHOWN), str(error)), None, None)
        if kind == "env" and (secret := self._kept_in(text)) is not None:
            return Judged(Decision(False, kind, text, "it holds a secret", f"secret:{secret}"), None, None)
        covering = [grant for grant in granted if grant.scope is not None and grant.scope.covers(resource)]
        if covering:
            nearest = max(covering, key=_depth)
            return Judged(Decision(True, kind, text, nearest.text), nearest, resource)
        why = f"no grant of {kind} covers it" if granted else f"there is no grant of {kind}"
        needed = self._needed(kind, text, resource) if len(text) <= _LONGEST_TOLD else ""
        return Judged(Decision(False, kind, _shown(text, _LONGEST_TOLD), why, needed), None, None)

    def _needed(self, kind: str, text: str, resource: object) -> str:
        """The grant of just this, "" where it cannot be written."""
        try:
            grant = parse_grant(f"{kind}:{text}", self.base)
        except Invalid:
            return ""
        covers = grant.scope is not None and grant.scope.covers(resource)
        return grant.text if covers and not text.endswith("*") else ""

    def _kept_in(self, variable: str) -> str | None:
        """The secret that environment variable `variable` holds."""
        return next((name for name, source in self.secrets.items() if source == f"env:{variable}"), None)

    def grants_kind(self, kind: str) -> bool:
        """Whether anything of `kind` is granted."""
        return any(grant.kind == kind for grant in self.grants)

    def to_json(self) -> dict[str, Any]:
        """The policy as JSON data, the same for the same policy."""
        return {
            "grants": sorted(grant.text for grant in self.grants),
            "budgets": [
                {"amounts": dict(sorted(b.amounts.items())), "shared_by": b.shared_by, "every": b.every}
                for b in self.budgets
            ],
            "limits": self.limits._asdict(),
            "costs": dict(sorted(self.costs.items())),
            "secrets": dict(sorted(self.secrets.items())),
            "servers": {
                name: [list(s.command), s.url, dict(s.headers), dict(s.env)] for name, s in sorted(self.servers.items())
            },
            "models": {name: list(model) for name, model in sorted(self.models.items())},
            "resolve": dict(sorted(self.resolve.items())),
            "base": self.base,
            "ca": self.ca,
        }

    @property
    def id(self) -> str:
        """What names this policy: two that allow the same in the same words have the same."""
        return digest(json.dumps(self.to_json(), sort_keys=True))


def _shown(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most] + "..."


NOTHING = Policy()


def _depth(grant: Grant) -> int:
    """How far down a grant of paths begins: the nearest one decides beneath which folder a path is opened."""
    return len(grant.scope.path) if isinstance(grant.scope, PathScope) else 0


def narrow(parent: Policy, child: Policy) -> Policy:
    """`child`, with what it leaves unsaid taken from `parent`. Raises Invalid naming everything that would widen.

    A limit that is the default is one that `child` leaves unsaid: the lower of the two holds. Nothing granted is
    nothing allowed, whatever `parent` grants. The budgets of both are charged.
    """
    limits = Limits(*map(_lower, child.limits, _UNSAID, parent.limits))
    wider = [*_wider_grants(parent, child), *_wider_limits(parent.limits, limits)]
    wider += [f"cost of {name}" for name, cost in child.costs.items() if cost < parent.costs.get(name, 1)]
    for what in _NAMED:
        mine, others = getattr(parent, what), getattr(child, what)
        wider += [f"{what}.{name}" for name, given in others.items() if mine.get(name) != given]
    if child.ca not in {"", parent.ca}:
        wider.append("ca")
    if wider:
        raise Invalid(f"wider than the policy above it: {', '.join(wider)}")
    return replace(
        parent,
        grants=child.grants,
        budgets=(*parent.budgets, *child.budgets),
        limits=limits,
        costs={**parent.costs, **child.costs},
        secrets={name: _anchored(source, parent.base) for name, source in parent.secrets.items()},
        base=child.base if child.base is not None else parent.base,
    )


def _anchored(source: str, base: str | None) -> str:
    """A secret's source that means the same whatever the base: a relative file with its folder."""
    kind, _, path = source.partition(":")
    return f"{kind}:{os.path.join(base, path)}" if kind == "file" and base is not None else source


def _lower(given: int, default: int, mine: int) -> int:
    return min(given, mine) if given == default else given


def _wider_grants(parent: Policy, child: Policy) -> Iterator[str]:
    for grant in child.grants:
        if not any(includes(mine, grant) for mine in parent.grants):
            yield f"grant {grant.text!r}"


def _wider_limits(parent: Limits, child: Limits) -> Iterator[str]:
    for name, mine, given in zip(Limits._fields, parent, child, strict=True):
        if given > mine:
            yield f"limit {name} of {given}, above {mine}"
