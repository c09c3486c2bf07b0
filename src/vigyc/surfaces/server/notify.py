"""From a server to the service manager that started it: that it is ready, that it lives, that it is ending.

The manager says by `$NOTIFY_SOCKET` where it listens, and by `$WATCHDOG_USEC` within which time it wants to hear that
the process lives (systemd's sd_notify); without them nothing is sent.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic


class Notifier:
    """Tells the service manager that `environ` names, if there is one. What cannot be sent is not told."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self._every = _seconds(environ) / 2
        self._next = 0.0

    def ready(self) -> None:
        """The server serves."""
        self._send("READY=1")

    def beat(self) -> None:
        """The server lives: to be called often, it is sent as often as it is wanted."""
        if self._every and monotonic() >= self._next:
            self._next = monotonic() + self._every
            self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The server is ending."""
        self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        if not self._address.startswith(("/", "@")):
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(text.encode(), address)


def _seconds(environ: Mapping[str, str]) -> float:
    """Within which time the manager wants to hear of this process; 0 if it does not."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    usec = environ.get("WATCHDOG_USEC", "")
    return int(usec) / 1e6 if usec.isascii() and usec.isdecimal() else 0.0
