"""From a program's text to its forms with their paths, for whoever builds edits of it."""

from __future__ import annotations

from vigyc.enhance.edits.edit import Path
from vigyc.frontend.reader import read
from vigyc.lang.datum import Form, ListForm, PrefixForm
from vigyc.lang.errors import CompileError
from vigyc.lang.source import Source


class Located:
    """A form of a text: `outer` is the form it is in (None: it is a top-level form), `index` where in that.

    Path and text are made when they are asked for: those of all forms of a deep text would fill the memory.
    """

    __slots__ = ("_source", "form", "index", "outer")

    def __init__(self, form: Form, index: int, outer: Located | None, source: Source) -> None:
        self.form = form
        self.index = index
        self.outer = outer
        self._source = source

    @property
    def path(self) -> Path:
        """The path of the form, as edits have it."""
        indices = [self.index]
        outer = self.outer
        while outer is not None:
            indices.append(outer.index)
            outer = outer.outer
        return tuple(reversed(indices))

    @property
    def text(self) -> str:
        """The text of the form as it stands, comments inside included."""
        return self._source.data[self.form.start : self.form.end].decode("utf-8", "surrogatepass")

    def __repr__(self) -> str:
        return f"Located({self.path!r}, {self.form!r})"


def walked(text: str) -> list[Located]:
    """All forms of `text` in the order they begin, each before those inside it. Raises CompileError if unreadable."""
    source = Source("text", text)
    forms, diagnostics = read(source)
    if diagnostics:
        raise CompileError(diagnostics)
    found: list[Located] = []
    waiting = [Located(form, index, None, source) for index, form in enumerate(forms)][::-1]
    while waiting:
        here = waiting.pop()
        found.append(here)
        inner = _inner(here.form)
        waiting += [Located(inner[index], index, here, source) for index in range(len(inner) - 1, -1, -1)]
    return found


def _inner(form: Form) -> list[Form]:
    if isinstance(form, ListForm):
        return form.items
    return [form.form] if isinstance(form, PrefixForm) else []
