"""A store of a test's own, and the command line upon it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import Result

from cli.shell import vigyc
from vigyc.service.runtime import Runtime

HELLO = """(vigy-log "info" (format "tick {}" (vigy-incr "n")))
(vigy-condition "Ready" #t "why" "well")
(vigy-desired "replicas" 3)
(vigy-pull "image")
"""
FAILS = '(vigy-set "n" 1)\n(+ 1 "x")'
ENDLESS = "(define (f n) (f (+ n 1))) (f 0)"


class Counter:
    """Where requests are handed in: command lines upon the store `db` in folder `place`."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.db = place / "vigy.db"

    def __call__(self, *args: str | Path, given: str | None = None) -> Result:
        return vigyc(*args, "--db", self.db, given=given)

    def good(self, *args: str | Path, given: str | None = None) -> str:
        """What a command that succeeds prints."""
        done = self(*args, given=given)
        assert (done.exit_code, done.stderr) == (0, "")
        return done.stdout

    def json(self, *args: str | Path) -> Any:
        """The one JSON value that it prints, on one line."""
        line, end = self.good(*args, "-o", "json").split("\n")
        assert end == ""
        return json.loads(line)

    def bad(self, *args: str | Path, code: int, given: str | None = None) -> str:
        """The one line on stderr of a command that fails so."""
        done = self(*args, given=given)
        assert (done.exit_code, done.stdout) == (code, ""), done.output
        return done.stderr.rstrip("\n").split("\n")[-1]

    def file(self, text: str, name: str = "program.tatara") -> Path:
        """A file that holds `text`."""
        path = self.place / name
        path.write_text(text, "utf-8")
        return path

    def register(self, name: str = "hello", program: str = HELLO, **more: Any) -> str:
        """Register a vigy that no clock ticks while the test runs; its id."""
        with Runtime.open(self.db) as runtime:
            return runtime.register(program, name=name, **{"every": "1h", **more}).vigy.id

    def files(self) -> dict[str, bytes]:
        """What is in the folder."""
        return {path.name: path.read_bytes() for path in sorted(self.place.iterdir())}
