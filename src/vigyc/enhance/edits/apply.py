"""From a text and edits of it to the edited text, or to which edit does not fit and why.

Edits apply one after another, each to what the one before left, and all or none. Whatever is outside an edit (comments,
layout, line ends, a byte-order mark) stays byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from vigyc.enhance.edits import operations
from vigyc.enhance.edits.edit import LONGEST, Delete, Edit, Insert, Rename, Replace, Wrap, op_of
from vigyc.enhance.edits.layout import line_end
from vigyc.enhance.edits.operations import Text
from vigyc.enhance.edits.piece import Group, parsed, same, written
from vigyc.enhance.edits.place import path_text
from vigyc.enhance.edits.unfit import Unfit
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import InternalError
from vigyc.lang.source import Source


class Refused(Exception):
    """The edits do not fit the text; the text of this says which of them, why, and what to do."""


_OPERATIONS: Final[dict[type, Callable[[Text, Any], None]]] = {
    Replace: operations.replace, Insert: operations.insert, Delete: operations.delete, Wrap: operations.wrap,
    Rename: operations.rename,
}  # fmt: skip
_REMEMBERED: Final = 4  # who proposes edits tries them, and the flow has them applied again


def applied(text: str, edits: Sequence[Edit]) -> str:
    """`text` with all of `edits`. Raises Refused."""
    return _applied(text, tuple(edits))


@lru_cache(maxsize=_REMEMBERED)
def _applied(text: str, edits: tuple[Edit, ...]) -> str:
    _check_length("the text", text)
    whole, diagnostics = parsed(text, "text")
    if diagnostics:
        raise Refused(f"the text cannot be read: {_fault(text, diagnostics[0])}; replace it whole, with `source`")
    pieces = Text(whole, line_end(text))
    for number, edit in enumerate(edits):
        try:
            _OPERATIONS[edit.__class__](pieces, edit)
        except Unfit as unfit:
            where = f" at {path_text(edit.path)}" if edit.path else ""
            raise Refused(f"edits[{number}] ({op_of(edit)}{where}): {unfit}") from None
    return _checked(whole)


def _checked(whole: Group) -> str:
    """The text of `whole`, which must read as it."""
    text = written(whole)
    _check_length("what the edits make", text)
    again, diagnostics = parsed(text, "text")
    if diagnostics:
        raise Refused(f"what the edits make cannot be read: {_fault(text, diagnostics[0])}")
    if not same(whole, again):
        raise InternalError("edits: what they make reads as something else than they say")
    return text


def _check_length(what: str, text: str) -> None:
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LONGEST:
        raise Refused(f"{what} has {size} bytes; it may have {LONGEST} at most")


def _fault(text: str, diagnostic: Diagnostic) -> str:
    line, column = Source("text", text).place(diagnostic.start)
    return f"line {line}, column {column}: {diagnostic.message}"
