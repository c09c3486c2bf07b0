"""`vigyc db`: what each command says and the code it leaves, on a terminal and off it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from cli.shell import objects, vigyc
from store.kept import closed, filled, flip, old_store
from store.originals import AT, OriginalFile
from store.stores import the_lease
from vigyc.lang.errors import SettingsError
from vigyc.runtime.holder import own_name
from vigyc.runtime.store.migrations import VERSION
from vigyc.runtime.store.sqlite import open_store
from vigyc.runtime.store.verify import verify
from vigyc.service.database_path import database_path
from vigyc.surfaces.cli.confirmation import confirm
from vigyc.surfaces.cli.progress import progress


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of who runs the tests."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("VIGY_DB", raising=False)
    monkeypatch.setenv("VIGYC_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("VIGYC_CACHE_KEY_FILE", str(tmp_path / "state" / "key"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return closed(tmp_path / "vigyc.db")


# -- which store


def test_the_place_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "home" / ".config" / "vigyc").mkdir(parents=True)
    environment = {"HOME": str(tmp_path / "home")}
    assert database_path(None, environment) == tmp_path / "home" / ".local" / "share" / "vigy" / "vigy.db"
    (tmp_path / "home" / ".config" / "vigyc" / "vigyc.toml").write_text('db = "/set.db"')
    assert database_path(None, environment) == Path("/set.db")
    environment["VIGY_DB"] = "/named.db"
    assert database_path(None, environment) == Path("/named.db")
    assert database_path("given.db", environment) == Path("given.db")
    assert database_path("", {"HOME": "/home/x", "VIGY_DB": ""}) == Path("/home/x/.local/share/vigy/vigy.db")


def test_no_home_and_no_name() -> None:
    with pytest.raises(SettingsError, match=r"\$HOME is not set; name the file by --db or \$VIGY_DB"):
        database_path(None, {})


def test_a_command_without_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    done = vigyc("db", "info")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("vigyc: there is no place for the store: ")


def test_the_variable_names_the_store(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGY_DB", str(db))
    (told,) = objects(vigyc("db", "info", "-o", "json").stdout)
    assert told["path"] == str(db)


@pytest.mark.parametrize("words", [["info"], ["verify"], ["backup", "copy.db"], ["vacuum", "--yes"], ["migrate"]])
def test_a_store_that_is_not_there_is_four_and_not_made(words: list[str], tmp_path: Path) -> None:
    done = vigyc("db", *words, "--db", tmp_path / "absent.db")
    assert (done.exit_code, done.stdout) == (4, "")
    assert done.stderr == f"vigyc: there is no store {tmp_path / 'absent.db'}\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["info"], ["backup", "copy.db"], ["vacuum", "--yes"], ["migrate"]])
def test_what_is_no_store_is_five(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam, " * 300)
    done = vigyc("db", *words, "--db", "letter.txt")
    assert (done.exit_code, done.stdout) == (5, "")
    assert done.stderr == "vigyc: cannot open letter.txt: it is not an SQLite file\n"


# -- backup


def test_backup(db: Path, tmp_path: Path) -> None:
    done = vigyc("db", "backup", tmp_path / "copy.db", "--db", db)
    size = (tmp_path / "copy.db").stat().st_size
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == f"{db} copied to {tmp_path / 'copy.db'}: {size / 1024:,.1f} KiB\n"
    assert verify(tmp_path / "copy.db") == []
    again = vigyc("db", "backup", tmp_path / "copy.db", "--db", db)
    assert again.exit_code == 4
    assert again.stderr.startswith(f"vigyc: {tmp_path / 'copy.db'} is there already; ")
    over = vigyc("db", "backup", "copy.db", "--db", db, "--overwrite", "-o", "json")
    assert objects(over.stdout) == [{"db": str(db), "target": "copy.db", "bytes": size}]


# -- verify


def test_verify_finds_nothing(db: Path) -> None:
    done = vigyc("db", "verify", "--db", db)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", f"{db}: sound\n")
    assert vigyc("db", "verify", "--db", db, "-o", "json").output == ""


def test_verify_finds_damage(db: Path) -> None:
    flip(db, b'{"team":"blue"}')
    done = vigyc("db", "verify", "--db", db)
    assert done.exit_code == 1
    assert "labels_json of " in done.stdout
    assert done.stderr == f"{db}: {len(done.stdout.splitlines())} problems\n"
    told = objects(vigyc("db", "verify", "--db", db, "-o", "json").stdout)
    assert [item["problem"] for item in told] == done.stdout.splitlines()


# -- vacuum


def test_vacuum(db: Path) -> None:
    done = vigyc("db", "vacuum", "--yes", "--db", db, "-o", "json")
    assert done.exit_code == 0
    (told,) = objects(done.stdout)
    assert told["bytes_after"] == db.stat().st_size <= told["bytes_before"]
    assert " now\n" in vigyc("db", "vacuum", "-y", "--db", db).stdout


def test_vacuum_leaves_a_running_store_alone(tmp_path: Path) -> None:
    store = filled(tmp_path / "vigyc.db")
    the_lease(store, own_name())
    done = vigyc("db", "vacuum", "--yes", "--db", "vigyc.db")
    store.close()
    assert done.exit_code == 4
    assert done.stderr == f"vigyc: process {os.getpid()} ticks vigyc.db; stop it first\n"


@pytest.mark.parametrize("words", [["vacuum"], ["migrate"]])
def test_what_cannot_be_taken_back_asks_and_off_a_terminal_refuses(words: list[str], tmp_path: Path) -> None:
    old_store(tmp_path / "old.db")
    before = (tmp_path / "old.db").read_bytes()
    done = vigyc("db", *words, "--db", "old.db")
    assert done.exit_code == 2
    assert "say --yes to do it, since there is no terminal to ask on" in done.stderr
    assert (tmp_path / "old.db").read_bytes() == before


@pytest.mark.parametrize(("answer", "code", "line"), [("y\n", 0, "vigyc.db: "), ("n\n", 1, ""), ("\n", 1, "")])
def test_on_a_terminal_it_asks(db: Path, answer: str, code: int, line: str) -> None:
    outer, inner = pty.openpty()
    command = [sys.executable, "-m", "vigyc", "db", "vacuum", "--db", db.name]
    with subprocess.Popen(
        command, cwd=db.parent, stdin=inner, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as asked:
        os.close(inner)
        os.write(outer, answer.encode())
        output, errors = asked.communicate(timeout=30)
    os.close(outer)
    assert asked.returncode == code, errors
    assert output.startswith(line)
    assert "write vigyc.db anew? [y/N]" in errors
    assert ("Error: nothing was done" in errors) == (code == 1)


def test_who_said_yes_is_not_asked() -> None:
    confirm("do it", True)


# -- info


def test_info(db: Path) -> None:
    done = vigyc("db", "info", "--db", db)
    assert done.exit_code == 0
    lines = dict(line.split(None, 1) for line in done.stdout.splitlines())
    assert lines["file"] == str(db)
    assert lines["vigies"] == "2, 2 enabled"
    assert lines["runs"] == "3"
    assert lines["version"] == str(VERSION)
    assert lines["ticked"].split(None, 1)[1] == "nobody"
    (told,) = objects(vigyc("db", "info", "--db", db, "-o", "json").stdout)
    assert told["counts"]["kv_keys"] == 5
    assert told["counts"]["newest_run"] == "2026-09-21T14:13:23Z"
    assert told["owner"] is None


def test_info_tells_who_ticks(tmp_path: Path) -> None:
    store = filled(tmp_path / "vigyc.db")
    the_lease(store, own_name())
    text = vigyc("db", "info", "--db", "vigyc.db").stdout
    (told,) = objects(vigyc("db", "info", "--db", "vigyc.db", "-o", "json").stdout)
    store.close()
    assert f"process {os.getpid()}, last heard of 2026-09-21T14:13:20Z" in text
    assert (told["owner"]["pid"], told["owner"]["alive"]) == (os.getpid(), True)


# -- migrate


def test_migrate(tmp_path: Path) -> None:
    old_store(tmp_path / "old.db")
    assert "version      1, to take: runtime" in vigyc("db", "info", "--db", "old.db").stdout
    done = vigyc("db", "migrate", "--yes", "--db", "old.db")
    assert (done.exit_code, done.stdout) == (0, f"old.db is of version {VERSION} now; as it was: old.db.v1.bak\n")
    again = vigyc("db", "migrate", "--db", "old.db")
    assert (again.exit_code, again.stdout) == (0, f"old.db is up to date (version {VERSION})\n")
    assert verify(tmp_path / "old.db") == verify(tmp_path / "old.db.v1.bak") == []


def test_migrate_without_a_copy(tmp_path: Path) -> None:
    old_store(tmp_path / "old.db")
    (told,) = objects(vigyc("db", "migrate", "-y", "--no-backup", "--db", "old.db", "-o", "json").stdout)
    assert (told["before"], told["after"], told["kept"]) == (1, VERSION, None)
    assert [file.name for file in tmp_path.iterdir()] == ["old.db"]


# -- import


@pytest.fixture
def original(tmp_path: Path) -> OriginalFile:
    file = OriginalFile(tmp_path / "original.db")
    own = file.vigy("counter", '(vigy-incr "n")')
    file.kv(own, "n", 3)
    file.run(own, AT)
    return file


def test_import(original: OriginalFile, tmp_path: Path) -> None:
    original.close()
    done = vigyc("db", "import-original", "original.db", "--db", tmp_path / "new" / "vigyc.db")
    store = open_store(tmp_path / "new" / "vigyc.db")
    (vigy,) = store.vigies()
    assert store.kv(vigy.id) == {"n": 3}
    store.close()
    assert (done.exit_code, done.stdout) == (0, f"{vigy.id}  counter\n")
    assert done.stderr == f"{tmp_path / 'new' / 'vigyc.db'}: 1 vigy, 1 run, 1 key taken over\n"
    again = vigyc("db", "import-original", "original.db", "--db", tmp_path / "new" / "vigyc.db")
    assert (again.exit_code, again.stdout) == (0, "")
    assert "there already: counter\n" in again.stderr


def test_import_tells_what_is_wrong(original: OriginalFile, tmp_path: Path) -> None:
    broken = original.vigy("broken", "(vigy-noop")
    blank = original.vigy("blank", " \n")
    original.kv("gone", "k", 1)
    original.close()
    done = vigyc("db", "import-original", "original.db", "--db", "new.db", "-o", "json")
    assert done.exit_code == 1
    (told,) = objects(done.stdout)
    assert [(vigy["name"], vigy["enabled"]) for vigy in told["vigies"]] == [
        ("counter", True), ("broken", False), ("blank", False),
    ]  # fmt: skip
    assert told["strays"] == 1
    first, second = told["problems"]
    assert first.startswith(f"vigy 'broken' ({broken}): it is disabled: ")
    assert second == f"vigy 'blank' ({blank}): it is disabled: vigy program empty"


def test_what_is_no_original(db: Path, tmp_path: Path) -> None:
    assert vigyc("db", "import-original", "absent.db", "--db", "new.db").exit_code == 4
    assert vigyc("db", "import-original", db, "--db", "new.db").exit_code == 5
    assert not (tmp_path / "new.db").exists()


# -- progress


def test_progress_is_for_terminals_only() -> None:
    with progress("copying") as tell:
        assert tell is None


def test_progress_on_a_terminal_is_one_line_that_goes_away(tmp_path: Path) -> None:
    code = (
        "from vigyc.surfaces.cli.progress import progress\n"
        "with progress('copying') as tell:\n  tell(1, 4)\n  tell(1, 4)\n  tell(4, 4)\n"
    )
    outer, inner = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", code], stderr=inner) as running:
        os.close(inner)
        assert running.wait(timeout=30) == 0
    shown = os.read(outer, 1000).decode()
    os.close(outer)
    lines = [line for line in shown.split("\r") if line.strip()]
    assert lines == ["copying  25%", "copying 100%"]
    assert shown.endswith(" \r")
