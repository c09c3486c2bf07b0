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
    return located(given, environ)[0]


def located(given: str | None, environ: Mapping[str, str] = os.environ) -> tuple[Path, str]:
    """The path, and where it is from: `argument`, `VIGY_DB`, what the setting is from, or `default`."""
    if given:
        return Path(given), "argument"
    named = environ.get(VARIABLE)
    if named:
        return Path(named), VARIABLE
    settings, origins = load_settings(environ=environ)
    if settings.db:
        return Path(settings.db), origins["db"]
    return default_path(environ), "default"


def default_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the store is if nobody says where. Raises SettingsError where there is no home to have it in."""
    home = environ.get("HOME")
    if not home:
        raise SettingsError(f"there is no place for the store: $HOME is not set; name the file by --db or ${VARIABLE}")
    return Path(home, ".local", "share", "vigy", "vigy.db")
