"""From ms since 1970 to RFC 3339 text, and back.

Text has four digits for a year, so the stamps there are begin with year 1 and end with 9999.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from vigyc.lang.errors import Invalid

FIRST_MS: Final = -62_135_596_800_000  # 0001-01-01T00:00:00Z
LAST_MS: Final = 253_402_300_799_999  # 9999-12-31T23:59:59.999Z

_DAY_MS: Final = 86_400_000
_TEXT: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?"
    r"(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
)


@lru_cache(1024)  # when a vigy was made is told again and again
def rfc3339(ms: int) -> str:
    """`ms` since 1970 as text: `2026-01-02T03:04:05.25Z`, the fraction without trailing zeros.

    A time before year 1 or after 9999 gives the first or last stamp there is.
    """
    days, rest = divmod(min(max(ms, FIRST_MS), LAST_MS), _DAY_MS)
    seconds, fraction = divmod(rest, 1000)
    year, month, day = _civil(days)
    text = f"{year:04}-{month:02}-{day:02}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{fraction:03}".rstrip("0") + "Z" if fraction else text + "Z"


def parse_rfc3339(text: str) -> int:
    """The ms since 1970 that `text` says, in any offset and to any fraction; what is finer than a ms is cut off.

    A leap second is the second after it. Raises Invalid.
    """
    found = _TEXT.fullmatch(text)
    if found is None:
        raise Invalid(f"time {text[:60]!r}: give it as 2026-01-02T03:04:05Z")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    days = _days(year, month, day)
    if _civil(days) != (year, month, day):
        raise Invalid(f"time {text[:60]!r}: there is no such day")
    ahead = int(f"{found[8]}{int(found[9]) * 60 + int(found[10])}") if found[8] else 0
    fraction = int(f"{found[7] or '':0<3.3}")
    ms = days * _DAY_MS + ((hour * 60 + minute - ahead) * 60 + second) * 1000 + fraction
    if not FIRST_MS <= ms <= LAST_MS:
        raise Invalid(f"time {text[:60]!r}: it must be in the years 1 to 9999")
    return ms


def _civil(days: int) -> tuple[int, int, int]:
    """Year, month and day of `days` since 1970 (Hinnant's civil_from_days: years begin in March)."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9
    return year_of_era + era * 400 + (month <= 2), month, day


def _days(year: int, month: int, day: int) -> int:
    """The days since 1970 of a date: `_civil` backwards. What is no date gives those of another."""
    era, year_of_era = divmod(year - (month <= 2), 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468
