from __future__ import annotations

from itertools import islice, pairwise, takewhile

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vigyc.model.schedule import AUTO, Adaptive, Cron, Fixed, Schedule, every
from vigyc.model.vigy import Vigy
from vigyc.runtime.due import COUNTED, backoff_ms, missed, next_due

ANCHOR = 1_750_000_000_000
MINUTE = 60_000
HOUR = 3_600_000
IDS = st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}")


def vigy(schedule: Schedule, vigy_id: str = "8c5f16a99099ee58", anchor: int = ANCHOR) -> Vigy:
    return Vigy(vigy_id, "n", "", "", schedule, {}, True, 1, 1, 0, 0, anchor)


def due_after(it: Vigy, start: int | None, failures: int = 0, hint: int | None = None, end: int | None = None) -> int:
    return next_due(it, start, end if end is not None else start, failures, hint)


# -- a fixed rate


def test_the_first_is_due_at_once() -> None:
    assert due_after(vigy(every(1_000)), None) == ANCHOR


def test_then_one_each_interval_however_late_they_begin() -> None:
    it = vigy(every(1_000))
    assert due_after(it, ANCHOR) == ANCHOR + 1_000
    assert due_after(it, ANCHOR + 999) == ANCHOR + 1_000
    assert due_after(it, ANCHOR + 1_000) == ANCHOR + 2_000
    assert due_after(it, ANCHOR + 123_456) == ANCHOR + 124_000


def test_when_it_ended_does_not_matter_at_a_rate() -> None:
    assert due_after(vigy(every(1_000)), ANCHOR + 10, end=ANCHOR + 5_000) == ANCHOR + 1_000


def test_a_start_before_the_anchor_does_not_count() -> None:
    it = vigy(every(1_000))
    assert due_after(it, ANCHOR - 1, failures=5) == ANCHOR


def test_initial_delay_and_offset_move_the_grid() -> None:
    it = vigy(Schedule(Fixed(1_000), 250, 0, 5_000))
    assert due_after(it, None) == ANCHOR + 5_250
    assert due_after(it, ANCHOR + 3) == ANCHOR + 5_250  # somebody asked for a tick before
    assert due_after(it, ANCHOR + 5_250) == ANCHOR + 6_250


def test_missed_are_those_due_since() -> None:
    it = vigy(every(1_000))
    assert missed(it, ANCHOR, ANCHOR, None) == 0
    assert missed(it, ANCHOR, ANCHOR + 999, None) == 0
    assert missed(it, ANCHOR, ANCHOR + 1_000, None) == 1
    assert missed(it, ANCHOR, ANCHOR + 3_600_000, None) == 3_600
    assert missed(it, ANCHOR, ANCHOR - 5, None) == 0


def test_what_a_backoff_passed_over_is_not_missed() -> None:
    it = vigy(every(1_000))
    held_back = due_after(it, ANCHOR, failures=3)
    assert held_back == ANCHOR + 5_000
    assert missed(it, held_back, held_back + 10, None) == 0


@given(st.integers(1, 30), st.integers(0, 60), st.data(), st.integers(0, 50), IDS, st.integers(-50, 400), st.booleans())
def test_a_grid_against_one_that_is_written_out(
    interval: int, offset: int, data: st.DataObject, delay: int, vigy_id: str, moment: int, auto: bool
) -> None:
    jitter = data.draw(st.integers(0, interval - 1))
    it = vigy(Schedule(Fixed(interval), AUTO if auto else offset, jitter, delay), vigy_id)
    first = due_after(it, None)
    dues = [first]
    while dues[-1] <= ANCHOR + 600:
        dues.append(due_after(it, dues[-1]))
    shift = ANCHOR + delay + (0 if auto else offset)
    room = interval if auto else 1
    # one due time for each point, never early, late by the jitter at most
    assert len(dues) == len(set(dues))
    assert shift <= first < shift + room + jitter
    assert all(0 < later - earlier < interval + jitter + 1 for earlier, later in pairwise(dues))
    assert all(abs(due - first - number * interval) <= jitter for number, due in enumerate(dues))
    # after any start the next is the first of them that is later, and the missed are those between
    start = ANCHOR + moment
    if start >= ANCHOR:
        assert due_after(it, start) == next(due for due in dues if due > start)
    if start >= first:
        latest = max(due for due in dues if due <= start)
        for due in dues[:3]:
            assert missed(it, due, start, None) == sum(due < each <= latest for each in dues)


@given(st.integers(2, 500), st.data(), IDS, st.lists(st.integers(0, 2_000), min_size=1, max_size=40))
def test_every_point_is_ticked_or_missed_once(
    interval: int, data: st.DataObject, vigy_id: str, waits: list[int]
) -> None:
    jitter = data.draw(st.integers(0, interval - 1))
    it = vigy(Schedule(Fixed(interval), AUTO, jitter), vigy_id)
    due = first = due_after(it, None)
    accounted = 0
    for late in waits:
        start = due + late
        accounted += 1 + missed(it, due, start, None)
        due = due_after(it, start)
    every_due = takewhile(lambda each: each < due, _dues(it, first))
    assert accounted == sum(1 for _ in every_due)


def _dues(it: Vigy, due: int):
    while True:
        yield due
        due = due_after(it, due)


def test_jitter_is_the_same_for_the_same_tick_and_differs_between_them() -> None:
    it = vigy(Schedule(Fixed(1_000), 0, 500))
    late = [due - ANCHOR - 1_000 * number for number, due in enumerate(islice(_dues(it, due_after(it, None)), 200))]
    again = [due - ANCHOR - 1_000 * number for number, due in enumerate(islice(_dues(it, due_after(it, None)), 200))]
    assert late == again
    assert min(late) >= 0
    assert max(late) <= 500
    assert len(set(late)) > 100


def test_offsets_auto_spread_vigies_over_the_interval() -> None:
    offsets = [due_after(vigy(Schedule(Fixed(1_000), AUTO), f"{n:016x}"), None) - ANCHOR for n in range(1_000)]
    assert min(offsets) >= 0
    assert max(offsets) < 1_000
    assert all(60 < sum(tenth * 100 <= each < tenth * 100 + 100 for each in offsets) < 140 for tenth in range(10))


# -- failures


def test_backoffs() -> None:
    assert [backoff_ms(failures) for failures in (*range(8), 10**9)] == [
        0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "schedule",
    [
        every(60_000),
        Schedule(Fixed(60_000, "delay")),
        Schedule(Adaptive(1_000, 60_000, "h")),
        Schedule(Cron("* * * * *")),
    ],
)
def test_each_failure_in_a_row_holds_the_next_back(schedule: Schedule) -> None:
    it = vigy(schedule)
    assert due_after(it, ANCHOR + 7, failures=2) == due_after(it, ANCHOR + 7) + 2_000


# -- a fixed delay


def test_a_delay_counts_from_the_end() -> None:
    it = vigy(Schedule(Fixed(1_000, "delay"), 50, 0, 200))
    assert due_after(it, None) == ANCHOR + 250
    assert due_after(it, ANCHOR + 300, end=ANCHOR + 900) == ANCHOR + 1_900
    assert next_due(it, ANCHOR + 300, None, 0, None) == ANCHOR + 1_300


def test_nothing_comes_before_the_initial_delay_is_over() -> None:
    for when in (Fixed(1_000, "delay"), Adaptive(10, 1_000, "h")):
        it = vigy(Schedule(when, 0, 0, 60_000))
        assert due_after(it, ANCHOR + 5) == ANCHOR + 60_000


def test_missed_of_a_delay_are_those_that_would_have_had_room() -> None:
    it = vigy(Schedule(Fixed(1_000, "delay")))
    assert missed(it, ANCHOR, ANCHOR + 999, None) == 0
    assert missed(it, ANCHOR, ANCHOR + 5_500, None) == 5


@given(st.integers(1, 1_000), st.data(), IDS, st.integers(0, 10**6), st.integers(0, 10**6))
def test_jitter_of_a_delay(interval: int, data: st.DataObject, vigy_id: str, start: int, took: int) -> None:
    jitter = data.draw(st.integers(0, interval - 1))
    it = vigy(Schedule(Fixed(interval, "delay"), 0, jitter), vigy_id)
    end = ANCHOR + start + took
    assume(start >= interval)
    assert end + interval <= due_after(it, ANCHOR + start, end=end) <= end + interval + jitter


# -- adaptive


@pytest.mark.parametrize(("hint", "wait"), [(None, 5_000), (0, 100), (-7, 100), (100, 100), (777, 777), (10**9, 5_000)])
def test_a_hint_is_kept_in_bounds(hint: int | None, wait: int) -> None:
    it = vigy(Schedule(Adaptive(100, 5_000, "h")))
    assert due_after(it, None, hint=hint) == ANCHOR
    assert due_after(it, ANCHOR + 3, hint=hint, end=ANCHOR + 50) == ANCHOR + 3 + wait
    assert missed(it, ANCHOR, ANCHOR + 10_000, hint) == 10_000 // wait


# -- cron


def test_cron_begins_with_the_first_occurrence_since_the_anchor() -> None:
    whole = ANCHOR - ANCHOR % MINUTE
    for anchor, first in ((whole, whole), (whole + 1, whole + MINUTE)):
        assert due_after(vigy(Schedule(Cron("* * * * *")), anchor=anchor), None) == first
    delayed = vigy(Schedule(Cron("* * * * *"), 0, 0, 5 * MINUTE), anchor=whole + 1)
    assert due_after(delayed, None) == whole + 6 * MINUTE
    assert due_after(delayed, whole + 2) == whole + 6 * MINUTE


def test_cron_goes_on_after_the_last_start() -> None:
    whole = ANCHOR - ANCHOR % HOUR
    it = vigy(Schedule(Cron("*/15 * * * *")), anchor=whole)
    assert due_after(it, whole) == whole + 15 * MINUTE
    assert due_after(it, whole + 15 * MINUTE - 1) == whole + 15 * MINUTE
    assert due_after(it, whole + 40 * MINUTE) == whole + 45 * MINUTE


def test_cron_keeps_to_the_time_of_day() -> None:
    whole = ANCHOR - ANCHOR % HOUR
    it = vigy(Schedule(Cron("0 * * * *")), anchor=whole)
    drift = 10 * MINUTE
    assert next_due(it, whole + MINUTE, whole + MINUTE, 0, None, drift) == whole + HOUR - drift
    assert missed(it, whole - drift, whole + 3 * HOUR - drift - 1, None, drift) == 2


def test_missed_of_cron_are_counted_as_far_as_a_limit() -> None:
    whole = ANCHOR - ANCHOR % HOUR
    it = vigy(Schedule(Cron("* * * * *")), anchor=whole)
    assert missed(it, whole, whole + 59_999, None) == 0
    assert missed(it, whole, whole + HOUR, None) == 60
    assert missed(it, whole, whole + 400 * HOUR, None) == COUNTED


@given(
    st.sampled_from(["* * * * *", "*/7 * * * *", "0 0 * * *", "*/10 * * * * *", "0,1 * * * *"]),
    st.integers(0, 90_000) | st.just(AUTO),
    st.integers(0, 90_000),
    IDS,
    st.integers(0, 5 * HOUR),
)
def test_cron_is_due_once_for_each_occurrence(expr: str, offset: int, jitter: int, vigy_id: str, passed: int) -> None:
    whole = ANCHOR - ANCHOR % (24 * HOUR)
    plain = vigy(Schedule(Cron(expr)), anchor=whole)
    shifted = vigy(Schedule(Cron(expr), offset, jitter), vigy_id, whole)
    occurrences = list(islice(_dues(plain, due_after(plain, None)), 30))
    dues = list(islice(_dues(shifted, due_after(shifted, None)), 29))
    least = 0 if offset == AUTO else offset
    most = MINUTE - 1 if offset == AUTO else offset
    for occurrence, following, due in zip(occurrences, occurrences[1:], dues, strict=False):
        assert occurrence + least <= due <= min(occurrence + jitter, following - 1) + most
    assert all(earlier < later for earlier, later in pairwise(dues))
    start = whole + passed
    if start < dues[-1]:
        assert due_after(shifted, start) == next(due for due in dues if due > start)
        assert missed(shifted, dues[0], start, None) == sum(dues[0] < due <= start for due in dues)


# -- all of them


@given(
    st.sampled_from(
        [
            every(1_000), Schedule(Fixed(1_000), AUTO, 999, 500), Schedule(Fixed(1_000, "delay"), 3, 999),
            Schedule(Adaptive(10, 1_000, "h"), AUTO, 9), Schedule(Cron("* * * * *"), AUTO, 1_000),
        ]
    ),
    IDS,
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 300), st.integers(0, 9)), max_size=20),
)  # fmt: skip
def test_what_is_due_next_is_always_later_than_the_last_start(
    schedule: Schedule, vigy_id: str, ticks: list[tuple[int, int, int]]
) -> None:
    it = vigy(schedule, vigy_id)
    due = due_after(it, None, hint=50)
    for late, took, failures in ticks:
        start = due + late
        due = due_after(it, start, failures, 50, start + took)
        assert start + backoff_ms(failures) < due
        assert due <= start + took + MINUTE + 2_000 + backoff_ms(failures)
