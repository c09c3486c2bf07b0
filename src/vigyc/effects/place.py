"""From a path that was allowed to where it lies: beneath a folder that was opened when the policy was."""

from __future__ import annotations

from typing import NamedTuple

from vigyc.effects.files.root import Root


class Place(NamedTuple):
    """`relative` is the path below `root` ("" the root itself); `text` is how the program wrote it."""

    root: Root
    relative: str
    text: str
