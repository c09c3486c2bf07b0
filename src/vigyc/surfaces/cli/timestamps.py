"""From a time to how long ago it was, for people; or, with `--utc`, to the time itself."""

from __future__ import annotations

import time
from typing import NamedTuple

import click

from vigyc.model.timestamp import rfc3339
from vigyc.service.overview import span


class Moments(NamedTuple):
    """How times are told: as seen from `now` (ms since 1970), or absolutely."""

    now: int
    utc: bool

    def text(self, at: int | None) -> str:
        """`3s ago`, `in 5m`, or a time in RFC 3339; `never` for None."""
        if at is None:
            return "never"
        if self.utc:
            return rfc3339(at)
        return f"{span(self.now - at)} ago" if at <= self.now else f"in {span(at - self.now)}"

    def past(self, at: int | None) -> str:
        """The same of what has been: a clock that is ahead, or a change made since `now`, is not told as to come."""
        return self.text(at if at is None or self.utc else min(at, self.now))


moments_option = click.option(
    "--utc",
    "moments",
    is_flag=True,
    callback=lambda _ctx, _param, value: Moments(int(time.time() * 1000), value),
    help="Show times as they are in UTC, not how long ago they were.",
)
"""How a command tells times, as argument `moments`."""


def took(us: int) -> str:
    """A duration in microseconds, for people."""
    if us < 1_000_000:
        return f"{us / 1000:.1f}ms"
    return f"{us / 1_000_000:.1f}s"
