"""From the SQLite that is loaded to its version, and to whether that is one to keep a store with."""

from __future__ import annotations

from typing import Final

import apsw

SOUND: Final = (3, 51, 3)
"""From here on a log that is begun anew while it is moved into the file cannot lose writes."""


def library_version() -> str:
    """The version of SQLite, such as `3.51.3`."""
    return str(apsw.sqlite_lib_version())


def is_sound(version: str) -> bool:
    """Whether nothing is known against this version."""
    return tuple(int(part) for part in version.split(".")) >= SOUND
