"""Every line of the data through `vigyc eval --batch`: in this process, then from a warm cache in a fresh one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance import suite
from vigyc.surfaces.cli.main import main


def parse(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.split("\n") if line]


@pytest.mark.parametrize("name", suite.FILES)
def test_in_process_without_cache(name: str) -> None:
    done = CliRunner().invoke(main, ["eval", "--no-cache", "--batch", str(suite.DATA / f"{name}.jsonl")])
    assert done.exception is None, done.output[-2000:]
    problems = suite.disagreements(name, parse(done.stdout))
    assert not problems, suite.report(problems)


@pytest.mark.parametrize("name", suite.FILES)
def test_warm_cache_in_a_fresh_process(name: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vigyc", "eval", "--batch", str(suite.DATA / f"{name}.jsonl")]
    environment = {**os.environ, "VIGYC_CACHE_DIR": str(tmp_path / "cache"), "PYTHONIOENCODING": "utf-8"}
    for _ in ("cold", "warm"):
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()[-2000:]
    problems = suite.disagreements(name, parse(done.stdout.decode("utf-8")))
    assert not problems, suite.report(problems)


def test_results_come_in_the_order_of_the_input() -> None:
    done = CliRunner().invoke(main, ["eval", "--batch", str(suite.DATA / "modules.jsonl")])
    assert [line["id"] for line in parse(done.stdout)] == [line["id"] for line in suite.lines("modules")]


def test_exceptions_name_known_ids_and_say_why() -> None:
    table = suite.tomllib.loads((suite.HERE / "exceptions.toml").read_text("utf-8"))
    for entry in table.get("exception", []):
        assert entry["id"] in suite.expected(entry["file"])
        assert entry["decision"].startswith("D")
        assert entry["why"]
