"""From an edit and the pieces of a text to the pieces as the edit wants them, or to why it does not fit.

An operation that raises Unfit may leave the pieces half changed: whoever applies edits throws them away then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from vigyc.enhance.edits.edit import HOLE, Delete, Insert, Path, Rename, Replace, Wrap
from vigyc.enhance.edits.layout import WHITE, Spine, end_lines, indent, margin, part
from vigyc.enhance.edits.piece import (
    BOM,
    Group,
    Piece,
    Token,
    first_difference,
    groups,
    parsed,
    path_of,
    shown,
    visible,
    written,
)
from vigyc.enhance.edits.place import group_for, path_text, piece_at, spine_to, spine_to_one
from vigyc.enhance.edits.placing import gap_without, gaps_for_one_more
from vigyc.enhance.edits.unfit import Unfit
from vigyc.lang.datum import Symbol, symbol
from vigyc.lang.source import Source

Occurrences: TypeAlias = dict[Symbol, list[tuple[Group, int]]]
"""Where each symbol occurs: groups, and which of their items."""


class Text:
    """A text in pieces, and how its lines end.

    Where its symbols occur is found once for all the renames that follow each other; other operations move them.
    """

    __slots__ = ("_occurrences", "eol", "whole")

    def __init__(self, whole: Group, eol: str) -> None:
        self.whole = whole
        self.eol = eol
        self._occurrences: Occurrences | None = None

    def occurrences(self) -> Occurrences:
        """Where each symbol occurs in the whole text."""
        if self._occurrences is None:
            self._occurrences = _occurrences(self.whole, ())
        return self._occurrences

    def forget(self) -> None:
        """Have the symbols looked for again: they may be elsewhere now."""
        self._occurrences = None


def replace(text: Text, edit: Replace) -> None:
    """Put `new` in the place of `old`."""
    text.forget()
    spine = _spine_to_old(text, edit.path, edit.old)
    new = _one_form("new", edit.new)
    _put(spine, new, text.eol, _margin_of(new, edit.new, piece_at(spine), margin(spine)))


def insert(text: Text, edit: Insert) -> None:
    """Put `new` before what is at the path, or behind the last."""
    text.forget()
    spine = group_for(text.whole, edit.path)
    new = _one_form("new", edit.new)
    group, index = spine[-1]
    group.gaps[index : index + 1] = gaps_for_one_more(group, index, text.eol)
    group.items.insert(index, new.items[0])
    _put(spine, new, text.eol, _own_margin(new))


def delete(text: Text, edit: Delete) -> None:
    """Take `old` out."""
    text.forget()
    spine = _spine_to_old(text, edit.path, edit.old)
    group, index = spine[-1]
    if group.prefix:
        raise Unfit(
            f"it is the one form behind the prefix `{group.open}`, which needs it; "
            f"delete the prefix with it, at {path_text(edit.path[:-1])}"
        )
    group.gaps[index : index + 2] = [gap_without(group, index)]
    del group.items[index]
    part(group, index, text.eol)


def wrap(text: Text, edit: Wrap) -> None:
    """Put `new` in the place of `old`, and `old` in the place of `_` in it."""
    text.forget()
    spine = _spine_to_old(text, edit.path, edit.old)
    new = _one_form("new", edit.new)
    holes = [
        (group, index)
        for group in groups(new)
        for index, item in enumerate(group.items)
        if isinstance(item, Token) and item.value is symbol(HOLE)
    ]
    if len(holes) != 1:
        raise Unfit(
            f"`new` has the symbol `{HOLE}`, which stands for the old form, {len(holes)} times; it must have it once"
        )
    inner = _spine_of(new, *holes[0])
    old, before = piece_at(spine), margin(spine)
    _put(spine, new, text.eol, _own_margin(new))
    full = spine + inner[1:]
    group, index = full[-1]
    group.items[index] = old
    indent(old, before, margin(full))
    _part_around(full, text.eol)


def rename(text: Text, edit: Rename) -> None:
    """Give the symbol `old` the name `new`."""
    old, new = _symbol("old", edit.old), _symbol("new", edit.new)
    if old is new:
        raise Unfit(f"`old` and `new` are both {visible(old.name)}; give another name as `new`")
    there = "in the text" if not edit.path else f"at {path_text(edit.path)}"
    found = _occurrences(text.whole, edit.path) if edit.path else text.occurrences()
    if new in found:
        raise Unfit(
            f"the symbol {visible(new.name)} already occurs {there}; give a name that does not, or another path"
        )
    if old not in found:
        raise Unfit(f"the symbol {visible(old.name)} does not occur {there}; give one that does, or another path")
    found[new] = found.pop(old)
    for group, index in found[new]:
        group.items[index] = Token(new.name, new)
        part(group, index, text.eol)
    if edit.path:
        text.forget()


def _occurrences(whole: Group, path: Path) -> Occurrences:
    """Where symbols occur at `path` and inside."""
    found: Occurrences = {}
    for group, indices in _rooms(whole, path):
        for index, item in enumerate(group.items[indices], indices.start or 0):
            if isinstance(item, Token) and isinstance(item.value, Symbol):
                found.setdefault(item.value, []).append((group, index))
    return found


def _rooms(whole: Group, path: Path) -> Iterator[tuple[Group, slice]]:
    """Where tokens may be at `path` and inside: groups, and which of their items."""
    spine = spine_to(whole, path)
    top = piece_at(spine) if spine else whole
    if isinstance(top, Token):
        group, index = spine[-1]
        yield group, slice(index, index + 1)
    for group in groups(top):
        yield group, slice(None)


def _spine_to_old(text: Text, path: Path, given: str) -> Spine:
    """The way to the form at `path`, which must be the one that `given` spells."""
    old = _one_form("old", given).items[0]
    spine = spine_to_one(text.whole, path)
    there = piece_at(spine)
    difference = first_difference(old, there)
    if difference is None:
        return spine
    way, wanted, found = difference
    inside = path_text((*path, *path_of(way)))
    where = f" (at {inside}, {shown(wanted)} and {shown(found)})" if way else ""
    raise Unfit(
        f"expected {shown(old)}, and there is {shown(there)}{where}; "
        "give as `old` what is there, or the path that leads to the form that is meant"
    )


def _one_form(what: str, text: str) -> Group:
    """The pieces of `text`, which must be one form, with comments around it or not."""
    whole, diagnostics = parsed(text, what)
    if diagnostics:
        first = diagnostics[0]
        line, column = Source(what, text).place(first.start)
        raise Unfit(f"`{what}` cannot be read: line {line}, column {column}: {first.message}")
    if len(whole.items) != 1:
        raise Unfit(f"`{what}` must be the text of one form, and has {len(whole.items)}")
    return whole


def _symbol(what: str, text: str) -> Symbol:
    """The symbol that `text` spells, which must be one."""
    item = _one_form(what, text).items[0]
    if isinstance(item, Token) and isinstance(item.value, Symbol):
        return item.value
    raise Unfit(f"`{what}` must be a symbol, and is {shown(item)}")


def _own_margin(new: Group) -> str:
    """The margin of the form of `new` in its own text."""
    return new.gaps[0].rpartition("\n")[2].removeprefix(BOM)


def _margin_of(new: Group, text: str, old: Piece, margin_there: str) -> str:
    """The margin that the lines of `new` are written behind: its own, or the old form's, of which it keeps lines."""
    kept = set(map(str.rstrip, written(old).split("\n")[1:])) - {""}
    copied = not kept.isdisjoint(map(str.rstrip, text.split("\n")[1:]))
    return margin_there if copied else _own_margin(new)


def _put(spine: Spine, new: Group, eol: str, before: str) -> None:
    """Make the form of `new`, written behind the margin `before`, the item at `spine`, with the comments around it."""
    group, index = spine[-1]
    behind = margin(spine)
    end_lines(new, eol)
    indent(new, before, behind)
    group.items[index] = new.items[0]
    group.gaps[index] += new.gaps[0].removeprefix(BOM).lstrip(WHITE)
    outer, place = _whose_end_it_is(spine)
    outer.gaps[place + 1] = new.gaps[1].rstrip(WHITE) + outer.gaps[place + 1]
    _part_around(spine, eol, behind)


def _part_around(spine: Spine, eol: str, behind: str = "") -> None:
    part(*spine[-1], eol, behind)
    outer, place = _whose_end_it_is(spine)
    part(outer, place + 1, eol, behind)


def _whose_end_it_is(spine: Spine) -> tuple[Group, int]:
    """The item at `spine`, or the outermost prefix form that ends with it."""
    return next((group, index) for group, index in reversed(spine) if not group.prefix)


def _spine_of(whole: Group, group: Group, index: int) -> Spine:
    """The way from `whole` to item `index` of `group`."""
    above = {id(item): (outer, place) for outer in groups(whole) for place, item in enumerate(outer.items)}
    spine = [(group, index)]
    while spine[-1][0] is not whole:
        spine.append(above[id(spine[-1][0])])
    return spine[::-1]
