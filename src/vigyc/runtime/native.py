"""From a Python function to a builtin of the language: the registry of natives.

A native takes Lisp values and returns one; with `host=True` its first parameter is the tick's host. Python's own
refusal of a wrong argument count names the function, so a native is renamed to its Lisp name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Native:
    """What is known of a builtin: its Lisp name, its arity (`hi` None: any number) and whether it needs the host."""

    name: str
    lo: int
    hi: int | None
    host: bool = False


NATIVES: dict[str, Callable[..., object]] = {}


def native(name: str, lo: int, hi: int | None = -1, *, host: bool = False) -> Callable[[F], F]:
    """Register the decorated function as builtin `name` taking `lo` to `hi` arguments.

    Without `hi` the arity is exact; `hi=None` means any number from `lo` up. The host does not count.
    """

    def register(function: F) -> F:
        function.__name__ = function.__qualname__ = name
        function.tatara = Native(name, lo, lo if hi == -1 else hi, host)  # type: ignore[attr-defined]
        NATIVES[name] = function
        return function

    return register
