"""From `vigyc health` to whether all is well with a runtime, its figures, and an exit code for whoever watches it.

A server tells of itself. Of a file it is told what the store shows of whoever ticks it; what is counted as it happens
(ticks a second, errors, lateness) only that process knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import click

from vigyc.service.health import DEGRADED, OK, STANDBY, STOPPED, Health
from vigyc.service.stats import Stats
from vigyc.surfaces.cli import exit_codes, options
from vigyc.surfaces.cli.options import Format
from vigyc.surfaces.cli.output import say, say_json
from vigyc.surfaces.cli.place import Place, place_options
from vigyc.surfaces.cli.run_text import say_lines
from vigyc.surfaces.cli.store_access import reached
from vigyc.surfaces.cli.timestamps import Moments, moments_option
from vigyc.surfaces.wire.answers import health_json
from vigyc.surfaces.wire.figures import stats_json

WELL: Final = (OK, STANDBY)


@click.command("health")
@moments_option
@place_options
@options.format_option
def command(moments: Moments, place: Place, as_format: Format) -> int:
    """Show whether all is well: who ticks, how many vigies are in which phase, how late they are, what is wrong.

    Exit code 0 if the status is ok or standby, 1 if it is degraded or stopped (nobody ticks), 5 if there is no answer.
    In JSON: health and stats, as the server's /v1/health and /v1/stats tell them. Of a file, what is counted as it
    happens is not known: ask the server for that.
    """
    with reached(place) as runtime:
        found, counted = runtime.health(), runtime.stats()
    stats = stats_json(counted) if isinstance(counted, Stats) else counted
    if place.server is None:
        found = _of_store(found)
    if as_format != "table":
        say_json({"health": health_json(found), "stats": stats})
    else:
        say(found.status)
        say_lines([*_told(found, stats, moments), *(() if place.server is None else _counted(found, stats))])
        say_lines(("reason", reason) for reason in found.reasons)
    return 0 if found.status in WELL else exit_codes.FINDINGS


def _of_store(found: Health) -> Health:
    """The health of whoever ticks the store, instead of that of this process, which does not."""
    if found.reasons:
        return found._replace(status=DEGRADED)
    return found._replace(status=STOPPED if found.owner is None else OK)


def _told(found: Health, stats: Mapping[str, Any], moments: Moments) -> Iterator[tuple[str, str]]:
    yield "ticks", "nobody" if found.owner is None else found.owner
    phases = ", ".join(f"{count} {phase}" for phase, count in found.vigies.items() if count)
    failing = f"; {found.failing} failing" if found.failing else ""
    yield "vigies", f"{sum(found.vigies.values())}{f': {phases}' if phases else ''}{failing}"
    yield "committed", moments.text(found.last_commit_at)
    yield "wal", f"{stats['wal_bytes']} bytes"
    yield "kv", f"{stats['kv_bytes']} bytes"


def _counted(found: Health, stats: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What only who ticks knows."""
    late = found.lateness
    yield "lateness", f"p50 {late.p50}ms, p99 {late.p99}ms, max {late.max}ms"
    yield "rate", f"{stats['ticks_per_second']} ticks/s, {stats['errors_per_minute']} errors/min"
