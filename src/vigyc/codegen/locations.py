"""From spans to Python's positions: every generated node carries the line and UTF-8 column of its form.

Python's own traceback then points into the program's text, also after a trip through the cache; `span_of` reads
such a position back.
"""

from __future__ import annotations

from bisect import bisect_right

Position = tuple[int, int, int, int]


class Locator:
    """Turns byte spans of one text into `(line, column, end line, end column)`; lines from 1, columns from 0."""

    def __init__(self, line_starts: list[int]) -> None:
        self.line_starts = line_starts

    def position(self, start: int, end: int) -> Position:
        """Where the span `[start, end)` lies."""
        starts = self.line_starts
        first = bisect_right(starts, start)
        column = start - starts[first - 1]
        if first == len(starts) or end <= starts[first]:
            return first, column, first, end - starts[first - 1]
        last = bisect_right(starts, end)
        return first, column, last, end - starts[last - 1]
