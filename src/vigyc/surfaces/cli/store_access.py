"""From the path of a store to an open runtime, with the settings in force."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from vigyc.effects.policy_book import PolicyBook
from vigyc.service.database_path import default_path
from vigyc.service.runtime import Runtime
from vigyc.service.settings import Settings, load_settings

LEAST_MS: Final = 100
"""The shortest interval that can be registered, unless the setting `min_interval_ms` says otherwise."""


def opened(db: Path, policy: PolicyBook | None = None) -> Runtime:
    """The runtime of the store at `db`, made if there is none, under `policy` or that of the settings; close it.

    Raises StoreError, SettingsError, OSError.
    """
    settings, _ = in_force()
    if os.environ.get("HOME") and db == default_path():
        db.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Runtime.open(db, settings=settings, policy=policy)


def in_force() -> tuple[Settings, dict[str, str]]:
    """The settings, and for each where its value came from. Raises SettingsError."""
    settings, origins = load_settings()
    if origins["min_interval_ms"] == "default":
        settings = settings._replace(min_interval_ms=LEAST_MS)
    return settings, origins
