"""From the options that say when a vigy ticks to its schedule."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal, NamedTuple, TypeVar

import click

from vigyc.model.schedule import AUTO, Adaptive, Cron, Fixed, Schedule, When
from vigyc.surfaces.cli.options import milliseconds

F = TypeVar("F", bound=Callable[..., Any])


class Timing(NamedTuple):
    """What was given of a schedule, times in ms; None is not given."""

    every: int | None = None
    fixed_delay: bool | None = None
    cron: str | None = None
    timezone: str | None = None
    adaptive: Adaptive | None = None
    offset: int | Literal["auto"] | None = None
    jitter: int | None = None
    initial_delay: int | None = None

    def upon(self, schedule: Schedule) -> Schedule | None:
        """`schedule` with what was given; None if nothing was. Raises click.UsageError."""
        if self == Timing():
            return None
        return Schedule(
            self._when(schedule.when),
            schedule.offset_ms if self.offset is None else self.offset,
            schedule.jitter_ms if self.jitter is None else self.jitter,
            schedule.initial_delay_ms if self.initial_delay is None else self.initial_delay,
        )

    def _when(self, when: When) -> When:
        if [self.every, self.cron, self.adaptive].count(None) < 2:
            raise click.UsageError("give one of --every, --cron and --adaptive")
        if self.every is not None:
            when = when._replace(interval_ms=self.every) if isinstance(when, Fixed) else Fixed(self.every)
        elif self.cron is not None:
            when = when._replace(expr=self.cron) if isinstance(when, Cron) else Cron(self.cron)
        elif self.adaptive is not None:
            when = self.adaptive
        if self.fixed_delay is not None:
            if not isinstance(when, Fixed):
                raise click.UsageError("--fixed-delay and --fixed-rate go with --every")
            when = when._replace(mode="delay" if self.fixed_delay else "rate")
        if self.timezone is None:
            return when
        if not isinstance(when, Cron):
            raise click.UsageError("--timezone goes with --cron")
        return when._replace(timezone=self.timezone)


def timing_options(function: F) -> F:
    """Give a command the options of a schedule, together as argument `timing`."""

    @wraps(function)
    def collected(**given: Any) -> Any:
        timing = Timing(**{name: given.pop(name) for name in Timing._fields})
        return function(timing=timing, **given)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected  # type: ignore[return-value]


def _adaptive(text: str) -> Adaptive:
    least, _, rest = text.partition(":")
    most, _, key = rest.partition(":")
    if not key:
        raise click.BadParameter(f"{text!r} is not MIN:MAX:KEY, such as 1s:5m:next-interval")
    return Adaptive(milliseconds(least), milliseconds(most), key)


def _offset(text: str) -> int | Literal["auto"]:
    return AUTO if text == AUTO else milliseconds(text)


_OPTIONS = (
    click.option(
        "--every",
        metavar="DURATION",
        type=milliseconds,
        help="Time between ticks, at least 100ms (a new vigy: 1s); a bare number is ms.",
    ),
    click.option(
        "--fixed-delay/--fixed-rate",
        default=None,
        help="Count --every from the end of a tick, or on a grid from start to start.  [default: grid]",
    ),
    click.option("--cron", metavar="EXPR", help="Tick when a clock shows this: `*/5 * * * *`, or six fields."),
    click.option("--timezone", metavar="TZ", help="The clock of --cron, such as Europe/Paris.  [default: UTC]"),
    click.option(
        "--adaptive", metavar="MIN:MAX:KEY", type=_adaptive, help="Let the program choose: so many ms as its KEY holds."
    ),
    click.option("--offset", metavar="DURATION|auto", type=_offset, help="Shift all ticks (auto: by the vigy's id)."),
    click.option("--jitter", metavar="DURATION", type=milliseconds, help="Delay each tick by up to so much."),
    click.option("--initial-delay", metavar="DURATION", type=milliseconds, help="Hold the first tick back."),
)
