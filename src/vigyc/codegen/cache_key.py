"""From a program's digest to the name of its cache entry: everything the compiled code depends on, hashed.

The digest names the text and never changes; the cache key also changes with the compiler, with Python's bytecode, with
the intrinsics in scope and with every required text. The compiler's fingerprint is the hash of its own source files,
not of a version number or of time stamps: an edited compiler never meets code of its former self. That is 1 to 2 ms,
once per process. Without source files (a zipped package) there is no fingerprint and the file cache stays off.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.util import MAGIC_NUMBER

from blake3 import blake3

ROOMS = ("lang", "frontend", "codegen", "runtime")  # the runtime too: macros run in it and constants are folded by it


@cache
def fingerprint() -> str | None:
    """Hash of the compiler's own source files; None if they cannot be read."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        paths = _sources(package)
        parts: list[bytes] = []
        for path in sorted(paths):
            text = _read(path)
            parts += [f"{path[len(package) :]}\0{len(text)}\0".encode(), text]
    except OSError:
        return None
    return blake3(b"".join(parts)).hexdigest(16) if paths else None


def _sources(package: str) -> list[str]:
    """The files at the top of the package, and those of the rooms at any depth."""
    paths: list[str] = []
    folders = [package]
    while folders:
        folder = folders.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith((".py", ".lark")):
                    paths.append(entry.path)
                elif entry.is_dir() and (folder != package or entry.name in ROOMS) and entry.name != "__pycache__":
                    folders.append(entry.path)
    return paths


def _read(path: str) -> bytes:
    """The whole file, by the short way: there are some two hundred."""
    file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        return os.read(file, os.fstat(file).st_size)
    finally:
        os.close(file)


@cache
def toolchain() -> str:
    """What compiled the code and what can run it, as text: fingerprint, Python's cache tag and magic number."""
    return f"{fingerprint()} {sys.implementation.cache_tag} {MAGIC_NUMBER.hex()}"


def cache_key(digest: str, intrinsics: Iterable[str] = (), modules: Mapping[str, str] | None = None) -> str:
    """The key of the program `digest`, 64 hex digits.

    `intrinsics` are the signatures in scope, one text each (`vigy-get 1 2`); `modules` leads from the path of every
    required text to its digest. The order of neither matters.
    """
    parts = [toolchain(), digest, *sorted(intrinsics), ""]
    if modules:
        for path, module_digest in sorted(modules.items()):
            parts += (path, module_digest)
    lengths = ",".join([str(len(part)) for part in parts])
    return blake3(f"{lengths} {''.join(parts)}".encode("utf-8", "surrogatepass")).hexdigest()
