"""From this process to a name others can check: is the one that holds the lease still alive?

The name is `host boot pid start token`: on the same host and boot, a pid with the same start time is the same process.
"""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path


def own_name() -> str:
    """A name for one runtime of this process, new at every call."""
    pid = os.getpid()
    return f"{_host()} {_boot()} {pid} {_started(pid)} {secrets.token_hex(4)}"


def pid_of(holder: str) -> int | None:
    """The process of a holder, if it could be one of this machine's."""
    parts = holder.split(" ")
    if len(parts) != 5 or parts[:2] != [_host(), _boot()] or not parts[2].isdigit():
        return None
    return int(parts[2])


def called(holder: str) -> str:
    """The holder, for people."""
    pid = pid_of(holder)
    return f"process {pid}" if pid is not None else f"another runtime ({holder.partition(' ')[0]})"


def is_dead(holder: str) -> bool:
    """Whether it is certain that the process of `holder` has ended; False if it cannot be known from here."""
    pid = pid_of(holder)
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return _started(pid) != holder.split(" ")[3]


def _host() -> str:
    return socket.gethostname().replace(" ", "_") or "localhost"


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return "-"


def _started(pid: int) -> str:
    """When the process started, in clock ticks since boot; `-` where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return "-"
    state, started = fields[0], fields[19]
    return "ended" if state in {"Z", "X"} else started
