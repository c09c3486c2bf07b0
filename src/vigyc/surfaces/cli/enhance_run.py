"""From `vigyc enhance run` to issues that are worked off, in this process, beside whoever ticks the store.

Any number of processes may work on one store: an issue is leased to one of them at a time, and comes back to the queue
if that one is never heard of again.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

import click

from vigyc.model.notice import ISSUE
from vigyc.runtime.subscription import Subscription
from vigyc.service.runtime import Runtime
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.ending import Ending, ending_heard
from vigyc.surfaces.cli.notice_text import Sieve
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say
from vigyc.surfaces.cli.policy_options import PolicyChoice, source_options
from vigyc.surfaces.cli.store_access import opened
from vigyc.surfaces.cli.stream_output import Teller

PAUSE: Final = 0.1  # seconds between two looks at whether it is to end
SLICE: Final = 1.0  # seconds that are worked before somebody is told of it


class Work:
    """Works off the issues of `runtime`, and tells of them; for `seconds`, or until it is asked to end."""

    def __init__(self, runtime: Runtime, stream: Subscription, teller: Teller, seconds: float | None) -> None:
        self._runtime = runtime
        self._stream = stream
        self._teller = teller
        self._until = None if seconds is None else time.monotonic() + seconds

    def drain(self, ending: Ending, others: int) -> None:
        """Work until nothing is due, with so many `others` in threads of their own."""
        enhance = self._runtime.enhance
        if others:
            enhance.start()
        while not self._is_over(ending):
            done = enhance.drain(SLICE)
            if not done and not enhance.status().running:
                break
            self._tell(0 if done else PAUSE)

    def go_on(self, ending: Ending) -> None:
        """Work until the end is asked for."""
        self._runtime.enhance.start()
        while not self._is_over(ending):
            self._tell(PAUSE)

    def end(self, grace: float) -> None:
        """Begin nothing any more; what is under way has `grace` seconds."""
        self._runtime.enhance.stop(grace)
        self._tell(PAUSE)

    def _is_over(self, ending: Ending) -> bool:
        return ending.asked or (self._until is not None and time.monotonic() >= self._until)

    def _tell(self, pause: float) -> None:
        """Tell of what happened, having waited `pause` seconds for it."""
        while (notice := self._stream.get(pause)) is not None:
            self._teller.tell(notice)
            pause = 0


@click.command("run")
@options.database
@click.option("--drain", is_flag=True, help="End when nothing is due any more.")
@click.option("--threads", type=click.IntRange(1, 64), default=1, show_default=True, help="So many issues at once.")
@click.option("--for", "seconds", metavar="DURATION", type=options.duration, help="End by itself after so long.")
@click.option(
    "--grace", type=options.duration, default="5s", show_default=True, help="Time for attempts under way at the end."
)
@source_options
@options.stream_format
def run(
    db: Path,
    drain: bool,
    threads: int,
    seconds: float | None,
    grace: float,
    choice: PolicyChoice,
    as_format: Format,
) -> int:
    """Work issues off in this process, until Ctrl-C or SIGTERM.

    The exit code is 0 either way. `vigyc serve` does so too; this is for more of it, or for a store that nobody serves.
    It ticks nothing.
    """
    others = threads - 1 if drain else threads
    with opened(db, choice.chosen(), workers=others) as runtime, ending_heard() as ending:
        say(f"vigyc: process {os.getpid()} works off the issues in {db}", err=True)
        teller = Teller(runtime, Sieve(), as_json=as_format != "table")
        with runtime.subscribe(kinds=[ISSUE], refill=True) as stream:
            work = Work(runtime, stream, teller, seconds)
            if drain:
                work.drain(ending, others)
            else:
                work.go_on(ending)
            work.end(grace)
    return 0
