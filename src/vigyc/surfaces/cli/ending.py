"""From SIGINT or SIGTERM to the end of a command that goes on until then: asked for once, at once the second time."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Ending:
    """Whether a signal asked for the end."""

    asked = False


@contextmanager
def ending_heard() -> Iterator[Ending]:
    """What the first signal tells; after it signals do what they do to any process."""
    ending = Ending()

    def hear(_: int, __: FrameType | None) -> None:
        ending.asked = True
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, hear) for number in SIGNALS}
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
