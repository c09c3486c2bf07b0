"""From nested data to a flat row and back: quoted data that a code object can hold however deep it nests.

The row is postfix: constants stand for themselves, `("y", name)` is a symbol, `("k", name)` a keyword and
`("l", n)` takes the last n values as a list.
"""

from __future__ import annotations

from vigyc.lang.datum import Atom, BuiltinName, Form, Keyword, ListForm, PrefixForm, Symbol, keyword, symbol


def flatten(form: Form) -> tuple[object, ...]:
    """The row for the datum of `form` (language reference 5.5)."""
    row: list[object] = []
    stack: list[Form | int | str] = [form]
    while stack:
        item = stack.pop()
        if isinstance(item, int):
            row.append(("l", item))
        elif isinstance(item, str):
            row.append(("y", item))
        elif isinstance(item, ListForm):
            stack.append(len(item.items))
            stack.extend(reversed(item.items))
        elif isinstance(item, PrefixForm):
            stack += (2, item.form, item.kind)
        elif isinstance(item, Atom):
            row.append(_flat_atom(item.value))
    return tuple(row)


def _flat_atom(value: object) -> object:
    if isinstance(value, (Symbol, BuiltinName)):
        return ("y", value.name)
    if isinstance(value, Keyword):
        return ("k", value.name)
    return value


def unflatten(row: tuple[object, ...]) -> object:
    """The value a row stands for, lists being new Python lists."""
    values: list[object] = []
    for item in row:
        if not isinstance(item, tuple):
            values.append(item)
        elif item[0] == "l":
            count = item[1]
            first = len(values) - count
            values[first:] = [values[first:]]
        else:
            values.append(symbol(item[1]) if item[0] == "y" else keyword(item[1]))
    return values[-1]
