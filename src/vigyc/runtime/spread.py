"""From measurements to how they are spread: counted by size, in little room, however many there are.

Whole numbers are kept to six binary digits, rounded down: below 64 they are exact, above at most 3 % too small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

_DIGITS: Final = 6
_EXACT: Final = 1 << _DIGITS


class Spread:
    """How many measurements there were of each size, `count` in all, `total` together; for one thread at a time."""

    __slots__ = ("_sizes", "count", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0
        self._sizes: Counter[int] = Counter()

    def add(self, values: Sequence[int]) -> None:
        """Count these in; none is below 0."""
        self.count += len(values)
        self.total += sum(values)
        self._sizes.update(
            [value if value < _EXACT else (value >> (more := value.bit_length() - _DIGITS)) << more for value in values]
        )

    def merge(self, other: Spread) -> None:
        """Count in what `other` counted."""
        self.count += other.count
        self.total += other.total
        self._sizes.update(other._sizes)

    def copy(self) -> Spread:
        """The same, to go on from."""
        made = Spread()
        made.merge(self)
        return made

    def quantiles(self, *shares: float) -> list[int]:
        """The sizes below which these shares (0 to 1) of the measurements are; 0 if there are none."""
        sizes = sorted(self._sizes.items())
        below = list(accumulate(number for _, number in sizes))
        return [
            next((size for (size, _), sofar in zip(sizes, below, strict=True) if sofar > share * self.count), self.max)
            for share in shares
        ]

    @property
    def max(self) -> int:
        """The largest; 0 if there is none."""
        return max(self._sizes, default=0)

    def up_to(self, bounds: Iterable[int]) -> list[int]:
        """How many measurements there are up to each of `bounds`."""
        return [sum(number for size, number in self._sizes.items() if size <= bound) for bound in bounds]
