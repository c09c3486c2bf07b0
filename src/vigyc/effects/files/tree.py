"""From a folder to everything below it: listing, walking, matching and removing, without following any link.

Each folder on the way is opened beneath the first one; one that is no folder any more, or a link by now, counts as
empty. What is looked at is counted against the limit of entries, and nothing goes on beyond the tick.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from glob import has_magic
from itertools import takewhile
from stat import S_ISDIR
from typing import Final

from vigyc.effects.files.parent import parent
from vigyc.effects.files.root import Opener
from vigyc.effects.files.walker import PASS
from vigyc.effects.gate import Gate
from vigyc.effects.place import Place
from vigyc.effects.result import EffectFailed

_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY
_GONE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})


class Tree:
    """What is below folder `top`, a descriptor; paths in it are relative, "" is the folder itself."""

    def __init__(self, gate: Gate, top: int, opener: Opener, text: str) -> None:
        self._gate = gate
        self._top = top
        self._opener = opener
        self._text = text
        self._entries_left = gate.limits.entries

    def open(self, folder: str, flags: int) -> int:
        """A descriptor of `folder`, with no link on the way. Raises OSError."""
        return self._opener(self._top, folder or ".", flags, False, False)

    def entries(self, folder: str) -> list[tuple[str, bool]]:
        """The names in `folder`, and whether each is a folder (a link is none). Raises OSError, EffectFailed."""
        self._in_time()
        try:
            fd = self.open(folder, _FOLDER)
        except OSError as error:
            if folder and error.errno in _GONE:
                return []
            raise
        found = []
        try:
            with os.scandir(fd) as there:
                for entry in there:
                    self._count()
                    found.append((entry.name, entry.is_dir(follow_symlinks=False)))
        finally:
            os.close(fd)
        return found

    def _in_time(self) -> None:
        if self._gate.remaining() <= 0:
            raise EffectFailed("timeout", f"{self._text}: the tick is over")

    def _count(self) -> None:
        self._entries_left -= 1
        if self._entries_left < 0:
            raise EffectFailed("too-many", f"{self._text}: there are more than {self._gate.limits.entries} entries")

    def walk(self) -> dict[str, list[tuple[str, bool]]]:
        """The entries of every folder below, by its path; a folder comes before those in it."""
        found: dict[str, list[tuple[str, bool]]] = {}
        todo = [""]
        while todo:
            folder = todo.pop()
            found[folder] = self.entries(folder)
            todo += [joined(folder, name) for name, is_folder in found[folder] if is_folder]
        return found

    def matches(self, pattern: list[str]) -> list[str]:
        """What matches `pattern`, component by component; `**` is any number of folders. In no order.

        As in a shell, what begins with a dot is matched only by a component that does.
        """
        found: set[str] = set()
        met: set[tuple[str, int]] = set()
        todo = [("", 0)]
        while todo:
            folder, at = step = todo.pop()
            if step in met:
                continue
            met.add(step)
            any_depth, last = pattern[at] == "**", at + 1 == len(pattern)
            if any_depth and not last:
                todo.append((folder, at + 1))
            for name, is_folder in self.entries(folder):
                if not _matches(name, "*" if any_depth else pattern[at]):
                    continue
                path = joined(folder, name)
                if last:
                    found.add(path)
                if is_folder and (any_depth or not last):
                    todo.append((path, at if any_depth else at + 1))
        return list(found)

    def empty(self) -> None:
        """Remove everything below. Raises OSError, EffectFailed (and then nothing has been removed yet)."""
        for folder, entries in reversed(self.walk().items()):
            fd = self.open(folder, PASS | os.O_DIRECTORY)
            try:
                for name, is_folder in entries:
                    self._in_time()
                    (os.rmdir if is_folder else os.unlink)(name, dir_fd=fd)
            finally:
                os.close(fd)


def joined(folder: str, name: str) -> str:
    """The path of `name` in `folder`, which may be ""."""
    return f"{folder}/{name}" if folder else name


def _matches(name: str, pattern: str) -> bool:
    return (not name.startswith(".") or pattern.startswith(".")) and fnmatchcase(name, pattern)


@contextmanager
def tree(gate: Gate, place: Place, relative: str | None = None) -> Iterator[Tree]:
    """The tree at `place`, or at `relative` in its root. Raises Outside, OSError."""
    top = place.root.open(place.relative if relative is None else relative, PASS | os.O_DIRECTORY)
    try:
        yield Tree(gate, top, place.root.opener, place.text)
    finally:
        os.close(top)


def glob(gate: Gate, place: Place) -> list[str]:
    """What matches the pattern that `place` is, as paths below its root, sorted. Raises Outside, OSError, EffectFailed.

    Links that stay inside are followed where the pattern spells them out before its first wildcard.
    """
    parts = place.relative.split("/")
    fixed = list(takewhile(lambda part: not has_magic(part), parts[:-1]))
    start = "/".join(fixed)
    try:
        if not place.relative:
            os.close(place.root.open("", PASS))
            return [""]
        with tree(gate, place, start) as found:
            return sorted(joined(start, path) for path in found.matches(parts[len(fixed) :]))
    except (FileNotFoundError, NotADirectoryError):
        return []


def remove(gate: Gate, place: Place, everything: bool) -> None:
    """Remove the file, link or empty folder at `place`; with `everything` a folder with all that is in it."""
    with parent(place) as (folder, name):
        if not S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            os.unlink(name, dir_fd=folder)
            return
        if everything:
            top = place.root.opener(folder, name, PASS | os.O_DIRECTORY, False, False)
            try:
                Tree(gate, top, place.root.opener, place.text).empty()
            finally:
                os.close(top)
        os.rmdir(name, dir_fd=folder)
