"""From the path of a store to an open runtime, with the settings in force."""

from __future__ import annotations

from pathlib import Path

from vigyc.service.runtime import Runtime
from vigyc.service.settings import load_settings


def opened(db: Path) -> Runtime:
    """The runtime of the store at `db`, made if there is none; close it. Raises StoreError, SettingsError."""
    settings, _ = load_settings()
    return Runtime.open(db, settings=settings)
