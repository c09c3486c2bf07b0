"""From the path in a grant to the paths it covers: itself and everything below it; `*` is any.

Paths are folded (`.`, `..` and `//` taken out) before they are compared, component by component. What a path means on
the disk is not looked at here: whoever opens it does so beneath the grant's own folder, so that no link leads out.
"""

from __future__ import annotations

import os
import posixpath
from typing import Final, NamedTuple

LONGEST: Final = 4096


class PathResource(NamedTuple):
    """A path, absolute and folded; `text` is how the program wrote it."""

    path: str
    text: str


class PathScope(NamedTuple):
    """A file or folder; `path` is absolute and folded, `text` how the grant has it."""

    text: str
    path: str

    @classmethod
    def parse(cls, text: str, base: str | None) -> PathScope:
        """The scope `text` is; a relative path is below `base`. Raises ValueError."""
        if text == "*":
            return cls(text, "/")
        if not text:
            raise ValueError("it must be a path, or * for any")
        if base is None and not text.startswith("/"):
            raise ValueError("a relative path needs `base`, the folder it begins at")
        return cls(text, folded(text, base))

    def covers(self, resource: PathResource) -> bool:
        """Whether the path is it, or below it."""
        return is_below(resource.path, self.path)

    def includes(self, other: PathScope) -> bool:
        """Whether it covers all that `other` does."""
        return is_below(other.path, self.path)


def is_below(path: str, root: str) -> bool:
    """Whether folded `path` is folded `root` or below it."""
    return root in {path, "/"} or path.startswith(root + "/")


def folded(path: str, base: str | None) -> str:
    """`path` as an absolute one without `.`, `..` and doubled slashes. Raises ValueError."""
    if "\0" in path:
        raise ValueError("a path cannot hold NUL")
    if len(path) > LONGEST:
        raise ValueError(f"a path has at most {LONGEST} characters")
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        raise ValueError("a path cannot hold half of a surrogate pair") from None
    whole = path if base is None else posixpath.join(base, path)
    if not whole.startswith("/"):
        raise ValueError("a relative path needs a policy with a `base`")
    return "/" + posixpath.normpath(whole).lstrip("/")


def resource(value: object, base: str | None) -> tuple[PathResource, str]:
    """What path is asked for, and as text. Raises ValueError."""
    if value.__class__ is not str or not value:
        raise ValueError("it is not a path")
    return PathResource(folded(value, base), value), value
