"""From `kind:scope` to a grant: what may be done, and to what. A kind without a scope is spelled alone."""

from __future__ import annotations

from difflib import get_close_matches
from typing import NamedTuple

from vigyc.effects import kinds
from vigyc.effects.kinds import KINDS
from vigyc.effects.scopes.families import FAMILIES, Scope
from vigyc.lang.errors import Invalid


class Grant(NamedTuple):
    """`kind` may be done to what `scope` covers (None: the kind knows no scopes). `text` is how it is written."""

    kind: str
    scope: Scope | None
    text: str


def parse_grant(text: object, base: str | None = None) -> Grant:
    """The grant `text` is; relative paths in it begin at `base`. Raises Invalid."""
    if not isinstance(text, str):
        raise Invalid(f'a grant must be text such as "fs.read:/data", not {type(text).__name__}')
    name, colon, scope = text.partition(":")
    kind = KINDS.get(name)
    if kind is None:
        near = get_close_matches(name, KINDS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(KINDS)}"
        raise Invalid(f"grant {text!r}: there is no kind of effect {name!r}; {hint}")
    if kind.scope == kinds.NONE:
        if colon:
            raise Invalid(f"grant {text!r}: {name} takes no scope; write {name!r}")
        return Grant(name, None, text)
    if not scope.strip():
        raise Invalid(f"grant {text!r}: it must say what for, as in {name + ':...'!r}; any is spelled {name + ':*'!r}")
    if scope != scope.strip():
        raise Invalid(f"grant {text!r}: there must be no space around {scope.strip()!r}")
    try:
        return Grant(name, FAMILIES[kind.scope].parse(scope, base), text)
    except ValueError as error:
        raise Invalid(f"grant {text!r}: {error}") from error


def includes(grant: Grant, other: Grant) -> bool:
    """Whether all that `other` allows is allowed by `grant`."""
    if grant.kind != other.kind:
        return False
    return grant.scope is None or (other.scope is not None and grant.scope.includes(other.scope))
