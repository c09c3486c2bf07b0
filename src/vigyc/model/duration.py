"""From text to a stretch of time in ms, and back: `500ms`, `10s`, `1.5h`, `1m30s`; a bare number is ms."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from vigyc.lang.errors import Invalid

UNITS: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}

_FORMS: Final = "give a number of ms, or text such as 500ms, 10s, 5m, 1h, 1d, 1.5s, 1m30s"
_NUMBER: Final = r"([0-9]{1,16}(?:\.[0-9]{1,16})?)"
_TEXT: Final = re.compile("".join(f"(?:{_NUMBER}{unit}(?![a-z]))?" for unit in UNITS), re.ASCII)
_BARE: Final = re.compile("[0-9]{1,16}", re.ASCII)


def parse_duration_ms(text: str) -> int:
    """The ms that `text` says: 0 or more, whole. Raises Invalid."""
    stripped = text.strip()
    if _BARE.fullmatch(stripped):
        return int(stripped)
    found = _TEXT.fullmatch(stripped) if stripped else None
    if found is None:
        raise Invalid(f"duration {text[:60]!r}: {_FORMS}")
    ms = sum(Decimal(number or 0) * unit for number, unit in zip(found.groups(), UNITS.values(), strict=True))
    if ms != int(ms):
        raise Invalid(f"duration {text[:60]!r}: it must be a whole number of ms")
    return int(ms)


def duration_text(ms: int) -> str:
    """`ms` as text, exactly: `500ms`, `1.5s`, `1m30s`, `1d`; `parse_duration_ms` reads it back."""
    if ms < 0:
        return "-" + duration_text(-ms)
    if ms < 1_000:
        return f"{ms}ms"
    days, rest = divmod(ms, UNITS["d"])
    hours, rest = divmod(rest, UNITS["h"])
    minutes, rest = divmod(rest, UNITS["m"])
    seconds = f"{rest // 1_000}.{rest % 1_000:03}".rstrip("0").rstrip(".")
    parts = ((str(days), "d"), (str(hours), "h"), (str(minutes), "m"), (seconds, "s"))
    return "".join(number + unit for number, unit in parts if number != "0")
