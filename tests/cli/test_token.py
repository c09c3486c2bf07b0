"""`vigyc token`: the tokens of a store's server, and which of them are shown."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cli.shell import objects, vigyc
from vigyc.surfaces.server.tokens import Tokens
from vigyc.surfaces.wire.caller import Role


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "vigy.db"


def test_from_making_to_removing(db: Path) -> None:
    assert vigyc("token", "list", "--db", db).stdout == ""
    made = vigyc("token", "add", "robot", "--role", "operate", "--db", db)
    assert made.exit_code == 0, made.output
    secret = made.stdout.strip()
    file = Path(f"{db}.tokens")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Tokens(file).authenticate(f"Bearer {secret}") == ("robot", Role.OPERATE)
    assert vigyc("token", "show", "robot", "--db", db).stdout.strip() == secret
    assert vigyc("token", "add", "other", "--db", db).exit_code == 0
    listed = vigyc("token", "list", "--db", db).stdout
    assert [line.split() for line in listed.splitlines()] == [
        ["NAME", "ROLE"], ["admin", "admin"], ["robot", "operate"], ["other", "read"],
    ]  # fmt: skip
    removed = vigyc("token", "remove", "robot", "--db", db)
    assert (removed.exit_code, removed.stdout) == (0, "removed robot\n")
    assert [each.name for each in Tokens(file).all()] == ["admin", "other"]


def test_as_json(db: Path) -> None:
    (made,) = objects(vigyc("token", "add", "robot", "--db", db, "-o", "json").stdout)
    assert made["token"].startswith("vgy_")
    assert objects(vigyc("token", "show", "robot", "--db", db, "-o", "json").stdout) == [made]
    assert objects(vigyc("token", "list", "--db", db, "-o", "json").stdout) == [
        {"name": "admin", "role": "admin"}, {"name": "robot", "role": "read"},
    ]  # fmt: skip
    assert objects(vigyc("token", "remove", "robot", "--db", db, "-o", "json").stdout) == [
        {"name": "robot", "removed": True}
    ]


def test_what_cannot_be_done_is_one_line(db: Path) -> None:
    vigyc("token", "add", "robot", "--db", db)
    for args, code in ((("add", "robot"), 4), (("remove", "x"), 4), (("show", "x"), 4), (("add", "a b"), 2)):
        done = vigyc("token", *args, "--db", db)
        assert done.exit_code == code, done.output
        assert done.stderr.startswith("vigyc: ")
        assert done.stderr.count("\n") == 1
    Path(f"{db}.tokens").chmod(0o644)
    done = vigyc("token", "list", "--db", db)
    assert done.exit_code == 2
    assert f"chmod 600 {db}.tokens" in done.stderr


def test_before_there_are_any_it_says_what_makes_one(db: Path) -> None:
    for command in ("show", "remove"):
        done = vigyc("token", command, "admin", "--db", db)
        assert done.exit_code == 4
        assert "there are no tokens yet" in done.stderr
        assert "`vigyc serve`" in done.stderr
    assert not Path(f"{db}.tokens").exists()


def test_the_file_can_be_elsewhere(db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGYC_TOKENS", str(tmp_path / "mine"))
    assert vigyc("token", "add", "robot", "--db", db).exit_code == 0
    assert (tmp_path / "mine").exists()
    assert not Path(f"{db}.tokens").exists()
