"""The programs that are measured: how a kernel becomes a Python callable, and texts of a given length."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import vigyc
from vigyc.frontend import reader
from vigyc.lang.source import Source

HERE = Path(__file__).parent


def kernel(name: str) -> Callable[[], Any]:
    """The last form of `kernels/NAME.tatara` as a function; what stands before it has been run."""
    text = (HERE / "kernels" / f"{name}.tatara").read_text("utf-8")
    return prepared(text)


def prepared(text: str) -> Callable[[], Any]:
    """The last form of `text` as a function without arguments."""
    source = Source("<benchmark>", text)
    last = reader.read(source)[0][-1]
    data = source.data
    wrapped = b"%s(lambda () %s)" % (data[: last.start], data[last.start : last.end])
    function = vigyc.compile(wrapped.decode(), cache=False).eval(vigyc.Host())
    assert callable(function)
    return function


def tick_program(name: str) -> vigyc.Program:
    """`ticks/NAME.tatara`, compiled."""
    path = HERE / "ticks" / f"{name}.tatara"
    return vigyc.compile(path.read_text("utf-8"), filename=path.name, cache=False)


def twenty_lines() -> str:
    """A reconciler of twenty lines."""
    return (HERE / "programs" / "twenty.tatara").read_text("utf-8")


def two_thousand_lines() -> str:
    """A hundred such reconcilers in one text, each with names of its own."""
    text = twenty_lines()
    return "".join(text.replace("@", str(n)) for n in range(100))
