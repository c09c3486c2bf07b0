"""From JSON data that a proposer made to edits of a program's text, and back.

Here an edit is looked at for its shape alone; whether it fits a text is found out when it is applied (apply.py). A
path is a list of indices from 0: first that of a top-level form, then those of items in lists; a prefix form such as
`'x` has its one inner form at index 0.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeAlias

from vigyc.lang.errors import Invalid
from vigyc.model import reading
from vigyc.model.argument import checked_text
from vigyc.model.reading import Fields

MOST: Final = 1_000
LONGEST: Final = 1024 * 1024
"""The bytes of a text that is edited, of what comes of it, and of one `old` or `new`."""
LONGEST_TOGETHER: Final = 4 * LONGEST
"""The bytes of all `old` and `new` of a list of edits."""
HOLE: Final = "_"
"""The symbol in the `new` of a Wrap that the old form takes the place of."""

Path: TypeAlias = tuple[int, ...]


class Replace(NamedTuple):
    """The form at `path`, which must be `old`, becomes `new`."""

    path: Path
    old: str
    new: str


class Insert(NamedTuple):
    """`new` is put before the form at `path`; an index one past the last appends."""

    path: Path
    new: str


class Delete(NamedTuple):
    """The form at `path`, which must be `old`, is taken out."""

    path: Path
    old: str


class Wrap(NamedTuple):
    """The form at `path`, which must be `old`, becomes `new` with itself in the place of `_`."""

    path: Path
    old: str
    new: str


class Rename(NamedTuple):
    """The symbol `old` becomes `new` wherever it occurs in the form at `path` (empty: in the whole text)."""

    old: str
    new: str
    path: Path = ()


Edit: TypeAlias = Replace | Insert | Delete | Wrap | Rename

OPS: Final[dict[str, type[Replace | Insert | Delete | Wrap | Rename]]] = {
    "replace": Replace, "insert": Insert, "delete": Delete, "wrap": Wrap, "rename": Rename,
}  # fmt: skip
_NAMES: Final = {kind: op for op, kind in OPS.items()}


def op_of(edit: Edit) -> str:
    """What `edit` is called: `replace`, `insert`, ..."""
    return _NAMES[edit.__class__]


def edit_json(edit: Edit) -> dict[str, Any]:
    """`edit` as JSON data."""
    fields = {name: list(value) if name == "path" else value for name, value in edit._asdict().items()}
    if not edit.path:
        del fields["path"]
    return {"op": op_of(edit), **fields}


def read_edits(data: object, where: str = "edits") -> tuple[Edit, ...]:
    """The edits in a JSON list, in order. Raises Invalid, naming the place that is wrong."""
    if isinstance(data, list) and len(data) > MOST:
        raise Invalid(
            f"{where}: {len(data)} edits; there may be {MOST} at most; give the whole text as `source` instead"
        )
    edits = reading.each(_edit)(data, where)
    together = sum(len(part.encode()) for edit in edits for part in edit if isinstance(part, str))
    if together > LONGEST_TOGETHER:
        raise Invalid(
            f"{where}: their texts have {together} bytes together; they may have {LONGEST_TOGETHER} at most; "
            "give the whole text as `source` instead"
        )
    return edits


def _edit(data: object, where: str) -> Edit:
    fields = Fields(data, where)
    kind = OPS[fields.need("op", reading.one_of(*OPS))]
    fields.only("op", *kind._fields)
    path = fields.may("path", _path, ()) if kind is Rename else fields.need("path", _path)
    if not path and kind is not Rename:
        raise Invalid(f"{where}.path: it is empty; it must name a form, as [0] does the first of the text")
    texts = {name: fields.need(name, _text) for name in kind._fields if name != "path"}
    return kind(path=path, **texts)


def _path(data: object, where: str) -> Path:
    return reading.each(_index)(data, where)


def _index(data: object, where: str) -> int:
    index = reading.whole(data, where)
    if index < 0:
        raise Invalid(f"{where}: it must be 0 or more, not {index}; indices count from 0 and never from the end")
    return index


def _text(data: object, where: str) -> str:
    text = checked_text(where, data)
    size = len(text.encode())
    if size > LONGEST:
        raise Invalid(f"{where}: it has {size} bytes; it may have {LONGEST} at most")
    return text
