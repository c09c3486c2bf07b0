from __future__ import annotations

import pytest

from vigyc.lang.errors import Invalid
from vigyc.model.schedule import AUTO, Adaptive, Cron, Fixed, Schedule, every
from vigyc.model.schedule_rules import LONGEST_MS, checked_schedule, describe

CRON = Cron("*/5 * * * *")


@pytest.mark.parametrize(
    "schedule",
    [
        every(1),
        every(LONGEST_MS),
        Schedule(Fixed(10, "delay"), AUTO, 9, 5),
        Schedule(Fixed(10), 1_000),
        Schedule(CRON, AUTO, 60_000),
        Schedule(Adaptive(10, 10, "hint"), 0, 9),
        Schedule(Adaptive(10, 1_000, ":hint")),
    ],
)
def test_schedules(schedule: Schedule) -> None:
    assert checked_schedule(schedule) is schedule


@pytest.mark.parametrize(
    ("schedule", "minimum", "why"),
    [
        (every(0), 1, "invalid tick interval 0 ms: must be >= 1"),
        (every(-5), 1, "invalid tick interval -5 ms: must be >= 1"),
        (every(99), 100, "invalid tick interval 99 ms: must be >= 100"),
        (every(LONGEST_MS + 1), 1, "a century"),
        (every("10s"), 1, "tick interval '10s': it must be a whole number of ms"),
        (every(True), 1, "whole number"),
        (every(10.0), 1, "whole number"),
        (Schedule(Fixed(10, "often")), 1, "schedule mode 'often': it must be rate or delay"),
        (Schedule(Fixed(10), 0, 10), 1, "jitter 10 ms: it must be less than the interval, 10 ms"),
        (Schedule(Fixed(10), 0, -1), 1, "jitter -1 ms"),
        (Schedule(Fixed(10), -1), 1, "offset -1 ms"),
        (Schedule(Fixed(10), "soon"), 1, "offset 'soon'"),
        (Schedule(Fixed(10), 0, 0, -1), 1, "initial delay -1 ms"),
        (Schedule(Fixed(10), 0, 0, LONGEST_MS + 1), 1, "initial delay"),
        (Schedule(CRON, 0, LONGEST_MS + 1), 1, "jitter"),
        (Schedule(Adaptive(0, 10, "h")), 1, "invalid shortest tick interval 0 ms"),
        (Schedule(Adaptive(11, 10, "h")), 1, "its shortest interval, 11 ms, is over its longest, 10 ms"),
        (Schedule(Adaptive(50, 200, "h")), 100, "invalid shortest tick interval 50 ms: must be >= 100"),
        (Schedule(Adaptive(10, 100, "h"), 0, 10), 1, "jitter 10 ms"),
        (Schedule(Adaptive(10, 100, " ")), 1, "needs a hint key"),
        (Schedule(Adaptive(10, 100, None)), 1, "needs a hint key"),
        (Schedule("10s"), 1, "schedule '10s': it must be fixed, cron or adaptive"),
    ],
)
def test_no_schedules(schedule: Schedule, minimum: int, why: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked_schedule(schedule, minimum)
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("schedule", "text"),
    [
        (every(500), "fixed(500ms)"),
        (Schedule(Fixed(10_000, "delay")), "fixed(10s, delay)"),
        (Schedule(CRON), "cron(*/5 * * * *, UTC)"),
        (Schedule(Adaptive(1_000, 60_000, "hint")), "adaptive(1s to 1m, hint)"),
        (Schedule(Fixed(10_000), AUTO, 500, 5_000), "fixed(10s), offset auto, jitter 500ms, initial delay 5s"),
        (Schedule(Fixed(10_000), 250), "fixed(10s), offset 250ms"),
    ],
)
def test_how_schedules_read(schedule: Schedule, text: str) -> None:
    assert describe(schedule) == text
