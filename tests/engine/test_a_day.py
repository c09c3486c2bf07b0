"""Twenty-four hours of ten thousand vigies under a clock that is moved: every tick that was due was made, on time.

What is due is computed here by the rules alone; the time of day jumps both ways meanwhile.
"""

from __future__ import annotations

from collections import Counter

from engine.world import World
from vigyc.model.run import SCHEDULE
from vigyc.model.schedule import Adaptive, Fixed, Schedule
from vigyc.runtime.host import Host
from vigyc.runtime.housekeeper import Retention
from vigyc.runtime.limits import EngineLimits

VIGIES = 10_000
MINUTE = 60_000
HOUR = 60 * MINUTE
LIMITS = EngineLimits(poll=60.0, batch_ms=10**9)
INTERVALS = (30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR)


def nothing(host: Host) -> Host:
    return host


def fails(_: Host) -> Host:
    raise ValueError("as ever")


def schedule_of(number: int) -> Schedule:
    interval = INTERVALS[number % 4]
    if number % 10 == 1:
        return Schedule(Fixed(interval, "delay"), offset_ms=number)
    if number % 10 == 2:
        return Schedule(Adaptive(interval, 2 * interval, "hint"), offset_ms=number)
    return Schedule(Fixed(interval), offset_ms=number * 17 % interval)


def test_a_day_of_ten_thousand() -> None:
    world = World(limits=LIMITS, retention=Retention(3, 1000, 7, 3600))
    starts: Counter[str] = Counter()
    late: Counter[int] = Counter()

    def let_pass(ms: int) -> None:
        end = world.time.monotonic() * 1000 + ms
        while (left := end - world.time.monotonic() * 1000) >= 1:
            wait = world.engine.step()
            world.time.advance(max(1, min(round(wait * 1000), round(left))))
        world.engine.step()

    def listen() -> None:
        def publish(notices) -> None:
            for notice in notices:
                run = notice.run
                if run is not None and run.trigger == SCHEDULE:
                    starts[run.vigy_id] += 1
                    late[run.started_at - run.due_at] += 1
            inner(notices)

        inner = world.bus.publish
        world.bus.publish = publish

    world.programs |= {"nothing": nothing, "fails": fails}
    vigies = [
        world.register(f"v{number}", "fails" if number % 1000 == 3 else "nothing", schedule_of(number))
        for number in range(VIGIES)
    ]
    listen()
    let_pass(6 * HOUR)
    world.time.jump(5 * HOUR)
    let_pass(6 * HOUR)
    world.time.jump(-9 * HOUR)
    let_pass(12 * HOUR)

    assert max(late) == 0
    for number, vigy in enumerate(vigies):
        schedule = vigy.schedule
        interval = 2 * schedule.when.min_ms if number % 10 == 2 else schedule.when.interval_ms
        standing = world.store.standing(vigy.id)
        due = (24 * HOUR - schedule.offset_ms) // interval + 1
        if number % 1000 == 3:
            assert due * 0.9 < standing.failures <= due  # each held back by up to 30 s
        else:
            assert starts[vigy.id] == due, vigy.name
            assert (standing.tick_count, standing.runs, standing.missed) == (due, due, 0)
    assert len(world.store.runs(limit=10**6)) <= 3 * VIGIES + 10_000  # of the hour since they were last pruned
