"""A disk that loses its power: an SQLite VFS that knows what was synced, and what may be left of the rest.

Files are really written (an inherited unix VFS does it, without fsync). Beside it every file has two images: what is
`durable`, because it was synced, and the `pending` writes since. A cut does not stop anything: it is a picture of what
the disk could hold at that moment, taken before an operation is done, and the work goes on. So one run of a workload
gives many cuts.

What was not synced survives in one of these ways: nothing of it, a prefix of the writes of each file, any subset of
the writes, any subset of their 512-byte sectors, or that with a tenth of the sectors garbled. Bytes beside a write stay
(SQLite counts on that, and so do disks). A file nobody synced may be missing, and one deleted without syncing its
directory may be back. The shared memory of the WAL is gone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import apsw

SECTOR = 512
SURVIVORS = ("nothing", "prefix", "subset", "torn", "garbage")


class Write(NamedTuple):
    """`data` at `offset`; without data the file is cut there."""

    offset: int
    data: bytes | None


class Image:
    """A file as the disk holds it."""

    def __init__(self) -> None:
        self.durable = bytearray()
        self.pending: list[Write] = []
        self.synced = False

    def sync(self) -> None:
        for write in self.pending:
            apply(self.durable, write)
        self.pending.clear()
        self.synced = True

    def after_cut(self, how: str, dice: random.Random) -> bytes | None:
        """What could be found later; None: no file at all."""
        if not self.synced and dice.random() < 0.5:
            return None
        content = bytearray(self.durable)
        for write in survivors(self.pending, how, dice):
            apply(content, write)
        return bytes(content)


def apply(content: bytearray, write: Write) -> None:
    if write.data is None:
        del content[write.offset :]
        return
    if len(content) < write.offset:
        content.extend(bytes(write.offset - len(content)))
    content[write.offset : write.offset + len(write.data)] = write.data


def survivors(pending: list[Write], how: str, dice: random.Random) -> list[Write]:
    if how == "nothing":
        return []
    if how == "prefix":
        return pending[: dice.randint(0, len(pending))]
    if how == "subset":
        return [write for write in pending if dice.random() < 0.5]
    pieces = [piece for write in pending for piece in sectors(write)]
    left = [piece for piece in pieces if dice.random() < 0.7]
    if how == "torn":
        return left
    return [garbled(piece, dice) if dice.random() < 0.1 else piece for piece in left]


def sectors(write: Write) -> Iterator[Write]:
    if write.data is None:
        yield write
        return
    at, end = write.offset, write.offset + len(write.data)
    while at < end:
        stop = min(end, (at // SECTOR + 1) * SECTOR)
        yield Write(at, write.data[at - write.offset : stop - write.offset])
        at = stop


def garbled(write: Write, dice: random.Random) -> Write:
    return write if write.data is None else Write(write.offset, dice.randbytes(len(write.data)))


class Cut(NamedTuple):
    """What a disk could hold after a cut before operation `at`, and what `witness` said then."""

    at: int
    how: str
    files: dict[str, bytes]
    witness: Any

    def restore(self, place: Path) -> None:
        place.mkdir()
        for name, content in self.files.items():
            (place / name).write_bytes(content)


class Disk:
    """The images of all files. `cut_at` says before which operations power is cut; `witness` is asked each time.

    With `lying` a sync does nothing and says it was done.
    """

    def __init__(self, dice: random.Random, *, lying: bool = False) -> None:
        self.images: dict[str, Image] = {}
        self.ghosts: dict[str, Image] = {}
        self.cut_at: frozenset[int] = frozenset()
        self.witness: Callable[[], Any] = lambda: None
        self.cuts: list[Cut] = []
        self.done = 0
        self.dice = dice
        self.lying = lying

    def image(self, path: str) -> Image:
        return self.images.setdefault(Path(path).name, Image())

    def step(self) -> None:
        """Called before every operation that changes something."""
        if self.done in self.cut_at:
            how = SURVIVORS[len(self.cuts) % len(SURVIVORS)]
            files = {name: image.after_cut(how, self.dice) for name, image in (self.ghosts | self.images).items()}
            kept = {name: content for name, content in files.items() if content is not None}
            self.cuts.append(Cut(self.done, how, kept, self.witness()))
        self.done += 1

    def write(self, path: str, offset: int, data: bytes) -> None:
        self.image(path).pending.append(Write(offset, bytes(data)))
        self.step()

    def truncate(self, path: str, size: int) -> None:
        self.image(path).pending.append(Write(size, None))
        self.step()

    def sync(self, path: str) -> None:
        self.step()
        if not self.lying:
            image = self.image(path)
            if not image.synced and path.endswith(("-journal", "-wal")):
                self.ghosts.clear()  # SQLite syncs the directory too
            image.sync()

    def delete(self, path: str, durable: bool) -> None:
        self.step()
        image = self.images.pop(Path(path).name, None)
        self.ghosts.pop(Path(path).name, None)
        if image is not None and not (durable and not self.lying):
            self.ghosts[Path(path).name] = image


class SimVFS(apsw.VFS):
    """The unix VFS on a `disk`."""

    def __init__(self, name: str, disk: Disk) -> None:
        self.disk = disk
        super().__init__(name, "unix", makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> SimFile:  # noqa: N802
        return SimFile(self.disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        self.disk.delete(filename, syncdir)
        super().xDelete(filename, False)


class SimFile(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self.disk = disk
        self.path = name.filename() if isinstance(name, apsw.URIFilename) else name
        super().__init__("unix", name, flags)
        if self.path is not None:
            disk.image(self.path)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if self.path is not None:
            self.disk.write(self.path, offset, data)
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        if self.path is not None:
            self.disk.truncate(self.path, newsize)
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        if self.path is not None:
            self.disk.sync(self.path)


@contextmanager
def power_from(disk: Disk) -> Iterator[None]:
    """Whoever opens a file with SQLite meanwhile opens it on `disk`."""
    vfs = SimVFS("sim", disk)
    try:
        yield
    finally:
        vfs.unregister()
