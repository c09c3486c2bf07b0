"""From the bytes that wait to be sent to whether their reader has stopped reading.

What the other side has not acknowledged waits too, here or in the system's buffers, which hold megabytes. Where the
system counts what was acknowledged (Linux), a higher count is progress; elsewhere, less that waits than before.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from math import inf
from typing import Final

_TCP_INFO: Final[int | None] = getattr(socket, "TCP_INFO", None)
_FIGURES: Final = struct.Struct("=24xI92xQ16xI")
"""Of struct tcp_info: tcpi_unacked (segments), tcpi_bytes_acked, tcpi_notsent_bytes."""


class Outflow:
    """What waits to be sent on `transport`."""

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self._transport = transport
        self._mark = -inf
        self._since = self._looked = -inf

    def is_stuck(self, now: float, patience: float) -> bool:
        """Whether nothing was read for longer than `patience` although something waits; to be asked again and again."""
        waits, mark = self._look()
        if not waits or mark > self._mark or now - self._looked > patience:
            self._since = now
        self._mark, self._looked = mark, now
        return now - self._since > patience

    def _look(self) -> tuple[bool, float]:
        """Whether something waits, and a number that is higher than before if some of it has gone."""
        waiting = self._transport.get_write_buffer_size()
        known = self._tcp_info()
        if known is None:
            return waiting > 0, -waiting
        unacknowledged, acknowledged, unsent = _FIGURES.unpack(known)
        return bool(waiting or unacknowledged or unsent), acknowledged

    def _tcp_info(self) -> bytes | None:
        held = self._transport.get_extra_info("socket")
        if _TCP_INFO is None or held is None or held.family not in {socket.AF_INET, socket.AF_INET6}:
            return None
        try:
            with socket.socket(fileno=os.dup(held.fileno())) as copy:
                known = copy.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _FIGURES.size)
        except OSError:
            return None
        return known if len(known) == _FIGURES.size else None
