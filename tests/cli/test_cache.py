"""`vigyc cache`, and the cache as commands use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.shell import objects, process, vigyc


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VIGYC_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("VIGYC_CACHE_KEY_FILE", str(tmp_path / "state" / "key"))
    return tmp_path


def fill(*options: str) -> None:
    with process("eval", "-e", "(+ 1 2)", *options) as running:
        assert running.communicate() == ("3\n", "")


def test_an_empty_cache(place: Path) -> None:
    done = vigyc("cache", "ls")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"0 entries, 0.0 KiB, in {place / 'cache'}\n"


def test_entries_are_listed(place: Path) -> None:
    fill()
    fill()
    (told,) = objects(vigyc("cache", "ls", "-o", "json").stdout)
    (file,) = (place / "cache").rglob("*.vigyc")
    assert told["key"] == file.stem
    assert told["bytes"] == file.stat().st_size
    assert told["state"] == "current"
    assert file.stem[:16] in vigyc("cache", "ls").stdout


def test_no_cache_leaves_no_entry(place: Path) -> None:
    fill("--no-cache")
    assert not (place / "cache").exists()


def test_damage_is_found_pruned_and_does_no_harm(place: Path) -> None:
    fill()
    assert vigyc("cache", "verify").exit_code == 0
    (file,) = (place / "cache").rglob("*.vigyc")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    done = vigyc("cache", "verify")
    assert done.exit_code == 1
    assert "damaged" in done.stdout
    pruned = vigyc("cache", "prune")
    assert pruned.exit_code == 0
    assert pruned.stderr.startswith("1 entry, ")
    fill()
    assert vigyc("cache", "verify").exit_code == 0


def test_all_can_go(place: Path) -> None:
    fill()
    assert objects(vigyc("cache", "prune", "--older-than", "1h", "--max-size", "1G", "-o", "json").stdout) == []
    assert len(objects(vigyc("cache", "prune", "--all", "-o", "json").stdout)) == 1
    assert objects(vigyc("cache", "ls", "-o", "json").stdout) == []


def test_a_cache_that_cannot_be_kept_is_told_by_the_cache_command_only(place: Path) -> None:
    (place / "cache").mkdir()
    (place / "state").write_text("in the way")
    fill()
    done = vigyc("cache", "ls")
    assert done.exit_code == 0
    assert "the cache is off: " in done.stderr
