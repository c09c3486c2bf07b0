"""The store on real files: what is kept, what anybody can read, and what happens when the disk says no."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.errors import StoreError
from vigyc.runtime.host import Host, fresh
from vigyc.runtime.store.kv import KvStore, open_kv
from vigyc.runtime.store.migrations import VERSION
from vigyc.runtime.store.scope import Scope

VALUES: dict[str, Any] = {
    "null": None, "true": True, "false": False, "zero": 0, "min": -(2**63), "max": 2**63 - 1, "float": 1.0,
    "third": 1 / 3, "tiny": 5e-324, "huge": 1.7976931348623157e308, "minus": -0.0, "empty": "",
    "text": 's\n"qé☃\U0001f600',
    "nul": "a\0b", "list": [], "map": {}, "deep": [1, [2, [3, {"k": [{}]}]]], "mixed": {"": [None, True, -1.5, "x"]},
}  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def store(path: Path) -> Iterator[KvStore]:
    with open_kv(path, durability="normal", patience=0.05) as opened:
        yield opened


def host_for(scope: Scope, start: int = 1000) -> Host:
    return fresh(scope.kv, start, scope.previous_tick_ms, scope.tick_count)


def put(scope: Scope, start: int = 1000, **values: Any) -> Host:
    """A tick that stores `values`; a tick that fails to is undone by the scope."""
    host = host_for(scope, start)
    host.dirty.update(values)
    scope.kv.update(values)
    scope.commit(host)
    return host


# A stranger with Python's own sqlite3, which knows nothing of us; in a process of its own, because two copies of SQLite
# in one process undo each other's locks.
STRANGER = """
import json, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for sql in sys.argv[2:]:
    rows = connection.execute(sql).fetchall()
print(json.dumps([[repr(x) if isinstance(x, bytes) else x for x in row] for row in rows]), flush=True)
sys.stdin.read()
"""


def stranger(path: Path, *sql: str) -> list[list[Any]]:
    """Do `sql` as somebody else; the rows of the last statement."""
    command = [sys.executable, "-c", STRANGER, str(path), *sql]
    return json.loads(subprocess.run(command, input="", capture_output=True, text=True, check=True).stdout)


@contextmanager
def locked(path: Path, *sql: str) -> Iterator[None]:
    """Somebody else has done `sql` and sits there."""
    command = [sys.executable, "-c", STRANGER, str(path), *sql]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "[]\n"
        yield
        holder.communicate()


def held(path: Path, view: str = "kv_json") -> dict[tuple[str, str], Any]:
    """What somebody else reads in the file."""
    return {(scope, key): value for scope, key, value in stranger(path, f"SELECT scope, key, value FROM {view}")}


def same(found: object, wanted: object) -> bool:
    return repr(found) == repr(wanted)


# What is kept


def test_values_come_back_as_they_were(path: Path) -> None:
    with open_kv(path) as store:
        put(store.scope("s"), **VALUES)
    with open_kv(path) as store:
        assert same(store.scope("s").kv, {key: VALUES[key] for key in store.scope("s").kv})
        assert store.scope("s").kv.keys() == VALUES.keys()


def test_scopes_are_apart(store: KvStore, path: Path) -> None:
    put(store.scope("a"), k=1)
    put(store.scope("b"), k=2)
    assert store.scope("a") is store.scope("a")
    assert store.scopes() == ["a", "b"]
    with open_kv(path) as again:
        assert [again.scope(name).kv for name in "abc"] == [{"k": 1}, {"k": 2}, {}]


def test_deletions_and_changes_are_kept(path: Path) -> None:
    with open_kv(path) as store:
        scope = store.scope("s")
        put(scope, a=1, b=2, c=3)
        host = host_for(scope)
        del scope.kv["a"]
        scope.kv["b"] = [9]
        host.dirty.add("b")
        host.deleted |= {"a", "never"}
        scope.commit(host)
    with open_kv(path) as store:
        assert store.scope("s").kv == {"b": [9], "c": 3}


def test_only_what_a_tick_marked_is_written(store: KvStore, path: Path) -> None:
    scope = store.scope("s")
    put(scope, a=1)
    scope.kv["a"] = "not marked"
    put(scope, b=2)
    assert held(path)["s", "a"] == "1"


def test_counters_are_kept_and_no_program_sees_them(path: Path) -> None:
    with open_kv(path) as store:
        scope = store.scope("s")
        assert (scope.tick_count, scope.previous_tick_ms) == (0, None)
        put(scope, 1000, a=1)
        put(scope, 2000, a=2)
    with open_kv(path) as store:
        scope = store.scope("s")
        assert (scope.tick_count, scope.previous_tick_ms, scope.kv) == (2, 2000, {"a": 2})


def test_a_tick_that_changed_nothing_executes_no_sql(path: Path) -> None:
    with open_kv(path) as store:
        scope = store.scope("s")
        put(scope, 1000, a=1)
        executed: list[str] = []
        store._connection.trace_v2(apsw.SQLITE_TRACE_STMT, lambda event: executed.append(event["sql"]))
        for start in (2000, 3000):
            scope.commit(host_for(scope, start))
        assert executed == []
        assert (scope.tick_count, scope.previous_tick_ms) == (3, 3000)
        assert held(path)["s", "__sys::ticks"] == "[1,1000]"
        store.flush()
        assert held(path)["s", "__sys::ticks"] == "[3,3000]"
        scope.commit(host_for(scope, 4000))
    assert held(path)["s", "__sys::ticks"] == "[4,4000]"  # closing writes them too


def test_one_commit_is_one_transaction(store: KvStore) -> None:
    executed: list[str] = []
    scope = store.scope("s")
    store._connection.trace_v2(apsw.SQLITE_TRACE_STMT, lambda event: executed.append(event["sql"].split()[0]))
    host = host_for(scope)
    scope.kv.update(a=1, b=2)
    host.dirty |= {"a", "b"}
    host.deleted |= {"c"}
    scope.commit(host)
    assert executed == ["BEGIN", "INSERT", "INSERT", "INSERT", "DELETE", "COMMIT"]


def test_rollback_puts_back_what_the_tick_changed(store: KvStore) -> None:
    scope = store.scope("s")
    put(scope, a=1, b=[2])
    live, host = scope.kv, host_for(scope)
    scope.kv["a"] = 9
    scope.kv["new"] = 9
    host.dirty |= {"a", "new"}
    del scope.kv["b"]
    host.deleted |= {"b", "absent"}
    scope.rollback(host)
    assert scope.kv == {"a": 1, "b": [2]}
    assert scope.kv is live


def test_reload_sees_what_another_process_wrote(store: KvStore, path: Path) -> None:
    scope = store.scope("s")
    live = scope.kv
    put(scope, a=1)
    stranger(path, "UPDATE kv SET value = 'text' WHERE key = 'a'")
    scope.reload()
    assert scope.kv == {"a": "text"}
    assert scope.kv is live


def test_durability_and_journal(path: Path) -> None:
    for durability, level in (("full", 2), ("normal", 1)):
        with open_kv(path, durability=durability) as store:
            assert store._connection.pragma("synchronous") == level
            assert store._connection.pragma("journal_mode") == "wal"
    with open_kv(path) as store:
        assert store._connection.pragma("synchronous") == 2
    with pytest.raises(StoreError, match="durability 'none' is neither"):
        open_kv(path, durability="none")


def test_what_is_committed_survives_a_killed_process(path: Path) -> None:
    code = (
        "import os, sys\n"
        "from vigyc.runtime.store.kv import open_kv\n"
        "from vigyc.runtime.host import fresh\n"
        "scope = open_kv(sys.argv[1]).scope('s')\n"
        "host = fresh(scope.kv, 7, None, 0)\n"
        "scope.kv['a'] = [1]\n"
        "host.dirty.add('a')\n"
        "scope.commit(host)\n"
        "scope.kv['a'] = 'not committed'\n"
        "os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, path], check=False).returncode == -9
    with open_kv(path) as store:
        assert (store.scope("s").kv, store.scope("s").tick_count) == ({"a": [1]}, 1)


# What anybody can read


def test_the_view_shows_json(store: KvStore, path: Path) -> None:
    put(store.scope("s"), **VALUES)
    shown = {key: value for (_, key), value in held(path).items() if not key.startswith("__")}
    rough = {"tiny", "huge", "minus"}  # an older SQLite prints their last digits, or their sign, otherwise
    assert {key: json.loads(text) for key, text in shown.items() if key not in rough} == {
        key: value for key, value in VALUES.items() if key not in rough
    }
    assert shown["mixed"] == '{"":[null,true,-1.5,"x"]}'
    assert shown["float"] == "1.0"
    assert float(shown["tiny"]) == 5e-324


def test_plain_values_are_readable_without_the_view(store: KvStore, path: Path) -> None:
    put(store.scope("s"), i=-5, f=0.5, t="text", n=None, b=True)
    rows = held(path, "kv")
    assert [rows["s", key] for key in "ift"] == [-5, 0.5, "text"]
    assert [rows["s", key] for key in "nb"] == ["b'\\xc0'", "b'\\xc3'"]


SIZES = [
    -(2**63), -(2**31) - 1, -(2**31), -(2**15) - 1, -(2**15), -129, -128, -33, -32, -1, 0, 127, 128, 255, 256, 65535,
    65536, 2**32 - 1, 2**32, 2**63 - 1,
]  # fmt: skip


@pytest.mark.parametrize(
    "value",
    [
        SIZES,
        [0.1, -0.0, 1e300, 2.2250738585072014e-308, 1.5e-310, 0.5, 2.0**52, 2.0**53, 2.0**1023, -123456789.125],
        ["x" * 31, "x" * 32, "é" * 127, "x" * 255, "x" * 256, "☃" * 21846],
        {f"k{i}": [i] for i in range(15)},
        {f"k{i}": {} for i in range(16)},
        list(range(15)),
        list(range(16)),
        [[], {}, [[]], [{}], {"a": {}}],
        [None, True, False],
        ["a\0b", '"\\\n\t\x01\x7f'],
    ],
)
def test_every_form_msgpack_has_is_shown(value: Any, store: KvStore, path: Path) -> None:
    put(store.scope("s"), v=value)
    assert same(json.loads(held(path)["s", "v"]), value)


@pytest.mark.parametrize("count", [65535, 65536])
def test_large_containers_are_shown(count: int, store: KvStore, path: Path) -> None:
    put(store.scope("s"), v=[7] * count)
    assert json.loads(held(path)["s", "v"]) == [7] * count


json_data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text()
    # older SQLites print the last digits of extreme floats wrong
    | st.floats(-1e15, 1e15).filter(lambda x: x == 0 or abs(x) > 1e-5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@given(st.lists(json_data, max_size=8) | st.dictionaries(st.text(), json_data, max_size=8))
def test_the_view_and_the_store_agree_on_any_container(value: Any) -> None:
    with open_kv(":memory:") as store:
        scope = store.scope("s")
        put(scope, v=value)
        shown = store._connection.execute("SELECT value FROM kv_json WHERE key = 'v'").get
        scope.reload()
        assert same(scope.kv["v"], value)
        assert same(json.loads(shown), value)


def test_the_file_says_whose_it_is(path: Path) -> None:
    open_kv(path).close()
    header = path.read_bytes()[:100]
    assert header[68:72] == b"vigy"
    assert int.from_bytes(header[60:64], "big") == VERSION


# What goes wrong when opening


def test_a_missing_directory(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"^cannot open .*/no/state.db: there is no directory .*/no$"):
        open_kv(tmp_path / "no" / "state.db")


def test_a_directory(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"^cannot open .*: it is a directory$"):
        open_kv(tmp_path)


def test_a_file_that_is_not_sqlite(path: Path) -> None:
    path.write_bytes(b"not a database at all, but long enough to look at" * 100)
    with pytest.raises(StoreError, match=r"^cannot open .*: it is not an SQLite file$"):
        open_kv(path)


def test_a_damaged_header(path: Path) -> None:
    with open_kv(path) as store:
        put(store.scope("s"), a=1)
    data = bytearray(path.read_bytes())
    data[:16] = b"\xff" * 16
    path.write_bytes(data)
    with pytest.raises(StoreError, match="it is not an SQLite file"):
        open_kv(path)


def test_damaged_pages(path: Path) -> None:
    with open_kv(path) as store:
        put(store.scope("s"), **{f"k{i}": "x" * 100 for i in range(200)})
    data = bytearray(path.read_bytes())
    for page in range(1, len(data) // 4096):
        data[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(data)
    with pytest.raises(StoreError, match="damaged"):
        open_kv(path).scope("s")


def test_another_programs_database_is_left_alone(path: Path) -> None:
    stranger(path, "CREATE TABLE mine (x)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"^cannot open .*: it is an SQLite file, but not a vigyc store$"):
        open_kv(path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_store_of_a_newer_vigyc(path: Path) -> None:
    open_kv(path).close()
    stranger(path, f"PRAGMA user_version = {VERSION + 1}")
    why = rf"a newer vigyc made it \(version {VERSION + 1}, known are up to {VERSION}\)$"
    with pytest.raises(StoreError, match=why):
        open_kv(path)


def test_a_file_somebody_else_has_locked(path: Path) -> None:
    open_kv(path).close()
    exclusive = ("PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE")
    with locked(path, *exclusive), pytest.raises(StoreError, match=r"^cannot open .*: another process has it locked$"):
        open_kv(path, patience=0.05)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no users on this platform")
def test_a_file_that_may_not_be_written() -> None:
    script = (
        "import sys, os, vigyc.runtime.store.kv as kv\nif os.geteuid() == 0: os.setuid(65534)\nkv.open_kv(sys.argv[1])"
    )
    with TemporaryDirectory() as place:  # root may do anything, so root has somebody else try, who must get there
        Path(place).chmod(0o755)
        path = Path(place) / "state.db"
        open_kv(path).close()
        path.chmod(0o444)
        done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1].endswith(f"StoreError: cannot open {path}: it is read-only")


def test_a_place_where_nothing_can_be_made() -> None:
    place = Path("/proc/self")
    if not place.is_dir():
        pytest.skip("no /proc on this platform")
    with pytest.raises(StoreError, match="its permissions, or those of its directory, do not allow it"):
        open_kv(place / "state.db")


# What goes wrong when writing


def test_a_full_disk_loses_nothing(path: Path) -> None:
    with open_kv(path, durability="normal") as store:
        scope = store.scope("s")
        put(scope, a=1)
        store._connection.pragma("max_page_count", store._connection.pragma("page_count") + 1)
        with pytest.raises(StoreError, match=r"^cannot write scope 's', which stays as it was: the disk .* is full$"):
            put(scope, 2000, a=2, big="x" * 100_000)
        assert (scope.kv, scope.tick_count, scope.previous_tick_ms) == ({"a": 1}, 1, 1000)
        put(scope, 3000, a=3)
    with open_kv(path) as store:
        assert (store.scope("s").kv, store.scope("s").tick_count) == ({"a": 3}, 2)


def test_a_locked_file_loses_nothing(store: KvStore, path: Path) -> None:
    scope = store.scope("s")
    put(scope, a=1, b=1)
    host = host_for(scope, 2000)
    scope.kv["a"] = 2
    del scope.kv["b"]
    host.dirty.add("a")
    host.deleted.add("b")
    why = "stays as it was: another process has it locked"
    with locked(path, "BEGIN IMMEDIATE"), pytest.raises(StoreError, match=why):
        scope.commit(host)
    assert (scope.kv, scope.tick_count) == ({"a": 1, "b": 1}, 1)
    put(scope, 3000, a=5)
    assert held(path)["s", "a"] == "5"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("\ud800", "key 'bad' or its value is not Unicode"),
        (["\ud800"], "key 'bad' or its value is not Unicode"),
        (2**63, "integer beyond 64 bits"),
        ([2**70], "integer beyond 64 bits"),
        ({"a": {1}}, "is not JSON data"),
    ],
)
def test_a_value_no_store_can_hold_is_named(value: object, why: str, store: KvStore, path: Path) -> None:
    scope = store.scope("s")
    put(scope, a=1)
    with pytest.raises(StoreError, match=why):
        put(scope, 2000, a=2, bad=value, z=3)
    assert scope.kv == {"a": 1}
    put(scope, 3000, a=3)
    assert {key: value for (_, key), value in held(path).items()} == {"a": "3", "__sys::ticks": "[2,3000]"}


def test_a_value_nested_too_deeply_is_named(store: KvStore) -> None:
    scope = store.scope("s")
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(StoreError, match="the value of key 'deep' is nested too deeply"):
        put(scope, deep=deep)
    assert scope.kv == {}


def test_an_interrupted_commit_leaves_what_the_file_holds(store: KvStore, path: Path) -> None:
    scope = store.scope("s")
    put(scope, a=1)

    def interrupt(event: dict[str, Any]) -> None:
        if event["sql"] == "COMMIT":
            raise KeyboardInterrupt

    store._connection.trace_v2(apsw.SQLITE_TRACE_STMT, interrupt)
    with pytest.raises(KeyboardInterrupt):
        put(scope, 2000, a=2)
    store._connection.trace_v2(0, None)
    assert scope.kv["a"] == json.loads(held(path)["s", "a"])
    assert not store._connection.in_transaction
    put(scope, 3000, a=3)
    assert held(path)["s", "a"] == "3"


def test_a_damaged_value_is_reported(store: KvStore, path: Path) -> None:
    put(store.scope("s"), a=[1, 2])
    stranger(path, "UPDATE kv SET value = x'92' WHERE key = 'a'")
    with pytest.raises(StoreError, match="cannot read scope 's': the value of a key is damaged"):
        store.scope("s").reload()


def test_a_closed_store_says_so(path: Path) -> None:
    store = open_kv(path)
    scope = store.scope("s")
    store.close()
    store.close()
    with pytest.raises(StoreError, match="the store is closed"):
        put(scope, a=1)
    assert scope.kv == {}
    with pytest.raises(StoreError, match="the store is closed"):
        store.scopes()


def test_two_processes_may_make_the_file_at_once(path: Path) -> None:
    code = "import sys; from vigyc.runtime.store.kv import open_kv; open_kv(sys.argv[1]).close()"
    makers = [subprocess.Popen([sys.executable, "-c", code, path]) for _ in range(4)]
    assert [maker.wait() for maker in makers] == [0, 0, 0, 0]
    with open_kv(path) as store:
        put(store.scope("s"), a=1)
