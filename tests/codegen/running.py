"""From a program's text to what running it gives, for tests of the code generator."""

from __future__ import annotations

import pytest

import vigyc
from vigyc.lang.errors import Thrown, TickError
from vigyc.runtime.host import Host
from vigyc.runtime.printer import display


def shown(text: str) -> str:
    """The program's last value as printed."""
    return display(vigyc.compile(text, cache=False).eval())


def printed(text: str) -> str:
    """What the program displays."""
    host = Host()
    vigyc.compile(text, cache=False).eval(host)
    return "".join(host.output)


def failed(text: str) -> tuple[str, str, str]:
    """The kind of the error that ends the program, its short text, and the part of the program it points at."""
    with pytest.raises(TickError) as found:
        vigyc.compile(text, cache=False).eval()
    return described(found.value, text)


def described(error: TickError, text: str) -> tuple[str, str, str]:
    """An error's kind, short text and place in `text`."""
    assert error.span is not None
    start, end = error.span
    short = display(error.value) if isinstance(error, Thrown) else error.short
    return error.kind, short, text.encode()[start:end].decode()
