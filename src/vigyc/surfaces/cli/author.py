"""From who runs the command to the name a new version is signed with."""

from __future__ import annotations

import getpass


def author() -> str | None:
    """Who hands a program in: the user's name, if there is one."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user the system does not know
        return None
