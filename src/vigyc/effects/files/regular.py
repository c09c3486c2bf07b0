"""From a descriptor to the bytes of a regular file: what is no such file is refused, and nothing waits for one."""

from __future__ import annotations

import os
from stat import S_IFDIR, S_IFMT, S_IFREG
from typing import Final

from vigyc.effects.files.outside import Outside
from vigyc.effects.place import Place
from vigyc.effects.result import EffectFailed

READ: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY
CHUNK: Final = 2**20


def checked(place: Place, found: os.stat_result) -> os.stat_result:
    """`found`, a regular file that may be used at `place`. Raises EffectFailed, Outside.

    A file with several hard links may be one from elsewhere: below a granted folder it is refused.
    """
    kind, root = S_IFMT(found.st_mode), place.root
    if kind == S_IFREG and found.st_nlink <= 1 and found.st_dev not in root.foreign:
        return found
    if kind == S_IFDIR:
        raise EffectFailed("is-folder", f"{place.text} is a folder")
    if kind != S_IFREG:
        raise EffectFailed("not-file", f"{place.text} is not a regular file")
    if found.st_dev in root.foreign:
        raise Outside("the files of the kernel (/proc, /sys) need a grant of their own")
    if root.only is None and not root.whole:
        raise EffectFailed("hard-link", f"{place.text} has several hard links and may belong elsewhere")
    return found


def read_all(fd: int, size: int, most: int) -> bytes:
    """What is in `fd`, which is said to be `size` long; at most one byte more than `most`."""
    data = os.read(fd, min(size, most) + 1)
    if len(data) == size > 0:
        return data
    parts, length = [data], len(data)
    while data and length <= most:
        data = os.read(fd, min(CHUNK, most + 1 - length))
        parts.append(data)
        length += len(data)
    return b"".join(parts)


def write_all(fd: int, data: bytes) -> None:
    """Write all of `data`."""
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]
