"""From code to data and back: what `quote` makes of a form, and what a macro or `eval` makes of a value.

Neither recurses, so data may nest as deep as memory allows.
"""

from __future__ import annotations

from vigyc.lang.datum import Atom, Form, Keyword, ListForm, PrefixForm, Symbol
from vigyc.lang.flat import flatten, unflatten
from vigyc.runtime.faults import native_fault
from vigyc.runtime.lists import is_list, items
from vigyc.runtime.values import kind_of

_PREFIXES = frozenset({"quote", "quasiquote", "unquote", "unquote-splice"})
_ATOMS = frozenset({type(None), bool, int, float, str, Symbol, Keyword})
_REASONS = {
    "closure": "a closure — closures cannot be converted to source forms (did you mean to call the closure?)",
    "native-fn": "a native function — native fns cannot be converted to source forms",
    "map": "a hash map — maps cannot be converted to source forms (emit a `(hash-map ...)` call instead)",
    "promise": "a promise — promises are runtime values with no source-form representation (force it first)",
    "error": "an Error value — errors cannot be converted to source forms (use `throw` to raise instead)",
    "foreign": "a foreign Value — foreign values cannot be converted to source forms",
}


def form_to_value(form: Form) -> object:
    """The datum of `form` (language reference 5.5); lists are new Python lists."""
    return unflatten(flatten(form))


def value_to_form(value: object, start: int, end: int, who: str) -> Form:
    """`value` as code whose every node has the span `[start, end)` (language reference 7.5).

    Raises TickError `native-fn` in the name of `who` for a value that has no form.
    """
    done: list[Form] = []
    stack: list[object] = [value]
    while stack:
        current = stack.pop()
        if current.__class__ is _Build:
            count = current.count
            parts = done[len(done) - count :]
            del done[len(done) - count :]
            done.append(_listed(parts, start, end))
        elif current.__class__ in _ATOMS:
            done.append(Atom(current, start, end))
        elif is_list(current):
            elements = items(current)
            stack.append(_Build(len(elements)))
            stack.extend(reversed(elements))
        else:
            kind = kind_of(current)
            reason = _REASONS.get(kind, f"a value of kind {kind} — it has no source-form representation")
            raise native_fault(who, f"macro body returned {reason}")
    return done[0]


class _Build:
    """Take the last `count` forms as a list."""

    __slots__ = ("count",)

    def __init__(self, count: int) -> None:
        self.count = count


def _listed(parts: list[Form], start: int, end: int) -> Form:
    if len(parts) == 2 and isinstance(parts[0], Atom) and isinstance(parts[0].value, Symbol):
        name = parts[0].value.name
        if name in _PREFIXES:
            return PrefixForm(name, parts[1], start, end)
    return ListForm(parts, start, end)
