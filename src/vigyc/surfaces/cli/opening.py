"""From the path of a store to an open runtime, with the settings in force."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from vigyc.service.runtime import Runtime
from vigyc.service.settings import load_settings

LEAST_MS: Final = 100
"""The shortest interval that can be registered, unless the setting `min_interval_ms` says otherwise."""


def opened(db: Path) -> Runtime:
    """The runtime of the store at `db`, made if there is none; close it. Raises StoreError, SettingsError."""
    settings, origins = load_settings()
    if origins["min_interval_ms"] == "default":
        settings = settings._replace(min_interval_ms=LEAST_MS)
    return Runtime.open(db, settings=settings)
