"""Servers as tests start them: real processes, whose words are waited for and which never outlive the test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from cli.shell import process
from vigyc.service.runtime import Runtime

PATIENCE = 15.0  # seconds
COUNT = '(vigy-log "info" (format "n is {}" (vigy-incr "n"))) (vigy-noop)'
ENDLESS = '(vigy-log "info" "begun") (define (f n) (f (+ n 1))) (f 0)'


def register(db: Path, program: str = COUNT, name: str = "counter", **more: Any) -> str:
    """Register a vigy, every 50 ms unless said otherwise; its id."""
    with Runtime.open(db) as runtime:
        return runtime.register(program, name=name, **{"every": 50, **more}).vigy.id


def until(so: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait until `so`; whether it came to be."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if so():
            return True
        time.sleep(0.02)
    return so()


class Running:
    """A command line as a process, and what it said so far on stdout and stderr."""

    def __init__(self, *args: str | Path, **more: Any) -> None:
        self.process = process(*args, **more)
        self.out: list[str] = []
        self.err: list[str] = []
        pairs = ((self.process.stdout, self.out), (self.process.stderr, self.err))
        self._readers = [threading.Thread(target=lines.extend, args=(pipe,)) for pipe, lines in pairs]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def says(self, text: str, seconds: float = PATIENCE) -> bool:
        """Whether it says something with `text` in it, on stderr, soon."""
        return until(lambda: any(text in line for line in list(self.err)), seconds)

    def ends(self, seconds: float = PATIENCE) -> int:
        """Its exit code; raises TimeoutExpired."""
        code = self.process.wait(seconds)
        for reader in self._readers:
            reader.join()
        return code


def serve(db: Path, *args: str) -> Running:
    """A server on the store `db`."""
    return Running("serve", "--db", db, *args)
