"""From the file of a store to how it is: whether it is sound, who ticks it, and how it goes with its vigies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from vigyc.lang.errors import VigycError
from vigyc.model.timestamp import rfc3339
from vigyc.runtime.clock import system_clock
from vigyc.service.check_result import FAIL, OK, WARN, CheckResult
from vigyc.service.database import Information, information, verify
from vigyc.service.enhance_check import check_issues
from vigyc.service.file_permissions import check_private
from vigyc.service.overview import LATE, Overview
from vigyc.service.runtime import Runtime
from vigyc.service.settings import Settings

LARGE_LOG: Final = 256 * 2**20  # bytes
LARGE_STORE: Final = 64 * 2**20  # bytes up to which a store is verified here
CLOCK_SET: Final = 1_735_689_600_000  # ms since 1970: a clock that shows less was never set
AHEAD_MS: Final = 60_000  # by which the newest run may have begun later than now


def check_store(db: Path, settings: Settings) -> Iterator[CheckResult]:
    """How the store at `db` is."""
    if not db.exists():
        yield _clock(None)
        yield CheckResult("store", WARN, f"{db}: not there yet", "vigyc register FILE --name NAME makes it")
        return
    yield check_private("store", db)
    try:
        known = information(db)
        problems = verify(db) if known.size <= LARGE_STORE else None
    except VigycError as error:
        yield CheckResult("contents", FAIL, str(error), "restore a backup, or name another file by --db")
        return
    yield _contents(known, problems)
    yield _log(known)
    yield _clock(known.counts.newest_run)
    yield _owner(known)
    if known.pending:
        yield CheckResult("version", WARN, f"{known.version}, to take: {', '.join(known.pending)}", "vigyc db migrate")
    elif not problems:
        yield from _vigies(db, settings)


def _contents(known: Information, problems: list[str] | None) -> CheckResult:
    if problems:
        return CheckResult(
            "contents", FAIL, f"{problems[0]} (and {len(problems) - 1} more)", "vigyc db verify lists all"
        )
    unverified = "; too large to be verified here: vigyc db verify" if problems is None else ""
    return CheckResult("contents", OK, f"{known.counts.vigies} vigies, {known.counts.runs} runs{unverified}")


def _log(known: Information) -> CheckResult:
    text = f"{known.wal_size / 2**20:.1f} MiB"
    if known.wal_size <= LARGE_LOG:
        return CheckResult("log", OK, text)
    return CheckResult(
        "log", WARN, f"{text}: something keeps it from being moved into the file", "end long readers of the store"
    )


def _clock(newest_run: int | None) -> CheckResult:
    now = system_clock()
    if now < CLOCK_SET:
        return CheckResult("clock", FAIL, f"it shows {rfc3339(now)}", "set the clock")
    if newest_run is not None and newest_run > now + AHEAD_MS:
        return CheckResult(
            "clock", WARN, f"{rfc3339(now)}, but a run began at {rfc3339(newest_run)}", "see which is right"
        )
    return CheckResult("clock", OK, rfc3339(now))


def _owner(known: Information) -> CheckResult:
    owner = known.owner
    if owner is not None and owner.alive:
        return CheckResult("ticked by", OK, owner.holder if owner.pid is None else f"process {owner.pid}")
    text = "nobody" if owner is None else "nobody: the process that did is gone"
    level = WARN if known.counts.enabled else OK
    return CheckResult("ticked by", level, text, "vigyc serve")


def _vigies(db: Path, settings: Settings) -> Iterator[CheckResult]:
    """How it goes with the vigies: what is not well by name."""
    try:
        with Runtime.open(db, settings=settings) as runtime:
            known, queue = runtime.overview(), runtime.enhance.status()
    except VigycError as error:
        yield CheckResult("vigies", FAIL, str(error), "see `store` above")
        return
    troubled = [result for overview in known for result in _trouble(overview)]
    phases = Counter(overview.phase for overview in known)
    yield from troubled or [
        CheckResult("vigies", OK, ", ".join(f"{count} {phase}" for phase, count in sorted(phases.items())) or "none")
    ]
    yield from check_issues(queue)


def _trouble(overview: Overview) -> Iterator[CheckResult]:
    name, standing = overview.vigy.name, overview.standing
    if overview.vigy.enabled and standing.failures:
        yield CheckResult(name, WARN, f"fails: {standing.error}", f"vigyc explain {name}")
    elif overview.phase == LATE:
        yield CheckResult(name, WARN, f"late: {overview.why}", f"vigyc explain {name}")
