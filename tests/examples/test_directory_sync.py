"""The example that embeds the runtime keeps a real directory as its state file says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from examples.world import EXAMPLES

HOST = EXAMPLES / "directory_sync" / "host.py"


def sync(directory: Path, state: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", str(HOST), str(directory), str(state), *args]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def contents(directory: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in directory.iterdir()}


def test_it_creates_updates_and_deletes(tmp_path: Path) -> None:
    directory, state = tmp_path / "files", tmp_path / "state.json"
    directory.mkdir()
    for name, content in {"same": "as it is", "stale": "old", "unwanted": "x"}.items():
        (directory / name).write_text(content, encoding="utf-8")
    kept = (directory / "same").stat().st_mtime_ns
    wanted = {"same": "as it is", "stale": "new ☃", "missing": ""}
    state.write_text(json.dumps(wanted), encoding="utf-8")

    done = sync(directory, state, "--ticks", "4", "--every", "50ms")
    assert (done.returncode, done.stderr) == (0, "")
    assert contents(directory) == wanted
    assert (directory / "same").stat().st_mtime_ns == kept
    told = done.stdout.splitlines()
    assert set(told) == {"ok: create missing", "ok: update stale", "ok: delete unwanted", "Ready: true (InStep)"}
    assert told[-1] == "Ready: true (InStep)"


def test_it_never_leaves_its_directory(tmp_path: Path) -> None:
    directory, state = tmp_path / "files", tmp_path / "state.json"
    directory.mkdir()
    outside = tmp_path / "outside"
    names = ["../outside", str(outside), "..", "", "in/side"]
    state.write_text(json.dumps(dict.fromkeys(names, "x")), encoding="utf-8")
    done = sync(directory, state, "--ticks", "2", "--every", "50ms")
    assert (done.returncode, done.stderr) == (0, "")
    assert "failed: '../outside' is not the name of a file" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"files", "state.json"}
    assert contents(directory) == {}


def test_a_state_that_cannot_be_read_is_a_failed_tick(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("x", encoding="utf-8")
    done = sync(tmp_path, tmp_path / "absent.json", "--ticks", "1")
    assert done.returncode == 0
    assert "failed: " in done.stdout
    assert "absent.json" in done.stdout
    assert contents(tmp_path) == {"kept": "x"}


def test_it_goes_on_until_it_is_interrupted_and_remembers(tmp_path: Path) -> None:
    directory, state, db = tmp_path / "files", tmp_path / "state.json", tmp_path / "vigy.db"
    directory.mkdir()
    state.write_text('{"a": "1"}', encoding="utf-8")
    command = [sys.executable, str(HOST), str(directory), str(state), "--every", "50ms", "--db", str(db)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=_hear_interrupts) as running:  # noqa: PLW1509
        try:
            assert _until(directory, {"a": "1"})
            state.write_text('{"b": "2"}', encoding="utf-8")
            assert _until(directory, {"b": "2"})
            running.send_signal(signal.SIGINT)
            output, _ = running.communicate(timeout=15)
        finally:
            running.kill()
    assert running.returncode == 0
    assert output.endswith("ended\n")
    again = sync(directory, state, "--ticks", "2", "--every", "50ms", "--db", str(db))
    assert again.stdout == "Ready: true (InStep)\n"


def _until(directory: Path, wanted: dict[str, str]) -> bool:
    end = time.monotonic() + 15
    while time.monotonic() < end:
        if set(os.listdir(directory)) == wanted.keys() and contents(directory) == wanted:
            return True
        time.sleep(0.02)
    return False


def _hear_interrupts() -> None:
    """A shell lets what it runs in the background ignore Ctrl-C, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
