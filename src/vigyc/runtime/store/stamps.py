"""From the stamps of the original to ns since 1970, in both of its forms.

Its file has RFC 3339 text whose fraction is as long as it needs to be, so the texts do not sort: `...01Z` comes after
`...01.5Z`. Elsewhere it writes nine numbers: year, day of the year, hour, minute, second, ns, and the offset in hours,
minutes and seconds.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Final

from vigyc.lang.errors import Invalid
from vigyc.model.timestamp import parse_rfc3339

_FRACTION: Final = re.compile(r"\.([0-9]+)")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def stamp_ns(text: str) -> int:
    """The ns since 1970 that `text` says. Raises Invalid."""
    if text.startswith("["):
        return _of_numbers(text)
    found = _FRACTION.search(text)
    return parse_rfc3339(text) * 1_000_000 + (int(f"{found[1]:0<9.9}"[3:]) if found else 0)


def _of_numbers(text: str) -> int:
    try:
        year, day, hour, minute, second, ns, *offset = (int(part) for part in json.loads(text))
        off_hours, off_minutes, off_seconds = offset
        local = datetime(year, 1, 1, hour, minute, second, tzinfo=UTC) + timedelta(days=day - 1)
        at = local - timedelta(hours=off_hours, minutes=off_minutes, seconds=off_seconds)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Invalid(f"time {text[:60]!r}: it is neither RFC 3339 nor nine numbers") from error
    return (at - _EPOCH) // timedelta(seconds=1) * 1_000_000_000 + ns
