"""`vigyc runs`: pages, results, one run whole."""

from __future__ import annotations

import pytest

from cli.counter import FAILS, HELLO, Counter
from cli.shell import objects
from vigyc.service.runtime import Runtime


@pytest.fixture
def busy(counter: Counter) -> Counter:
    """A store with ten runs: good and bad by turns."""
    with Runtime.open(counter.db) as runtime:
        for name, program in (("good", HELLO), ("bad", FAILS)):
            runtime.register(program, name=name, every="1h")
        for _ in range(5):
            runtime.tick("good")
            runtime.tick("bad")
    return counter


def test_all_runs_newest_first(busy: Counter) -> None:
    told = busy.json("runs")
    assert [run["result"] for run in told] == ["failed", "ok"] * 5
    assert [run["seq"] for run in told] == sorted((run["seq"] for run in told), reverse=True)
    assert objects(busy.good("runs", "-o", "jsonl")) == told


def test_of_one_vigy(busy: Counter) -> None:
    assert [run["tick"] for run in busy.json("runs", "good")] == [5, 4, 3, 2, 1]


def test_in_a_table(busy: Counter) -> None:
    heads, *lines = busy.good("runs").splitlines()
    assert heads.split() == ["SEQ", "RUN", "VIGY", "STARTED", "RESULT", "TOOK", "WHAT"]
    assert len(lines) == 10
    assert "  bad   " in lines[0]
    assert "  failed  " in lines[0]
    assert lines[0].endswith("  type mismatch: expected number, got string (at bad:2:1)")
    assert lines[1].endswith("  pull")
    assert busy.good("runs", "good").splitlines()[0].split() == ["SEQ", "RUN", "STARTED", "RESULT", "TOOK", "WHAT"]


def test_page_by_page(busy: Counter) -> None:
    whole = busy.json("runs")
    pages = []
    before: list[str] = []
    while page := busy.json("runs", "--limit", "4", *before):
        pages.append(page)
        before = ["--before", str(page[-1]["seq"])]
    assert [len(page) for page in pages] == [4, 4, 2]
    assert [run for page in pages for run in page] == whole
    assert (
        busy.json("runs", "--limit", "4", "--result", "failed")
        == [run for run in whole if run["result"] == "failed"][:4]
    )


def test_by_result(busy: Counter) -> None:
    assert {run["result"] for run in busy.json("runs", "--result", "failed")} == {"failed"}
    assert len(busy.json("runs", "--result", "failed", "--result", "ok")) == 10
    assert busy.json("runs", "good", "--result", "failed") == []
    assert busy.good("runs", "good", "--result", "failed") == ""
    assert busy("runs", "--result", "bad").exit_code == 2
    assert busy("runs", "--limit", "0").exit_code == 2


def test_one_run_whole(busy: Counter) -> None:
    run = busy.json("runs", "good")[0]
    assert busy.json("runs", "--run", run["id"]) == run
    told = busy.good("runs", "--run", run["id"]).splitlines()
    assert told[0].startswith("good #5  ok  ")
    assert "  log        info tick 5" in told
    assert "there is no run '0000'" in busy.bad("runs", "--run", "0000", code=4)
    assert "begins the ids of" in busy.bad("runs", "--run", run["id"][:4], code=4)
