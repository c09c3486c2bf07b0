"""From programs and questions to what a policy says of them, with nothing run: needed grants, decisions, expectations.

A file of expectations has a table `[[case]]` for each: `kind`, `resource`, `expect` (allow or deny), and for whom, as
`vigy` and `labels`.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from vigyc.auditing import Asked, Use, needed_grant
from vigyc.effects import kinds
from vigyc.effects.decision import Decision
from vigyc.effects.kinds import KINDS
from vigyc.effects.policy import Policy
from vigyc.effects.policy_book import PolicyBook
from vigyc.effects.toml_text import At, TomlText, meant, text_of
from vigyc.lang.errors import Invalid
from vigyc.model.labels import checked_labels

_CASE: Final = ("vigy", "labels", "kind", "resource", "expect")
_VERDICTS: Final = {"allow": True, "deny": False}


class Need(NamedTuple):
    """A grant and what needs it; "" is for what no grant can allow."""

    grant: str
    wanted: tuple[tuple[Use, Asked], ...]

    @property
    def dynamic(self) -> bool:
        """Whether some of it is known only when it runs, so that the grant may be narrower than it is."""
        return any(ask.dynamic for _, ask in self.wanted)


class Case(NamedTuple):
    """An expectation, in `line` of its file: whether `kind` of `resource` is `allowed` to a vigy."""

    line: int
    vigy: str
    labels: Mapping[str, str]
    kind: str
    resource: object
    allowed: bool


def needs(uses: Iterable[Use], base: str | None = None) -> list[Need]:
    """The grants under which `uses` would not be refused, each once; relative paths begin at `base`."""
    found: dict[str, list[tuple[Use, Asked]]] = {}
    for use in uses:
        for ask in use.asks:
            found.setdefault(needed_grant(ask, base), []).append((use, ask))
    return [Need(grant, tuple(found[grant])) for grant in sorted(found)]


def decide(policy: Policy, kind: str, resource: object = None) -> Decision:
    """Whether `policy` allows `kind` of `resource`, as people write it: a command line, a host. Raises Invalid."""
    known = KINDS.get(kind)
    if known is None:
        raise Invalid(f"there is no kind of effect {kind!r}{meant(kind, KINDS)}")
    if known.scope == kinds.NONE:
        if resource is not None:
            raise Invalid(f"{kind} is allowed or not, whatever for: it takes no resource")
        return policy.judge(kind, None).decision
    if resource is None or resource in ("", []):
        raise Invalid(f"{kind} must be asked with what for")
    if isinstance(resource, str) and known.scope == kinds.PROGRAM:
        resource = _words(resource)
    if isinstance(resource, str) and known.scope == kinds.HOST and "://" not in resource:
        resource = f"https://{resource}"
    return policy.judge(kind, resource).decision


def load_cases(path: str | os.PathLike[str]) -> list[Case]:
    """The expectations in the file at `path`. Raises SettingsError."""
    text = TomlText(path)
    given = text.table(text.data, (), ("case",)).get("case", [])
    if not isinstance(given, list) or not given:
        raise text.fault(("case",), "there is no [[case]]")
    return [_case(text, case, ("case", number)) for number, case in enumerate(given)]


def failing(cases: Iterable[Case], book: PolicyBook) -> list[tuple[Case, Decision]]:
    """The cases of which `book` says the contrary, with its decision."""
    decided = [(case, decide(book.policy_of(case.vigy, case.labels), case.kind, case.resource)) for case in cases]
    return [(case, decision) for case, decision in decided if decision.allowed != case.allowed]


def _case(text: TomlText, value: object, at: At) -> Case:
    table: dict[str, Any] = text.table(value, at, _CASE)
    for key in ("kind", "expect"):
        if key not in table:
            raise text.fault(at, f"a case must have a `{key}`")
    if table["expect"] not in _VERDICTS:
        raise text.fault((*at, "expect"), f"expect must be allow or deny, not {table['expect']!r}")
    kind = text.read(text_of, table["kind"], (*at, "kind"))
    vigy = text.read(text_of, table["vigy"], (*at, "vigy")) if "vigy" in table else ""
    labels = text.read(checked_labels, table.get("labels", {}), (*at, "labels"))
    resource = table.get("resource")
    text.read(lambda kind: decide(Policy(), kind, resource), kind, (*at, "kind"), prefix="")
    return Case(text.line(at), vigy, labels, kind, resource, _VERDICTS[table["expect"]])


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise Invalid(f"{line!r} is not a command line: {error}") from error
