"""From `vigyc tail` to the stream of a store: what happened last, and what happens from now on.

It reads only: it never ticks, whether a server runs or not. Every entry of the stream has a number (`seq` in JSON), so
`--after` goes on where an earlier tail ended; what is not kept any more is told as a gap.
"""

from __future__ import annotations

from typing import Final

import click

from vigyc.model.log_line import LEVELS
from vigyc.surfaces.cli import options
from vigyc.surfaces.cli.notice_text import KINDS, Sieve
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.store_access import Reached, reached
from vigyc.surfaces.cli.stream_output import Teller
from vigyc.surfaces.cli.stream_start import before, before_last, newest
from vigyc.surfaces.cli.vigy_argument import completions

LAST: Final = 20
PAUSE: Final = 0.5  # seconds that a wait for news lasts before Ctrl-C is looked for


@click.command("tail")
@click.option("-f", "--follow/--no-follow", default=None, help="Go on with what happens (so unless -n is given).")
@click.option("-n", "last", metavar="N", type=click.IntRange(min=0), help=f"The last N entries (default: {LAST}).")
@click.option(
    "--vigy",
    "--id",
    "refs",
    metavar="REF",
    multiple=True,
    shell_complete=completions,
    help="Only this vigy (may be repeated).",
)
@click.option(
    "--kind", "kinds", type=click.Choice(KINDS), metavar="KIND", multiple=True,
    help=f"Only these (may be repeated): {', '.join(KINDS)}.",
)  # fmt: skip
@click.option("--level", type=click.Choice(LEVELS), default=LEVELS[0], help="Only what is at least as serious.")
@click.option("--grep", "text", metavar="TEXT", default="", help="Only lines with TEXT in them, in any case.")
@click.option("--since", metavar="10m|TIME|SEQ", help="From so long ago, a time in RFC 3339, or an entry's number on.")
@click.option("--after", metavar="SEQ", type=click.IntRange(min=0), help="From after the entry of this number on.")
@place_options
@options.stream_format
def command(
    follow: bool | None,
    last: int | None,
    refs: tuple[str, ...],
    kinds: tuple[str, ...],
    level: str,
    text: str,
    since: str | None,
    after: int | None,
    place: Place,
    as_format: Format,
) -> int:
    """Show the last runs, logs, actions, events and changes of the registry, and go on with those to come.

    A run is told by its logs, its actions and a line of its own; filters choose among the lines. In JSON an entry is
    told whole if one of its lines is wanted. It ends with Ctrl-C, or after the last entry with -n or --no-follow.
    """
    with reached(place) as runtime:
        sieve = Sieve(frozenset(runtime.get(ref).id for ref in refs), frozenset(kinds), level, text)
        end = newest(runtime)
        starts = [each for each in (after, None if since is None else before(runtime, since, end)) if each is not None]
        if last is not None or not starts:
            starts.append(before_last(runtime, sieve, end, LAST if last is None else last))
        teller = Teller(runtime, sieve, as_json=as_format != "table")
        follows = last is None if follow is None else follow
        _tell(runtime, teller, max(starts), None if follows else end)
    return 0


def _tell(runtime: Reached, teller: Teller, after: int, end: int | None) -> None:
    """Tell what follows number `after`, up to number `end` or for ever."""
    with runtime.subscribe(after, refill=True) as stream:
        while end is None or stream.seq < end:
            notice = stream.get(PAUSE)
            if notice is not None:
                teller.tell(notice)
