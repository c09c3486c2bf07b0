"""From everything a runtime needs to how it is: a result for each check, and a remedy for what is not well.

Looking changes nothing: a store that is not there is not made, one that is in use goes on.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from vigyc.codegen.places import cache_directory, key_file
from vigyc.lang.errors import SettingsError
from vigyc.runtime.store.library import is_sound, library_version
from vigyc.service.check_result import FAIL, OK, WARN, CheckResult
from vigyc.service.file_permissions import check_private
from vigyc.service.file_system import NETWORK, kind_of
from vigyc.service.settings import Settings, load_settings
from vigyc.service.store_doctor import check_store

EXTRAS: Final = {"cron": "cronsim"}
"""What can be installed beside the core, and the module that shows it is."""

OLDEST_PYTHON: Final = (3, 11)


def check_up(db: Path) -> Iterator[CheckResult]:
    """How everything is that a runtime of the store at `db` needs."""
    yield _python()
    yield _sqlite()
    yield from (_extra(name, module) for name, module in EXTRAS.items())
    yield check_private("cache", cache_directory())
    yield check_private("cache key", key_file())
    settings, result = _settings()
    yield result
    yield _durability(settings)
    yield _file_system(db)
    yield from check_store(db, settings)


def _python() -> CheckResult:
    text = f"{platform.python_implementation()} {platform.python_version()}"
    if sys.version_info >= OLDEST_PYTHON:
        return CheckResult("python", OK, text)
    return CheckResult("python", FAIL, text, "install Python 3.11 or newer")


def _sqlite() -> CheckResult:
    version = library_version()
    if is_sound(version):
        return CheckResult("sqlite", OK, version)
    return CheckResult("sqlite", WARN, f"{version}, which in rare cases loses writes", "pip install --upgrade apsw")


def _extra(name: str, module: str) -> CheckResult:
    there = find_spec(module) is not None
    return CheckResult(
        name, OK, "installed" if there else f"not installed; if it is needed: pip install 'vigyc[{name}]'"
    )


def _settings() -> tuple[Settings, CheckResult]:
    try:
        settings, origins = load_settings()
    except SettingsError as error:
        return Settings(), CheckResult(
            "settings", FAIL, str(error), "mend it; `vigyc config show` lists what can be set"
        )
    given = [name for name, origin in origins.items() if origin != "default"]
    return settings, CheckResult("settings", OK, f"given: {', '.join(given)}" if given else "defaults")


def _durability(settings: Settings) -> CheckResult:
    if settings.durability == "full":
        return CheckResult("durability", OK, "full: what is committed outlives a power cut")
    return CheckResult("durability", WARN, "normal: a power cut may undo the last commits", 'set durability = "full"')


def _file_system(db: Path) -> CheckResult:
    kind = kind_of(db)
    if kind in NETWORK:
        return CheckResult(
            "file system", WARN, f"{kind}, of the network: locks may fail", "keep the store on a local disk"
        )
    return CheckResult("file system", OK, kind or "not known on this platform")
