"""From a path beneath a folder to what it names, in one system call: Linux's openat2, which lets no link lead out.

Where the kernel says no more than "too many links" or has no answer (interrupted, a rename in between, forbidden by a
sandbox), walker.py is asked, which gives the same verdicts.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import cache
from typing import Any, Final

from vigyc.effects.files.outside import BY_LINK, Outside
from vigyc.effects.files.walker import walk

_OPENAT2: Final = 437
_NO_MAGICLINKS: Final = 0x02
_NO_SYMLINKS: Final = 0x04
_BENEATH: Final = 0x08
_IN_ROOT: Final = 0x10
_ASK_WALKER: Final = frozenset({errno.ELOOP, errno.EAGAIN, errno.EINTR, errno.ENOSYS, errno.EPERM})
_SIZE: Final = 24

_syscall: Any = ctypes.CDLL(None, use_errno=True).syscall if sys.platform == "linux" else None
if _syscall is not None:
    _syscall.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t]
    _syscall.restype = ctypes.c_long


class _How(ctypes.Structure):
    _fields_ = [("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64)]


@cache
def _how(flags: int, whole: bool, links: bool) -> Any:
    resolve = _NO_MAGICLINKS | (_IN_ROOT if whole else _BENEATH) | (0 if links else _NO_SYMLINKS)
    return ctypes.byref(_How(flags | os.O_CLOEXEC, 0, resolve))


def openat2(top: int, path: str, flags: int, whole: bool, links: bool) -> int:
    """As `walker.walk`. Raises Outside, OSError."""
    name = os.fsencode(path)
    if b"\0" in name:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    found: int = _syscall(_OPENAT2, top, name, _how(flags, whole, links), _SIZE)
    if found >= 0:
        return found
    code = ctypes.get_errno()
    if code == errno.EXDEV:
        raise Outside(BY_LINK)
    if code in _ASK_WALKER:
        return walk(top, path, flags, whole, links)
    raise OSError(code, os.strerror(code))


def _is_there() -> bool:
    if _syscall is None:
        return False
    found = _syscall(_OPENAT2, -1, b"/", _how(os.O_RDONLY | os.O_DIRECTORY, True, True), _SIZE)
    if found >= 0:
        os.close(found)
    return found >= 0 or ctypes.get_errno() not in {errno.ENOSYS, errno.EPERM}


AVAILABLE: Final = _is_there()
"""Whether this kernel has it and lets us use it."""
