"""From a program to whether it may run code that its text does not show.

What stands quoted in a text is seen. What such data evaluates in its turn is not, nor is what a macro makes of it when
it is run: with either of these the text of a program says nothing any more of what it will do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vigyc.enhance.verifiers import grounds
from vigyc.enhance.verifiers.case import Case
from vigyc.enhance.verifiers.grounds import Side
from vigyc.frontend.reader import read
from vigyc.lang.artifact import Artifact
from vigyc.lang.datum import Symbol, atoms
from vigyc.lang.source import Source
from vigyc.runtime.program import Program, names_in

_EVALUATING: Final = "eval"
_MACROS: Final = frozenset({"defmacro", "defpoint-template", "defcheck"})


def makes_up_code(case: Case, side: Side) -> bool:
    """Whether it evaluates what it makes up, or quoted data that may do so: rather too often than not."""
    if grounds.checked(case, side).uses.evaluates:
        return True
    program = grounds.program(case, side)
    if isinstance(program, Program) and not _evaluates(program.artifact):
        return False
    words = [word for text in _texts(side) for word in _words(text)]
    return words.count(_EVALUATING) > 1 or not _MACROS.isdisjoint(words)


def _evaluates(artifact: Artifact) -> bool:
    return "evaluate" in names_in(artifact.code) or any(map(_evaluates, artifact.modules.values()))


def _texts(side: Side) -> Iterator[str]:
    yield side.vigy.program
    if side.vigy.modules is not None:
        yield from side.vigy.modules["texts"].values()


def _words(text: str) -> Iterator[str]:
    """The names in `text`, and the words of its strings: what reads a string makes names of them."""
    for atom in atoms(read(Source("text", text))[0]):
        if isinstance(atom.value, Symbol):
            yield atom.value.name
        elif isinstance(atom.value, str):
            yield from atom.value.replace("(", " ").replace(")", " ").replace("'", " ").split()
