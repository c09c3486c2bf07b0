"""From values to the tick's output, and `gensym`: what changes the host without deciding anything.

Everything is printed in the one printed form, strings in quotes, and goes to the host's `output`, nowhere else.
"""

from __future__ import annotations

from vigyc.lang.datum import Symbol, symbol
from vigyc.runtime.faults import type_mismatch
from vigyc.runtime.host import Host
from vigyc.runtime.native import native
from vigyc.runtime.printer import display


@native("display", 1, host=True)
def write(host: Host, x: object, /) -> None:
    """Writes `x`."""
    host.output.append(display(x))


@native("print", 1, host=True)
def write_line(host: Host, x: object, /) -> None:
    """Writes `x` and ends the line."""
    host.output.append(display(x) + "\n")


@native("println", 0, None, host=True)
def write_all(host: Host, /, *xs: object) -> None:
    """Writes its arguments, a space between them, and ends the line."""
    host.output.append(" ".join([display(x) for x in xs]) + "\n")


@native("newline", 0, host=True)
def newline(host: Host, /) -> None:
    """Ends the line."""
    host.output.append("\n")


@native("error-msg", 1, host=True)
def error_msg(host: Host, message: object, /) -> None:
    """Writes the library's remark that something is not as it should be, as `print` would."""
    host.output.append(display(message) + "\n")


@native("gensym", 0, 1, host=True)
def gensym(host: Host, prefix: object = "g", /) -> Symbol:
    """A new symbol, its name beginning with `prefix`. The count goes on even if the prefix is refused."""
    count = host.gensym_count
    host.gensym_count = count + 1
    if prefix.__class__ is Symbol:
        prefix = prefix.name
    if prefix.__class__ is not str:
        raise type_mismatch("string or symbol", prefix)
    return symbol(f"{prefix}__{count}__auto")
