"""From program text to data: what the reader produces and every later pass consumes.

Symbols and keywords are interned, so identity is equality. A form carries its span as UTF-8 byte
offsets `[start, end)` into the source; forms made by a macro carry the span of the call that made them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Lock
from weakref import WeakValueDictionary


class Symbol:
    """An interned name, such as `car`; make one with `symbol`."""

    __slots__ = ("__weakref__", "name")
    name: str

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"symbol({self.name!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return (symbol, (self.name,))


class Keyword:
    """An interned keyword, such as `:ready`, named without its colon; make one with `keyword`."""

    __slots__ = ("__weakref__", "name")
    name: str

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"keyword({self.name!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return (keyword, (self.name,))


# Held weakly: a program that makes symbols of ever new texts must not fill the memory.
_symbols: WeakValueDictionary[str, Symbol] = WeakValueDictionary()
_keywords: WeakValueDictionary[str, Keyword] = WeakValueDictionary()
_interning = Lock()


def symbol(name: str) -> Symbol:
    """The one symbol called `name`."""
    found = _symbols.get(name)
    if found is None:
        with _interning:
            found = _symbols.get(name)
            if found is None:
                found = _symbols[name] = Symbol(name)
    return found


def keyword(name: str) -> Keyword:
    """The one keyword called `name` (no colon)."""
    found = _keywords.get(name)
    if found is None:
        with _interning:
            found = _keywords.get(name)
            if found is None:
                found = _keywords[name] = Keyword(name)
    return found


class BuiltinName:
    """A library name put into code by a library macro: it means the builtin whatever the program defines."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"BuiltinName({self.name!r})"


class Form:
    """A piece of source with its span; one of `Atom`, `ListForm`, `PrefixForm`."""

    __slots__ = ("end", "start")
    start: int
    end: int


class Atom(Form):
    """A number, string, boolean, symbol, keyword, `BuiltinName`, or None for nil (only from macros)."""

    __slots__ = ("value",)

    def __init__(self, value: object, start: int, end: int) -> None:
        self.value = value
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"Atom({self.value!r})"


class ListForm(Form):
    """A parenthesised list of forms."""

    __slots__ = ("items",)

    def __init__(self, items: list[Form], start: int, end: int) -> None:
        self.items = items
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"ListForm({self.items!r})"


class PrefixForm(Form):
    """A quoted form: `kind` is `quote`, `quasiquote`, `unquote` or `unquote-splice`."""

    __slots__ = ("form", "kind")

    def __init__(self, kind: str, form: Form, start: int, end: int) -> None:
        self.kind = kind
        self.form = form
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"PrefixForm({self.kind!r}, {self.form!r})"


def atoms(forms: Iterable[Form]) -> Iterator[Atom]:
    """The atoms in `forms`, however deep they stand, in no particular order."""
    waiting = list(forms)
    while waiting:
        form = waiting.pop()
        if isinstance(form, ListForm):
            waiting += form.items
        elif isinstance(form, PrefixForm):
            waiting.append(form.form)
        elif isinstance(form, Atom):
            yield form
