"""From a value to a line on the console: the pack `io`.

The line is written at once, and nothing in it can steer the terminal. A secret shows as `***`.
"""

from __future__ import annotations

from typing import Final

from vigyc.effects.gate import Gate
from vigyc.effects.log_sink import shown
from vigyc.effects.pack import Pack
from vigyc.lang.errors import TickError
from vigyc.runtime.faults import size_exceeded
from vigyc.runtime.printer import display

PACK: Final = Pack("io", "The console of the process.")


@PACK.effect("io-print", needs="print", example='(io-print "done")')
def io_print(gate: Gate, value: object = "") -> None:
    """Write one line to the console: a string bare, anything else as it prints.

    Control characters other than line ends and tabs are escaped. Raises `io-error` when the console takes nothing.
    """
    line = shown(value if value.__class__ is str else display(value)) + "\n"
    size, most = len(line.encode()), gate.limits.write_bytes
    if size > most:
        raise size_exceeded("io-print", most)
    gate.charge("bytes", size)
    try:
        gate.session.console(line)
    except OSError as error:
        raise TickError("io-error", f"`io-print`: {(error.strerror or 'the console is gone').lower()}") from error
