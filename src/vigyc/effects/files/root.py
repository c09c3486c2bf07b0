"""From a granted path to a folder held open: whatever its name comes to mean later, it is this one.

Everything is opened from that descriptor, never by a path from the top, and nothing leads out of it.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Final

from vigyc.effects.files.openat2 import AVAILABLE, openat2
from vigyc.effects.files.outside import Outside
from vigyc.effects.files.walker import PASS, walk
from vigyc.lang.errors import SettingsError

Opener = Callable[[int, str, int, bool, bool], int]
OPENER: Final[Opener] = openat2 if AVAILABLE else walk

_MOUNTS: Final = "/proc/self/mountinfo"
_KERNEL: Final = frozenset({
    "binfmt_misc", "bpf", "cgroup", "cgroup2", "configfs", "debugfs", "efivarfs", "fusectl", "mqueue", "proc",
    "pstore", "securityfs", "selinuxfs", "sysfs", "tracefs",
})  # fmt: skip


def kernel_devices(mounts: str) -> frozenset[int]:
    """The devices of the file systems whose files the kernel makes up, of `mounts` in the form of mountinfo."""
    found = set()
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        if after.split(" ")[0] in _KERNEL:
            major, minor = before.split(" ")[2].split(":")
            found.add(os.makedev(int(major), int(minor)))
    return frozenset(found)


def _foreign(own: int) -> frozenset[int]:
    try:
        with open(_MOUNTS, encoding="utf-8", errors="replace") as mounts:
            found = kernel_devices(mounts.read())
    except OSError:
        found = frozenset(os.stat(path).st_dev for path in ("/proc", "/sys") if os.path.ismount(path))
    return frozenset() if own in found else found


class Root:
    """A granted folder, or a single file in one: `only`, its name there. `text` is how the grant has it.

    `whole` says that the grant is of everything, `foreign` which devices its files must not be on: those of the kernel,
    unless the grant begins there (they hold, among others, the environment and the memory of this very process).
    `opener` opens beneath a folder.
    """

    __slots__ = ("fd", "foreign", "only", "opener", "path", "text", "whole")

    def __init__(self, path: str, text: str, opener: Opener = OPENER) -> None:
        self.path = path
        self.text = text
        self.opener = opener
        self.whole = path == "/"
        self.only: str | None = None
        folder = path
        if not os.path.isdir(path):
            folder, self.only = os.path.split(os.path.realpath(path))
        try:
            self.fd = os.open(folder, PASS | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise SettingsError(f"grant of {text}: there is neither that nor its folder ({error.strerror})") from error
        self.foreign = _foreign(os.fstat(self.fd).st_dev)

    def open(self, relative: str, flags: int) -> int:
        """A descriptor of what is at `relative`, opened with `flags`; links on the way are followed.

        Raises Outside, OSError.
        """
        if self.only is not None:
            return self._open_only(relative, flags)
        return self.opener(self.fd, relative or ".", flags, self.whole, True)

    def _open_only(self, relative: str, flags: int) -> int:
        if relative:
            raise Outside("the grant is of one file")
        try:
            return self.opener(self.fd, self.only or ".", flags, False, False)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise Outside("the granted file has become a link") from error
            raise

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self.fd)
