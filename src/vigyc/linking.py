"""From the path in a `require` to a module's text: files beside the requiring one, texts, a bundle, or what is shipped.

A path is resolved against the requiring file, then against the module path, and never leads outside of either
(decision D25). What is found is named by its resolved path, so that one module required in two ways runs once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, Final, Protocol

from vigyc.model.argument import checked_text

SUFFIXES = (".tatara", ".tlisp", ".lisp")
SHIPPED: Final = re.compile(r"vigyc/([a-z][a-z0-9-]*)")
"""The paths of the modules that come with vigyc; a program's own module of such a path goes before."""


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
    """Modules given as text, by path. Raises Invalid for what is no text."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = {path: checked_text(f"module {path!r}", text) for path, text in texts.items()}

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


class ShippedModules:
    """What `modules` find, and where that is nothing, the modules that come with vigyc."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules

    def find(self, path: str, requiring: str) -> tuple[str, str] | None:
        """The program's own module of this path, else the shipped one."""
        found = self._modules.find(path, requiring)
        if found is not None:
            return found
        text = shipped(path)
        return None if text is None else (path, text)


@cache
def shipped(path: str) -> str | None:
    """The text of the module that comes with vigyc under this path; None if there is none."""
    named = SHIPPED.fullmatch(path)
    if named is None:
        return None
    file = Path(__file__).with_name("shipped") / f"{named[1]}.tatara"
    return file.read_text(encoding="utf-8") if file.is_file() else None


class ModuleBundle:
    """Modules as they were found once, by what was required from where: what a registered program carries along.

    `data` is JSON: `{"names": {requiring: {path: name}}, "texts": {name: text}}`. The program itself is "" there, and
    may be compiled under any name that none of the modules has.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.names: Mapping[str, Mapping[str, str]] = data["names"]
        self.texts: Mapping[str, str] = data["texts"]

    def find(self, path: str, requiring: str) -> tuple[str, str] | None:
        """The text that was found for `path` there and then."""
        found = self.names.get(requiring if requiring in self.texts else "", {}).get(path)
        return None if found is None else (found, self.texts[found])


class ModuleRecorder:
    """Modules that are found elsewhere, and noted for a bundle, while the text named `filename` is compiled.

    Files in the folder of `filename` are noted relative to it: where a project lies makes no difference to its bundle.
    """

    def __init__(self, modules: Modules, filename: str) -> None:
        self._modules = modules
        self._filename = filename
        self._folder = Path(filename).parent.resolve()
        self._names: dict[str, dict[str, str]] = {}
        self._texts: dict[str, str] = {}

    def find(self, path: str, requiring: str) -> tuple[str, str] | None:
        """What the modules find."""
        found = self._modules.find(path, requiring)
        if found is not None:
            name = self._short(found[0])
            self._names.setdefault(self._short(requiring), {})[path] = name
            self._texts[name] = found[1]
        return found

    def bundle(self) -> dict[str, Any] | None:
        """What was found, as the data of a `ModuleBundle`; None for nothing."""
        return {"names": self._names, "texts": self._texts} if self._texts else None

    def _short(self, name: str) -> str:
        if name == self._filename:
            return ""
        path = Path(name)
        inside = path.is_absolute() and path.is_relative_to(self._folder)
        return path.relative_to(self._folder).as_posix() if inside else name
