"""Faults that were found in the pack `process`."""

from __future__ import annotations

import sys
import time
from typing import Any

import pytest

from effects.options import options
from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.lang.errors import TickError


def test_what_a_process_does_not_read_does_not_pile_up(effects: Any) -> None:
    run = effects("proc:sleep", limits=Limits(write_bytes=500_000))
    child = run.value("process-spawn", ["sleep", "9"])
    tags = [run.error("process-write", child, "x" * 200_000, options(timeout_ms=20)).tag for _ in range(4)]
    assert tags[:2] == ["timeout", "timeout"]
    assert tags[-1] == "too-large"
    assert len(child.feed) <= 500_000


def test_nothing_is_started_once_the_milliseconds_are_used_up(effects: Any) -> None:
    run = effects("proc:sleep", "proc:touch", budgets=(Budget({"ms": 30}),))
    assert run.error("process-run", ["sleep", "9"]).tag == "timeout"
    with pytest.raises(TickError) as caught:
        run.call("process-run", ["sleep", "9"])
    assert caught.value.kind == "budget-exceeded"


def test_many_short_lines_are_read_as_fast_as_they_are_long(effects: Any) -> None:
    run = effects("proc:seq")
    child = run.value("process-spawn", ["seq", "1", "1000000"])
    run.value("process-wait", child)
    began = time.monotonic()
    assert [run.value("process-read-line", child) for _ in range(500)] == [str(i) for i in range(1, 501)]
    assert time.monotonic() - began < 0.5


@pytest.mark.parametrize("name", ["DOTNET_STARTUP_HOOKS", "MAKEFILES", "VIMINIT", "GTK_MODULES", "SUDO_ASKPASS"])
def test_a_variable_that_loads_something_is_refused(effects: Any, name: str) -> None:
    assert effects("proc:env").error("process-run", ["env"], options(env={name: "x"})).tag == "bad-variable"


@pytest.mark.parametrize(
    "script",
    [
        "import signal, time\nfor s in range(1, 32):\n try: signal.signal(s, signal.SIG_IGN)\n except OSError: pass\n"
        "time.sleep(60)",
        "import os, time\nos.close(1); os.close(2); time.sleep(60)",
        "import os, time\nif os.fork() == 0:\n os.setsid(); time.sleep(60)\n",
        "import os\nwhile True: os.write(2, b'x' * 65536)",
    ],
    ids=["ignores every signal", "closes its pipes and lives", "leaves one that holds the pipes", "writes for ever"],
)
def test_no_program_outlasts_its_time(effects: Any, script: str) -> None:
    run = effects(f"proc:{sys.executable}", limits=Limits(process_ms=300))
    began = time.monotonic()
    run.call("process-run", [sys.executable, "-S", "-E", "-c", script])
    assert time.monotonic() - began < 2
