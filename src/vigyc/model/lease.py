"""From several processes on one store to the one that ticks: who holds the lease, and the fence its writes carry.

The epoch grows with every change of holder and the store refuses what carries an older one, so a holder that was
stopped and woke up too late can change nothing.
"""

from __future__ import annotations

from typing import NamedTuple


class Lease(NamedTuple):
    """The lease as stored: `beat` grows with every renewal; `holder` is empty when nobody holds it."""

    holder: str
    epoch: int
    beat: int
    renewed_at: int


class Fence(NamedTuple):
    """What the holder's writes carry."""

    holder: str
    epoch: int
