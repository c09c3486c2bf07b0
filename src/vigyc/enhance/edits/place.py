"""From a path to the piece it leads to, or to where on the way it ends."""

from __future__ import annotations

from typing import Final

from vigyc.enhance.edits.edit import Path
from vigyc.enhance.edits.layout import Spine
from vigyc.enhance.edits.piece import Group, Piece, shown
from vigyc.enhance.edits.unfit import Unfit

LONGEST_PATH_SHOWN: Final = 12

_COUNTED: Final = "forms are counted from 0, comments not"


def path_text(path: Path) -> str:
    """`path` as in JSON, the middle of a very long one left out."""
    if len(path) <= LONGEST_PATH_SHOWN:
        return str(list(path))
    half = LONGEST_PATH_SHOWN // 2
    first, last = (", ".join(map(str, part)) for part in (path[:half], path[-half:]))
    return f"[{first}, \u2026, {last}]"


def spine_to(whole: Group, path: Path) -> Spine:
    """The way to the form at `path`, which must be there. Raises Unfit."""
    spine: Spine = []
    here: Piece = whole
    for depth, index in enumerate(path):
        if not isinstance(here, Group):
            raise Unfit(
                f"there is no form {path_text(path)}: {path_text(path[:depth])} is {shown(here)}, "
                f"which holds no forms; {_COUNTED}"
            )
        if index >= len(here.items):
            raise Unfit(f"there is no form {path_text(path)}: {_extent(here, path[:depth])}; {_COUNTED}")
        spine.append((here, index))
        here = here.items[index]
    return spine


def spine_to_one(whole: Group, path: Path) -> Spine:
    """The way to the form at `path`, which must not be the whole text. Raises Unfit."""
    _check_named(path)
    return spine_to(whole, path)


def piece_at(spine: Spine) -> Piece:
    """The piece that `spine` leads to."""
    group, index = spine[-1]
    return group.items[index]


def group_for(whole: Group, path: Path) -> Spine:
    """The way to where an item is to be put in: the last index may be one past the last item. Raises Unfit."""
    _check_named(path)
    spine = spine_to(whole, path[:-1])
    inside = piece_at(spine) if spine else whole
    outer = path_text(path[:-1])
    if not isinstance(inside, Group):
        raise Unfit(f"nothing can be inserted at {path_text(path)}: {outer} is {shown(inside)}, which is no list")
    if inside.prefix:
        raise Unfit(
            f"nothing can be inserted at {path_text(path)}: {outer} is {shown(inside)}, and a prefix has one form; "
            f"replace that form, at {path_text((*path[:-1], 0))}"
        )
    if path[-1] > len(inside.items):
        raise Unfit(
            f"nothing can be inserted at {path_text(path)}: {_extent(inside, path[:-1])}; "
            f"to append, give index {len(inside.items)}"
        )
    spine.append((inside, path[-1]))
    return spine


def _check_named(path: Path) -> None:
    if not path:
        raise Unfit("the path is empty; it must name a form, as [0] does the first of the text")


def _extent(group: Group, path: Path) -> str:
    what = "the text" if group.whole else path_text(path)
    count = len(group.items)
    if not count:
        return f"{what} has no forms"
    return f"{what} has 1 form, index 0" if count == 1 else f"{what} has {count} forms, indices 0 to {count - 1}"
