"""From a place to an open SQLite file: what SQLite opens for it lies in the place's own folder, whatever happens there.

SQLite opens by name, and would make `/proc/self/fd/N/NAME` the name that the folder has at that moment. So each file
has a VFS of its own that leaves the name as it is, and refuses every other one than the file's and its journal's, its
log's and its shared memory's. (A journal may name a "super-journal" anywhere: SQLite opens that, and older ones delete
it; a program that may write beside the file can make such a journal.) None of the four may be a link, a special file
or a file with another name elsewhere. This needs Linux's /proc.
"""

from __future__ import annotations

import ctypes
import os
from itertools import count
from stat import S_ISDIR, S_ISLNK, S_ISREG
from typing import Any, Final

import apsw

from vigyc.effects.files.outside import Outside
from vigyc.effects.files.walker import PASS
from vigyc.effects.place import Place
from vigyc.effects.result import EffectFailed

READ: Final = apsw.SQLITE_OPEN_READONLY
WRITE: Final = apsw.SQLITE_OPEN_READWRITE
CREATE: Final = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE

_BESIDE: Final = ("", "-journal", "-wal", "-shm")
_serial = count()


class Folder(apsw.VFS):
    """The folder of the database file at `place`, held open, as all that SQLite sees. Raises Outside, OSError."""

    def __init__(self, place: Place) -> None:
        root = place.root
        parent, _, name = place.relative.rpartition("/")
        if root.only is not None and place.relative:
            raise Outside("the grant is of one file")
        if root.only is not None:
            self.fd, name = os.dup(root.fd), root.only
        else:
            self.fd = root.open(parent, PASS | os.O_DIRECTORY)
        self.device_refused = root.foreign
        self.names = {f"/proc/self/fd/{self.fd}/{name}{suffix}": name + suffix for suffix in _BESIDE}
        self.path, self.name = next(iter(self.names.items()))
        self.vfs = f"vigyc-{next(_serial)}"
        super().__init__(self.vfs, "unix")

    def look(self, name: str) -> os.stat_result | None:
        """What is called `name` here: a file that has no other name, or nothing. Raises Outside, EffectFailed."""
        try:
            found = os.stat(name, dir_fd=self.fd, follow_symlinks=False)
        except FileNotFoundError:
            return None
        if found.st_dev in self.device_refused:
            raise Outside("it is a file that the kernel makes up")
        if S_ISLNK(found.st_mode):
            raise Outside("a database cannot be a link")
        if not S_ISREG(found.st_mode):
            raise EffectFailed("is-folder" if S_ISDIR(found.st_mode) else "not-file", f"{name} is no file")
        if found.st_nlink != 1:
            raise Outside("the file has another name, which may be elsewhere")
        return found

    def xFullPathname(self, name: str) -> str:  # noqa: N802 - SQLite's name
        """The name as it is; called by SQLite."""
        return name

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        """One of the four files, or (no name) a temporary one without a name; called by SQLite."""
        if name is not None:
            known = self.names.get(name if name.__class__ is str else name.filename())
            if known is None:
                raise Outside("its journal leads to another file")
            self.look(known)
        return apsw.VFSFile("unix", name, flags)

    def close(self) -> None:
        """Let go of the folder."""
        self.unregister()
        os.close(self.fd)


def open_beneath(place: Place, flags: int) -> tuple[apsw.Connection, Folder]:
    """A connection to the database at `place`, and its folder, to be closed after it.

    Raises Outside, OSError, EffectFailed, apsw.Error.
    """
    if not place.relative and place.root.only is None:
        raise EffectFailed("is-folder", f"{place.text} is a folder")
    folder = Folder(place)
    try:
        for name in folder.names.values():
            found = folder.look(name)
            if found is None and name == folder.name and flags != CREATE:
                raise EffectFailed("not-found", f"there is no file {place.text}")
        connection = apsw.Connection(folder.path, flags=flags, vfs=folder.vfs, statementcachesize=0)
    except BaseException:
        folder.close()
        raise
    try:
        if folder.look(folder.name) is None or _has_moved(connection):
            raise Outside("the file was replaced while it was opened")
    except BaseException:
        connection.close(True)
        folder.close()
        raise
    return connection, folder


def _has_moved(connection: apsw.Connection) -> bool:
    """Whether the file that is open is no longer the one of that name."""
    moved = ctypes.c_int()
    connection.file_control("main", apsw.SQLITE_FCNTL_HAS_MOVED, ctypes.addressof(moved))
    return moved.value != 0
