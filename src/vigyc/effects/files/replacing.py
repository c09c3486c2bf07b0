"""From new contents to a file that has them: whole or not at all, also when the machine stops in between.

They go to a new file in the same folder, which then takes the name; so nothing is ever written through a link. A file
that was there gives its permissions to the new one, without setuid, setgid and sticky.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from secrets import token_hex
from stat import S_IMODE
from typing import Final

from vigyc.effects.files.parent import not_link, parent
from vigyc.effects.files.regular import checked, write_all
from vigyc.effects.place import Place

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_APPEND: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_PERMISSIONS: Final = 0o777


def replace(place: Place, chunks: Iterable[bytes]) -> None:
    """Make `chunks` the contents of the file at `place`. Raises Outside, OSError, EffectFailed."""
    with parent(place) as (folder, name):
        before = not_link(place, folder, name)
        mode = None if before is None else S_IMODE(checked(place, before).st_mode) & _PERMISSIONS
        new = f".vigyc-{token_hex(8)}"
        fd = os.open(new, _NEW, 0o666 if mode is None else mode, dir_fd=folder)
        try:
            try:
                _fill(fd, chunks, mode)
            finally:
                os.close(fd)
            os.rename(new, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(new, dir_fd=folder)
            raise


def _fill(fd: int, chunks: Iterable[bytes], mode: int | None) -> None:
    if mode is not None:
        os.fchmod(fd, mode)
    for chunk in chunks:
        write_all(fd, chunk)
    os.fsync(fd)


def open_to_append(place: Place, mode: int = 0o666) -> int:
    """A descriptor that adds to the regular file at `place`, which is made with `mode` if it is not there.

    Raises Outside, OSError, EffectFailed.
    """
    with parent(place) as (folder, name):
        not_link(place, folder, name)
        fd = os.open(name, _APPEND, mode, dir_fd=folder)
        try:
            checked(place, os.fstat(fd))
        except BaseException:
            os.close(fd)
            raise
        return fd
