"""The quick start of the original, line by line: the same commands and options, upon the same place of the store."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.counter import HELLO
from cli.serving import Running, until
from cli.shell import objects, vigyc
from vigyc.model.vigy_id import vigy_id

ID = vigy_id("hello", HELLO)
QUERY = "import sqlite3, sys\nfor row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]): print(*row, sep='|')"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of one's own, with a program in it; no variable says where the store is."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("VIGY_DB", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hello.tlisp").write_text(HELLO, "utf-8")
    return tmp_path


def said(*words: str) -> str:
    done = vigyc(*words)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def sqlite(home: Path, query: str) -> list[str]:
    """What plain SQLite prints for a query upon the store."""
    db = home / ".local" / "share" / "vigy" / "vigy.db"
    done = subprocess.run(
        [sys.executable, "-c", QUERY, str(db), query], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    return done.stdout.splitlines()


def register() -> str:
    return said("register", "hello.tlisp", "--name", "hello", "--every", "1000", "--label", "host=local")


def test_register_and_look(home: Path) -> None:
    assert register() == f"✓ {ID}  hello\n  ticking every 1s\n"
    mark, vigy, name, *_ = said("list").split()
    assert (mark, vigy, name) == ("■", ID, "hello")
    assert "    host=local\n" in said("list")
    assert f"{ID}  hello\n" in said("inspect", ID)
    assert json.loads(said("inspect", ID, "-o", "json"))["vigy"]["labels"] == {"host": "local"}


def test_tick_and_ask_sqlite(home: Path) -> None:
    register()
    assert said("tick", ID).startswith("hello #1  ok  ")
    assert sqlite(home, "SELECT id, name, enabled FROM vigies") == [f"{ID}|hello|1"]
    runs = sqlite(home, "SELECT vigy_id, result, started_at FROM vigy_runs ORDER BY started_at DESC LIMIT 10")
    assert [run.split("|")[:2] for run in runs] == [[ID, "ok"]]
    assert runs[0].split("|")[2].startswith("20")
    assert sqlite(home, "SELECT vigy_id, key, value_json FROM vigy_kv") == [f"{ID}|n|1"]


def test_disable_enable_delete(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    register()
    assert said("disable", ID) == f"✓ {ID} disabled\n"
    assert said("list").startswith("□")
    assert sqlite(home, "SELECT enabled FROM vigies") == ["0"]
    assert said("enable", ID) == f"✓ {ID} enabled\n"
    assert said("list").startswith("■")
    assert said("delete", ID, "--yes") == f"✓ {ID} deleted\n"  # at a terminal it asks instead
    assert said("list") == "no vigies registered\n"


def test_serve_and_tail(home: Path) -> None:
    register()
    with Running("serve") as server:
        assert until(lambda: len(json.loads(said("runs", ID, "-o", "json"))) >= 2)
        told = objects(said("tail", "--no-follow", "--kind", "run", "-o", "json"))
        assert {(notice["kind"], notice["vigy_id"], notice["run"]["result"]) for notice in told} == {("run", ID, "ok")}
        server.process.terminate()
        assert server.ends() == 0
