"""A worker that is killed at any step leaves nothing by half, and nothing that is never taken up (acceptance 2)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from vigyc.enhance.epoch.handle import STEPS

HARNESS = Path(__file__).with_name("kills.py")


def test_nothing_is_half_done_wherever_a_worker_is_killed(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(HARNESS.parent.parent)}
    command = [sys.executable, str(HARNESS), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    *problems, told = done.stdout.splitlines()
    assert not problems
    places = json.loads(told)
    taking, pausing, settling = (
        [f"before {write}", f"after {write}"] for write in ("take_issue", "put_enhance_setting", "settle")
    )
    steps = [step for step in STEPS if step not in {"taken", "settled"}]
    assert places["applied"] == [*taking, *steps, *settling]
    assert places["paused"][-4:] == [*pausing, *settling]
    assert all(found[-2:] == settling for found in places.values())
