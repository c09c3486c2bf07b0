"""Embed the always-on runtime: keep a directory as a JSON file says it should be.

    python host.py DIR STATE [--ticks N] [--every 200ms] [--db FILE]

STATE is a JSON object of file names and contents, such as {"hello.txt": "hello"}; change it while this runs. The
program (sync.tatara) looks at the directory and at STATE and decides; `carry_out` does what it decided, in order, and
again if that fails. Being asked twice for the same does no harm, as must be with any handler.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import vigyc

SUFFIX = ".partly"  # of a file that is being written


def files_extension(directory: Path, state: Path) -> vigyc.Extension:
    """What the program may look at."""
    extension = vigyc.Extension("files")

    @extension.function("directory-listing", 0)
    def directory_listing(host: vigyc.Host) -> dict[str, str]:
        """The files of the directory: their contents by name."""
        found = sorted(path for path in directory.iterdir() if path.is_file() and path.suffix != SUFFIX)
        return {path.name: path.read_text("utf-8", "replace") for path in found}

    @extension.function("wanted-files", 0)
    def wanted_files(host: vigyc.Host) -> dict[str, str]:
        """What should be there."""
        wanted = json.loads(state.read_text("utf-8"))
        if not isinstance(wanted, dict) or not all(isinstance(content, str) for content in wanted.values()):
            raise ValueError(f"{state} is not a JSON object of file names and contents")
        return wanted

    return extension


def carry_out(directory: Path, kind: str, payload: dict[str, Any]) -> tuple[str, str]:
    """Do what an action says; the status and what was done. An OSError has it tried again later."""
    name = payload["name"]
    path = directory / name
    if path.parent != directory or name in {"", ".", ".."}:
        return "failed", f"{name!r} is not the name of a file in {directory}"
    if kind == "delete":
        path.unlink(missing_ok=True)
    else:
        unfinished = path.with_name(path.name + SUFFIX)
        unfinished.write_text(payload["content"], "utf-8")
        unfinished.replace(path)
    return "ok", f"{kind} {name}"


def run(directory: Path, state: Path, ticks: int | None, every: str, db: str) -> None:
    """Keep `directory` in step, for so many ticks or until Ctrl-C."""

    def handler(pending: vigyc.PendingAction) -> tuple[str, str | None] | str:
        action = pending.action
        if not isinstance(action.payload, dict):
            return "skipped"
        status, message = carry_out(directory, action.kind, action.payload)
        print(f"{status}: {message}")
        return status, message

    extensions = [*vigyc.standard_extensions(), files_extension(directory, state)]
    program = Path(__file__).with_name("sync.tatara")
    with vigyc.Runtime.open(db, extensions=extensions, handler=handler) as runtime:
        vigy = runtime.register(program.read_text("utf-8"), name="sync", every=every, filename=program.name).vigy
        with runtime.subscribe(vigy=vigy.id, kinds=["run"]) as stream:
            runtime.start()
            for done, notice in enumerate(stream, 1):
                if notice.run is not None and notice.run.error is not None:
                    print(f"failed: {notice.run.error}")
                if done == ticks:
                    break
        for condition in runtime.state(vigy.id).conditions:
            print(f"{condition.name}: {condition.status} ({condition.reason})")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description="Keep a directory as a JSON file says.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("state", type=Path)
    parser.add_argument("--ticks", type=int, help="end after so many (default: Ctrl-C)")
    parser.add_argument("--every", default="200ms")
    parser.add_argument("--db", default=":memory:", help="where to remember (default: nowhere)")
    options = parser.parse_args()
    try:
        run(options.directory, options.state, options.ticks, options.every, options.db)
    except KeyboardInterrupt:
        print("ended")


if __name__ == "__main__":
    main()
