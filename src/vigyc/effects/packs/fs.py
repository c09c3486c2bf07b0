"""From paths to the files below granted folders: the pack `fs`.

A path is allowed by its name and then opened beneath the granted folder: one that proves to lead out, through a link,
is denied as well. Only regular files are read and written; a FIFO, a device or a socket is `not-file` at once.
"""

from __future__ import annotations

import errno
import os
import posixpath
from collections.abc import Iterator
from stat import S_IMODE, S_ISDIR, S_ISREG
from typing import Final, TypeAlias

from vigyc.effects.decision import Decision
from vigyc.effects.files.confined import confined
from vigyc.effects.files.outside import Outside
from vigyc.effects.files.parent import not_link, parent
from vigyc.effects.files.regular import CHUNK, READ, checked, read_all, write_all
from vigyc.effects.files.replacing import open_to_append, replace
from vigyc.effects.files.tree import glob, joined, remove, tree
from vigyc.effects.files.walker import PASS
from vigyc.effects.gate import Gate
from vigyc.effects.operation import Options
from vigyc.effects.pack import Pack
from vigyc.effects.place import Place
from vigyc.effects.result import EffectFailed
from vigyc.lang.datum import keyword
from vigyc.runtime.faults import native_fault
from vigyc.runtime.values import MAX_TEXT

PACK: Final = Pack("fs", "Files and folders below the granted paths.")

Blob: TypeAlias = bytes  # what a string, bytes or a secret is to be written as
_NOT_THERE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EACCES, errno.EPERM})
_NOT_ALL: Final[Options] = {"all": False}
_SIZE: Final = keyword("size")
_MODIFIED: Final = keyword("modified")
_KIND: Final = keyword("kind")
_MODE: Final = keyword("mode")


@PACK.effect("fs-exists?", needs="fs.read", example='(fs-exists? "/data/a.txt")')
def fs_exists(gate: Gate, path: Place) -> bool:
    """Whether there is something at `path`; a link that leads nowhere is nothing."""
    return _seen(gate, path) is not None


@PACK.effect("fs-file?", needs="fs.read", example='(fs-file? "/data/a.txt")')
def fs_is_file(gate: Gate, path: Place) -> bool:
    """Whether there is a regular file at `path`."""
    found = _seen(gate, path)
    return found is not None and S_ISREG(found.st_mode)


@PACK.effect("fs-dir?", needs="fs.read", example='(fs-dir? "/data")')
def fs_is_dir(gate: Gate, path: Place) -> bool:
    """Whether there is a folder at `path`."""
    found = _seen(gate, path)
    return found is not None and S_ISDIR(found.st_mode)


@PACK.effect("fs-stat", needs="fs.read", result=True, example='(fs-stat "/data/a.txt")')
def fs_stat(gate: Gate, path: Place) -> dict[object, object]:
    """What there is at `path`: `:size` in bytes, `:modified` in ms since 1970, `:kind`, `:mode` (permission bits).

    The kind is "file", "folder" or "other". Errors: `not-found`, `not-folder`, `no-permission`, `link-loop`.
    """
    found = _stat(gate, path)
    kind = "file" if S_ISREG(found.st_mode) else "folder" if S_ISDIR(found.st_mode) else "other"
    return {
        _SIZE: found.st_size,
        _MODIFIED: found.st_mtime_ns // 1_000_000,
        _KIND: kind,
        _MODE: S_IMODE(found.st_mode),
    }


@PACK.effect("fs-list", needs="fs.read", result=True, example='(fs-list "/data")')
def fs_list(gate: Gate, path: Place) -> list[str]:
    """The paths of what is in the folder, sorted. Errors: `not-found`, `not-folder`, `too-many`, `no-permission`."""
    with confined(gate, "fs.read", path), tree(gate, path) as found:
        return [_below(path, name) for name, _ in sorted(found.entries(""))]


@PACK.effect("fs-walk", needs="fs.read", result=True, example='(fs-walk "/data")')
def fs_walk(gate: Gate, path: Place) -> list[str]:
    """The paths of all files, folders and links below the folder, sorted; what is behind links is not looked at.

    Errors: `not-found`, `not-folder`, `too-many`, `timeout`, `no-permission`.
    """
    with confined(gate, "fs.read", path), tree(gate, path) as found:
        folders = found.walk().items()
        return sorted(_below(path, joined(folder, name)) for folder, entries in folders for name, _ in entries)


@PACK.effect("fs-glob", needs="fs.read", result=True, example='(fs-glob "/data/**/*.txt")')
def fs_glob(gate: Gate, pattern: Place) -> list[str]:
    """The paths that match, sorted: `*` `?` `[abc]` within a name, `**` for any folders in between.

    As in a shell, what begins with a dot matches only what does. Links met on the way are not followed, except those
    before the first wildcard. Errors: `too-many`, `timeout`, `no-permission`.
    """
    with confined(gate, "fs.read", pattern):
        found = [posixpath.join(pattern.root.path, path) if path else pattern.root.path for path in glob(gate, pattern)]
    if pattern.text.startswith("/"):
        return found
    return [posixpath.relpath(path, gate.session.policy.base or "/") for path in found]


@PACK.effect("fs-read", needs="fs.read", result=True, example='(fs-read "/data/a.txt")')
def fs_read(gate: Gate, path: Place) -> str:
    """The text of a file, which must be UTF-8; line ends are as they are in it.

    Errors: `not-found`, `decode`, `too-large`, `not-file`, `is-folder`, `hard-link` (a file with several hard links may
    belong elsewhere), `no-permission`.
    """
    try:
        return _contents(gate, path).decode()
    except UnicodeDecodeError as error:
        raise EffectFailed("decode", f"{path.text} is not UTF-8 text at byte {error.start}") from None


@PACK.effect("fs-read-bytes", needs="fs.read", result=True, example='(fs-read-bytes "/data/a.bin")')
def fs_read_bytes(gate: Gate, path: Place) -> bytes:
    """The bytes of a file. Errors: those of `fs-read` but `decode`."""
    return _contents(gate, path)


@PACK.effect("fs-write", needs="fs.write", result=True, changes=True, example='(fs-write "/data/a.txt" "hello")')
def fs_write(gate: Gate, path: Place, data: Blob) -> None:
    """Make `data` (text, as UTF-8, or bytes) the contents of a file: whole or not at all.

    A file that was there keeps its permissions (without setuid and setgid). Errors: `not-found` (no such folder),
    `too-large`, `is-folder`, `is-link`, `not-file`, `hard-link`, `no-space`, `no-permission`.
    """
    _pay(gate, path, len(data))
    with confined(gate, "fs.write", path):
        replace(path, (data,))


@PACK.effect("fs-append", needs="fs.write", result=True, changes=True, example='(fs-append "/data/a.log" "line\\n")')
def fs_append(gate: Gate, path: Place, data: Blob) -> None:
    """Add `data` (text, as UTF-8, or bytes) at the end of a file, which is made if it is not there.

    Errors: those of `fs-write`.
    """
    _pay(gate, path, len(data))
    with confined(gate, "fs.write", path):
        fd = open_to_append(path)
    try:
        write_all(fd, data)
    finally:
        os.close(fd)


@PACK.effect("fs-mkdir", needs="fs.write", result=True, changes=True, example='(fs-mkdir "/data/a/b")')
def fs_mkdir(gate: Gate, path: Place) -> None:
    """Make a folder, with those above it; nothing if it is there. Errors: `exists` (as a file), `no-permission`."""
    parts = path.relative.split("/")
    with confined(gate, "fs.write", path):
        for at in range(len(parts)):
            _make(path._replace(relative="/".join(parts[: at + 1])))


@PACK.effect(
    "fs-remove", needs="fs.write", result=True, changes=True, options={"all": ("bool", False)},
    example='(fs-remove "/data/old" (hash-map :all #t))',
)  # fmt: skip
def fs_remove(gate: Gate, path: Place, options: Options = _NOT_ALL) -> None:
    """Remove a file, a link (not what it leads to) or an empty folder; with `:all` a folder and everything in it.

    Errors: `not-found`, `not-empty`, `too-many` (then nothing is removed), `timeout`, `is-folder` (the granted folder
    itself), `no-permission`.
    """
    with confined(gate, "fs.write", path):
        remove(gate, path, options["all"])


@PACK.effect(
    "fs-copy", needs=(("fs.read", 0), ("fs.write", 1)), result=True, changes=True,
    example='(fs-copy "/data/a.txt" "/data/b.txt")',
)  # fmt: skip
def fs_copy(gate: Gate, source: Place, target: Place) -> None:
    """Copy the contents of a file, as `fs-read-bytes` and `fs-write` would: a new file is never executable.

    Errors: those of both.
    """
    fd, size = _opened(gate, source)
    try:
        most = gate.limits.write_bytes
        if size > most:
            raise EffectFailed("too-large", f"{source.text} has {size} bytes, and {most} may be written")
        with confined(gate, "fs.write", target):
            replace(target, _chunks(gate, source, fd, min(most, gate.limits.read_bytes)))
    finally:
        os.close(fd)


@PACK.effect(
    "fs-move", needs=("fs.read", ("fs.write", 0), ("fs.write", 1)), result=True, changes=True,
    example='(fs-move "/data/a.txt" "/data/b.txt")',
)  # fmt: skip
def fs_move(gate: Gate, source: Place, target: Place) -> None:
    """Give a file, link or folder another name, at once; a file that has it is replaced.

    The source must be granted for `fs.read` as well, since it can be read where it goes. Errors: `not-found`,
    `other-device`, `is-link` (the target), `is-folder`, `not-empty`, `no-permission`.
    """
    with (
        confined(gate, "fs.write", source),
        parent(source) as (here, name),
        confined(gate, "fs.write", target),
        parent(target) as (there, new_name),
    ):
        not_link(target, there, new_name)
        os.rename(name, new_name, src_dir_fd=here, dst_dir_fd=there)


def _stat(gate: Gate, place: Place) -> os.stat_result:
    with confined(gate, "fs.read", place):
        fd = place.root.open(place.relative, PASS)
    try:
        return os.fstat(fd)
    finally:
        os.close(fd)


def _seen(gate: Gate, place: Place) -> os.stat_result | None:
    try:
        return _stat(gate, place)
    except OSError as error:
        if error.errno in _NOT_THERE:
            return None
        raise native_fault("fs-exists?", f"{place.text}: {(error.strerror or 'it failed').lower()}") from None


def _below(place: Place, path: str) -> str:
    """What is at `path` below `place`, as the program would write it."""
    return posixpath.join(place.text, path)


def _opened(gate: Gate, place: Place) -> tuple[int, int]:
    """A descriptor to read the regular file at `place`, and its size."""
    try:
        fd = place.root.open(place.relative, READ)
        try:
            return fd, checked(place, os.fstat(fd)).st_size
        except BaseException:
            os.close(fd)
            raise
    except Outside as error:
        raise gate.refuse(Decision(False, "fs.read", place.text, error.rule)) from None


def _contents(gate: Gate, place: Place) -> bytes:
    fd, size = _opened(gate, place)
    try:
        most = min(gate.limits.read_bytes, MAX_TEXT)
        data = b""
        if size <= most:
            gate.charge("bytes", size)
            data = read_all(fd, size, most)
    finally:
        os.close(fd)
    if size > most or len(data) > most:
        raise EffectFailed("too-large", f"{place.text} has more than {most} bytes")
    gate.charge("bytes", len(data) - size)  # what grew since then, and what has no size before it is read
    return data


def _pay(gate: Gate, place: Place, size: int) -> None:
    most = gate.limits.write_bytes
    if size > most:
        raise EffectFailed("too-large", f"{place.text}: {size} bytes are more than {most}")
    gate.charge("bytes", size)


def _chunks(gate: Gate, place: Place, fd: int, most: int) -> Iterator[bytes]:
    """The contents of `fd`, which is `place`, paid for piece by piece."""
    while data := os.read(fd, CHUNK):
        most -= len(data)
        if most < 0:
            raise EffectFailed("too-large", f"{place.text} is too large")
        if gate.remaining() <= 0:
            raise EffectFailed("timeout", f"{place.text}: the tick is over")
        gate.charge("bytes", len(data))
        yield data


def _make(place: Place) -> None:
    """Make one folder; nothing if it is there."""
    if _is_folder(place):
        return
    try:
        with parent(place) as (folder, name):
            os.mkdir(name, dir_fd=folder)
    except FileExistsError:  # a link that leads nowhere, or someone else was quicker
        if not _is_folder(place):
            raise


def _is_folder(place: Place) -> bool:
    """Whether there is a folder, False if there is nothing. Raises EffectFailed `exists` for anything else."""
    try:
        os.close(place.root.open(place.relative, PASS | os.O_DIRECTORY))
    except FileNotFoundError:
        return False
    except NotADirectoryError:
        raise EffectFailed("exists", f"{place.text}: there is something that is no folder") from None
    return True
