"""From the call of a library macro to the forms that replace it: what every expander is handed.

Forms put in by a macro carry the span of the call; the caller's own forms keep theirs. Library functions are put in
as `BuiltinName`, which no definition of the program can capture, and temporaries have a space in their names, which no
reader can produce.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from vigyc.lang.datum import Atom, BuiltinName, Form, ListForm, PrefixForm, Symbol, symbol

LONGEST_LOOK = 5_000
"""Forms that `may_define` looks at; loops inside loops would otherwise be looked through again and again."""


class Malformed(Exception):
    """The call does not have the shape its macro expects."""


class Call:
    """One call: its operands, and makers of forms that carry its span."""

    __slots__ = ("_numbers", "_user_macros", "end", "name", "operands", "shape", "start")

    def __init__(
        self, name: str, shape: str, form: ListForm, numbers: Iterator[int], user_macros: Collection[Symbol]
    ) -> None:
        self.name = name
        self.shape = shape
        self.operands = form.items[1:]
        self.start = form.start
        self.end = form.end
        self._numbers = numbers
        self._user_macros = user_macros

    def atom(self, value: object) -> Form:
        """`value` as a form."""
        return Atom(value, self.start, self.end)

    def builtin(self, name: str) -> Form:
        """The library function `name`, whatever the program has defined."""
        return Atom(BuiltinName(name), self.start, self.end)

    def fresh(self, role: str) -> Form:
        """A new temporary, told apart from all others by a number."""
        return Atom(symbol(f"{role} {next(self._numbers)}"), self.start, self.end)

    def form(self, *items: Form) -> Form:
        """A list of `items`."""
        return ListForm([*items], self.start, self.end)

    def special(self, head: str, *items: Form) -> Form:
        """The special form `head` with `items`."""
        return ListForm([Atom(symbol(head), self.start, self.end), *items], self.start, self.end)

    def apply(self, function: str, *arguments: Form) -> Form:
        """A call of the library function `function`."""
        return ListForm([self.builtin(function), *arguments], self.start, self.end)

    def quote(self, form: Form) -> Form:
        """The datum of `form`; what evaluates to itself stays as it is."""
        if isinstance(form, Atom) and not isinstance(form.value, Symbol | BuiltinName):
            return form
        return PrefixForm("quote", form, self.start, self.end)

    def bad_form(self) -> Form:
        """The form that raises `bad-special-form` when it is reached."""
        return self.apply("bad-form", self.atom(self.name), self.atom(f"expected {self.shape}"))

    def require(self, least: int, most: int | None = None) -> None:
        """Refuse the call unless it has between `least` and `most` operands."""
        if len(self.operands) < least or (most is not None and len(self.operands) > most):
            raise Malformed

    def pair(self, form: Form) -> tuple[Form, Form]:
        """`form` as a binding `(name expr)`."""
        if not isinstance(form, ListForm) or len(form.items) != 2:
            raise Malformed
        name, value = form.items
        symbol_of(name)
        return name, value

    def may_define(self, forms: list[Form]) -> bool:
        """Whether running `forms` might define a name in the frame around them; in doubt, and in long code, yes."""
        waiting = list(forms)
        for _ in range(LONGEST_LOOK):
            if not waiting:
                return False
            form = waiting.pop()
            if isinstance(form, ListForm) and form.items:
                waiting += form.items
                head = form.items[0]
                value = head.value if isinstance(head, Atom) else None
                if isinstance(value, Symbol) and (value.name in _DEFINING or value in self._user_macros):
                    return True
        return True


# Heads that define names, or may; every macro of the program may too.
_DEFINING = frozenset(
    "define eval defflow defsm defactor defstrategy defvisitor define-record defn-typed".split()  # noqa: SIM905
)


def symbol_of(form: Form) -> Symbol:
    """The symbol that `form` is."""
    if isinstance(form, Atom) and isinstance(form.value, Symbol):
        return form.value
    raise Malformed


def is_symbol(form: Form, name: str) -> bool:
    """Whether `form` is the symbol `name`."""
    return isinstance(form, Atom) and isinstance(form.value, Symbol) and form.value.name == name


def elements(form: Form) -> list[Form] | None:
    """The elements of `form` where a macro sees a list: `'x` is the list `(quote x)`; None for an atom."""
    if isinstance(form, ListForm):
        return form.items
    if isinstance(form, PrefixForm):
        return [Atom(symbol(form.kind), form.start, form.end), form.form]
    return None
