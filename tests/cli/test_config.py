"""`vigyc config show`: the settings in force, and where each comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.shell import objects, vigyc
from vigyc.service.settings import Settings


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("VIGY_DB", raising=False)


def shown() -> dict[str, dict[str, object]]:
    done = vigyc("config", "show", "--origin", "-o", "json")
    assert done.exit_code == 0, done.output
    return {entry["name"]: entry for entry in json.loads(done.stdout)}


def test_defaults(tmp_path: Path) -> None:
    told = shown()
    assert {name: entry["value"] for name, entry in told.items()} == {
        **Settings(min_interval_ms=100)._asdict(),
        "db": str(tmp_path / "home" / ".local" / "share" / "vigy" / "vigy.db"),
    }
    assert {entry["origin"] for entry in told.values()} == {"default"}


def test_a_file_and_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "vigyc.toml").write_text("keep_runs = 7\nkeep_days = 3\n", encoding="utf-8")
    monkeypatch.setenv("VIGYC_KEEP_DAYS", "9")
    told = shown()
    assert told["keep_runs"] == {"name": "keep_runs", "value": 7, "origin": "vigyc.toml:1"}
    assert told["keep_days"] == {"name": "keep_days", "value": 9, "origin": "VIGYC_KEEP_DAYS"}


def test_a_table_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGYC_DURABILITY", "normal")
    lines = [line.split() for line in vigyc("config", "show", "--origin").stdout.splitlines()]
    assert lines[0] == ["SETTING", "VALUE", "FROM"]
    assert ["durability", '"normal"', "VIGYC_DURABILITY"] in lines
    assert ["keep_runs", "200"] in [line.split() for line in vigyc("config", "show").stdout.splitlines()]
    assert len(objects(vigyc("config", "show", "-o", "jsonl").stdout)) == len(Settings._fields)


def test_a_wrong_setting_is_one_line_and_two(tmp_path: Path) -> None:
    (tmp_path / "vigyc.toml").write_text("keep_runs = 0\n", encoding="utf-8")
    done = vigyc("config", "show")
    assert done.exit_code == 2
    assert done.stderr.startswith("vigyc: vigyc.toml:1: keep_runs cannot be 0: ")
    assert done.stderr.count("\n") == 1


def test_where_the_store_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(*args: str) -> tuple[object, object]:
        entries = json.loads(vigyc("config", "show", "--origin", "-o", "json", *args).stdout)
        (entry,) = [each for each in entries if each["name"] == "db"]
        return entry["value"], entry["origin"]

    (tmp_path / "vigyc.toml").write_text('db = "here.db"\n', encoding="utf-8")
    assert told() == ("here.db", "vigyc.toml:1")
    monkeypatch.setenv("VIGYC_DB", "there.db")
    assert told() == ("there.db", "VIGYC_DB")
    monkeypatch.setenv("VIGY_DB", "elsewhere.db")
    assert told() == ("elsewhere.db", "VIGY_DB")
    assert told("--db", "nearer.db") == ("nearer.db", "argument")


def test_the_place_of_the_store_is_made_where_nobody_says_where(tmp_path: Path) -> None:
    assert vigyc("next").exit_code == 0
    place = tmp_path / "home" / ".local" / "share" / "vigy"
    assert {path.name for path in place.iterdir()} == {"vigy.db"}
    assert place.stat().st_mode & 0o077 == 0
