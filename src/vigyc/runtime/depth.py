"""From Python's recursion limit to the language's: room for deep recursion while a program that may recurse runs.

Python-to-Python calls take no C stack, and natives call back from Python code alone, so the limit can be raised far above Python's
default without danger. It is one number for the whole process: it is raised while any such program runs and put back after.
"""

from __future__ import annotations

import sys
import threading

MAX_DEPTH = 10_000  # calls that a program may nest at the least, also through map, foldl and apply
_FRAMES_PER_CALL = 4  # Python frames behind one such call

_lock = threading.Lock()
_running = 0
_former = 0


def enter() -> None:
    """A program that may recurse begins to run."""
    global _running, _former
    with _lock:
        if _running == 0:
            _former = sys.getrecursionlimit()
            sys.setrecursionlimit(max(_former, MAX_DEPTH * _FRAMES_PER_CALL))
        _running += 1


def leave() -> None:
    """It has ended."""
    global _running
    with _lock:
        _running -= 1
        if _running == 0:
            sys.setrecursionlimit(_former)
