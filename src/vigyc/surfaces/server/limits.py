"""From what a server has to give to limits on what one client may take of it."""

from __future__ import annotations

from typing import NamedTuple


class Limits(NamedTuple):
    """How long a client may take and how much it may send. Times are seconds, sizes bytes.

    `first_byte`: from connecting to the first byte of a request. `headers`: from that byte to the end of the headers.
    `body`: from there to the end of the body, which after `body_grace` has to come at `body_rate` a second. `idle`:
    between two requests. `write`: without reading anything of what is sent. `connections` at once, `per_host` of them
    from one address. `drain`: after the end was asked for, until what is under way is cut.
    """

    first_byte: float = 5.0
    headers: float = 10.0
    body: float = 30.0
    body_rate: int = 1024
    body_grace: float = 5.0
    idle: float = 15.0
    write: float = 8.0
    head_bytes: int = 16 * 2**10
    url_bytes: int = 4 * 2**10
    body_bytes: int = 2**20
    connections: int = 512
    per_host: int = 256
    drain: float = 3.0

    @property
    def sweep(self) -> float:
        """How often connections are looked at."""
        shortest = min(self.first_byte, self.headers, self.body, self.idle, self.write)
        return max(0.01, min(0.25, shortest / 4))
