"""From something that went wrong in an epoch to what follows: try again, give up, or stop until it is mended."""

from __future__ import annotations

from typing import Final

RETRYABLE: Final = "retryable"  # it may pass: the issue goes back to the queue, for as many attempts as it has
PERMANENT: Final = "permanent"  # it will not: the issue ends
CONFIGURATION: Final = "configuration"  # every issue would meet it: the queue waits


class Fault(Exception):
    """A fault of an epoch, which is no verdict on the candidate; the text is the reason."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
