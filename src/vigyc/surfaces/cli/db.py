"""From `vigyc db` to the file of a store: copying, checking, shrinking, migrating it, filling it from the original."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vigyc.model.timestamp import rfc3339
from vigyc.service import database
from vigyc.service.database import ImportReport, Information, Upgrade
from vigyc.service.settings import load_settings
from vigyc.surfaces.cli import exit_codes, options
from vigyc.surfaces.cli.confirmation import confirm
from vigyc.surfaces.cli.output import one_line, say, say_json
from vigyc.surfaces.cli.progress import progress


@click.group("db")
def command() -> None:
    """Copy, check, shrink, migrate the file of a store.

    A store that is in use may be looked at and copied; its runtime goes on.
    """


@command.command("backup")
@click.argument("target")
@click.option("--overwrite", is_flag=True, help="Replace TARGET if it is there.")
@options.database
@options.answer
def backup(target: str, overwrite: bool, db: Path, as_json: bool) -> int:
    """Copy the store to the file TARGET.

    The copy is of one moment, has no owner, and is checked before it gets its name.
    """
    with progress(f"copying {db}") as tell:
        size = database.backup(db, target, tell, overwrite=overwrite)
    if as_json:
        say_json({"db": str(db), "target": target, "bytes": size})
    else:
        say(f"{db} copied to {target}: {_size(size)}")
    return 0


@command.command("verify")
@options.database
@options.answer
def verify(db: Path, as_json: bool) -> int:
    """Find what is wrong with the store.

    Nothing is changed. Exit code 1 if something is wrong.
    """
    problems = database.verify(db)
    for problem in problems:
        if as_json:
            say_json({"problem": problem})
        else:
            say(one_line(problem))
    if not as_json:
        say(f"{db}: {_count(len(problems), 'problem')}" if problems else f"{db}: sound", err=True)
    return exit_codes.FINDINGS if problems else 0


@command.command("vacuum")
@options.yes
@options.database
@options.answer
def vacuum(yes: bool, db: Path, as_json: bool) -> int:
    """Write the store anew, without gaps.

    What was deleted gives its room back. No runtime may tick the store meanwhile.
    """
    confirm(f"write {db} anew", yes)
    before, after = database.vacuum(db)
    if as_json:
        say_json({"db": str(db), "bytes_before": before, "bytes_after": after})
    else:
        say(f"{db}: {_size(before)} before, {_size(after)} now")
    return 0


@command.command("info")
@options.database
@options.answer
def info(db: Path, as_json: bool) -> int:
    """Show what the store holds and who ticks it."""
    found = database.information(db)
    if as_json:
        say_json(_information_json(found))
    else:
        say("\n".join(f"{what:<12} {text}" for what, text in _information_lines(found)))
    return 0


@command.command("migrate")
@click.option("--no-backup", is_flag=True, help="Keep no copy DB.vN.bak of the file as it was.")
@options.yes
@options.database
@options.answer
def migrate(no_backup: bool, yes: bool, db: Path, as_json: bool) -> int:
    """Bring the store up to date now.

    Otherwise whatever opens it next does so, and keeps no copy.
    """
    plan = database.planned(db)
    if plan.steps:
        confirm(f"take {db} from version {plan.before} to {plan.after} ({', '.join(plan.steps)})", yes)
        with progress(f"copying {db}") as tell:
            plan = database.upgrade(db, keep=not no_backup, progress=tell)
    if as_json:
        say_json({"db": str(db), **plan._asdict(), "steps": list(plan.steps)})
    else:
        say(_upgraded(db, plan))
    return 0


@command.command("import-original")
@click.argument("source")
@options.no_cache
@options.database
@options.answer
def import_original(source: str, no_cache: bool, db: Path, as_json: bool) -> int:
    """Take over a file of vigy, the original.

    SOURCE stays as it is. Vigies keep their ids, their kv and their last runs; those that are in the store already are
    left alone. What cannot be taken over as it is, is told: exit code 1.
    """
    settings, _ = load_settings()
    report = database.import_original(source, db, settings=settings, cache=options.cache_choice(no_cache))
    if as_json:
        say_json(_import_json(report))
    else:
        _tell_import(report, db)
    return exit_codes.FINDINGS if report.problems else 0


def _information_json(found: Information) -> dict[str, Any]:
    owner = found.owner
    return {
        **found._asdict(),
        "pending": list(found.pending),
        "counts": {
            **found.counts._asdict(),
            "oldest_run": _stamp(found.counts.oldest_run),
            "newest_run": _stamp(found.counts.newest_run),
        },
        "owner": None if owner is None else {**owner._asdict(), "renewed_at": rfc3339(owner.renewed_at)},
    }


def _information_lines(found: Information) -> list[tuple[str, str]]:
    counts, owner = found.counts, found.owner
    pending = f", to take: {', '.join(found.pending)}" if found.pending else ""
    lines = [
        ("file", found.path),
        ("size", f"{_size(found.size)} and a log of {_size(found.wal_size)}"),
        ("pages", f"{found.pages} of {found.page_size} bytes, {found.free_pages} free"),
        ("version", f"{found.version}{pending}"),
        ("journal", found.journal_mode),
        ("vigies", f"{counts.vigies}, {counts.enabled} enabled"),
        ("runs", str(counts.runs)),
        ("events", str(counts.events)),
        ("kv keys", str(counts.kv_keys)),
    ]
    if counts.oldest_run is not None and counts.newest_run is not None:
        lines.append(("run from", f"{rfc3339(counts.oldest_run)} to {rfc3339(counts.newest_run)}"))
    if owner is None:
        return [*lines, ("ticked by", "nobody")]
    who = owner.holder if owner.pid is None else f"process {owner.pid}"
    state = "" if owner.alive else ", which is gone"
    return [*lines, ("ticked by", f"{who}{state}, last heard of {rfc3339(owner.renewed_at)}")]


def _upgraded(db: Path, plan: Upgrade) -> str:
    if not plan.steps:
        return f"{db} is up to date (version {plan.after})"
    kept = f"; as it was: {plan.kept}" if plan.kept else ""
    return f"{db} is of version {plan.after} now{kept}"


def _import_json(report: ImportReport) -> dict[str, Any]:
    vigies = [{"id": vigy.id, "name": vigy.name, "enabled": vigy.enabled} for vigy in report.vigies]
    return {
        **report._asdict(),
        "vigies": vigies,
        "skipped": list(report.skipped),
        "problems": list(report.problems),
    }


def _tell_import(report: ImportReport, db: Path) -> None:
    for vigy in report.vigies:
        say(f"{vigy.id}  {vigy.name}{'' if vigy.enabled else '  disabled'}")
    for name in report.skipped:
        say(f"there already: {name}", err=True)
    for problem in report.problems:
        say(one_line(problem), err=True)
    taken = [_count(len(report.vigies), "vigy"), _count(report.runs, "run"), _count(report.keys, "key")]
    left = [
        f"{_count(count, noun)} {why}"
        for count, noun, why in (
            (report.runs_left, "run", "too old or unreadable"),
            (report.strays, "row", "of vigies that are gone"),
        )
        if count
    ]
    say(f"{db}: {', '.join(taken)} taken over" + (f"; left: {', '.join(left)}" if left else ""), err=True)


def _stamp(ms: int | None) -> str | None:
    return None if ms is None else rfc3339(ms)


def _size(count: int) -> str:
    return f"{count / 1024:,.1f} KiB" if count < 2**20 else f"{count / 2**20:,.1f} MiB"


def _count(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun == "vigy" else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"
