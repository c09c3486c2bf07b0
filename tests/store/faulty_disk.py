"""A disk on which one operation fails, or every one from there on: an SQLite VFS for sweeps over all of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import apsw

READ, WRITE, SYNC, TRUNCATE, OPEN, DELETE, LOCK = ["read", "write", "sync", "truncate", "open", "delete", "lock"]


class Faults:
    """Operation number `at` of one `kind` fails with the SQLite error code `code`, with `sticky` all after it too."""

    def __init__(self, kind: str, code: int, *, at: int = -1, sticky: bool = False) -> None:
        self.kind = kind
        self.code = code
        self.at = at
        self.sticky = sticky
        self.done = 0
        self.raised: list[Exception] = []

    def step(self, kind: str) -> None:
        if kind != self.kind:
            return
        number, self.done = self.done, self.done + 1
        if number == self.at or (self.sticky and 0 <= self.at < number):
            self.raised.append(apsw.exception_for(self.code))
            raise self.raised[-1]

    def heal(self) -> None:
        self.at = -1


class FaultyVFS(apsw.VFS):
    def __init__(self, name: str, faults: Faults) -> None:
        self.faults = faults
        super().__init__(name, "unix", makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> FaultyFile:  # noqa: N802
        self.faults.step(OPEN)
        return FaultyFile(self.faults, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        self.faults.step(DELETE)
        super().xDelete(filename, False)


class FaultyFile(apsw.VFSFile):
    def __init__(self, faults: Faults, name: Any, flags: list[int]) -> None:
        self.faults = faults
        super().__init__("unix", name, flags)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        self.faults.step(READ)
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self.faults.step(WRITE)
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self.faults.step(TRUNCATE)
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self.faults.step(SYNC)

    def xLock(self, level: int) -> None:  # noqa: N802
        self.faults.step(LOCK)
        super().xLock(level)


@contextmanager
def faults_in(faults: Faults) -> Iterator[None]:
    """Whoever opens a file with SQLite meanwhile has these faults.

    A real disk's errors which SQLite forgives are seen by nobody; those of a disk written in Python would be reported.
    """

    def report(left: Any) -> None:
        if left.exc_value not in faults.raised:
            hook(left)

    vfs, hook = FaultyVFS("faulty", faults), sys.unraisablehook
    sys.unraisablehook = report
    try:
        yield
    finally:
        vfs.unregister()
        sys.unraisablehook = hook
