"""From forms back to text: on one line, which the reader reads back, or laid out for people.

Neither recurses deeper than the layout's own margin, whatever the nesting of the forms.
"""

from __future__ import annotations

from collections.abc import Iterable

from vigyc.lang.datum import Atom, BuiltinName, Form, Keyword, ListForm, PrefixForm, Symbol

WIDTH = 100
DEEPEST_INDENT = 60
"""Forms that begin further right than this are written on one line, however long."""

_PREFIXES = {"quote": "'", "quasiquote": "`", "unquote": ",", "unquote-splice": ",@"}
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}

# Heads whose operands after the first few are a body, indented by two; the rest align under the first operand.
_HEADER_OPERANDS = {
    "begin": 0,
    "cond": 0,
    "define": 1,
    "lambda": 1,
    "let": 1,
    "let*": 1,
    "letrec": 1,
    "when": 1,
    "unless": 1,
    "catch": 1,
    "try": 0,
}


def print_form(form: Form) -> str:
    """`form` on one line, as the reader would read it; nil and builtins put in by macros print as `()` and a name."""
    return "".join(_pieces(form))


def pretty(forms: Iterable[Form]) -> str:
    """`forms` one after another, laid out in lines of about `WIDTH` characters, ending with a line feed."""
    return "".join(_laid_out(form, 0) + "\n" for form in forms)


def _pieces(form: Form) -> Iterable[str]:
    """The text of `form` in pieces; `waiting` holds forms still to print and text to print between them."""
    waiting: list[Form | str] = [form]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, ListForm):
            yield "("
            waiting.append(")")
            for place in range(len(item.items) - 1, -1, -1):
                waiting.append(item.items[place])
                if place:
                    waiting.append(" ")
        elif isinstance(item, PrefixForm):
            yield _prefix(item)
            waiting.append(item.form)
        elif isinstance(item, Atom):
            yield _atom(item.value)


def _prefix(form: PrefixForm) -> str:
    """The prefix of `form`; `, @x` needs its space, since `,@` is another prefix."""
    inner = form.form
    touches = form.kind == "unquote" and isinstance(inner, Atom) and isinstance(inner.value, Symbol | BuiltinName)
    return ", " if touches and _atom(inner.value).startswith("@") else _PREFIXES[form.kind]  # type: ignore[attr-defined]


def _atom(value: object) -> str:
    if value is None:
        return "()"
    if value is True:
        return "#t"
    if value is False:
        return "#f"
    if isinstance(value, str):
        return '"' + "".join(_ESCAPES.get(char) or _plain(char) for char in value) + '"'
    if isinstance(value, Symbol | BuiltinName):
        return value.name
    if isinstance(value, Keyword):
        return ":" + value.name
    return repr(value)


def _plain(char: str) -> str:
    """`char` itself, or its code where it would not be seen; a lone surrogate has no spelling but itself."""
    return char if char.isprintable() or "\ud800" <= char <= "\udfff" else f"\\u{{{ord(char):x}}}"


def _laid_out(form: Form, indent: int) -> str:
    line = _short(form, WIDTH - indent) if indent <= DEEPEST_INDENT else print_form(form)
    if line is not None:
        return line
    if isinstance(form, PrefixForm):
        prefix = _prefix(form)
        return prefix + _laid_out(form.form, indent + len(prefix))
    if not isinstance(form, ListForm) or not form.items:
        return print_form(form)
    return _list(form.items, indent)


def _list(items: list[Form], indent: int) -> str:
    """A list over several lines: the head with its header operands, then a body or aligned operands."""
    head = items[0]
    name = head.value.name if isinstance(head, Atom) and isinstance(head.value, Symbol | BuiltinName) else None
    if name is None:
        return "(" + _stacked(items, indent + 1) + ")"
    first = _HEADER_OPERANDS.get(name)
    if first is None:
        lead = f"({name} "
        return lead + _stacked(items[1:], indent + len(lead)) + ")"
    header = f"({name}"
    for operand in items[1 : 1 + first]:
        header += " " + _laid_out(operand, indent + len(header) + 1)
    body = items[1 + first :]
    return header + ("\n" + " " * (indent + 2) + _stacked(body, indent + 2) if body else "") + ")"


def _stacked(items: list[Form], indent: int) -> str:
    return ("\n" + " " * indent).join([_laid_out(item, indent) for item in items])


def _short(form: Form, width: int) -> str | None:
    """`form` on one line if it fits `width` characters, found out without printing much more than that."""
    text = ""
    for piece in _pieces(form):
        text += piece
        if len(text) > width:
            return None
    return text
