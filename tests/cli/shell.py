"""The command line as tests call it: in this process, or as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from vigyc.surfaces.cli.main import main


def vigyc(*args: str | Path, given: str | bytes | None = None) -> Result:
    """Run a command line in this process."""
    return CliRunner().invoke(main, [str(arg) for arg in args], input=given, prog_name="vigyc")


def objects(text: str) -> list[Any]:
    """The JSON values of a text, one a line."""
    return [json.loads(line) for line in text.split("\n") if line]


def _hear_interrupts() -> None:
    """A shell lets what it runs in the background ignore Ctrl-C, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def process(*args: str | Path, **more: Any) -> subprocess.Popen[str]:
    """Start a command line as a process with piped output."""
    return subprocess.Popen(
        [sys.executable, "-m", "vigyc", *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "VIGYC_HTTP": "off", **more.pop("environment", {})},
        preexec_fn=_hear_interrupts if os.name == "posix" else None,  # noqa: PLW1509  # a signal setting and no more
        **more,
    )
