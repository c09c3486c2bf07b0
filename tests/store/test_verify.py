"""What is wrong with a store is found, each kind of damage by itself, and looking changes nothing."""

from __future__ import annotations

import random
import re
import shutil
from contextlib import suppress
from pathlib import Path

import apsw
import pytest

from store.kept import PROGRAM, a_whole_vigy, closed, execute, filled, fingerprints, flip
from store.stores import the_lease
from vigyc.lang.errors import NotFound, StoreError
from vigyc.runtime.store.kv import open_kv
from vigyc.runtime.store.sqlite import open_store
from vigyc.runtime.store.verify import MOST, verify


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return closed(tmp_path / "vigyc.db")


def test_a_store_that_was_used_is_sound(path: Path) -> None:
    before = fingerprints(path.parent)
    assert verify(path) == []
    assert fingerprints(path.parent) == before


def test_a_store_in_use_is_sound(tmp_path: Path) -> None:
    store = filled(tmp_path / "vigyc.db")
    try:
        the_lease(store)
        assert verify(tmp_path / "vigyc.db") == []
    finally:
        store.close()


def test_vigies_that_were_deleted_leave_nothing_wrong(path: Path) -> None:
    store = open_store(path)
    one, two = store.vigies()
    store.remove(one, 1)
    store.remove(two, 1, keep_data=True)
    store.close()
    assert verify(path) == []


def test_the_log_of_a_crash_is_read_and_left(tmp_path: Path) -> None:
    store = filled(tmp_path / "vigyc.db")
    folder = tmp_path / "crashed"
    folder.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(tmp_path / f"vigyc.db{suffix}", folder / f"vigyc.db{suffix}")
    store.close()
    before = fingerprints(folder)
    assert verify(folder / "vigyc.db") == []
    after = fingerprints(folder)
    after.pop("vigyc.db-shm", None)
    assert after == before


def test_a_store_of_scopes_alone_is_sound(tmp_path: Path) -> None:
    with open_kv(tmp_path / "kv.db"):
        pass
    assert verify(tmp_path / "kv.db") == []


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no store"):
        verify(tmp_path / "absent.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("near", "at", "mask", "told"),
    [
        pytest.param(PROGRAM.encode(), 15, 1, "is not the text it was", id="program"),
        pytest.param(PROGRAM.encode(), 15, 0x80, "text of b3:.* in programs cannot be read", id="program-utf8"),
        pytest.param(b'{"initial_delay_ms"', 0, 1, "schedule_json of .* in vigies cannot be read", id="schedule"),
        pytest.param(b'"kind":"fixed"', 8, 1, "vigy one .* cannot be read", id="schedule-kind"),
        pytest.param(b'{"team":"blue"}', 0, 1, "labels_json of .* in vigies cannot be read", id="labels"),
        pytest.param(b'[{"kind":"apply"', 0, 4, "actions_json of [0-9]+ in runs cannot be read", id="actions"),
        pytest.param(b'{"kind":"custom"}', 16, 1, "data_json of [0-9]+ in events cannot be read", id="event"),
        pytest.param(b"plain", 1, 0x80, "the value of key 'text' of .* cannot be read", id="kv-text"),
        pytest.param(b"\x92\x01\x81\xa4deep\xc0", 0, 1, "the value of key 'list' of .* cannot be read", id="kv-blob"),
        pytest.param(
            b"\x92\x01\x81\xa4deep\xc0", 3, 0x20, "the value of key 'list' of .* cannot be read", id="kv-inner"
        ),
    ],
)
def test_a_flipped_bit_is_found(path: Path, near: bytes, at: int, mask: int, told: str) -> None:
    flip(path, near, at=at, mask=mask)
    before = fingerprints(path.parent)
    assert_told(path, told)
    assert fingerprints(path.parent) == before


def assert_told(path: Path, told: str) -> None:
    problems = verify(path)
    assert any(re.search(told, problem) for problem in problems), problems


def test_a_damaged_page_is_found(path: Path) -> None:
    connection = apsw.Connection(str(path))
    pages = dict(connection.execute("SELECT name, rootpage FROM sqlite_master WHERE rootpage > 0").fetchall())
    size = connection.pragma("page_size")
    connection.close()
    sound = path.read_bytes()
    for name, page in pages.items():
        data = bytearray(sound)
        data[(page - 1) * size + 3] ^= 1  # how many cells there are
        path.write_bytes(data)
        assert verify(path), name


def test_a_file_cut_short_is_found(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])
    assert verify(path)


@pytest.mark.parametrize(("at", "told"), [(0, "not an SQLite file"), (68, "application id"), (60, "version")])
def test_a_damaged_header_is_found(path: Path, at: int, told: str) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x40
    path.write_bytes(data)
    assert_told(path, told)


def test_no_damage_is_too_much_for_it(path: Path) -> None:
    sound = path.read_bytes()
    dice = random.Random(4)
    for _ in range(300):
        data = bytearray(sound)
        for _ in range(dice.choice([1, 1, 10, 1000])):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        path.write_bytes(data)
        with suppress(StoreError):
            assert all(isinstance(problem, str) for problem in verify(path))


def test_nonsense_is_found(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam, " * 300)
    assert_told(tmp_path / "letter.txt", "not an SQLite file")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE counters SET value = 2", "number 3 of the stream was never given"),
        ("DELETE FROM counters", "the counter of the stream is missing"),
        ("UPDATE events SET seq = (SELECT max(seq) FROM runs) WHERE seq = 1", "is both a run and an event"),
        ("UPDATE vigies SET version = 2 WHERE name = 'one'", r"vigy one \(.*\) has no version 2"),
        ("DELETE FROM versions", "has no version 1"),
        ("UPDATE vigies SET generation = 999", "is of a generation that was never given"),
        ("DELETE FROM programs", "version 1 of vigy .* has no program"),
        ("INSERT INTO programs VALUES ('b3:none', 'x')", "program b3:none belongs to no version"),
        ("INSERT INTO programs VALUES ('b3:none', 'x')", "program b3:none is not the text it was"),
        ("DELETE FROM runs WHERE seq = (SELECT max(seq) FROM runs)", "is to be delivered, but there is no such run"),
        (
            "INSERT INTO open_runs (id, vigy_id, started_at, trigger, missed, tick, version)"
            " SELECT id, vigy_id, 1, 'schedule', 0, 1, 1 FROM runs",
            "has ended and is open",
        ),
        ("UPDATE vigy_state SET vigy_id = 'nobody'", "the state of nobody belongs to no vigy"),
        ("UPDATE vigy_state SET state_json = '[]'", "state"),
        ("UPDATE runs SET actions_json = '[{}]'", "the actions of run number [0-9]+ cannot be read"),
        ("UPDATE kv SET value = NULL WHERE key = 'whole'", "the value of key 'whole' of .* cannot be read: it is NULL"),
        ("INSERT INTO kv VALUES (CAST(x'ff' AS TEXT), 'k', 1)", r"key k of \\xff is not text"),
        ("DROP TABLE versions", "no such table"),
    ],
)
def test_what_a_store_relies_on_is_looked_at(path: Path, statement: str, told: str) -> None:
    execute(path, statement)
    assert_told(path, told)


def test_a_vigy_whose_name_is_no_text_is_told_and_not_the_end(path: Path) -> None:
    execute(path, "UPDATE vigies SET name = CAST(x'61ff62' AS TEXT), version = 5 WHERE name = 'one'")
    problems = verify(path)
    assert any("has no version 5" in problem for problem in problems)
    assert any(problem.startswith("name of ") for problem in problems)


def test_many_problems_of_one_kind_are_cut_short(tmp_path: Path) -> None:
    store = open_store(tmp_path / "vigyc.db")
    vigy = store.create(a_whole_vigy())
    store.edit_kv(vigy.id, {f"k{number}": [number] for number in range(MOST + 50)}, (), 1)
    store.close()
    execute(tmp_path / "vigyc.db", "UPDATE kv SET value = x'c1'")
    problems = verify(tmp_path / "vigyc.db")
    assert len(problems) == MOST + 1
    assert problems[-1] == "... and more of this kind"
