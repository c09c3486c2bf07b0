"""From what a command line, the environment or the settings name to the path of the store."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from vigyc.lang.errors import SettingsError
from vigyc.service.settings import load_settings

VARIABLE = "VIGY_DB"


def database_path(given: str | None, environ: Mapping[str, str] = os.environ) -> Path:
    """The path `given`, else `$VIGY_DB`, else the setting `db`, else `~/.local/share/vigy/vigy.db`.

    Raises SettingsError for wrong settings, and where there is no home to have it in.
    """
    named = given or environ.get(VARIABLE) or load_settings(environ=environ)[0].db
    if named:
        return Path(named)
    home = environ.get("HOME")
    if not home:
        raise SettingsError(f"there is no place for the store: $HOME is not set; name the file by --db or ${VARIABLE}")
    return Path(home, ".local", "share", "vigy", "vigy.db")
