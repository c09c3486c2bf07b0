"""From a path beneath a folder to what it names, one component after the other: the way where there is no openat2.

No step follows a link: each is opened with O_NOFOLLOW in the folder before it, and a link met on the way is read and
its text walked in turn. `..` goes back to the folder it came from, which is held open, so that nothing that is moved
meanwhile leads above the root. The verdicts are those of openat2.
"""

from __future__ import annotations

import errno
import os
from stat import S_ISDIR, S_ISLNK
from typing import Final

from vigyc.effects.files.outside import BY_LINK, BY_MAGIC, Outside

MOST_LINKS: Final = 40
_TRIES: Final = 100
PASS: Final = getattr(os, "O_PATH", os.O_RDONLY | os.O_NONBLOCK)  # enough to go on from there
_O_PATH: Final = getattr(os, "O_PATH", 0)
_MAYBE_LINK: Final = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EMLINK})  # EMLINK: FreeBSD


def walk(top: int, path: str, flags: int, whole: bool, links: bool) -> int:
    """A descriptor of `path` beneath folder `top`, opened with `flags`.

    With `whole`, `top` is all there is: absolute links begin there and `..` stays there. Without `links` every link
    is an ELOOP. Raises Outside, OSError.
    """
    return _Walk(top, whole, links).open(path, flags)


class _Walk:
    """A walk under way; `_folders` are those open beneath `_top`, each in the one before it."""

    def __init__(self, top: int, whole: bool, links: bool) -> None:
        self._top = top
        self._whole = whole
        self._links_left = MOST_LINKS if links else 0
        self._folders: list[int] = []
        self._todo: list[str] = []

    def open(self, path: str, flags: int) -> int:
        self._todo = path.split("/")[::-1]
        try:
            while self._todo:
                name = self._todo.pop()
                if name == "..":
                    self._go_up()
                elif name not in {"", "."}:
                    last = not self._todo
                    found = self._step(name, flags if last else PASS | os.O_DIRECTORY)
                    if found is not None and last:
                        return found
                    if found is not None:
                        self._folders.append(found)
            return os.open(".", flags | os.O_CLOEXEC, dir_fd=self._here)
        finally:
            self._leave()

    @property
    def _here(self) -> int:
        return self._folders[-1] if self._folders else self._top

    def _leave(self) -> None:
        while self._folders:
            os.close(self._folders.pop())

    def _go_up(self) -> None:
        if self._folders:
            os.close(self._folders.pop())
        elif not self._whole:
            raise Outside(BY_LINK)

    def _step(self, name: str, flags: int) -> int | None:
        """What is called `name` here, opened; None for a link, whose text is then to do.

        What changes while it is looked at is looked at again.
        """
        for _ in range(_TRIES):
            try:
                found = os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self._here)
            except OSError as error:
                if error.errno not in _MAYBE_LINK:
                    raise
                if self._turn(name):
                    return None
                if error.errno == errno.ENOTDIR and not self._may_be_folder(name):
                    raise
                continue
            if not flags & _O_PATH or not S_ISLNK(os.fstat(found).st_mode):
                return found
            os.close(found)
            if self._turn(name):
                return None
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    def _may_be_folder(self, name: str) -> bool:
        mode = os.stat(name, dir_fd=self._here, follow_symlinks=False).st_mode
        return S_ISDIR(mode) or S_ISLNK(mode)

    def _turn(self, name: str) -> bool:
        """Go where the link `name` says; False if it is none."""
        try:
            text = os.readlink(name, dir_fd=self._here)
        except OSError:
            return False
        if self._links_left == 0:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        self._links_left -= 1
        if self._is_magic(name, text):
            raise Outside(BY_MAGIC)
        if text.startswith("/"):
            if not self._whole:
                raise Outside(BY_LINK)
            self._leave()
        self._todo.extend(text.split("/")[::-1])
        return True

    def _is_magic(self, name: str, text: str) -> bool:
        """Whether the kernel makes the link up: its size is not that of its text, which is no mere name."""
        size = os.stat(name, dir_fd=self._here, follow_symlinks=False).st_size
        return size != len(os.fsencode(text)) and (text.startswith("/") or ":[" in text)
