"""From the platform's conventions to the cache directory and the key that authenticates what is in it.

The key lies outside the cache: whoever may write cache files, by a shared directory or a restored backup, still
cannot make one that is believed. A key that is missing, of the wrong length or open to others is replaced, and every
entry sealed with the former one becomes a miss.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from vigyc.codegen.envelope import KEY_BYTES

NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
BINARY = getattr(os, "O_BINARY", 0)


def cache_directory(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """`$VIGYC_CACHE_DIR`, or where this platform keeps caches."""
    chosen = environment.get("VIGYC_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser()
    if platform == "win32":
        return _windows(environment) / "Cache"
    if platform == "darwin":
        return Path.home() / "Library" / "Caches" / "vigyc"
    return _xdg(environment, "XDG_CACHE_HOME", ".cache")


def key_file(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """`$VIGYC_CACHE_KEY_FILE`, or where this platform keeps the state of a program."""
    chosen = environment.get("VIGYC_CACHE_KEY_FILE")
    if chosen:
        return Path(chosen).expanduser()
    if platform == "win32":
        return _windows(environment) / "State" / "cache.key"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "vigyc" / "cache.key"
    return _xdg(environment, "XDG_STATE_HOME", ".local/state") / "cache.key"


def load_key(path: Path) -> bytes:
    """The key in `path`, made first if it is not there or not fit for use. Raises OSError where that is impossible.

    Several processes may do this at once: all get the key of the first.
    """
    key = _read_key(path)
    if key is None:
        _write_key(path)
        key = _read_key(path)
    if key is None:
        raise OSError(f"{path} is not a private file of {KEY_BYTES} bytes")
    return key


def read_private(path: str, limit: int) -> tuple[bytes, os.stat_result] | None:
    """The content of a regular file of ours, not reached by a symbolic link; None if it is anything else."""
    try:
        file = os.open(path, os.O_RDONLY | NO_FOLLOW | BINARY)
    except OSError:
        return None
    try:
        facts = os.fstat(file)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > limit or not _ours(facts):
            return None
        data = os.read(file, facts.st_size + 1)
    except OSError:
        return None
    finally:
        os.close(file)
    return (data, facts) if len(data) == facts.st_size else None


def write_private(path: str, data: bytes) -> None:
    """Put `data` into `path`, mode 0600, whole or not at all. Raises OSError."""
    temporary = f"{path}.{os.getpid():x}-{os.urandom(6).hex()}.tmp"
    _write_new(temporary, data)
    try:
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def make_private_directory(path: Path) -> None:
    """Make `path` and what is missing above it, mode 0700. Raises OSError."""
    if not path.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _read_key(path: Path) -> bytes | None:
    found = read_private(str(path), KEY_BYTES)
    if found is None or len(found[0]) != KEY_BYTES:
        return None
    shared = os.name == "posix" and found[1].st_mode & 0o077
    return None if shared else found[0]


def _write_key(path: Path) -> None:
    """Link a finished file into place, which fails if another process was first; replace one that is unfit."""
    make_private_directory(path.parent)
    temporary = f"{path}.{os.getpid():x}-{os.urandom(6).hex()}.tmp"
    _write_new(temporary, os.urandom(KEY_BYTES))
    try:
        os.link(temporary, path)
    except OSError:
        if _read_key(path) is None:
            os.replace(temporary, path)
    Path(temporary).unlink(missing_ok=True)


def _write_new(path: str, data: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_FOLLOW | BINARY, 0o600)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(file, view) :]
    except OSError:
        os.unlink(path)
        raise
    finally:
        os.close(file)


def _ours(facts: os.stat_result) -> bool:
    return os.name != "posix" or facts.st_uid == os.geteuid()


def _xdg(environment: Mapping[str, str], variable: str, otherwise: str) -> Path:
    """A relative path in an XDG variable is to be ignored, says its specification."""
    chosen = Path(environment.get(variable, ""))
    return (chosen if chosen.is_absolute() else Path.home() / otherwise) / "vigyc"


def _windows(environment: Mapping[str, str]) -> Path:
    local = environment.get("LOCALAPPDATA")
    return (Path(local) if local else Path.home() / "AppData" / "Local") / "vigyc"
