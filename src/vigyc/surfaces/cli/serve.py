"""From `vigyc serve` to vigies that tick: a runtime that goes on until it is told to end.

Of several on one store one ticks; the others stand by, and one of them takes its place when it ends. SIGINT and SIGTERM
are how a server is ended: no tick begins any more, those under way end or are cut, and the exit code is 0. A second
signal ends the process at once, from which the store takes no harm.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

import click

from vigyc.model.notice import OWNER, RUN, Notice
from vigyc.service.runtime import Runtime
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.ending import Ending, ending_heard
from vigyc.surfaces.cli.listeners import Listeners, Wanted, listening, server_options
from vigyc.surfaces.cli.notice_text import Sieve, owner_named
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say
from vigyc.surfaces.cli.policy_options import PolicyChoice, source_options
from vigyc.surfaces.cli.store_access import opened
from vigyc.surfaces.cli.stream_output import Teller
from vigyc.surfaces.cli.stream_start import newest
from vigyc.surfaces.server.notify import Notifier

ENDING: Final = 5.0  # seconds clients have
PAUSE: Final = 0.1  # seconds between two looks at whether it is to end
OURSELVES: Final = ("this runtime", f"process {os.getpid()}")


class Server:
    """Serves `runtime`: `seconds` long, until `ticks` runs were made, or until it is asked to end."""

    def __init__(
        self, runtime: Runtime, listeners: Listeners, teller: Teller | None, seconds: float | None, ticks: int | None
    ) -> None:
        self._runtime = runtime
        self._listeners = listeners
        self._teller = teller
        self._until = None if seconds is None else time.monotonic() + seconds
        self._ticks = ticks
        self._who = ""

    def serve(self, ending: Ending, grace: float) -> None:
        """Start, tell what happens, and end: ticks under way have `grace` seconds."""
        kinds = None if self._teller is not None else (OWNER, RUN) if self._ticks is not None else (OWNER,)
        with self._runtime.subscribe(kinds=kinds, refill=True) as stream:
            self._runtime.start()
            self._say_who(self._runtime.health().owner)
            notifier = Notifier()
            notifier.ready()
            while not (ending.asked or self._is_over()):
                notifier.beat()
                notice = stream.get(PAUSE)
                if notice is not None:
                    self._hear(notice)
            notifier.stopping()
            say("vigyc: ending", err=True)
            self._listeners.end(ENDING)
            self._runtime.stop(grace)
            self._listeners.join()
            end = newest(self._runtime)
            while stream.seq < end and (notice := stream.get(0)) is not None:
                self._hear(notice)

    def _is_over(self) -> bool:
        return self._ticks == 0 or (self._until is not None and time.monotonic() >= self._until)

    def _hear(self, notice: Notice) -> None:
        if notice.kind == OWNER:
            self._say_who(owner_named(notice))
        if self._teller is not None:
            self._teller.tell(notice)
        if notice.kind == RUN and self._ticks is not None:
            self._ticks -= 1

    def _say_who(self, owner: str | None) -> None:
        """Say whether this process ticks, if that is news."""
        who = "ticking" if owner in OURSELVES else f"standby: {owner or 'another process'} ticks"
        if who != self._who:
            say(f"vigyc: {who}", err=True)
        self._who = who


@click.command("serve")
@options.database
@click.option("--tail", is_flag=True, help="Show what happens, as `vigyc tail` does.")
@click.option(
    "--grace", type=options.duration, default="5s", show_default=True, help="Time for ticks under way at the end."
)
@click.option("--for", "seconds", type=options.duration, help="End by itself after so long.")
@click.option("--ticks", type=click.IntRange(min=1), help="End by itself after so many ticks, of all vigies together.")
@server_options
@source_options
@options.stream_format
def command(
    db: Path,
    tail: bool,
    grace: float,
    seconds: float | None,
    ticks: int | None,
    wanted: Wanted,
    choice: PolicyChoice,
    as_format: Format,
) -> int:
    """Tick the registered vigies, until Ctrl-C or SIGTERM (exit code 0 either way).

    Ticks under way then have the time of --grace; a second signal ends the process at once. If another process ticks
    this store already, this one stands by and takes over when that one ends.

    Over HTTP (at 127.0.0.1:38821, with `pip install 'vigyc[server]'`) there are the dashboard, REST, GraphQL and
    metrics, for whoever has a token (`vigyc token`) or the login link, which a terminal is told. Other commands ask
    this server by --server URL, or $VIGYC_SERVER and $VIGYC_TOKEN.
    """
    with opened(db, choice.chosen()) as runtime, ending_heard() as ending:
        say(f"vigyc: process {os.getpid()} serves {db}, where {_counted(len(runtime.list()))}", err=True)
        teller = Teller(runtime, Sieve(), as_json=as_format != "table") if tail else None
        with listening(runtime, db, wanted) as listeners:
            Server(runtime, listeners, teller, seconds, ticks).serve(ending, grace)
    return 0


def _counted(vigies: int) -> str:
    """How many vigies are registered; of none, what to do about it."""
    if not vigies:
        return "nothing is registered yet; `vigyc register FILE --name NAME`, in another shell, registers a program"
    return "1 vigy is registered" if vigies == 1 else f"{vigies} vigies are registered"
