"""From a place to the folder it is in, held open, and its name there: what changes a file does so by these two."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from stat import S_ISLNK

from vigyc.effects.files.outside import Outside
from vigyc.effects.files.walker import PASS
from vigyc.effects.place import Place
from vigyc.effects.result import EffectFailed


@contextmanager
def parent(place: Place) -> Iterator[tuple[int, str]]:
    """A descriptor of the folder and the name of `place` in it. Raises Outside, OSError, EffectFailed."""
    root, relative = place.root, place.relative
    if root.only is not None:
        if relative:
            raise Outside("the grant is of one file")
        yield root.fd, root.only
        return
    if not relative:
        raise EffectFailed("is-folder", f"{place.text} is the granted folder itself")
    folder, _, name = relative.rpartition("/")
    if not folder:
        yield root.fd, name
        return
    fd = root.open(folder, PASS | os.O_DIRECTORY)
    try:
        yield fd, name
    finally:
        os.close(fd)


def not_link(place: Place, folder: int, name: str) -> os.stat_result | None:
    """What is called `name` in `folder`, None if nothing is; a link is refused, since nothing is written through one.

    Raises Outside for a link that leads out, EffectFailed for another.
    """
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not S_ISLNK(found.st_mode):
        return found
    with suppress(OSError):
        os.close(place.root.open(place.relative, PASS))
    raise EffectFailed("is-link", f"{place.text} is a link")
