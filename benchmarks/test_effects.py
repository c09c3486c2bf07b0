"""Effects: what the gate adds to an allowed call, and what a program that uses none pays for there being one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import vigyc
from measure import compare, record, timed
from vigyc.effects.catalog import function
from vigyc.effects.gate import Gate
from vigyc.effects.gated import Gated
from vigyc.effects.pack import Pack
from vigyc.effects.policy import Policy
from vigyc.effects.powers import Powers
from vigyc.runtime.host import Host

CALLS = 100  # of a tick
PACK = Pack("bench", "An effect that does nothing.")


@PACK.effect("bench-nothing", needs="env", example="")
def nothing(gate: Gate, name: str) -> None:
    """Nothing."""


@pytest.fixture
def powers(tmp_path: Path) -> Iterator[Powers]:
    policy = Policy.of("env:HOME", f"fs.read:{tmp_path}")
    made = Powers(lambda name, labels: policy)
    yield made
    made.close()


def passing(powers: Powers) -> Host:
    """A host whose effects pass a gate that has not recorded anything yet."""
    host = Host()
    host.gate = powers.gate("id", powers.session("id", "name", {}), host, 5.0)
    return host


def test_gate(benchmark: Any, powers: Powers) -> None:
    effect = PACK.functions["bench-nothing"]

    def through() -> None:
        host = passing(powers)
        for _ in range(CALLS):
            effect(host, "HOME")

    def bare() -> None:
        passing(powers)
        for _ in range(CALLS):
            nothing(None, "HOME")  # type: ignore[arg-type]

    found = compare(through, bare)
    microseconds = (found["ns"] - found["baseline_ns"]) / CALLS / 1000
    what = "the gate, on an allowed call (decided, charged, recorded)"
    record(benchmark, "effects", what, "<= 1.5 µs", through, value=f"{microseconds:.2f} µs")


def test_fs_read(benchmark: Any, powers: Powers, tmp_path: Path) -> None:
    path = str(tmp_path / "four")
    Path(path).write_text("x" * 4096)
    read = function("fs-read")

    def ours() -> None:
        host = passing(powers)
        for _ in range(100):
            read(host, path)

    def plain() -> None:
        for _ in range(100):
            with open(path, encoding="utf-8") as file:
                file.read()

    found = compare(ours, plain)
    record(benchmark, "effects", "`fs-read` of 4 KiB, against Python's `open` and `read`", "<= 1.5", ours, **found)


def test_no_effect(benchmark: Any, powers: Powers) -> None:
    program = vigyc.compile('(vigy-set "n" (+ 1 (vigy-get "n" 0)))', cache=False)
    gated = Gated(program, powers, "id", "name", {}, 5.0)
    host = Host()

    def without() -> None:
        program.tick(host)

    found = timed(without, 20_000)
    with_gate = timed(lambda: gated.tick(host), 20_000)
    what = "a tick without effects has no gate; one with: gate made and closed"
    record(benchmark, "effects", what, "0", without, value=f"0 µs; {(with_gate - found) / 1000:.1f} µs")
