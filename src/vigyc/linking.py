"""From the path in a `require` to a module's text: files beside the requiring one, a table of texts, or nothing.

A path is resolved against the requiring file, then against the module path, and never leads outside of either
(decision D25). What is found is named by its resolved path, so that one module required in two ways runs once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Protocol

SUFFIXES = (".tatara", ".tlisp", ".lisp")


class Modules(Protocol):
    """Where required texts come from."""

    def find(self, path: str, requiring: str) -> tuple[str, str] | None:
        """The name and text of module `path` as required by the text named `requiring`; None if there is none."""


class NoModules:
    """Nothing can be required."""

    def find(self, path: str, requiring: str) -> tuple[str, str] | None:
        """Nothing."""
        return None


class ModuleTexts:
    """Modules given as text, by path."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = dict(texts)

    def find(self, path: str, requiring: str) -> tuple[str, str] | None:
        """The text under exactly this path."""
        text = self.texts.get(path)
        return None if text is None else (path, text)


class ModuleFiles:
    """Modules in files: beside the requiring file, then in the folders of the module path."""

    def __init__(self, search: Sequence[str | Path] = ()) -> None:
        self.search = [Path(folder) for folder in search]

    def find(self, path: str, requiring: str) -> tuple[str, str] | None:
        """The first readable file; `path` may leave out its suffix, or name a folder with an `init` file."""
        relative = PurePosixPath(path)
        if relative.is_absolute() or ".." in relative.parts or not path or "\0" in path:
            return None
        for folder in (Path(requiring).parent, *self.search):
            root = folder.resolve()
            for candidate in self._candidates(root, relative):
                file = candidate.resolve()
                if file.is_relative_to(root) and file.is_file():
                    return str(file), file.read_text(encoding="utf-8")
        return None

    @staticmethod
    def _candidates(root: Path, path: PurePosixPath) -> list[Path]:
        if path.suffix in SUFFIXES:
            return [root / path]
        named = [root / path.with_name(path.name + suffix) for suffix in SUFFIXES]
        return named + [root / path / f"init{suffix}" for suffix in SUFFIXES]
