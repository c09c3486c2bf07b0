"""From the vigies of a store to what each of them can do to the world, found in their programs without running them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from vigyc.auditing import Asked, Use, Uses, uses_of
from vigyc.checking import analyse
from vigyc.effects import catalog, kinds
from vigyc.effects.kinds import KINDS
from vigyc.effects.policy import Policy
from vigyc.effects.toml_text import meant
from vigyc.lang.errors import Invalid
from vigyc.linking import ModuleBundle
from vigyc.model.vigy import Vigy
from vigyc.runtime.extension import Extension
from vigyc.runtime.json_value import dumps

PROGRAM: Final = "<program>"
"""What the text of a vigy is called in `Use.source`; a module has the name it was found under."""

_NOTHING: Final = Uses((), False)


class Audited(NamedTuple):
    """What the program of `vigy` uses, as far as it was asked for; `problem` says why nothing can be said."""

    vigy: Vigy
    uses: Uses
    problem: str | None = None


class Wanted(NamedTuple):
    """What is looked for: uses of any of these kinds, hosts, operations; all if nothing is said.

    A use whose host is known only when it runs may be of any host.
    """

    kinds: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()

    def has(self, use: Use) -> bool:
        """Whether `use` is looked for."""
        return (
            self == EVERYTHING
            or use.name in self.operations
            or any(kind in self.kinds for kind in use.kinds)
            or any(_may_reach(ask, host) for ask in use.asks for host in self.hosts)
        )


EVERYTHING: Final = Wanted()


def wanted(kinds: Iterable[str] = (), hosts: Iterable[str] = (), operations: Iterable[str] = ()) -> Wanted:
    """What is looked for, if there are such kinds and operations, and hosts can be called so. Raises Invalid."""
    found = Wanted(tuple(kinds), tuple(hosts), tuple(operations))
    for kind in found.kinds:
        if kind not in KINDS:
            raise Invalid(f"there is no kind of effect {kind!r}{meant(kind, KINDS)}")
    for name in found.operations:
        if name not in catalog.catalog():
            raise Invalid(f"there is no operation {name!r}{meant(name, catalog.catalog(), few=False)}")
    for host in found.hosts:
        Policy.of(f"net:{host}")
    return found


def audit(
    vigies: Iterable[Vigy], looked_for: Wanted = EVERYTHING, extensions: Iterable[Extension] | None = None
) -> list[Audited]:
    """What is `looked_for` in each vigy, in their order; with everything looked for, every vigy is there."""
    extensions = None if extensions is None else tuple(extensions)
    known: dict[tuple[str, str], tuple[Uses, str | None]] = {}
    found = []
    for vigy in vigies:
        key = vigy.digest, "" if vigy.modules is None else dumps(dict(vigy.modules))
        if key not in known:
            known[key] = _examined(vigy, extensions)
        uses, problem = known[key]
        kept = uses._replace(uses=tuple(filter(looked_for.has, uses.uses)))
        if looked_for == EVERYTHING or kept.uses or problem is not None:
            found.append(Audited(vigy, kept, problem))
    return found


def counts(found: Iterable[Audited]) -> dict[str, int]:
    """How many vigies have each kind of effect; `pure`: none at all."""
    counted = Counter(kind for each in found for kind in each.uses.kinds or ("pure",) if each.problem is None)
    return dict(sorted(counted.items()))


def _examined(vigy: Vigy, extensions: tuple[Extension, ...] | None) -> tuple[Uses, str | None]:
    modules = None if vigy.modules is None else ModuleBundle(vigy.modules)
    findings, analysed = analyse(vigy.program, PROGRAM, extensions, modules)
    if analysed is None:
        return _NOTHING, findings[0].message
    return uses_of(analysed), None


def _may_reach(ask: Asked, host: str) -> bool:
    if KINDS[ask.kind].scope != kinds.HOST:
        return False
    return ask.dynamic or Policy.of(f"{ask.kind}:{host}").judge(ask.kind, ask.literal).decision.allowed
