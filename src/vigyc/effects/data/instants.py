"""From an instant, an int of ms since 1970, to a date and time in a zone and back.

The years are 1 to 9999; what is outside is refused, never bent to fit. Of a wall-clock time that comes twice, when
clocks are put back, the first is meant; one that is skipped is taken as if clocks had not been put forward yet.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vigyc.runtime.faults import native_fault

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_FIRST: Final = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MS
_LAST: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MS
OUTSIDE: Final = "the instant is outside the years 1 to 9999"
_OFFSET: Final = re.compile(r"([+-])([01][0-9]|2[0-3]):?([0-5][0-9])(?::([0-5][0-9]))?")
# Files beside the zones that are none, such as `localtime`, begin with a small letter.
_NAME: Final = re.compile(r"[A-Z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")


def fixed_offset(text: str) -> tzinfo | None:
    """The zone of `Z`, `+02:00` or `+0200`; None for any other text."""
    if text in {"Z", "z"}:
        return UTC
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return timezone(-ahead if found[1] == "-" else ahead)


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo | None:
    if name == "UTC":
        return UTC
    fixed = fixed_offset(name)
    if fixed is not None or not _NAME.fullmatch(name):
        return fixed
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone(op: str, name: str) -> tzinfo:
    """The zone called `name`: of IANA's, `UTC` or an offset. Raises TickError `native-fn`."""
    found = _zone(name)
    if found is None:
        raise native_fault(op, f"there is no time zone `{name[:80]}` (on some systems the package tzdata has them)")
    return found


def at(op: str, ms: int, where: tzinfo = UTC) -> datetime:
    """The date and time at an instant. Raises TickError `native-fn`."""
    try:
        return (_EPOCH + timedelta(milliseconds=ms)).astimezone(where)
    except OverflowError:
        raise native_fault(op, OUTSIDE) from None


def instant(when: datetime) -> int:
    """The instant of an aware date and time, rounded down to ms. Raises OverflowError outside the years 1 to 9999."""
    ms = (when - _EPOCH) // _MS
    if not _FIRST <= ms <= _LAST:
        raise OverflowError(OUTSIDE)
    return ms


def iso(when: datetime) -> str:
    """RFC 3339, with ms where there are any; `Z` for UTC."""
    text = when.isoformat(timespec="milliseconds" if when.microsecond else "seconds")
    return text[:-6] + "Z" if when.tzinfo is UTC else text
