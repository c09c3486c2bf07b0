"""From byte offsets to lines and columns: one program text and its name.

Offsets are UTF-8 bytes; lines and columns count from 1, columns in characters; only LF ends a line.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property


class Source:
    """A program text with the name it is shown under (a path, or `<eval>`)."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    @cached_property
    def data(self) -> bytes:
        """The text as UTF-8."""
        return self.text.encode("utf-8", "surrogatepass")

    @cached_property
    def line_starts(self) -> list[int]:
        """Byte offset of the first byte of every line."""
        starts = [0]
        position = self.data.find(b"\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.data.find(b"\n", position + 1)
        return starts

    def line_index(self, offset: int) -> int:
        """0-based line that holds byte `offset`."""
        return bisect_right(self.line_starts, offset) - 1

    def place(self, offset: int) -> tuple[int, int]:
        """1-based line and column (in characters) of byte `offset`."""
        line = self.line_index(offset)
        before = self.data[self.line_starts[line] : offset]
        return line + 1, len(before.decode("utf-8", "replace")) + 1

    def line(self, number: int) -> str:
        """The text of 1-based line `number`, without its LF."""
        starts = self.line_starts
        end = starts[number] - 1 if number < len(starts) else len(self.data)
        return self.data[starts[number - 1] : end].decode("utf-8", "replace")
