"""From Python's recursion limit to the language's: room for deep recursion while a program that may recurse runs.

Python-to-Python calls take no C stack, and natives call back from Python code alone, so the limit can be raised far
above Python's default without danger. It is one number for the whole process: it is raised while any such program
runs and put back after.
"""

from __future__ import annotations

import sys
import threading

MAX_DEPTH = 10_000  # calls that a program may nest at the least, also through map, foldl and apply
_FRAMES_PER_CALL = 6  # Python frames behind one such call


class _Raised:
    """How many programs run under the raised limit, and what it was before."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running = 0
        self.former = 0


_raised = _Raised()


def enter() -> None:
    """A program that may recurse begins to run."""
    with _raised.lock:
        if _raised.running == 0:
            _raised.former = sys.getrecursionlimit()
            sys.setrecursionlimit(max(_raised.former, MAX_DEPTH * _FRAMES_PER_CALL))
        _raised.running += 1


def leave() -> None:
    """It has ended."""
    with _raised.lock:
        _raised.running -= 1
        if _raised.running == 0:
            sys.setrecursionlimit(_raised.former)
