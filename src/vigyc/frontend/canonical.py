"""From a program's text to the name of its content: the same for every layout of the same forms.

White space and comments do not count, nor how a number or a string is spelled; the forms, their order, and the modules
that are required do. The name begins with the tag of the form it was made of (`c1:`): should what is canonical ever
change, the tag does, and no older name becomes wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from blake3 import blake3

from vigyc.frontend.reader import read
from vigyc.lang.datum import Form
from vigyc.lang.printer import print_form
from vigyc.lang.source import Source

TAG: Final = "c1:"
_REMEMBERED: Final = 8  # texts; who judges a candidate asks for its content from many sides


@lru_cache(maxsize=_REMEMBERED)
def canonical(text: str) -> str | None:
    """The canonical text: one form a line; None for a text that cannot be read."""
    forms, diagnostics = read(Source("<program>", text))
    return None if diagnostics else printed(forms)


def printed(forms: Iterable[Form]) -> str:
    """The canonical text of a program that was read already."""
    return "".join(print_form(form) + "\n" for form in forms)


def content_of(text: str, modules: Mapping[str, Any] | None = None) -> str | None:
    """The name of the content of a program with its `modules` (a linking.ModuleBundle's data); None if unreadable."""
    program = canonical(text)
    return None if program is None else content_name(program, modules)


def content_name(program: str, modules: Mapping[str, Any] | None) -> str:
    """The same, of the canonical text of a program."""
    hashed = blake3(_part(program))
    if modules is not None:
        for name, required in sorted(modules["texts"].items()):
            found = canonical(required)
            hashed.update(_part(name) + _part(required if found is None else found))
        for requiring, names in sorted(modules["names"].items()):
            for path, name in sorted(names.items()):
                hashed.update(_part(requiring) + _part(path) + _part(name))
    return TAG + hashed.hexdigest()


def _part(text: str) -> bytes:
    """`text` in bytes, with its length before it, so that parts cannot run into each other."""
    data = text.encode("utf-8", "surrogatepass")
    return len(data).to_bytes(8, "big") + data
