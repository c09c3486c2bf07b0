"""From a cron expression to the times it means: the one door to the optional package cronsim.

Five fields, or six with the seconds first, read on the clock of a time zone. As in Debian's cron, a time of day that
the clocks skip comes right after the gap, and one they show twice comes once, the first time; expressions with a `*`
for the minute or the hour, and those with seconds, follow the hours as they pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice, pairwise
from typing import Final
from zoneinfo import ZoneInfo

from vigyc.lang.errors import Invalid, SettingsError
from vigyc.model.schedule import Cron, Schedule

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SAMPLE_FROM: Final = 1_704_067_200_000  # 2024-01-01T00:00:00Z, the beginning of a leap year
_SAMPLED: Final = 9
_LONGEST: Final = 256


def checked_cron(schedule: Schedule, minimum_ms: int = 1) -> Schedule:
    """`schedule`, if its cron expression and time zone are right; one of another kind as it is.

    Raises Invalid (also where two of its first times are closer than `minimum_ms`, or than the jitter), SettingsError.
    """
    cron = schedule.when
    if isinstance(cron, Cron):
        _check_text(cron)
        gap = min(later - earlier for earlier, later in pairwise(islice(occurrences(cron, _SAMPLE_FROM), _SAMPLED)))
        if gap < minimum_ms:
            raise Invalid(f"cron {cron.expr!r}: it ticks every {gap} ms, must be >= {minimum_ms}")
        if schedule.jitter_ms >= gap:
            raise Invalid(f"jitter {schedule.jitter_ms} ms: it must be less than the interval, {gap} ms")
    return schedule


def occurrences(cron: Cron, after: int) -> Iterator[int]:
    """The times that `cron` means, strictly after `after`, in order; all ms since 1970, without end.

    Raises Invalid for what is no expression or time zone, or never comes; SettingsError without cronsim.
    """
    try:
        from cronsim import CronSim, CronSimError
    except ImportError:
        raise SettingsError("cron schedules need the package cronsim: pip install 'vigyc[cron]'") from None
    zone = _zone(cron)
    start = (_EPOCH + timedelta(seconds=after // 1000)).astimezone(zone)
    try:
        times = CronSim(cron.expr, start)
    except CronSimError as error:
        raise Invalid(f"cron {cron.expr!r}: {_reason(str(error))}") from None
    for time in times:
        ms = (time - _EPOCH) // timedelta(milliseconds=1)
        if ms > after:  # in the hour that comes twice, cronsim begins with the first
            yield ms
    raise Invalid(f"cron {cron.expr!r}: it never comes")


def _check_text(cron: Cron) -> None:
    if not isinstance(cron.expr, str) or not isinstance(cron.timezone, str):
        raise Invalid("cron schedule: the expression and the time zone must be text")
    if len(cron.expr) > _LONGEST:
        raise Invalid(f"cron {cron.expr[:60]!r}: it must be at most {_LONGEST} characters")


def _zone(cron: Cron) -> tzinfo:
    if cron.timezone == "UTC":
        return UTC
    try:
        return ZoneInfo(cron.timezone)
    except (KeyError, ValueError, OSError):
        raise Invalid(f"time zone {cron.timezone!r}: it is unknown here; give one such as Europe/Berlin") from None


def _reason(error: str) -> str:
    if error.startswith("Bad "):
        return f"the {error.removeprefix('Bad ')} is wrong"
    return "it must have five fields (minute, hour, day, month, day of week), or six with the second first"
