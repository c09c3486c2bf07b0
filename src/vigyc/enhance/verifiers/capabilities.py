"""From two programs to whether the new one can do more to the world than the one it replaces.

A power is a kind of effect with what it is done to. The candidate's is no new one if the base's text has the same kind
with the same literal, or the kind without any scope. Where the base makes up at run time what it does a kind to, its
text is no bound: its policy is. Then a literal is no new power if a grant that an operator drew narrower than `any`
covers it; under a grant of any (`net:*`, `fs.read:/`) nobody ever bounded that kind but the base's text, and each
literal is new. To make up at run time what the base spelled out is always new, and so is to run code that it makes up
(evaluation.py).

What is new needs an operator's approval. What the policy is sure to refuse is denied in any case: it would only fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vigyc.auditing import Asked, Use
from vigyc.effects.grant import includes, parse_grant
from vigyc.effects.kinds import KINDS, NONE, PATH
from vigyc.effects.policy import Policy
from vigyc.effects.scopes.host import HostScope
from vigyc.enhance.verifiers import evaluation, grounds
from vigyc.enhance.verifiers.case import Case, Denied
from vigyc.enhance.verifiers.telling import counted, listed, said, shortened

AXIS: Final = "capabilities"
_ALLOW: Final = (
    "; if it must, an operator can allow it: `vigyc issue approve ISSUE`, then `vigyc issue retry ISSUE`; else do "
    "without"
)


def verify(case: Case) -> str:
    """The evidence. Raises Denied."""
    base, candidate = (grounds.checked(case, side) for side in grounds.sides(case))
    if candidate.refused:
        source = grounds.source(case)
        refused = listed(said(finding, source) for finding in candidate.refused)
        raise Denied(f"the policy of {case.vigy.name} would refuse it: {refused}")
    powers = list(dict.fromkeys(_new_powers(case, base.uses.uses, candidate.uses.uses)))
    old, new = grounds.sides(case)
    if evaluation.makes_up_code(case, new) and not evaluation.makes_up_code(case, old):
        powers.append("it runs code that it makes up (`eval`), so that it may do whatever its policy grants")
    if powers and not case.approved:
        raise Denied(f"it can do more than the base: {listed(powers)}{_ALLOW}")
    if powers:
        return f"an operator has allowed {counted(len(powers), 'new power')}: {listed(powers)}"
    kinds = ", ".join(candidate.uses.kinds)
    return f"nothing that the base cannot do: {kinds or 'no effects'}"


def _new_powers(case: Case, before: tuple[Use, ...], after: tuple[Use, ...]) -> Iterator[str]:
    policy = grounds.policy(case)
    had: dict[str, list[Asked]] = {}
    for use in before:
        for ask in use.asks:
            had.setdefault(ask.kind, []).append(ask)
    for use in after:
        for ask in use.asks:
            if not _is_covered(ask, had.get(ask.kind, []), policy):
                yield _placed(case, use, _told(use, ask))


def _is_covered(ask: Asked, had: list[Asked], policy: Policy) -> bool:
    """Whether the base, which asks for `had` of the same kind, can do what `ask` is."""
    if not had or KINDS[ask.kind].scope == NONE:
        return bool(had)
    if ask.dynamic:
        return any(known.dynamic for known in had)
    if any(_same(ask, known, policy) for known in had if not known.dynamic):
        return True
    return any(known.dynamic for known in had) and _is_bounded(ask, policy)


def _same(one: Asked, other: Asked, policy: Policy) -> bool:
    """Whether two literals mean the same: by what they are to the policy where they are no command lines."""
    if one.literal == other.literal and one.literal.__class__ is other.literal.__class__:
        return True
    if isinstance(one.literal, list) or isinstance(other.literal, list):
        return False
    mine, others = policy.judge(one.kind, one.literal), policy.judge(other.kind, other.literal)
    if mine.grant is None or others.grant is None:
        return False
    if KINDS[one.kind].scope == PATH:
        return bool(mine.resource.path == others.resource.path)
    return mine.decision.resource == others.decision.resource


def _is_bounded(ask: Asked, policy: Policy) -> bool:
    """Whether the grant that covers it says more than `any`, however that is spelled; a port alone bounds no host."""
    grant = policy.judge(ask.kind, ask.literal).grant
    if grant is None or includes(grant, parse_grant(f"{ask.kind}:*")):
        return False
    scope = grant.scope
    return not isinstance(scope, HostScope) or (
        scope.host != "*" and (scope.network is None or scope.network.prefixlen > 0)
    )


def _placed(case: Case, use: Use, told: str) -> str:
    """`told` with its line in the program, which for what is in a module is that of its `require`."""
    line = use.source.place(use.start)[0]
    if use.via is None:
        return f"line {line}: {told}"
    return f"line {grounds.source(case).place(use.via[0])[0]}: {told}, in {use.source.name}, line {line}"


def _told(use: Use, ask: Asked) -> str:
    if KINDS[ask.kind].scope == NONE:
        return f"`{use.name}` ({ask.kind})"
    if ask.dynamic:
        return f"`{use.name}` ({ask.kind}) of what is known only when it runs"
    return f"`{use.name}` ({ask.kind}) of {shortened(str(ask.literal), 120)}"
