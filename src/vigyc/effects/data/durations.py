"""From a length of time in ms to a text like `1h30m` and back."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_UNITS: Final = {"w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_PART: Final = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,9})?)(ms|[wdhms])")
_WHOLE: Final = re.compile(rf"[+-]?(?:{_PART.pattern})+")


def duration(text: str) -> int:
    """The ms of `1h30m`, `1.5h`, `-250ms`: larger units first, none twice. Raises ValueError."""
    if not _WHOLE.fullmatch(text):
        raise ValueError("not a duration such as 1h30m")
    parts = _PART.findall(text)
    order = [list(_UNITS).index(unit) for _, unit in parts]
    if order != sorted(set(order)):
        raise ValueError("the units must go from large to small, none twice")
    total = sum(Decimal(number) * _UNITS[unit] for number, unit in parts)
    if total != int(total):
        raise ValueError("less than a ms")
    return -int(total) if text[0] == "-" else int(total)


def duration_text(ms: int) -> str:
    """`ms` in days, hours, minutes, seconds and ms: `1d2h`, `-250ms`, `0s`."""
    out, rest = [], abs(ms)
    for unit in ("d", "h", "m", "s", "ms"):
        count, rest = divmod(rest, _UNITS[unit])
        if count:
            out.append(f"{count}{unit}")
    return "-" * (ms < 0) + "".join(out) or "0s"
