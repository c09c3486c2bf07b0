"""`vigyc next` and `vigyc explain`: what comes, and why things are as they are."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from cli.serving import register, serve, until
from cli.shell import objects, vigyc
from vigyc.model.timestamp import parse_rfc3339
from vigyc.service.runtime import Runtime

FAIL = "(car 1)"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "vigy.db"
    register(path, name="soon", every="1m", labels={"team": "a"})
    register(path, name="later", every="1h", labels={"team": "b"})
    register(path, name="never", enabled=False)
    with Runtime.open(path) as runtime:
        runtime.tick("soon")
        runtime.tick("later")
    return path


def explained(db: Path, name: str) -> list[str]:
    done = vigyc("explain", name, "--db", db)
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


def explanation(db: Path, name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(vigyc("explain", name, "--db", db, "-o", "json").stdout)
    return data


def test_next_lists_what_is_due_first_first(db: Path) -> None:
    lines = vigyc("next", "--db", db).stdout.splitlines()
    assert lines[0].split() == ["VIGY", "IN", "AT", "WHY"]
    assert [line.split()[0] for line in lines[1:]] == ["soon", "later"]
    assert "no runtime ticks this store" in lines[1]


def test_next_in_json(db: Path) -> None:
    soon, later = json.loads(vigyc("next", "--db", db, "-o", "json").stdout)
    assert (soon["name"], later["name"]) == ("soon", "later")
    now = time.time() * 1000
    assert now < parse_rfc3339(soon["due_at"]) <= now + 60_000 < parse_rfc3339(later["due_at"]) <= now + 3_600_000
    assert objects(vigyc("next", "--db", db, "-o", "jsonl", "--limit", "1").stdout)[0]["name"] == "soon"
    assert [
        each["name"] for each in objects(vigyc("next", "--selector", "team=b", "--db", db, "-o", "jsonl").stdout)
    ] == ["later"]
    assert vigyc("next", "--selector", "team=c", "--db", db).stdout == ""


def test_explain_ends_with_what_to_do(db: Path) -> None:
    assert explained(db, "soon")[-1] == "To let it tick: vigyc serve"
    off = explained(db, "never")
    assert off[1].startswith("It has been disabled since 20")
    assert off[-1] == "To let it tick again: vigyc enable never"


def test_explain_says_of_a_failing_vigy_what_fails(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    register(db, FAIL, "bad")
    with serve(db, "--ticks", "1") as server:
        assert server.ends() == 0
    assert "type mismatch: expected pair, got int" in " ".join(explained(db, "bad"))
    with serve(db) as server:
        assert until(
            lambda: json.loads(vigyc("explain", "bad", "--db", db, "-o", "json").stdout)["phase"] == "backing-off"
        )
        told = explained(db, "bad")
        assert told[-1] == "To see what fails: vigyc runs bad; to try it at once: vigyc tick bad"
        assert any(f"process {server.process.pid}" in line for line in told)


def test_explain_of_a_vigy_that_is_well(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    register(db, name="well", every="1h")
    with serve(db):
        assert until(
            lambda: json.loads(vigyc("explain", "well", "--db", db, "-o", "json").stdout)["phase"] == "waiting"
        )
        data = json.loads(vigyc("explain", "well", "--db", db, "-o", "json").stdout)
    assert data["advice"] == "Nothing is to be done."
    assert data["name"] == "well"
    assert parse_rfc3339(data["due_at"]) > time.time() * 1000
    assert any("succeeded" in sentence for sentence in data["sentences"])


def test_explain_of_nobody_is_four(db: Path) -> None:
    done = vigyc("explain", "sooon", "--db", db)
    assert (done.exit_code, done.stdout) == (4, "")
    assert "did you mean 'soon'?" in done.stderr
