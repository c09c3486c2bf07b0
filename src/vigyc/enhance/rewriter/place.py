"""From a program's text to its places: every form with where it stands and what it is there.

Built without recursion; a path is found when it is asked for, so deep programs cost no more than long ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from vigyc.enhance.rewriter.roles import (
    CODE,
    IGNORED,
    NAMES,
    OPAQUE,
    SHAPES,
    TEMPLATE,
    UNSHAPED,
    below_prefix,
    item_roles,
    name,
    word,
)
from vigyc.frontend.reader import read
from vigyc.lang.datum import Form, ListForm, PrefixForm
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import CompileError
from vigyc.lang.forms import SPECIAL_FORMS
from vigyc.lang.source import Source
from vigyc.scope import scope_of

_MACRO_DEFINERS = frozenset({"defmacro", "defpoint-template", "defcheck"})
_DEFINERS = _MACRO_DEFINERS | {"define", "set!"}


class Place:
    """A form where it stands: its role (roles.py), the place of the list or prefix around it, and those below it."""

    __slots__ = ("below", "form", "index", "parent", "role")

    def __init__(self, form: Form, role: str, parent: Place | None, index: int) -> None:
        self.form = form
        self.role = role
        self.parent = parent
        self.index = index
        self.below: list[Place] = []

    @property
    def path(self) -> list[int]:
        """The indices that lead here from the top."""
        found = [self.index]
        place = self.parent
        while place is not None:
            found.append(place.index)
            place = place.parent
        return found[::-1]

    @property
    def word(self) -> str | None:
        """The symbol this begins with, if it is a list that is code."""
        return word(self.form) if self.role == CODE else None

    @property
    def name(self) -> str | None:
        """The symbol this is."""
        return name(self.form)

    def all(self) -> Iterator[Place]:
        """This place and all below it, in the order of the text."""
        waiting = [self]
        while waiting:
            place = waiting.pop()
            yield place
            waiting += place.below[::-1]

    def around(self) -> Iterator[Place]:
        """The places this stands in, innermost first."""
        place = self.parent
        while place is not None:
            yield place
            place = place.parent


class Subject:
    """A program to be rewritten, and what the checker finds in it. Raises CompileError for a text that is none."""

    def __init__(self, text: str, findings: Sequence[Diagnostic]) -> None:
        self.source = Source("<program>", text)
        self.findings = findings
        forms, mistakes = read(self.source)
        if mistakes:
            raise CompileError(mistakes)
        self.top = _placed(forms)
        self.places = [place for form in self.top for place in form.all()]
        self._bindings: dict[str, list[Place]] = defaultdict(list)
        self._uses: dict[str, list[Place]] = defaultdict(list)
        for place in self.places:
            if place.name is not None and place.role == NAMES:
                self._bindings[place.name].append(_binder(place))
            elif place.name is not None and place.role != IGNORED:
                self._uses[place.name].append(place)

    def text(self, form: Form) -> str:
        """`form` as it is written."""
        return self.slice(form.start, form.end)

    def slice(self, start: int, end: int) -> str:
        """The text between two offsets in bytes."""
        return self.source.data[start:end].decode("utf-8", "surrogatepass")

    def line(self, place: Place | Diagnostic) -> int:
        """The line where `place` begins."""
        return self.source.place(place.start if isinstance(place, Diagnostic) else place.form.start)[0]

    def shown(self, place: Place) -> str:
        """`place` for a message: its text on one line, not too long."""
        text = " ".join(self.text(place.form).split())
        return text if len(text) <= 80 else text[:77] + "..."

    def calls(self, head: str) -> list[Place]:
        """The calls of `head` that are code."""
        return [place for place in self.places if place.word == head]

    def bindings(self, symbol: str) -> list[Place]:
        """The definitions, pairs and functions that bind `symbol`."""
        return self._bindings.get(symbol, [])

    def uses(self, symbol: str) -> list[Place]:
        """Where `symbol` stands but is not bound, in code or in what a macro or `quote` is given."""
        return self._uses.get(symbol, [])

    def binds(self, symbol: str) -> Place | None:
        """Where the program gives `symbol` a meaning of its own, in code or through a macro."""
        return next((place for place in self.places if place.name == symbol and _is_bound(place)), None)


def _binder(place: Place) -> Place:
    """The form that binds the name at `place`."""
    return next((around for around in place.around() if around.role != NAMES), place)


def _is_bound(place: Place) -> bool:
    if place.role == NAMES:
        return True
    if place.role not in (TEMPLATE, OPAQUE) or place.parent is None:
        return False
    target = place.parent if place.index == 0 else place
    return target.index == 1 and target.parent is not None and word(target.parent.form) in _DEFINERS


def _placed(forms: list[Form]) -> list[Place]:
    macros = _macros(forms)
    top = [Place(form, CODE, None, index) for index, form in enumerate(forms)]
    waiting = list(top)
    while waiting:
        place = waiting.pop()
        form = place.form
        if isinstance(form, ListForm):
            roles = item_roles(place.role, form.items, macros)
            pairs = zip(form.items, roles, strict=True)
            place.below = [Place(item, role, place, index) for index, (item, role) in enumerate(pairs)]
        elif isinstance(form, PrefixForm):
            place.below = [Place(form.form, below_prefix(place.role, form.kind), place, 0)]
        waiting += place.below
    return top


def _macros(forms: list[Form]) -> frozenset[str]:
    """The macros whose calls are opaque: the program's own, and after a `require` every head that nobody knows."""
    own = {name(form.items[1]) for form in forms if word(form) in _MACRO_DEFINERS
           and isinstance(form, ListForm) and len(form.items) > 1}  # fmt: skip
    if any(word(form) == "require" for form in forms):
        bound, heads = set(), set()
        waiting = list(forms)
        while waiting:
            form = waiting.pop()
            if isinstance(form, ListForm):
                heads.add(word(form))
                if word(form) == "define" and len(form.items) > 1:
                    bound.update({name(form.items[1]), word(form.items[1])})
                waiting += form.items
            elif isinstance(form, PrefixForm):
                waiting.append(form.form)
        own |= heads - bound - scope_of(None).signatures.keys() - SPECIAL_FORMS.keys() - SHAPES.keys() - UNSHAPED
    return frozenset(macro for macro in own if macro is not None)
