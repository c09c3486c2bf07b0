"""From compact JSON text to the same on many lines. Nesting costs no Python stack."""

from __future__ import annotations

import re
from typing import Final

from vigyc.effects.data.bounds import check_text

_PIECE: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|[][{},:]|[^][{},:"]++')


def indented(op: str, compact: str, width: int) -> str:
    """JSON text `compact` with every element on a line of its own, `width` blanks further in for each level.

    Raises TickError `size-exceeded`.
    """
    out: list[str] = []
    depth = size = 0
    after_open = False
    for found in _PIECE.finditer(compact):
        piece = found[0]
        if piece in {"]", "}"}:
            depth -= 1
            if not after_open:
                piece = "\n" + " " * (width * depth) + piece
            after_open = False
        else:
            if after_open:
                piece = "\n" + " " * (width * depth) + piece
            after_open = found[0] in {"[", "{"}
            depth += after_open
            if piece == ",":
                piece = ",\n" + " " * (width * depth)
            elif piece == ":":
                piece = ": "
        size += len(piece)
        check_text(op, size)
        out.append(piece)
    return "".join(out)
