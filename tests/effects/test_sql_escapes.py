"""F04 and F05: whatever the spelling, SQL reaches the database file that was opened and no other."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest

from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError

SECRET = "the secret that lies outside"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the granted one, with a database and a text in it."""
    found = tmp_path / "outside"
    found.mkdir()
    connection = apsw.Connection(str(found / "other.db"))
    connection.execute("CREATE TABLE secret (text)")
    connection.execute("INSERT INTO secret VALUES (?)", (SECRET,))
    connection.close()
    (found / "text").write_text(SECRET)
    return found


@pytest.fixture
def data(tmp_path: Path) -> Path:
    found = tmp_path / "data"
    found.mkdir()
    return found


@pytest.fixture
def run(effects: Any, data: Path) -> Any:
    return effects(f"sql:{data}", base=str(data))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def outcome(run: Any, name: str, *args: object) -> str:
    """How a call ended: `ok`, or the tag of its error, returned or raised."""
    try:
        result = run.call(name, *args)
    except TickError as error:
        return error.kind
    return "ok" if result[keyword("ok")] else result[keyword("error")].tag  # type: ignore[no-any-return]


def opened(run: Any, path: str) -> Any:
    """The database at `path`, which must be there already; None where it cannot be had."""
    try:
        return run.call("sql-open", path, {keyword("create"): False}).get(keyword("value"))
    except TickError:
        return None


DENIED = [
    "ATTACH 'OUT/other.db' AS x",
    "attach database 'OUT/other.db' as x",
    "  \n\t/* c */ aTtAcH/**/'OUT/other.db'/**/As/**/x",
    "-- c\nATTACH 'OUT/other.db' AS x;",
    "ATTACH 'file:OUT/other.db?mode=ro' AS x",
    "ATTACH 'OUT/new.db' AS x",
    "ATTACH ':memory:' AS x",
    "ATTACH '' AS x",
    "ATTACH 'OUT/' || 'other.db' AS x",
    "ATTACH DATABASE ? AS x",
    "DETACH main",
    "DETACH DATABASE temp",
    "VACUUM",
    "VACUUM main",
    "VACUUM INTO 'OUT/copy.db'",
    "vacuum/**/into/**/'OUT/copy.db'",
    "VACUUM main INTO 'OUT/' || 'copy.db'",
    "VACUUM INTO 'file:OUT/copy.db'",
    "VACUUM INTO ?",
    "EXPLAIN ATTACH 'OUT/other.db' AS x",
    "PRAGMA writable_schema = 1",
    "PRAGMA writable_schema(ON)",
    "PRAGMA main.writable_schema=ON",
    'PRAGMA "writable_schema" = 1',
    "PRAGMA [writable_schema]=1",
    "pragma/**/WRITABLE_SCHEMA/**/=/**/on",
    "PRAGMA writable_schema=RESET",
    "PRAGMA temp_store_directory = 'OUT'",
    "PRAGMA data_store_directory = 'OUT'",
    "PRAGMA temp_store = FILE",
    "PRAGMA trusted_schema = ON",
    "PRAGMA journal_mode = OFF",
    "PRAGMA journal_mode = MEMORY",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA synchronous = OFF",
    "PRAGMA mmap_size = 1000000000",
    "PRAGMA max_page_count = 100000000",
    "PRAGMA page_size = 65536",
    "PRAGMA schema_version = 7",
    "PRAGMA busy_timeout = 100000000",
    "PRAGMA soft_heap_limit = 1",
    "PRAGMA hard_heap_limit = 1",
    "PRAGMA cache_size = -100000000",
    "PRAGMA cache_spill = 0",
    "PRAGMA threads = 8",
    "PRAGMA wal_checkpoint(TRUNCATE)",
    "PRAGMA database_list",
    "PRAGMA lock_proxy_file = 'OUT/x'",
    "PRAGMA ignore_check_constraints = 1",
    "PRAGMA cell_size_check = 0",
    "PRAGMA legacy_alter_table = 1",
    "SELECT * FROM pragma_database_list",
    "SELECT load_extension('OUT/x.so')",
    "SELECT LOAD_EXTENSION ( 'OUT/x.so' , 'entry' )",
    "SELECT \"load_extension\"('OUT/x.so')",
    "SELECT 1 WHERE load_extension('OUT/x.so')",
    "SELECT fts3_tokenizer('simple', x'0000000000000000')",
    "SELECT sqlite_log(1, 'forged')",
    "CREATE VIRTUAL TABLE v USING fts3(a)",
    "CREATE VIRTUAL TABLE v USING csv(filename='OUT/text')",
    "CREATE VIRTUAL TABLE v USING geopoly(a)",
    "SELECT geopoly_area('[[0,0],[1,0],[0,1],[0,0]]')",
    "SELECT json_patch('{}', '{}')",
]


@pytest.mark.parametrize("statement", DENIED)
@pytest.mark.parametrize("memory", [False, True], ids=["file", "memory"])
def test_f04_a_statement_that_reaches_out_is_denied(
    run: Any, data: Path, outside: Path, statement: str, memory: bool
) -> None:
    before = contents(outside)
    db = run.value("sql-memory") if memory else run.value("sql-open", "a.db")
    statement = statement.replace("OUT", str(outside))
    params = [str(outside / "new.db")] if "?" in statement and "mode" not in statement else []
    run.denied("sql-exec", db, statement, params)
    assert contents(outside) == before
    assert set(contents(data)) <= {"a.db"}
    assert run.value("sql-query", db, "SELECT 1 AS a") == [{"a": 1}]


@pytest.mark.parametrize(
    "statement",
    ["ATTACH 'OUT/other.db' AS x", "PRAGMA writable_schema = 1", "SELECT load_extension('OUT/x.so')",
     "PRAGMA database_list"],
)  # fmt: skip
def test_f04_every_operation_denies_it(run: Any, outside: Path, statement: str) -> None:
    db = run.value("sql-open", "a.db")
    for op in ("sql-query", "sql-returning", "sql-exec"):
        run.denied(op, db, statement.replace("OUT", str(outside)))
    with pytest.raises(TickError) as caught:
        run.call("sql-transaction", db, lambda: run.call("sql-exec", db, statement))
    assert caught.value.kind == "denied"


@pytest.mark.parametrize("place", ["VIEW v AS", "TRIGGER g AFTER INSERT ON t BEGIN"])
def test_f04_a_view_or_trigger_that_calls_out_never_does(run: Any, outside: Path, place: str) -> None:
    db = run.value("sql-memory")
    run.value("sql-exec", db, "CREATE TABLE t (a)")
    end = "; END" if "TRIGGER" in place else ""
    made = f"CREATE {place} SELECT load_extension('{outside}/x.so') AS a{end}"
    run.value("sql-exec", db, made)
    if end:
        run.denied("sql-exec", db, "INSERT INTO t VALUES (1)")
    else:
        assert run.error("sql-exec", db, "SELECT * FROM v").message == "sql-exec: unsafe use of load_extension()"


@pytest.mark.parametrize(
    "statement",
    ["SELECT readfile('OUT/text') AS a", "SELECT writefile('OUT/new', 'x')", "SELECT edit('x')",
     "SELECT * FROM fsdir('OUT')", "SELECT * FROM sqlite_dbpage", "SELECT * FROM pragma_temp_store_directory",
     "SELECT * FROM zipfile('OUT/text')", ".read OUT/text", ".shell id", "\u00a0ATTACH 'OUT/other.db' AS x"],
)  # fmt: skip
def test_f04_what_this_sqlite_lacks_is_an_error(run: Any, outside: Path, statement: str) -> None:
    before = contents(outside)
    error = run.error("sql-exec", run.value("sql-memory"), statement.replace("OUT", str(outside)))
    assert error.tag == "sql-error"
    assert SECRET not in error.message
    assert contents(outside) == before


@pytest.mark.parametrize(
    "statement",
    ["UPDATE sqlite_master SET sql = 'x'", "DELETE FROM sqlite_schema", "INSERT INTO sqlite_master VALUES (1,1,1,1,1)",
     "DROP TABLE sqlite_master", "CREATE TABLE sqlite_x (a)", "UPDATE n_data SET block = x'00'"],
)  # fmt: skip
def test_f04_the_schema_and_shadow_tables_cannot_be_written(run: Any, statement: str) -> None:
    db = run.value("sql-memory")
    run.value("sql-exec", db, "CREATE VIRTUAL TABLE n USING fts5(a)")
    assert run.error("sql-exec", db, statement).tag == "sql-error"


@pytest.mark.parametrize(
    ("statement", "rows"),
    [("PRAGMA table_info(t)", 1), ("SELECT name FROM pragma_table_info('t')", 1), ("PRAGMA foreign_keys", 1),
     ("PRAGMA index_list('t')", 0), ("PRAGMA integrity_check", 1), ("PRAGMA main.page_count", 1),
     ("SELECT name FROM sqlite_schema", 1)],
)  # fmt: skip
def test_harmless_pragmas_are_allowed(run: Any, statement: str, rows: int) -> None:
    db = run.value("sql-open", "a.db")
    run.value("sql-exec", db, "CREATE TABLE t (a)")
    assert len(run.value("sql-query", db, statement)) == rows


def test_f04_the_second_statement_is_not_reached(run: Any, outside: Path) -> None:
    db = run.value("sql-memory")
    for first in ("SELECT 1;", "SELECT 1;--\n", ";;;", "/* */;"):
        assert outcome(run, "sql-exec", db, f"{first} ATTACH '{outside}/new.db' AS x") in {"denied", "sql-error"}
    assert not (outside / "new.db").exists()


# -- which file is opened


@pytest.mark.parametrize(
    "path", ["file:a.db", "FILE:a.db", "file:///etc/x?mode=rwc", "file:a.db?vfs=unix", ":memory:", ""]
)
def test_f04_a_uri_is_no_path(run: Any, data: Path, path: str) -> None:
    run.denied("sql-open", path)
    assert contents(data) == {}


def test_names_that_mean_something_in_a_uri_are_names(run: Any, data: Path) -> None:
    for name in ("a?mode=memory.db", "b%2e.db", "c#d.db", "ünïcode.db", "with 'quotes' \".db", "a\nb.db"):
        run.value("sql-exec", run.value("sql-open", name), "CREATE TABLE t (a)")
        assert (data / name).stat().st_size > 0


@pytest.mark.parametrize(
    "path", ["/etc/x.db", "../outside/other.db", "a/../../outside/other.db", "OUT/other.db", "a\0b"]
)
def test_f05_a_path_out_of_the_grant_is_denied(run: Any, outside: Path, path: str) -> None:
    before = contents(outside)
    run.denied("sql-open", path.replace("OUT", str(outside)))
    assert contents(outside) == before


def test_f05_links_are_denied_and_nothing_is_made(run: Any, data: Path, outside: Path) -> None:
    (data / "file.db").symlink_to(outside / "other.db")
    (data / "dangling.db").symlink_to(outside / "new.db")
    (data / "folder").symlink_to(outside)
    (data / "real.db").write_bytes(b"")
    (data / "inside.db").symlink_to(data / "real.db")
    (data / "fd.db").symlink_to("/proc/self/fd/0")
    os.link(outside / "other.db", data / "hard.db")
    before = contents(outside)
    for name in ("file.db", "dangling.db", "folder/other.db", "folder/new.db", "inside.db", "fd.db", "hard.db"):
        for options in ({}, {keyword("read-only"): True}, {keyword("create"): False}):
            said = run.denied("sql-open", name, options)
            assert str(outside) not in said
    assert contents(outside) == before


def test_f05_special_files_do_not_hang(run: Any, data: Path) -> None:
    os.mkfifo(data / "fifo.db")
    (data / "sub").mkdir()
    assert run.error("sql-open", "fifo.db").tag == "not-file"
    assert run.error("sql-open", "fifo.db", {keyword("read-only"): True}).tag == "not-file"
    assert run.error("sql-open", "sub").tag == "is-folder"
    assert run.error("sql-open", ".").tag == "is-folder"
    assert run.error("sql-open", "missing/a.db").tag == "not-found"


@pytest.mark.parametrize("suffix", ["-journal", "-wal", "-shm"])
def test_f05_a_link_in_place_of_a_file_beside_it_is_denied(run: Any, data: Path, outside: Path, suffix: str) -> None:
    before = contents(outside)
    (data / f"soft.db{suffix}").symlink_to(outside / "text")
    (data / f"dangling.db{suffix}").symlink_to(outside / "new")
    os.link(outside / "text", data / f"hard.db{suffix}")
    for name in ("soft.db", "dangling.db", "hard.db"):
        run.denied("sql-open", name)
    assert contents(outside) == before


@pytest.mark.parametrize("suffix", ["-journal", "-wal"])
def test_f05_a_link_planted_beside_an_open_database_is_not_followed(
    run: Any, data: Path, outside: Path, suffix: str
) -> None:
    db = run.value("sql-open", "a.db")
    (data / f"a.db{suffix}").symlink_to(outside / "new")
    mode = "wal" if suffix == "-wal" else "delete"
    for statement in (f"PRAGMA journal_mode = {mode}", "CREATE TABLE t (a)", "SELECT * FROM t"):
        assert outcome(run, "sql-exec", db, statement) in {"ok", "denied", "sql-error", "io-error"}
    run.gate.close()
    assert sorted(contents(outside)) == ["other.db", "text"]
    assert (outside / "text").read_text() == SECRET


MAGIC = bytes.fromhex("d9d505f920a163d7")


def forged_journal(pages: int, leads_to: str) -> bytes:
    """A rollback journal that rolls nothing back and names a "super-journal" to delete."""
    header = struct.pack(">8sIIIII", MAGIC, 0, 0, pages, 512, 4096).ljust(512, b"\0")
    name = leads_to.encode()
    lock_page = 2**30 // 4096 + 1
    return header + struct.pack(">I", lock_page) + name + struct.pack(">II8s", len(name), sum(name), MAGIC)


def test_f04_a_forged_journal_reaches_no_file_elsewhere(run: Any, data: Path, outside: Path) -> None:
    victim = outside / "text-mj012345967"  # as SQLite calls them
    victim.write_text(str(data / "a.db-journal") + "\0")
    run.value("sql-exec", run.value("sql-open", "a.db"), "CREATE TABLE t (a)")
    run.gate.close()
    journal = forged_journal((data / "a.db").stat().st_size // 4096, str(victim))
    (data / "a.db-journal").write_bytes(journal)
    assert "its journal leads to another file" in run.denied("sql-open", "a.db")
    assert victim.exists()


def test_a_true_journal_is_rolled_back(run: Any, data: Path) -> None:
    run.value("sql-exec", run.value("sql-open", "a.db"), "CREATE TABLE t (a)")
    run.gate.close()
    (data / "a.db-journal").write_bytes(struct.pack(">8sIIIII", MAGIC, 0, 0, 2, 512, 4096).ljust(512, b"\0"))
    assert run.value("sql-query", run.value("sql-open", "a.db"), "SELECT * FROM t") == []
    assert sorted(contents(data)) == ["a.db"]


def test_the_files_beside_lie_in_the_granted_folder_also_after_it_was_moved(
    run: Any, data: Path, outside: Path
) -> None:
    db = run.value("sql-open", "a.db")
    data.rename(data.parent / "moved")
    data.symlink_to(outside)
    before = contents(outside)
    assert run.value("sql-exec", db, "PRAGMA journal_mode = WAL") == 0
    run.value("sql-exec", db, "CREATE TABLE t (a)")
    run.value("sql-exec", run.value("sql-open", "b.db"), "CREATE TABLE t (a)")
    assert sorted(contents(data.parent / "moved")) == ["a.db", "a.db-shm", "a.db-wal", "b.db"]
    run.gate.close()
    assert sorted(contents(data.parent / "moved")) == ["a.db", "b.db"]
    assert contents(outside) == before


FLIPPER = """
import os, sys
os.chdir(sys.argv[1])
print(flush=True)
while True:
    for there, aside in (("sub", "real"), ("link", "sub"), ("sub", "link"), ("real", "sub")):
        os.rename(there, aside)
"""


def test_f05_a_race_of_links_never_opens_what_lies_outside(run: Any, data: Path, outside: Path) -> None:
    (data / "sub").mkdir()
    connection = apsw.Connection(str(data / "sub" / "other.db"))
    connection.execute("CREATE TABLE inside (a)")
    connection.close()
    (data / "link").symlink_to(outside)
    with subprocess.Popen([sys.executable, "-c", FLIPPER, str(data)], stdout=subprocess.PIPE) as flipper:
        assert flipper.stdout is not None
        flipper.stdout.readline()
        times = sum(_opened_inside(run) for _ in range(400))
        flipper.kill()
    assert 0 < times < 400


def _opened_inside(run: Any) -> bool:
    """Whether the file was opened; if so it is the one inside."""
    db = opened(run, "sub/other.db")
    if db is None:
        return False
    assert run.value("sql-query", db, "SELECT name FROM sqlite_schema") == [{"name": "inside"}]
    run.call("sql-close", db)
    return True


def test_a_grant_of_one_file_opens_that_file(effects: Any, data: Path) -> None:
    (data / "a.db").write_bytes(b"")
    run = effects(f"sql:{data}/a.db", base=str(data))
    run.value("sql-exec", run.value("sql-open", "a.db"), "CREATE TABLE t (a)")
    run.denied("sql-open", "b.db")
    run.denied("sql-open", "a.db/b.db")
    assert sorted(contents(data)) == ["a.db"]


def test_error_texts_name_no_path_of_the_host(run: Any, data: Path) -> None:
    (data / "text").write_text("no database " * 100)
    (data / "sub").mkdir()
    for name, tag in (("text", "not-a-database"), ("sub", "is-folder")):
        error = run.error("sql-open", name)
        assert error.tag == tag
        assert str(data) not in error.message
        assert "/proc" not in error.message
    assert run.error("sql-open", "no.db", {keyword("create"): False}).message == "there is no file no.db"
