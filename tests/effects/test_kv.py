"""The pack `kv`: values come out as they went in, and nothing but a key/value file below the grant is touched."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.lang.datum import keyword, symbol
from vigyc.lang.errors import TickError
from vigyc.runtime.lists import Vec
from vigyc.runtime.maps import FALSE_KEY, TRUE_KEY, to_key
from vigyc.runtime.secret import Secret


@pytest.fixture
def run(effects: Any, tmp_path: Path) -> Any:
    return effects(f"kv:{tmp_path}", base=str(tmp_path))


VALUES = [
    None, True, False, 0, -(2**63), 2**63 - 1, 1.5, -0.0, math.inf, "", "ä\0b", b"", b"\xff\0", [], [1, [2, None]],
    keyword("k"), symbol("s"), {keyword("a"): 1, "b": [True], 3: {}},
    {TRUE_KEY: 1, FALSE_KEY: 2, to_key(1.0): 3, None: 4},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_a_value_comes_out_as_it_went_in(run: Any, value: object) -> None:
    file = run.value("kv-open", "a.kv")
    assert run.value("kv-put", file, "k", value) is None
    run.call("kv-close", file)
    got = run.value("kv-get", run.value("kv-open", "a.kv"), "k")
    assert got.__class__ is value.__class__
    assert got == value
    assert str(got)[:4] == str(value)[:4]  # -0.0, True


def test_nan_and_shared_lists_are_kept(run: Any) -> None:
    file = run.value("kv-open", "a.kv")
    run.value("kv-put", file, "nan", math.nan)
    run.value("kv-put", file, "list", Vec([1, 2, 3], 2))
    run.value("kv-put", file, "pairs", (1, (2, None)))
    assert math.isnan(run.value("kv-get", file, "nan"))
    assert run.value("kv-get", file, "list") == [1, 2]
    assert run.value("kv-get", file, "pairs") == [1, 2]


@pytest.mark.parametrize(
    ("value", "said"),
    [(lambda: 1, "closure"), (Secret("s3cret!", "s"), "secret"), ([{"a": Secret("s3cret!", "s")}], "secret")],
)
def test_what_is_more_than_data_is_not_kept(run: Any, value: object, said: str) -> None:
    file = run.value("kv-open", "a.kv")
    with pytest.raises(TickError, match=f"value must be data, and {said} is not") as caught:
        run.call("kv-put", file, "k", value)
    assert caught.value.kind == "type-mismatch"
    assert run.call("kv-contains?", file, "k") is False


def test_values_nested_too_deeply_and_broken_text_are_not_kept(run: Any) -> None:
    file = run.value("kv-open", "a.kv")
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    for value in (deep, "\ud800", ["\ud800"]):
        with pytest.raises(TickError) as caught:
            run.call("kv-put", file, "k", value)
        assert caught.value.kind == "type-mismatch"
    assert run.error("kv-put", file, "\ud800", 1).tag == "not-text"


def test_missing_contains_delete(run: Any) -> None:
    file = run.value("kv-open", "a.kv")
    assert run.value("kv-get", file, "k") is None
    assert run.value("kv-get", file, "k", 7) == 7
    assert run.call("kv-contains?", file, "k") is False
    run.value("kv-put", file, "k", None)
    assert run.call("kv-contains?", file, "k") is True
    assert run.value("kv-get", file, "k", 7) is None
    assert run.value("kv-delete", file, "k") is True
    assert run.value("kv-delete", file, "k") is False


def test_list_prefix_is_sorted_and_exact(run: Any) -> None:
    file = run.value("kv-open", "a.kv")
    keys = ["", "a", "a\0", "ab", "a%", "b", "ba", "\ud7ff", "\ud7ffx", "\ue000", "\U0010ffff", "\U0010ffffz"]
    for key in reversed(keys):
        run.value("kv-put", file, key, 1)
    for prefix in ["", "a", "a%", "b", "c", "\ud7ff", "\ue000", "\U0010ffff"]:
        expected = sorted(key for key in keys if key.startswith(prefix))
        assert run.value("kv-list-prefix", file, prefix) == expected, prefix


def test_list_prefix_is_capped(effects: Any, tmp_path: Path) -> None:
    run = effects(f"kv:{tmp_path}", base=str(tmp_path), limits=Limits(entries=3))
    file = run.value("kv-open", "a.kv")
    for key in "abc":
        run.value("kv-put", file, key, 1)
    assert run.value("kv-list-prefix", file, "") == ["a", "b", "c"]
    run.value("kv-put", file, "d", 1)
    assert run.error("kv-list-prefix", file, "").tag == "too-large"


def test_a_value_larger_than_a_call_may_write_is_refused(effects: Any, tmp_path: Path) -> None:
    run = effects(f"kv:{tmp_path}", base=str(tmp_path), limits=Limits(write_bytes=1000))
    file = run.value("kv-open", "a.kv")
    assert run.error("kv-put", file, "k", "x" * 1000).tag == "too-large"
    run.value("kv-put", file, "k", "x" * 999)


def test_bytes_are_charged(effects: Any, tmp_path: Path) -> None:
    run = effects(f"kv:{tmp_path}", base=str(tmp_path), budgets=(Budget({"bytes": 100}),))
    file = run.value("kv-open", "a.kv")
    run.value("kv-put", file, "k", "x" * 50)
    with pytest.raises(TickError) as caught:
        run.call("kv-put", file, "k", "x" * 50)
    assert caught.value.kind == "budget-exceeded"
    assert run.error("kv-get", file, "k").tag == "too-large"


def test_read_only_and_create(run: Any) -> None:
    assert run.error("kv-open", "a.kv", {keyword("create"): False}).tag == "not-found"
    assert run.error("kv-open", "a.kv", {keyword("read-only"): True}).tag == "not-found"
    run.call("kv-close", run.value("kv-open", "a.kv"))
    file = run.value("kv-open", "a.kv", {keyword("read-only"): True})
    assert run.error("kv-put", file, "k", 1).tag == "read-only"
    assert run.value("kv-get", file, "k") is None


def test_another_sqlite_file_is_not_opened(effects: Any, tmp_path: Path) -> None:
    run = effects(f"kv:{tmp_path}", f"sql:{tmp_path}", base=str(tmp_path))
    db = run.value("sql-open", "a.db")
    run.value("sql-exec", db, "CREATE TABLE kv (key TEXT PRIMARY KEY, value BLOB)")
    run.call("sql-close", db)
    assert run.error("kv-open", "a.db").tag == "not-a-kv-file"
    (tmp_path / "text").write_text("no database " * 100)
    assert run.error("kv-open", "text").tag == "not-a-database"
    assert (tmp_path / "text").read_text() == "no database " * 100


def test_two_handles_of_one_file_see_each_others_values(run: Any) -> None:
    one, other = run.value("kv-open", "a.kv"), run.value("kv-open", "a.kv")
    run.value("kv-put", one, "k", 1)
    assert run.value("kv-get", other, "k") == 1


WRITER = """
import apsw, sys
connection = apsw.Connection(sys.argv[1])
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
"""


def test_a_file_another_process_writes_is_busy_within_the_time(effects: Any, tmp_path: Path) -> None:
    run = effects(f"kv:{tmp_path}", base=str(tmp_path), limits=Limits(query_ms=50))
    file = run.value("kv-open", "a.kv")
    command = [sys.executable, "-c", WRITER, str(tmp_path / "a.kv")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        assert run.error("kv-put", file, "k", 1).tag == "busy"
        assert run.value("kv-get", file, "k") is None
        other.communicate("\n")
    run.value("kv-put", file, "k", 1)


BRIEF_WRITER = """
import apsw, sys, time
connection = apsw.Connection(sys.argv[1])
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(0.2)
connection.execute("COMMIT")
"""


def test_a_call_waits_for_another_process_that_writes_briefly(run: Any, tmp_path: Path) -> None:
    file = run.value("kv-open", "a.kv")
    command = [sys.executable, "-c", BRIEF_WRITER, str(tmp_path / "a.kv")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        run.value("kv-put", file, "k", 1)
    assert run.value("kv-get", file, "k") == 1


def test_f01_a_handle_of_another_run_is_refused(effects: Any, tmp_path: Path) -> None:
    run, other = (effects(f"kv:{tmp_path}", base=str(tmp_path)) for _ in range(2))
    file = run.value("kv-open", "a.kv")
    for guess in (1, "1", None):
        with pytest.raises(TickError, match="file must be a key/value file"):
            run.call("kv-get", guess, "k")
    with pytest.raises(TickError) as caught:
        other.call("kv-get", file, "k")
    assert caught.value.kind == "closed-handle"
    other.call("kv-close", file)
    assert run.value("kv-get", file, "k") is None


def test_f03_use_after_close_is_an_error(run: Any) -> None:
    file = run.value("kv-open", "a.kv")
    run.call("kv-close", file)
    run.call("kv-close", file)
    for call in (
        ("kv-get", "k"),
        ("kv-put", "k", 1),
        ("kv-delete", "k"),
        ("kv-contains?", "k"),
        ("kv-list-prefix", ""),
    ):
        with pytest.raises(TickError, match=r"the key/value file a\.kv is closed") as caught:
            run.call(call[0], file, *call[1:])
        assert caught.value.kind == "closed-handle"


def test_f03_the_257th_file_closes_the_one_unused_longest(run: Any, tmp_path: Path) -> None:
    first, second = run.value("kv-open", "0.kv"), run.value("kv-open", "1.kv")
    run.value("kv-get", first, "k")
    for at in range(2, 257):
        run.value("kv-open", f"{at % 8}.kv")
    assert run.value("kv-get", first, "k") is None
    with pytest.raises(TickError, match="closed"):
        run.call("kv-get", second, "k")
    assert len(run.gate.handles) == 256


@pytest.mark.parametrize("path", ["/etc/x.kv", "../x.kv", "a/../../x.kv", "", ":memory:", "file:x.kv", "a\0b"])
def test_f05_a_path_out_of_the_grant_is_denied(run: Any, tmp_path: Path, path: str) -> None:
    run.denied("kv-open", path)
    assert os.listdir(tmp_path) == []
    assert not (tmp_path.parent / "x.kv").exists()


def test_f05_a_link_is_denied(run: Any, tmp_path: Path) -> None:
    outside = tmp_path.parent / "outside"
    outside.mkdir()
    (tmp_path / "folder").symlink_to(outside)
    (tmp_path / "dangling.kv").symlink_to(outside / "made.kv")
    (tmp_path / "inside.kv").symlink_to(tmp_path / "real.kv")
    for name in ("folder/a.kv", "dangling.kv", "inside.kv"):
        run.denied("kv-open", name)
    assert os.listdir(outside) == []


def test_f04_a_trigger_planted_in_the_file_is_under_guard(effects: Any, tmp_path: Path) -> None:
    run = effects(f"kv:{tmp_path}", base=str(tmp_path), limits=Limits(query_ms=50))
    run.call("kv-close", run.value("kv-open", "a.kv"))
    bomb = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
    with closing(apsw.Connection(str(tmp_path / "a.kv"))) as planted:
        planted.execute("CREATE TRIGGER g AFTER INSERT ON kv BEGIN SELECT json_patch('{}', '{}'); END")
        planted.execute(f"CREATE TRIGGER h BEFORE DELETE ON kv BEGIN SELECT * FROM ({bomb}); END")
        planted.execute("INSERT INTO kv VALUES ('k', 1)")
    file = run.value("kv-open", "a.kv")
    run.denied("kv-put", file, "l", 1)
    assert run.error("kv-delete", file, "k").tag == "timeout"


def test_a_value_written_by_another_program_is_corrupt_unless_it_can_be_read(run: Any, tmp_path: Path) -> None:
    file = run.value("kv-open", "a.kv")
    with closing(apsw.Connection(str(tmp_path / "a.kv"))) as other:
        for at, data in enumerate([b"\xc1", b"\x91", b"\xd4\x63\x00", b""]):
            other.execute("INSERT INTO kv VALUES (?, ?)", (str(at), data))
    for at in range(4):
        assert run.error("kv-get", file, str(at)).tag == "corrupt"


def test_no_grant_of_kv_is_denied(effects: Any, tmp_path: Path) -> None:
    run = effects(f"sql:{tmp_path}", f"fs.write:{tmp_path}", base=str(tmp_path))
    assert "there is no grant of kv" in run.denied("kv-open", "a.kv")
