"""From the program in a grant to the command lines it covers: `git`, `/usr/bin/git`, `git status`, `git log *`, `*`.

A program is a name, looked for in the folders of `TRUSTED_PATH`, or an absolute path. What is granted and what is asked
for are resolved alike, and the paths must be one: the folder is resolved, the name in it is not, so that a link in
another folder (`/tmp/w/git`) or another applet of the same file (`sh` beside `ls` in a busybox) is another program.

A grant of a program alone is of any arguments. Arguments after it, split as a shell does, are those it must be run
with, exactly; where the last is `*`, any others may follow, options too. `*` alone is any program and arguments.

Not covered, whatever is granted: a file that all may write to, or that lies where all may put files; and vigyc itself,
which could be given a wider policy. An interpreter that is granted (sh, python) can do whatever its user can.
"""

from __future__ import annotations

import os
import posixpath
import re
import shlex
from pathlib import PurePosixPath
from stat import S_ISVTX, S_IWOTH
from typing import Final, NamedTuple

TRUSTED_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ANY: Final = "*"
OURSELVES: Final = "vigyc"
_LONGEST_SHOWN: Final = 200
_OUR_MODULE: Final = re.compile(rf"^-[A-Za-z]*m\n?{OURSELVES}(?:\.|$)", re.MULTILINE)


class Invocation(NamedTuple):
    """A program to run: the path of its file ("": there is none), and its arguments with its name before them."""

    path: str
    argv: tuple[str, ...]


class ProgramScope(NamedTuple):
    """A program, and the `arguments` it may have; `more` says whether others may follow them."""

    text: str
    program: str
    arguments: tuple[str, ...]
    more: bool

    @classmethod
    def parse(cls, text: str, base: str | None) -> ProgramScope:
        """The scope `text` is. Raises ValueError."""
        program, *arguments = shlex.split(text) or [""]
        if program == ANY:
            if arguments:
                raise ValueError("* is any program with any arguments; none can follow it")
            return cls(text, program, (), True)
        _check_name(program)
        if not arguments:
            return cls(text, program, (), True)
        more = arguments[-1] == ANY
        leading = tuple(arguments[:-1] if more else arguments)
        if any(ANY in argument for argument in leading):
            raise ValueError("in arguments, * stands alone and at the end: any others")
        return cls(text, program, leading, more)

    def covers(self, resource: Invocation) -> bool:
        """Whether it is this program, with such arguments."""
        if self.program == ANY:
            return True
        given = resource.argv[1:]
        if not self.more and len(given) != len(self.arguments):
            return False
        return given[: len(self.arguments)] == self.arguments and resource.path != "" and self._is(resource.path)

    def _is(self, path: str) -> bool:
        return located(self.program) == path

    def includes(self, other: ProgramScope) -> bool:
        """Whether it covers all that `other` does."""
        if self.program == ANY:
            return True
        if self.program != other.program and (other.program == ANY or not self._is(located(other.program) or ANY)):
            return False
        if not self.more:
            return not other.more and self.arguments == other.arguments
        return other.arguments[: len(self.arguments)] == self.arguments


def resource(value: object, base: str | None) -> tuple[Invocation, str]:
    """What `value`, a program and its arguments as strings, would run, and as text. Raises ValueError."""
    argv = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not argv or any(argument.__class__ is not str for argument in argv):
        raise ValueError("it is not a program and its arguments")
    _check_name(argv[0])
    if any("\0" in argument for argument in argv):
        raise ValueError("an argument cannot hold NUL")
    path = located(argv[0])
    if path:
        _check_not_ourselves(path, argv)
        try:
            _check_untouched(path)
        except OSError as error:
            raise ValueError("it cannot be looked at") from error
    return Invocation(path, argv), _shown(argv)


def located(program: str) -> str:
    """The path of the file that `program`, a name or an absolute path, stands for; "" if there is none."""
    if program.startswith("/"):
        candidates = [program]
    else:
        candidates = [posixpath.join(folder, program) for folder in TRUSTED_PATH.split(":")]
    for candidate in candidates:
        if os.path.isfile(candidate):
            folder, name = posixpath.split(candidate)
            return posixpath.join(os.path.realpath(folder), name)
    return ""


def _check_name(program: str) -> None:
    if not program or "\0" in program or program in {".", ".."} or program.endswith("/"):
        raise ValueError("it is not a program")
    if "/" in program and (not program.startswith("/") or posixpath.normpath(program) != program):
        raise ValueError("a program is a name or an absolute path without . and ..")


def _check_untouched(path: str) -> None:
    """Raises ValueError where anyone could have put another file in place of the one at `path`."""
    for place in {path, os.path.realpath(path)}:
        inner = os.stat(place)
        if inner.st_mode & S_IWOTH:
            raise ValueError("all may write to it")
        for parent in PurePosixPath(place).parents:
            folder = os.stat(parent)
            kept = folder.st_mode & S_ISVTX and inner.st_uid in {0, os.geteuid()}  # only its owner can replace it
            if folder.st_mode & S_IWOTH and not kept:
                raise ValueError("it lies in a folder that all may write to")
            inner = folder


def _check_not_ourselves(path: str, argv: tuple[str, ...]) -> None:
    """Raises ValueError for vigyc by its entry point, as the script of an interpreter, or as Python's `-m vigyc`."""
    real = os.path.realpath(path)
    files = [path, real, *(argument for argument in argv[1:] if "/" in argument)]
    found = any(posixpath.basename(file) == OURSELVES and os.path.isfile(file) for file in files)
    if found or (posixpath.basename(real).startswith(("python", "pypy")) and _OUR_MODULE.search("\n".join(argv))):
        raise ValueError("vigyc cannot be run by a vigy")


def _shown(argv: tuple[str, ...]) -> str:
    """The command line as a grant of just this one, where that is short and can be written."""
    text = shlex.join(argv)
    return argv[0] if ANY in text or len(text) > _LONGEST_SHOWN else text
