"""From a cache key to the artifact compiled for it before, in this process or in any other.

Two layers: a bounded dictionary in memory, and under it one file an entry in a directory that several processes share.
A cache can only save time: whatever is wrong with an entry or with the directory is a miss, and `problem` says in one
line why nothing is kept. No entry is unmarshalled unless it was sealed with this user's own key (see `envelope`).
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import OrderedDict
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from vigyc.codegen import places
from vigyc.codegen.cache_key import fingerprint, toolchain
from vigyc.codegen.envelope import MAX_BYTES, Header, open_envelope, read_header, seal
from vigyc.lang.artifact import Artifact

SUFFIX = ".vigyc"
_DAY = 86_400.0  # seconds; a hit renews an entry's time stamp no more often than this
_ABANDONED = 3_600.0  # seconds after which a temporary file belongs to no one


class Entry(NamedTuple):
    """One cache file: `bytes` large, last used (to the day) at `used`, seconds since the epoch.

    `state` is `current` (this vigyc and this Python wrote it), `other` (another version did) or `damaged`.
    """

    key: str
    bytes: int
    used: float
    state: str


class Cache:
    """Compiled programs by cache key; safe to use from several threads and several processes.

    `directory` None means the platform's cache directory; `memory` is the number of artifacts kept in memory;
    `key_file` None means the platform's place for it. `hits` and `misses` count what `get` was asked for.
    """

    def __init__(
        self, directory: str | os.PathLike[str] | None = None, memory: int = 512, key_file: Path | None = None
    ) -> None:
        self.directory = Path(directory) if directory is not None else places.cache_directory()
        self.memory = memory
        self.problem: str | None = None
        self.hits = self.misses = 0
        self._key_file = key_file if key_file is not None else places.key_file()
        self._recent: OrderedDict[str, Artifact] = OrderedDict()
        self._root = str(self.directory)

    def get(self, key: str) -> Artifact | None:
        """The artifact kept under `key`; None if there is none that can be trusted."""
        artifact = self._recent.get(key)
        if artifact is not None:
            self.hits += 1
            try:
                self._recent.move_to_end(key)
            except KeyError:  # another thread has dropped it meanwhile
                self._remember(key, artifact)
            return artifact
        artifact = self._read(key)
        if artifact is None:
            self.misses += 1
        else:
            self.hits += 1
            self._remember(key, artifact)
        return artifact

    def put(self, key: str, artifact: Artifact) -> None:
        """Keep `artifact` under `key`; a file that cannot be written is noted in `problem` and nothing else."""
        self._remember(key, artifact)
        secret = self._secret
        if secret is None:
            return
        path = self._path(key)
        try:
            data = seal(artifact, Header(key, toolchain()), secret)
            try:
                places.write_private(path, data)
            except FileNotFoundError:
                places.make_private_directory(self.directory)
                places.make_private_directory(Path(path).parent)
                places.write_private(path, data)
        except (OSError, ValueError) as error:
            self.problem = f"nothing is kept in the cache: {error}"

    def ls(self) -> list[Entry]:
        """Every entry, the most recently used first."""
        secret = self._secret
        entries = [self._entry(file, secret) for file in self._files()]
        return sorted(entries, key=lambda entry: (-entry.used, entry.key))

    def verify(self) -> list[Entry]:
        """The entries that are damaged or not authentic."""
        return [entry for entry in self.ls() if entry.state == "damaged"]

    def prune(
        self, *, max_age: float | None = None, max_bytes: int | None = None, everything: bool = False
    ) -> list[Entry]:
        """Remove entries and give what was removed.

        Always those that this vigyc cannot use; those unused for `max_age` seconds; then, the longest unused first,
        until no more than `max_bytes` are left; or `everything`.
        """
        self._recent.clear()
        self._sweep()
        now, total = time.time(), 0
        removed: list[Entry] = []
        for entry in self.ls():
            stale = everything or entry.state != "current" or (max_age is not None and now - entry.used > max_age)
            if not stale:
                stale = max_bytes is not None and total + entry.bytes > max_bytes
                total += 0 if stale else entry.bytes
            if stale:
                with contextlib.suppress(OSError):
                    os.unlink(self._path(entry.key))
                    removed.append(entry)
        return removed

    @cached_property
    def _secret(self) -> bytes | None:
        """The key that seals entries; None (and a `problem`) if there can be none."""
        if fingerprint() is None:
            self.problem = "the cache is off: vigyc's own source files cannot be read"
            return None
        if self._key_file.resolve().is_relative_to(self.directory.resolve()):
            self.problem = f"the cache is off: its key {self._key_file} must lie outside of {self.directory}"
            return None
        try:
            return places.load_key(self._key_file)
        except OSError as error:
            self.problem = f"the cache is off: {error}"
            return None

    def _remember(self, key: str, artifact: Artifact) -> None:
        recent = self._recent
        recent[key] = artifact
        while len(recent) > self.memory:
            with contextlib.suppress(KeyError):  # another thread may have emptied it
                recent.popitem(last=False)

    def _path(self, key: str) -> str:
        return f"{self._root}{os.sep}{key[:2]}{os.sep}{key}{SUFFIX}"

    def _read(self, key: str) -> Artifact | None:
        secret = self._secret
        if secret is None:
            return None
        path = self._path(key)
        found = places.read_private(path, MAX_BYTES)
        if found is None:
            return None
        data, facts = found
        artifact = open_envelope(data, Header(key, toolchain()), secret)
        if artifact is not None and time.time() - facts.st_mtime > _DAY:
            with contextlib.suppress(OSError):
                os.utime(path)
        return artifact

    def _shards(self) -> Iterator[os.DirEntry[str]]:
        """What lies in the directories of the cache that bear two hex digits."""
        with contextlib.suppress(OSError), os.scandir(self._root) as shards:
            for shard in shards:
                if len(shard.name) == 2 and shard.is_dir(follow_symlinks=False):
                    with contextlib.suppress(OSError), os.scandir(shard.path) as files:
                        yield from files

    def _files(self) -> Iterator[os.DirEntry[str]]:
        for file in self._shards():
            if file.name.endswith(SUFFIX) and len(file.name) == 64 + len(SUFFIX):
                yield file

    @staticmethod
    def _entry(file: os.DirEntry[str], secret: bytes | None) -> Entry:
        key = file.name.removesuffix(SUFFIX)
        found = places.read_private(file.path, MAX_BYTES)
        size, used = (len(found[0]), found[1].st_mtime) if found is not None else (0, 0.0)
        if secret is None:
            return Entry(key, size, used, "other")
        header = read_header(found[0], secret) if found is not None else None
        if header is None or header.key != key:
            return Entry(key, size, used, "damaged")
        return Entry(key, size, used, "current" if header.toolchain == toolchain() else "other")

    def _sweep(self) -> None:
        """Remove the temporary files of processes that died while writing."""
        for file in self._shards():
            if file.name.endswith(".tmp"):
                with contextlib.suppress(OSError):
                    if time.time() - file.stat(follow_symlinks=False).st_mtime > _ABANDONED:
                        os.unlink(file.path)


@cache
def shared() -> Cache:
    """The cache of this process at the default place."""
    return Cache()
