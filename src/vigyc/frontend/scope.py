"""From nested bodies to frames: which variable a name means at a point of the program.

A frame is made by a function body, a let or a catch handler. Names defined in it are known beforehand
(`defined_names`), but a name counts as set only after its `define`: until then an outer variable of that name is
meant (language reference 5.4).
"""

from __future__ import annotations

from collections.abc import Iterable

from vigyc.lang.datum import Atom, Form, ListForm, Symbol
from vigyc.lang.ir import Function, Var

# Their bodies are frames of their own, or are not code.
_CLOSED = frozenset({"lambda", "let", "let*", "letrec", "quote", "quasiquote"})


class Frame:
    """The variables of one body; `is_set` holds those that have a value whenever this point is reached.

    In a dynamic program `dynamic` holds what evaluated code defines here; an `evaluated` frame is one of the code
    around, seen from inside `eval`: what is defined in it goes there.
    """

    __slots__ = ("dynamic", "evaluated", "function", "is_set", "journal", "parent", "vars")

    def __init__(self, function: Function, parent: Frame | None) -> None:
        self.function = function
        self.parent = parent
        self.vars: dict[str, Var] = {}
        self.is_set: set[str] = set()
        self.journal: list[str] = []
        self.dynamic: Var | None = None
        self.evaluated = False

    def bind(self, name: str, *, is_param: bool = False) -> Var:
        """A new variable that has its value from the start; a later one of the same name hides it."""
        var = Var(name, self.function, is_param=is_param)
        self.vars[name] = var
        self.is_set.add(name)
        self.function.locals.append(var)
        return var

    def expect(self, names: Iterable[str]) -> None:
        """Make variables for names that are defined somewhere in the body."""
        for name in names:
            if name not in self.vars:
                var = Var(name, self.function)
                self.vars[name] = var
                self.function.locals.append(var)

    def mark_set(self, name: str) -> None:
        """From here on `name` has a value."""
        if name not in self.is_set:
            self.is_set.add(name)
            self.journal.append(name)

    def unset_since(self, mark: int) -> list[str]:
        """Forget what was set since the journal was `mark` long, and say what."""
        names = self.journal[mark:]
        del self.journal[mark:]
        self.is_set.difference_update(names)
        return names


def defined_names(body: Iterable[Form]) -> dict[str, None]:
    """The names that `define` forms in `body` bind in its own frame, in order of first appearance."""
    names: dict[str, None] = {}
    stack = list(body)
    stack.reverse()
    while stack:
        form = stack.pop()
        if not isinstance(form, ListForm) or not form.items:
            continue
        head = form.items[0]
        word = head.value.name if isinstance(head, Atom) and isinstance(head.value, Symbol) else None
        if word in _CLOSED:
            if word in ("let", "let*", "letrec") and len(form.items) > 1 and word != "quote":
                stack.extend(reversed(_init_forms(form)))
            continue
        if word == "define":
            if len(form.items) < 3:
                continue  # malformed: it defines nothing
            target = form.items[1]
            if isinstance(target, ListForm):
                name = target.items[0] if target.items else None
                if isinstance(name, Atom) and isinstance(name.value, Symbol):
                    names[name.value.name] = None
                continue
            if isinstance(target, Atom) and isinstance(target.value, Symbol):
                names[target.value.name] = None
            stack.extend(form.items[2:3])
        elif word == "try":
            stack.extend(reversed(form.items[1:-1]))
        else:
            stack.extend(reversed(form.items))
    return names


def _init_forms(form: ListForm) -> list[Form]:
    """The init expressions of a `let`, which belong to the frame around it; the others have a frame of their own."""
    bindings = form.items[1]
    head = form.items[0]
    if not (isinstance(head, Atom) and isinstance(head.value, Symbol) and head.value.name == "let"):
        return []
    if not isinstance(bindings, ListForm):
        return []
    return [part for binding in bindings.items if isinstance(binding, ListForm) for part in binding.items[1:]]
