"""`vigyc doctor`: a line for everything a runtime needs, and a remedy where it is not well."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from cli.serving import register, serve
from cli.shell import objects, vigyc
from client.served import served
from vigyc.runtime.store.library import is_sound
from vigyc.service.file_system import kind_of
from vigyc.service.runtime import Runtime

FAR = 4_102_444_800_000  # 2100


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "vigy.db"
    register(path, name="well", every="1h")
    with Runtime.open(path) as runtime:
        runtime.tick("well")
    return path


def signs(db: Path, code: int = 0) -> dict[str, dict[str, str]]:
    done = vigyc("doctor", "--db", db, "-o", "json")
    assert done.exit_code == code, done.output
    return {sign["subject"]: sign for sign in json.loads(done.stdout)}


def levels(db: Path, code: int = 0) -> dict[str, str]:
    return {subject: sign["level"] for subject, sign in signs(db, code).items()}


def test_a_store_that_is_ticked_is_well(db: Path) -> None:
    with serve(db) as server:
        assert server.says("vigyc: ticking")
        told = signs(db)
    assert {sign["level"] for sign in told.values()} == {"ok"}
    assert told["ticked by"]["text"] == f"process {server.process.pid}"
    assert {"python", "sqlite", "cron", "cache", "cache key", "settings", "durability", "file system"} < told.keys()
    assert {"store", "contents", "log", "clock", "ticked by", "vigies"} < told.keys()


def test_one_that_nobody_ticks_is_warned_of(db: Path) -> None:
    sign = signs(db)["ticked by"]
    assert (sign["level"], sign["remedy"]) == ("warn", "vigyc serve")


def test_lines_for_people_have_the_remedy_under_them(db: Path) -> None:
    lines = vigyc("doctor", "--db", db).stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.split()[:3] == ["warn", "ticked", "by"])
    assert lines[at + 1].strip() == "to do: vigyc serve"
    assert len(objects(vigyc("doctor", "--db", db, "-o", "jsonl").stdout)) == len(lines) - 1


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    assert levels(db)["store"] == "warn"
    assert not db.exists()


def test_nothing_is_changed_by_looking(db: Path) -> None:
    with Runtime.open(db) as runtime:
        before = runtime.notices()
    vigyc("doctor", "--db", db)
    with Runtime.open(db) as runtime:
        assert runtime.notices() == before


def test_failing_vigies_are_named(db: Path) -> None:
    register(db, "(car 1)", "bad", every="1h")
    with Runtime.open(db) as runtime:
        runtime.tick("bad")
    sign = signs(db)["bad"]
    assert sign["level"] == "warn"
    assert "type mismatch" in sign["text"]
    assert sign["remedy"] == "vigyc explain bad"


def test_what_is_no_store_fails(tmp_path: Path) -> None:
    db = tmp_path / "vigy.db"
    db.write_bytes(b"certainly not" * 100)
    db.chmod(0o600)
    assert levels(db, 1)["contents"] == "fail"


def test_a_damaged_store_fails(db: Path) -> None:
    writer = sqlite3.connect(db)
    writer.execute("UPDATE vigies SET schedule_json = 'nonsense'")
    writer.commit()
    writer.close()
    sign = signs(db, 1)["contents"]
    assert sign["level"] == "fail"
    assert "vigyc db verify" in sign["remedy"]


def test_a_store_that_others_can_read_is_warned_of(db: Path) -> None:
    db.chmod(0o644)
    sign = signs(db)["store"]
    assert (sign["level"], sign["remedy"]) == ("warn", f"chmod go= {db}")


def test_a_clock_that_went_back_is_warned_of(db: Path) -> None:
    writer = sqlite3.connect(db)
    writer.execute("UPDATE runs SET started_at = ?, ended_at = ?", (FAR, FAR))
    writer.commit()
    writer.close()
    assert levels(db)["clock"] == "warn"


def test_wrong_settings_fail(db: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vigyc.toml").write_text("keep_rums = 3\n", encoding="utf-8")
    sign = signs(db, 1)["settings"]
    assert "did you mean 'keep_runs'?" in sign["text"]


def test_durability_that_was_turned_down_is_warned_of(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGYC_DURABILITY", "normal")
    assert levels(db)["durability"] == "warn"


@pytest.mark.parametrize(("version", "sound"), [("3.51.2", False), ("3.51.3", True), ("3.9.0", False), ("4.0", True)])
def test_versions_of_sqlite(version: str, sound: bool) -> None:
    assert is_sound(version) is sound


def test_the_kind_of_a_file_system_is_that_of_the_innermost_mount(tmp_path: Path) -> None:
    place = tmp_path / "a b" / "share"
    place.mkdir(parents=True)
    escaped = str(place).replace(" ", "\\040")
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "21 1 8:1 / / rw - ext4 /dev/sda rw\n"
        f"22 21 0:5 / {escaped} rw,relatime shared:1 - ext4 /dev/sdb rw\n"
        f"23 22 0:6 / {escaped} rw,relatime shared:1 - nfs4 host:/x rw\n",
        encoding="utf-8",
    )
    assert kind_of(place / "vigy.db", mounts) == "nfs4"
    assert kind_of(tmp_path / "vigy.db", mounts) == "ext4"
    assert kind_of(place, tmp_path / "absent") is None


def test_a_server_is_asked_how_it_is(db: Path) -> None:
    with Runtime.open(db) as runtime:
        runtime.start()
        runtime.register("(car 1)", name="broken", every="1h", enabled=False)
        runtime.tick("broken")
        with served(runtime) as server:
            asked = ("doctor", "--server", server.url, "--token", server.reader)
            done = vigyc(*asked)
            told = {sign["subject"]: sign for sign in json.loads(vigyc(*asked, "-o", "json").stdout)}
            refused = vigyc("doctor", "--server", server.url, "--token", "vgy_wrong")
        gone = vigyc(*asked)
    assert done.exit_code == 0, done.output
    assert [line.split()[:2] for line in done.stdout.splitlines() if not line.startswith(" ")] == [
        ["ok", "server"], ["ok", "clock"], ["ok", "runtime"], ["warn", "vigies"],
    ]  # fmt: skip
    assert told["vigies"]["text"] == "1 of 2 failing"
    for failed, why in ((refused, "token"), (gone, "cannot reach the server")):
        assert failed.exit_code == 1
        assert failed.stdout.startswith("fail  server")
        assert why in failed.stdout


def test_issues_that_wait_for_somebody_are_told_of(db: Path) -> None:
    assert "issues" not in signs(db)
    with Runtime.open(db) as runtime:
        runtime.enhance.submit("well", "anything")
    assert (signs(db)["issues"]["level"], signs(db)["issues"]["text"]) == ("ok", "1 pending")
    with Runtime.open(db) as runtime:
        runtime.enhance.pause("default", "the model\x1b[2J is away")
    told = signs(db)["issues"]
    assert (told["level"], told["text"]) == ("warn", "the setting default is paused: the model\x1b[2J is away")
    assert told["remedy"] == "vigyc enhance resume default, once that is mended"
    assert "\x1b" not in vigyc("doctor", "--db", db).stdout
