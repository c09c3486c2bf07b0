"""From what somebody wants to see of the past to the number in the stream after which that begins."""

from __future__ import annotations

import time
from typing import Final

import click

from vigyc.lang.errors import Invalid
from vigyc.model.duration import parse_duration_ms
from vigyc.model.timestamp import parse_rfc3339
from vigyc.surfaces.cli.notice_text import Sieve
from vigyc.surfaces.cli.store_access import Reached

PAGE: Final = 500


def newest(runtime: Reached) -> int:
    """The number of the newest entry."""
    with runtime.subscribe() as stream:
        return stream.seq


def before_last(runtime: Reached, sieve: Sieve, end: int, count: int) -> int:
    """The number before the last `count` entries up to `end` that `sieve` lets through, or before all there are."""
    if count == 0:
        return end
    oldest = upto = end
    while upto > 0:
        start = max(upto - PAGE, 0)
        for notice in runtime.notices(start, upto - start)[::-1]:
            if notice.seq <= upto:
                oldest = notice.seq - 1
                count -= bool(sieve.lines(notice))
                if count == 0:
                    return oldest
        upto = start
    return oldest


def before_time(runtime: Reached, at: int, end: int) -> int:
    """The number before the first entry up to `end` that is not older than `at` (ms since 1970)."""
    low, high = 0, end
    while low < high:
        middle = (low + high) // 2
        found = runtime.notices(middle, 1)
        if found and found[0].at < at:
            low = found[0].seq
        else:
            high = middle
    return low


def before(runtime: Reached, text: str, end: int) -> int:
    """The number before what `text` means: `10m` ago, a time in RFC 3339, or the number of an entry."""
    if text.isdecimal():
        return max(int(text) - 1, 0)
    try:
        at = parse_rfc3339(text) if "T" in text.upper() else int(time.time() * 1000) - parse_duration_ms(text)
    except Invalid as error:
        raise click.BadParameter(str(error), param_hint="--since") from None
    return before_time(runtime, at, end)
