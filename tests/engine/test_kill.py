"""A runtime that is killed a hundred times on one file: what it acknowledged is there, and no tick is there by half."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

KILLS = 100
HARNESS = Path(__file__).with_name("kills.py")


def test_no_acknowledged_tick_is_lost_and_none_is_half_done(tmp_path: Path) -> None:
    seed = int(os.environ.get("KILL_SEED") or random.SystemRandom().randrange(2**32))
    print(f"KILL_SEED={seed}")
    command = [sys.executable, "-W", "error", str(HARNESS), str(tmp_path / "store.db"), str(KILLS), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=150)
    assert done.returncode == 0, f"seed {seed}:\n{done.stdout}{done.stderr}"
    *damage, summary = done.stdout.splitlines()
    assert not any(damage)
    told = json.loads(summary)
    assert told["vigies"] == 4
    assert told["results"]["ok"] >= KILLS
    assert told["results"]["aborted"] >= 1
