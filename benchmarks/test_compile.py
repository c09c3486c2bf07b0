"""From text to a program: cold, from a cache file, and again in the same process; and how soon the command answers."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import vigyc
from measure import compare, record
from programs import twenty_lines, two_thousand_lines
from vigyc.lang.digest import digest

SIZES = {"20 lines": twenty_lines, "2,000 lines": two_thousand_lines}
COLD = {"20 lines": "<= 6 ms", "2,000 lines": "<= 400 ms"}
CACHED = {"20 lines": "<= 0.1 ms", "2,000 lines": "<= 1 ms"}


def python_itself() -> None:
    """A yardstick for absolute times: 10,000 additions."""
    total = 0
    for i in range(10_000):
        total += i


@pytest.mark.parametrize("size", SIZES)
def test_cold(benchmark: Any, size: str) -> None:
    text = SIZES[size]()

    def cold() -> None:
        vigyc.compile(text, cache=False)

    found = compare(cold, python_itself, rounds=11)
    record(benchmark, "compile", f"{size}, cold", COLD[size], cold, value=f"{found['ns'] / 1e6:.2f} ms", **found)


@pytest.mark.parametrize("size", SIZES)
def test_from_a_cache_file(benchmark: Any, tmp_path: Path, size: str) -> None:
    text = SIZES[size]()
    cache = vigyc.Cache(tmp_path / "cache", memory=0)
    names = count()

    def cached() -> None:
        # Another name each time: under the same one this process would have the program at hand.
        vigyc.compile(text, filename=f"{next(names)}", cache=cache)

    cached()

    found = compare(cached, python_itself)
    value = f"{found['ns'] / 1e6:.3f} ms"
    record(benchmark, "compile", f"{size}, from the cache file", CACHED[size], cached, value=value, **found)


@pytest.mark.parametrize("size", SIZES)
def test_again_in_the_same_process(benchmark: Any, tmp_path: Path, size: str) -> None:
    text = SIZES[size]()
    cache = vigyc.Cache(tmp_path / "cache")

    def again() -> None:
        vigyc.compile(text, cache=cache)

    def hashing() -> None:
        digest(text)

    what = f"{size}, same process again, against hashing the text"
    record(benchmark, "compile", what, "<= 2", again, **compare(again, hashing))


def test_version_answers_at_once(benchmark: Any) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    command = [str(Path(sys.executable).parent / "vigyc"), "--version"]
    pass_ = [sys.executable, "-c", "pass"]

    def ours() -> None:
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)

    def python() -> None:
        subprocess.run(pass_, env=environment, check=True)

    what = "`vigyc --version`, against `python -c pass`"
    record(benchmark, "compile", what, "<= 4.5", ours, **compare(ours, python))
