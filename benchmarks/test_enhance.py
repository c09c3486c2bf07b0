"""The enhance pipeline: issues worked off one after the other, by the rule-based proposer, every axis judged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from enhancing import FIFTY, RUNS
from measure import record


def test_epochs(benchmark: Any, tmp_path: Path) -> None:
    assert FIFTY.count("\n") == 50
    program = Path(__file__).with_name("enhancing.py")
    done = subprocess.run([sys.executable, program, tmp_path], capture_output=True, text=True, check=True)
    what = f"epochs of a 50-line program, rule-based proposer, all axes, {RUNS} runs replayed, on one core"
    record(benchmark, "enhance", what, ">= 20/s", lambda: None, value=f"{float(done.stdout):.0f}/s")
