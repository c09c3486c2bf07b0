"""From notices to the bytes that streams send of them: made once, however many streams send them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from vigyc.model.codec import to_json
from vigyc.model.notice import Notice
from vigyc.surfaces.grpc.translation import written

KEPT: Final = 256  # streams that keep up are not further apart
LARGEST: Final = 16 * 1024  # bytes of what is kept


class Encoding:
    """Writes notices, or with `runs` the runs in them, as messages of `kind`; one thread calls."""

    def __init__(self, kind: Callable[[], Any], *, runs: bool) -> None:
        self._kind = kind
        self._runs = runs
        self._kept: list[tuple[Notice | None, bytes]] = [(None, b"")] * KEPT

    def of(self, notice: Notice) -> bytes:
        """The message of `notice`."""
        known, kept = self._kept[notice.seq % KEPT]
        if known is notice:
            return kept
        told = notice.run if self._runs and notice.run is not None else notice
        data: bytes = written(self._kind(), to_json(told)).SerializeToString()
        if len(data) <= LARGEST:
            self._kept[notice.seq % KEPT] = (notice, data)
        return data
