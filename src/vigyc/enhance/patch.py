"""From what a proposer made, or a person submitted, to a change of a program: edits of its text, or another text."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from vigyc.enhance.edits.apply import applied
from vigyc.enhance.edits.edit import LONGEST, Edit, edit_json, read_edits
from vigyc.lang.errors import Invalid
from vigyc.model import reading
from vigyc.model.argument import checked_text
from vigyc.model.label import BUMPS, PATCH
from vigyc.model.reading import Fields

LONGEST_RATIONALE: Final = 10_000
"""Characters."""


class Patch(NamedTuple):
    """A change: either `edits` or the whole `source`; how it raises the label, and why it is made."""

    edits: tuple[Edit, ...] | None = None
    source: str | None = None
    bump: str = PATCH
    rationale: str = ""


def read_patch(data: object, where: str = "proposal") -> Patch:
    """The patch in JSON data. Raises Invalid, naming the place that is wrong."""
    fields = Fields(data, where)
    fields.only(*Patch._fields)
    patch = Patch(
        fields.may("edits", read_edits, None),
        fields.may("source", _source, None),
        fields.may("bump", reading.one_of(*BUMPS), PATCH),
        fields.may("rationale", _rationale, ""),
    )
    if (patch.edits is None) == (patch.source is None):
        given = "both are" if patch.source is not None else "neither is"
        raise Invalid(f"{where}: it must have either `edits` or the whole `source`, and {given} there")
    return patch


def patch_json(patch: Patch) -> dict[str, Any]:
    """`patch` as JSON data."""
    if patch.edits is None:
        change: dict[str, Any] = {"source": patch.source}
    else:
        change = {"edits": [edit_json(edit) for edit in patch.edits]}
    return {**change, "bump": patch.bump, "rationale": patch.rationale}


def patched(text: str, patch: Patch) -> str:
    """`text` as `patch` makes it. Raises edits.apply.Refused."""
    if patch.source is not None:
        return patch.source
    return applied(text, patch.edits or ())


def _source(data: object, where: str) -> str:
    text = checked_text(where, data)
    size = len(text.encode())
    if size > LONGEST:
        raise Invalid(f"{where}: it has {size} bytes; it may have {LONGEST} at most")
    return text


def _rationale(data: object, where: str) -> str:
    text = checked_text(where, data)
    if len(text) > LONGEST_RATIONALE:
        raise Invalid(f"{where}: it has {len(text)} characters; it may have {LONGEST_RATIONALE} at most")
    return text
