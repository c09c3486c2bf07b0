"""From a body as it was sent to the body that was meant: gzip and deflate undone, with an eye on what they swell to."""

from __future__ import annotations

import zlib
from typing import Final

from vigyc.effects.result import EffectFailed

ACCEPTED: Final = "gzip, deflate"
RATIO: Final = 100
FREE: Final = 65_536  # bytes that may come of anything
_GZIP: Final = 31
_ZLIB: Final = 15
_RAW: Final = -15
_WINDOWS: Final = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _RAW)}


def decoded(body: bytes, coding: str, most: int, place: str) -> bytes:
    """`body`, sent by `place` in `coding` (a Content-Encoding), of at most `most` bytes.

    Raises EffectFailed `decode`, or `too-large` also for what swells more than `RATIO` times.
    """
    coding = coding.strip().lower()
    if coding in {"", "identity"} or not body:
        return body
    if coding not in _WINDOWS:
        raise EffectFailed("decode", f"{place} sends a body coded as {coding[:40]!r}, which was not asked for")
    room = min(most, max(RATIO * len(body), FREE))
    for window in _WINDOWS[coding]:
        found = _inflated(body, window, room + 1)
        if found is None:
            continue
        if len(found) > room:
            raise EffectFailed("too-large", f"{place} sends a body that swells above {room} bytes")
        return found
    raise EffectFailed("decode", f"{place} sends a body that is not {coding}")


def _inflated(body: bytes, window: int, most: int) -> bytes | None:
    """What `body` swells to, its first `most` bytes; None: it is not of this coding, or is not whole."""
    inflater = zlib.decompressobj(window)
    try:
        found = inflater.decompress(body, most)
    except zlib.error:
        return None
    return found if len(found) == most or (inflater.eof and not inflater.unused_data) else None
