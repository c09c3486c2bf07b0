"""From a path to the kind of file system it lies on, as far as this platform tells."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

NETWORK: Final = frozenset(
    {
        "9p",
        "afs",
        "ceph",
        "cifs",
        "fuse.sshfs",
        "glusterfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "smb3",
        "smbfs",
        "vboxsf",
    }
)
"""File systems whose locks and shared memory SQLite cannot rely on."""

MOUNTS: Final = Path("/proc/self/mountinfo")


def kind_of(path: str | os.PathLike[str], mounts: Path = MOUNTS) -> str | None:
    """The kind of file system that `path` lies on (`ext4`, `nfs4`, ...); None where it cannot be known."""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return None
    place = Path(path).resolve()
    found: dict[Path, str] = {}  # of several on one place the last is seen
    for line in lines:
        before, _, after = line.partition(" - ")
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), before.split(" ")[4])
        found[Path(point)] = after.split(" ")[0]
    return next((found[point] for point in (place, *place.parents) if point in found), None)
