"""From a `defmacro` form to a macro, and from the operands of its call to the arguments of its function."""

from __future__ import annotations

from dataclasses import dataclass

from vigyc.frontend.macros.call import is_symbol
from vigyc.frontend.macros.world import World
from vigyc.lang.datum import Atom, Form, ListForm, Symbol, symbol
from vigyc.lang.diagnostic import Diagnostic

DEFINERS = frozenset(symbol(name) for name in ("defmacro", "defpoint-template", "defcheck"))


@dataclass(frozen=True, slots=True, eq=False)
class Macro:
    """A macro of a program: its parameters, `optional` ones with their defaults, its body, and where it was defined."""

    name: str
    required: tuple[Symbol, ...]
    optional: tuple[tuple[Symbol, Form], ...]
    rest: Symbol | None
    body: tuple[Form, ...]
    world: World
    start: int
    end: int

    def params(self) -> list[Symbol]:
        """The names its body sees."""
        names = [*self.required, *(name for name, _ in self.optional)]
        return names if self.rest is None else [*names, self.rest]

    def function(self, body: list[Form]) -> ListForm:
        """`(lambda (params...) body...)` for the expanded `body`; defaults are filled in by `bind`."""
        names = self.params()
        if self.rest is not None:
            names.insert(-1, symbol("&rest"))
        params = ListForm([Atom(name, self.start, self.end) for name in names], self.start, self.end)
        return ListForm([Atom(symbol("lambda"), self.start, self.end), params, *body], self.start, self.end)

    def bind(self, operands: list[Form]) -> list[Form] | str:
        """The arguments for its function, or why the call is refused."""
        given, least, most = len(operands), len(self.required), len(self.required) + len(self.optional)
        if given < least:
            return f"missing required arg: {self.required[given].name}"
        if given > most and self.rest is None:
            return f"too many args: expected at most {most}, got {given}"
        return operands + [default for _, default in self.optional[max(given - least, 0) :]]


class BadDefinition(Exception):
    """A `defmacro` form that defines nothing; `diagnostic` says why."""

    def __init__(self, where: str, reason: str, form: Form) -> None:
        super().__init__(reason)
        notes = (("shape", "(defmacro name (param... &optional param... &rest param) body...)"),)
        message = f"compile error in {where}: {reason}"
        self.diagnostic = Diagnostic("bad-macro-definition", message, form.start, form.end, notes=notes)


def parse(form: ListForm, world: World) -> tuple[Symbol, Macro]:
    """The macro that `form` defines and its name."""
    items = form.items
    head = items[0].value.name  # type: ignore[attr-defined]
    if len(items) < 4:
        raise BadDefinition(head, "(defmacro name (params) body) required", form)
    name, params, *body = items[1:]
    if not isinstance(name, Atom) or not isinstance(name.value, Symbol):
        raise BadDefinition(head, "expected name symbol", name)
    if not isinstance(params, ListForm):
        raise BadDefinition(head, "expected param list", params)
    if len(body) > 1 and isinstance(body[0], Atom) and isinstance(body[0].value, str):
        del body[0]  # a docstring
    required, optional, rest = _params(params)
    macro = Macro(name.value.name, required, optional, rest, tuple(body), world, form.start, form.end)
    return name.value, macro


def _params(params: ListForm) -> tuple[tuple[Symbol, ...], tuple[tuple[Symbol, Form], ...], Symbol | None]:
    required: list[Symbol] = []
    optional: list[tuple[Symbol, Form]] = []
    is_optional = False
    items = params.items
    for index, item in enumerate(items):
        if is_symbol(item, "&rest") or (is_symbol(item, ".") and index):
            name = _name(items[index + 1]) if index + 1 < len(items) else None
            if name is None:
                raise BadDefinition("defmacro params", "&rest needs a name", item)
            return tuple(required), tuple(optional), name
        if is_symbol(item, "&optional"):
            if is_optional:
                raise BadDefinition("defmacro params", "&optional given twice", item)
            is_optional = True
        elif is_optional:
            optional.append(_optional(item))
        else:
            name = _name(item)
            if name is None:
                raise BadDefinition("defmacro params", "expected symbol", item)
            required.append(name)
    return tuple(required), tuple(optional), None


def _optional(item: Form) -> tuple[Symbol, Form]:
    """`name`, or `(name default)` with a default that is passed as it is written."""
    name = _name(item)
    if name is not None:
        return name, Atom(None, item.start, item.end)
    if isinstance(item, ListForm) and len(item.items) == 2:
        name = _name(item.items[0])
        if name is not None:
            return name, item.items[1]
    raise BadDefinition("defmacro params", "expected symbol or (symbol default) after &optional", item)


def _name(form: Form) -> Symbol | None:
    return form.value if isinstance(form, Atom) and isinstance(form.value, Symbol) else None
