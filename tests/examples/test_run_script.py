"""`scripts/run` and `scripts/dashboard` in a copy of the project: the examples tick, and go on the next time."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from examples.world import EXAMPLES
from vigyc.model.enhance_setting import AXES

ROOT = EXAMPLES.parent


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What the script needs of the project, and a virtual environment that leads to this one's."""
    place = tmp_path / "project"
    programs = place / ".venv" / "bin"
    programs.mkdir(parents=True)
    shutil.copytree(ROOT / "scripts", place / "scripts")
    shutil.copytree(EXAMPLES, place / "examples")
    shutil.copy(ROOT / "pyproject.toml", place)
    for name, words in (("python", ""), ("vigyc", "-m vigyc")):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    for extras in ("", "[server,graphql,client]"):
        (place / ".venv" / f".installed{extras}").touch()
    return place


def run(project: Path, **more: str) -> list[str]:
    environment = {key: value for key, value in os.environ.items() if key not in {"VENV", "VIGY_DB"}}
    done = subprocess.run(
        [project / "scripts" / "run"], capture_output=True, text=True, check=False, timeout=120,
        env={**environment, "FOR": "700ms", "ENHANCE": "no", **more},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(line.startswith("vigyc: ") for line in done.stderr.splitlines()), done.stderr
    return done.stdout.splitlines()


def ticks(lines: list[str], name: str) -> list[int]:
    """The numbers of the ticks of `name` that succeeded, as they were told."""
    found = (re.search(rf"  {name} +ok +tick (\d+)", line) for line in lines)
    return [int(match[1]) for match in found if match]


def test_it_shows_the_examples_and_goes_on_from_where_they_stopped(project: Path) -> None:
    first, second = run(project), run(project)
    for path in EXAMPLES.glob("*.tatara"):
        before, after = ticks(first, path.stem), ticks(second, path.stem)
        assert before
        assert after
        assert before + after == list(range(1, len(before) + len(after) + 1))
    assert any("hello, this is my first tick" in line for line in first)
    assert not any("hello, this is my first tick" in line for line in second)
    assert not any(" failed " in line for line in first + second)


def test_it_opens_no_port_and_says_how_to_see_more(project: Path) -> None:
    done = run(project, VIGYC_HTTP="127.0.0.1:0", VIGYC_GRPC="127.0.0.1:0", VIGYC_SERVER="http://127.0.0.1:1")
    assert "scripts/dashboard" in done[-1]
    assert not (project / ".state" / "vigy.db.tokens").exists()


def test_an_example_that_was_edited_becomes_a_new_version(project: Path) -> None:
    run(project)
    hello = project / "examples" / "hello.tatara"
    hello.write_text(hello.read_text("utf-8") + '\n(vigy-log "info" "edited")\n', encoding="utf-8")
    assert any(re.search(r"  hello +info +edited", line) for line in run(project))


def test_an_issue_makes_a_flapping_vigy_better_and_a_bad_proposal_is_rejected(project: Path) -> None:
    """The second time it begins from the former program, to which it went back."""
    for times in (1, 2):
        _see_it_enhanced("\n".join(run(project, ENHANCE="yes")), times)


def _see_it_enhanced(told: str, times: int) -> None:
    _, before, enqueued, better, rejected, back = re.split(r"^# .*$", told, flags=re.MULTILINE)
    assert re.search(r" restart$", before, re.MULTILINE)
    assert " pending " in enqueued
    assert better.lstrip().startswith("applied")
    assert len(re.findall(r"^  pass  [a-z-]+ ", better, re.MULTILINE)) == len(AXES)
    assert '+    (unless (vigy-rate-limited? "limit:restart" 30000) (vigy-restart' in better
    assert rejected.lstrip().startswith("rejected")
    assert re.search(r"because +capabilities: .*process-run.*\"proc:systemctl restart web\" would allow it", rejected)
    assert "what version 1 was" in back
    assert f"{2 * times + 1}  " in back


def test_the_dashboard_shows_them_in_a_browser(project: Path) -> None:
    """The browser is a program that keeps the page it is given, which leads to the dashboard, logged in."""
    visited = project / "visited"
    browser = project / "browser"
    browser.write_text(
        f'#!/bin/sh\ncp "${{1#file://}}" {visited}.part; mv {visited}.part {visited}\n', encoding="utf-8"
    )
    browser.chmod(0o755)
    environment = {key: value for key, value in os.environ.items() if key not in {"VENV", "VIGY_DB", "VIGYC_HTTP"}}
    words = [project / "scripts" / "dashboard", "--http", "127.0.0.1:0", "--for", "10s"]
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**environment, "BROWSER": f"{browser} %s"},
    ) as serving:
        until = time.monotonic() + 30
        while not visited.exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        with httpx2.Client(follow_redirects=True) as client:
            link, _ = re.findall(r"http://[^\"'<> ]+code=[\w-]+", visited.read_text("utf-8"))
            page = client.get(link)
            listed = client.get(page.url.join("/v1/vigies")).json()
        serving.terminate()
        serving.communicate(timeout=20)
    assert page.status_code == 200
    assert {vigy["name"] for vigy in listed} == {path.stem for path in EXAMPLES.glob("*.tatara")}
    assert all(vigy["last_result"] == "ok" for vigy in listed)
