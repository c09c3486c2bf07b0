"""From the file of a store to keeping it: copies, checks, its size, its version, and filling it from the original.

Nothing here needs a runtime; a file that one ticks may be looked at and copied meanwhile.
"""

from __future__ import annotations

import os

from vigyc.codegen.cache import Cache
from vigyc.frontend.canonical import content_of
from vigyc.lang.errors import CompileError, Invalid
from vigyc.programs import Programs
from vigyc.runtime.clock import system_clock
from vigyc.runtime.store.backup import Progress, backup
from vigyc.runtime.store.importing import ImportReport, Kept
from vigyc.runtime.store.importing import import_original as _import_original
from vigyc.runtime.store.information import Information
from vigyc.runtime.store.information import information as _information
from vigyc.runtime.store.upgrade import Upgrade, planned, upgrade
from vigyc.runtime.store.vacuum import Vacuumed
from vigyc.runtime.store.vacuum import vacuum as _vacuum
from vigyc.runtime.store.verify import verify
from vigyc.service.settings import Settings

__all__ = [
    "ImportReport",
    "Information",
    "Progress",
    "Upgrade",
    "Vacuumed",
    "backup",
    "import_original",
    "information",
    "planned",
    "upgrade",
    "vacuum",
    "verify",
]

_DAY_MS = 86_400_000


def information(path: str | os.PathLike[str]) -> Information:
    """What there is to know about the store at `path` now. Raises NotFound, StoreError."""
    return _information(path, system_clock())


def vacuum(path: str | os.PathLike[str]) -> Vacuumed:
    """Write the store at `path` anew, without gaps. Raises NotFound, Conflict if a runtime ticks it, StoreError."""
    return _vacuum(path, system_clock())


def import_original(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    settings: Settings | None = None,
    cache: Cache | bool | None = None,
) -> ImportReport:
    """Take what the original kept in the file `source` over into the store at `target`, made if there is none.

    Runs are taken over as far as `settings` would keep them. Raises NotFound, Conflict, StoreError.
    """
    settings = settings if settings is not None else Settings()
    now = system_clock()
    kept = Kept(settings.keep_runs, now - settings.keep_days * _DAY_MS)
    programs = Programs(cache=cache)

    def fault(text: str) -> str | None:
        try:
            programs.examine(text, "<program>")
        except (CompileError, Invalid) as error:
            return str(error)
        return None

    return _import_original(source, target, now, fault, kept, content_of)
