"""From the head of a list to what each of its items is: code, a name being bound, data, or what a macro makes of it.

The shapes are those of docs/builtins.md. What stands in a call of a macro of the program, or of a module's, is
`opaque`: nobody knows without expanding it whether it is run as it stands.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from vigyc.lang.datum import Atom, Form, ListForm, Symbol

CODE: Final = "code"  # evaluated as it stands
NAMES: Final = "names"  # names that are bound, with all below
DATA: Final = "data"  # quoted, with all below
TEMPLATE: Final = "template"  # the body of a macro or a quasiquote, with all below
OPAQUE: Final = "opaque"  # the operand of a macro that may do anything with it, with all below
IGNORED: Final = "ignored"  # a comment, with all below
CLAUSE: Final = "clause"  # a clause of `cond`: a test and a body

_CASE: Final = "case-clause"
_MATCH: Final = "match-clause"
_PAIRS: Final = "pairs"
_PAIR: Final = "pair"
_CATCH: Final = "catch"

_DEEP: Final = frozenset({NAMES, DATA, TEMPLATE, OPAQUE, IGNORED})
_FIRST_OF: Final = {CLAUSE: CODE, _CASE: DATA, _MATCH: NAMES, _PAIR: NAMES}
_PREFIXES: Final = {"quote": DATA, "quasiquote": TEMPLATE}

# A head, the roles of the first items after it, and the role of all others.
SHAPES: Final[dict[str, tuple[tuple[str, ...], str]]] = {
    "quote": ((), DATA),
    "quasiquote": ((), TEMPLATE),
    "comment": ((), IGNORED),
    "cond": ((), CLAUSE),
    "case": ((CODE,), _CASE),
    "match": ((CODE,), _MATCH),
    "let": ((_PAIRS,), CODE),
    "let*": ((_PAIRS,), CODE),
    "letrec": ((_PAIRS,), CODE),
    "lambda": ((NAMES,), CODE),
    "define": ((NAMES,), CODE),
    "set!": ((NAMES,), CODE),
    "provide": ((), NAMES),
    "require": ((), NAMES),
    "when-let": ((_PAIR,), CODE),
    "if-let": ((_PAIR,), CODE),
    "unless-let": ((_PAIR,), CODE),
    "dotimes": ((_PAIR,), CODE),
    "dolist": ((_PAIR,), CODE),
    "doseq": ((_PAIR,), CODE),
    "with-gensyms": ((NAMES,), CODE),
    "->": ((CODE,), OPAQUE),
    "->1": ((CODE,), OPAQUE),
    "->>": ((CODE,), OPAQUE),
    "->>1": ((CODE,), OPAQUE),
    "defmacro": ((), TEMPLATE),
    "defpoint-template": ((), TEMPLATE),
    "defcheck": ((), TEMPLATE),
    "define-record": ((), OPAQUE),
    "defflow": ((NAMES,), CODE),
    "defsm": ((NAMES,), CODE),
    "defactor": ((NAMES,), CODE),
    "defstrategy": ((NAMES,), CODE),
    "defvisitor": ((NAMES,), CODE),
    "defcommand": ((CODE, CODE, NAMES), CODE),
    "defquery": ((CODE, CODE, NAMES), CODE),
    "defn-typed": ((NAMES, NAMES, DATA, DATA), CODE),
}

UNSHAPED: Final = frozenset({"while", "assert", "lazy-cons"})
"""The library macros all of whose operands are code."""


def word(form: Form) -> str | None:
    """The symbol that `form` begins with, if it is a list that begins with one."""
    return name(form.items[0]) if isinstance(form, ListForm) and form.items else None


def name(form: Form) -> str | None:
    """The symbol that `form` is."""
    return form.value.name if isinstance(form, Atom) and isinstance(form.value, Symbol) else None


def below_prefix(role: str, kind: str) -> str:
    """The role of the form after a prefix."""
    return role if role in _DEEP else _PREFIXES.get(kind, OPAQUE)


def item_roles(role: str, items: list[Form], macros: Collection[str]) -> list[str]:
    """The roles of the items of a list that is `role` itself; calls of `macros` are opaque."""
    if role in _DEEP:
        return [role] * len(items)
    if role == _PAIRS:
        return [_PAIR] * len(items)
    if role == _CATCH:
        return [DATA, NAMES, *[CODE] * len(items)][: len(items)]
    if role != CODE:
        return [_FIRST_OF[role], *[CODE] * len(items)][: len(items)]
    head = name(items[0]) if items else None
    if head == "try":
        return [CODE, *(_CATCH if word(item) == "catch" else CODE for item in items[1:])]
    first, others = ((), OPAQUE) if head in macros else SHAPES.get(head or "", ((), CODE))
    return [CODE, *first, *[others] * len(items)][: len(items)]
