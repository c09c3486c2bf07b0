"""From something a runtime needs to a line on how it is."""

from __future__ import annotations

from typing import Final, NamedTuple

OK: Final = "ok"
WARN: Final = "warn"
FAIL: Final = "fail"


class CheckResult(NamedTuple):
    """How `subject` is: `level` is ok, warn or fail; `remedy` is what to do about it."""

    subject: str
    level: str
    text: str
    remedy: str | None = None
