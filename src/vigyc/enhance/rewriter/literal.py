"""From a form to the number it is, and from a text to a string of the language."""

from __future__ import annotations

from vigyc.lang.datum import Atom, Form
from vigyc.lang.printer import print_form


def number(form: Form) -> int | float | None:
    """The number that `form` is."""
    value = form.value if isinstance(form, Atom) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def whole_number(form: Form) -> int | None:
    """The whole number that `form` is."""
    value = number(form)
    return value if isinstance(value, int) else None


def string_of(text: str) -> str:
    """`text` as a string of the language."""
    return print_form(Atom(text, 0, 0))
