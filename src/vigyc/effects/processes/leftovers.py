"""From the mark in a child's environment to the processes it left behind, ended: those that fled its group as well.

A child that makes itself a session of its own (a daemon) is in no group of ours any more, but has its environment from
the one that started it. One that takes the mark out of its environment before that gets away.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Final

_ROUNDS: Final = 10  # it may start another while we look
_CHUNK: Final = 2**16


def end_leftovers(variable: str) -> None:
    """Kill every process that has `variable`, a `NAME=value` nobody else has, in its environment."""
    mark = variable.encode()
    for _ in range(_ROUNDS):
        found = [name for name in os.listdir("/proc") if name.isdigit() and mark in _environment(name)]
        for name in found:
            with suppress(OSError):
                _kill(int(name), mark)
        if not found:
            return


def _environment(pid: str) -> bytes:
    """The environment of a process; empty where it is gone, or another user's."""
    try:
        fd = os.open(f"/proc/{pid}/environ", os.O_RDONLY)
    except OSError:
        return b""
    try:
        found = part = os.read(fd, _CHUNK)
        while part:
            part = os.read(fd, _CHUNK) if len(part) == _CHUNK else b""
            found += part
        return found
    except OSError:
        return b""
    finally:
        os.close(fd)


def _kill(pid: int, mark: bytes) -> None:
    """Kill `pid` if it still is what it was: by a descriptor, which never comes to mean another process."""
    fd = os.pidfd_open(pid)
    try:
        if mark in _environment(str(pid)):
            signal.pidfd_send_signal(fd, signal.SIGKILL)
    finally:
        os.close(fd)
