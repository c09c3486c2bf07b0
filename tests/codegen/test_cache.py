"""The cache may save time and nothing else: damaged, foreign, forged and unwritable places are all misses."""

from __future__ import annotations

import marshal
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.codegen import cache_key as keys
from vigyc.codegen import envelope, places
from vigyc.codegen.cache import Cache
from vigyc.lang.artifact import Artifact

KEY = keys.cache_key("d1")
SECRET = bytes(range(32))
HEADER = envelope.Header(KEY, keys.toolchain())
posix = pytest.mark.skipif(os.name != "posix", reason="modes and owners are POSIX")


def artifact(python: str = "answer = 42", **more: Any) -> Artifact:
    return Artifact("d1", compile(python, "<t>", "exec"), **more)


def rich() -> Artifact:
    inner = artifact("pi = 3")
    middle = artifact("two = pi", modules={"pi": inner})
    return artifact(
        functions={"f": ("f", ("a", "b"), None), "g": ("g!", (), "rest")},
        variables={"safe_p": "safe?", "x2": "x"},
        deep=True,
        modules={"pi": inner, "middle": middle},
        requires={"pi": "d1", "absent": ""},
        text="(lone \ud800 surrogate)",
        intrinsics=("vigy-get", "vigy-set"),
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path


def new(place: Path, memory: int = 8) -> Cache:
    return Cache(place / "cache", memory, place / "state" / "cache.key")


def entry_file(place: Path) -> Path:
    (found,) = (place / "cache").rglob("*.vigyc")
    return found


def test_what_was_put_is_got_in_this_process_and_from_the_file(place: Path) -> None:
    first, want = new(place), rich()
    first.put(KEY, want)
    assert first.get(KEY) is want
    got = new(place).get(KEY)
    assert got == want
    assert got is not None
    assert got.modules["middle"].modules["pi"] is got.modules["pi"]
    assert first.problem is None


def test_another_key_is_a_miss(place: Path) -> None:
    new(place).put(KEY, artifact())
    assert new(place).get(keys.cache_key("d2")) is None


def test_another_process_sees_it(place: Path) -> None:
    new(place).put(KEY, artifact())
    code = (
        "import sys; from pathlib import Path; from vigyc.codegen.cache import Cache\n"
        "found = Cache(sys.argv[1], 8, Path(sys.argv[2])).get(sys.argv[3])\n"
        "print(found.digest, found.code.co_consts[0])"
    )
    command = [sys.executable, "-c", code, str(place / "cache"), str(place / "state" / "cache.key"), KEY]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "d1 42\n"


def test_one_flipped_bit_anywhere_is_a_miss_and_is_rewritten(place: Path) -> None:
    new(place).put(KEY, artifact())
    file = entry_file(place)
    good = file.read_bytes()
    for position in range(len(good)):
        bad = bytearray(good)
        bad[position] ^= 1 << (position % 8)
        file.write_bytes(bad)
        assert new(place).get(KEY) is None, position
    new(place).put(KEY, artifact())
    assert new(place).get(KEY) == artifact()


def test_every_truncation_and_surplus_is_a_miss(place: Path) -> None:
    new(place).put(KEY, artifact())
    file = entry_file(place)
    good = file.read_bytes()
    for bad in [*(good[:length] for length in range(0, len(good), 7)), good + b"x", good * 2]:
        file.write_bytes(bad)
        assert new(place).get(KEY) is None


@given(st.binary(max_size=200))
def test_no_bytes_are_believed(data: bytes) -> None:
    assert envelope.open_envelope(data, HEADER, SECRET) is None
    assert envelope.read_header(data, SECRET) is None


def test_nothing_is_unmarshalled_before_the_mac_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = envelope.seal(artifact(), HEADER, SECRET)
    monkeypatch.setattr(marshal, "loads", lambda data: pytest.fail("unmarshalled"))
    assert envelope.open_envelope(sealed, HEADER, bytes(32)) is None
    assert envelope.open_envelope(sealed, envelope.Header("0" * 64, HEADER.toolchain), SECRET) is None
    assert envelope.open_envelope(sealed, envelope.Header(KEY, "other"), SECRET) is None


def test_an_entry_moved_to_another_key_is_a_miss(place: Path) -> None:
    new(place).put(KEY, artifact())
    other = keys.cache_key("d2")
    target = place / "cache" / other[:2] / f"{other}.vigyc"
    target.parent.mkdir(exist_ok=True)
    entry_file(place).rename(target)
    assert new(place).get(other) is None


@pytest.mark.parametrize("payload", [b"", b"\xc1", msgpack.packb(1), msgpack.packb([]), msgpack.packb([[1]])])
def test_an_authentic_entry_without_sense_is_a_miss(payload: bytes) -> None:
    mac = envelope._mac(HEADER, payload, SECRET)
    data = msgpack.packb([envelope.FORMAT, *HEADER, mac, payload])
    assert envelope.open_envelope(data, HEADER, SECRET) is None


@pytest.mark.parametrize("code", [b"", marshal.dumps(1), marshal.dumps((1, 2))])
def test_an_authentic_entry_without_code_is_a_miss(code: bytes) -> None:
    payload = msgpack.packb([["d1", code, {}, {}, False, {}, [], "", {}]])
    data = msgpack.packb([envelope.FORMAT, *HEADER, envelope._mac(HEADER, payload, SECRET), payload])
    assert envelope.open_envelope(data, HEADER, SECRET) is None


def test_many_ways_to_one_module_are_kept_as_one() -> None:
    node = artifact()
    for _ in range(60):
        node = artifact(modules={"a": node, "b": node})
    sealed = envelope.seal(node, HEADER, SECRET)
    assert len(sealed) < 20_000
    opened = envelope.open_envelope(sealed, HEADER, SECRET)
    assert opened is not None
    assert opened.modules["a"] is opened.modules["b"]


@posix
def test_modes_are_private_whatever_the_umask(place: Path) -> None:
    before = os.umask(0)
    try:
        new(place).put(KEY, artifact())
    finally:
        os.umask(before)
    file = entry_file(place)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (file, place / "state" / "cache.key")]
    assert modes == [0o600, 0o600]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file.parent, place / "cache")] == [0o700, 0o700]


@posix
def test_a_symbolic_link_is_not_followed(place: Path) -> None:
    new(place).put(KEY, artifact())
    file = entry_file(place)
    moved = place / "elsewhere"
    file.rename(moved)
    file.symlink_to(moved)
    assert new(place).get(KEY) is None
    new(place).put(KEY, artifact("answer = 1"))
    assert not file.is_symlink()
    assert new(place).get(KEY) == artifact("answer = 1")


def test_an_entry_that_is_a_directory_is_a_miss_and_a_problem(place: Path) -> None:
    (place / "cache" / KEY[:2] / f"{KEY}.vigyc").mkdir(parents=True)
    cache = new(place)
    assert cache.get(KEY) is None
    cache.put(KEY, artifact())
    assert cache.get(KEY) == artifact()
    assert cache.problem is not None
    assert "\n" not in cache.problem


def test_a_directory_that_is_a_file_is_a_problem_only(place: Path) -> None:
    (place / "cache").write_text("in the way")
    cache = new(place)
    assert cache.get(KEY) is None
    cache.put(KEY, artifact())
    assert cache.get(KEY) == artifact()
    assert cache.problem is not None
    assert cache.problem.startswith("nothing is kept in the cache: ")
    assert cache.ls() == []


def test_a_directory_that_cannot_be_written_is_a_problem_only(place: Path, powerless: Callable[[], Any]) -> None:
    (place / "cache").mkdir(mode=0o500)
    cache = new(place)
    made = artifact()
    with powerless():
        cache.put(KEY, made)
        assert cache.get(KEY) == made
    assert cache.problem is not None


def test_a_key_file_that_cannot_be_made_is_a_problem_only(place: Path) -> None:
    (place / "state").write_text("in the way")
    cache = new(place)
    cache.put(KEY, artifact())
    assert cache.get(KEY) == artifact()
    assert cache.problem is not None
    assert cache.problem.startswith("the cache is off: ")
    assert not (place / "cache").exists()


def test_the_key_file_may_not_lie_in_the_cache(place: Path) -> None:
    cache = Cache(place / "cache", 8, place / "cache" / "state" / "key")
    cache.put(KEY, artifact())
    assert cache.problem is not None
    assert "must lie outside" in cache.problem
    assert not (place / "cache").exists()


@posix
@pytest.mark.parametrize("spoil", ["short", "open", "link"])
def test_an_unfit_key_is_replaced_and_its_entries_are_misses(place: Path, spoil: str) -> None:
    new(place).put(KEY, artifact())
    file = place / "state" / "cache.key"
    former = file.read_bytes()
    if spoil == "short":
        file.write_bytes(former[:-1])
    elif spoil == "open":
        file.chmod(0o644)
    else:
        file.rename(place / "elsewhere")
        file.symlink_to(place / "elsewhere")
    assert new(place).get(KEY) is None
    new(place).put(KEY, artifact())
    assert new(place).get(KEY) == artifact()
    assert file.read_bytes() != former
    assert stat.S_IMODE(file.stat(follow_symlinks=False).st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["cache.key"]


def test_racing_processes_get_one_key(place: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from vigyc.codegen.places import load_key\n"
        "sys.stdin.readline(); print(load_key(Path(sys.argv[1])).hex())"
    )
    command = [sys.executable, "-c", code, str(place / "state" / "cache.key")]
    racers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    time.sleep(0.3)
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    assert len({racer.communicate()[0] for racer in racers}) == 1


def test_threads_share_one_cache(place: Path) -> None:
    cache = new(place, memory=3)
    texts = {keys.cache_key(f"d{n}"): artifact(f"answer = {n}") for n in range(12)}
    wrong: list[str] = []

    def work() -> None:
        for _ in range(20):
            for key, want in texts.items():
                if cache.get(key) is None:
                    cache.put(key, want)
                if cache.get(key) != want:
                    wrong.append(key)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert not list((place / "cache").rglob("*.tmp"))


def test_memory_is_bounded_and_keeps_what_was_used_last(place: Path) -> None:
    cache = new(place, memory=2)
    a, b, c = (keys.cache_key(name) for name in "abc")
    cache.put(a, kept := artifact())
    cache.put(b, artifact())
    assert cache.get(a) is kept
    cache.put(c, artifact())
    assert cache.get(a) is kept
    assert len(cache._recent) == 2


def test_ls_verify_and_prune(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = new(place)
    names = [keys.cache_key(name) for name in "abcd"]
    now = time.time()
    for age, key in enumerate(names):
        cache.put(key, artifact())
        os.utime(cache._path(key), (now - age * 1000, now - age * 1000))
    Path(cache._path(names[1])).write_bytes(b"damaged")
    os.utime(cache._path(names[1]), (now - 1000, now - 1000))
    assert [(entry.key, entry.state) for entry in cache.ls()] == [
        (names[0], "current"),
        (names[1], "damaged"),
        (names[2], "current"),
        (names[3], "current"),
    ]
    assert [entry.key for entry in cache.verify()] == [names[1]]
    assert [entry.key for entry in cache.prune()] == [names[1]]
    assert [entry.key for entry in cache.prune(max_age=2500)] == [names[3]]
    assert [entry.key for entry in cache.prune(max_bytes=cache.ls()[0].bytes)] == [names[2]]
    monkeypatch.setattr("vigyc.codegen.cache.toolchain", lambda: "another compiler")
    assert [(entry.key, entry.state) for entry in cache.ls()] == [(names[0], "other")]
    assert [entry.key for entry in cache.prune(everything=True)] == [names[0]]
    assert cache.ls() == []
    assert cache.get(names[0]) is None


def test_prune_touches_only_what_is_its_own(place: Path) -> None:
    cache = new(place)
    cache.put(KEY, artifact())
    shard = entry_file(place).parent
    (shard / "notes.txt").write_text("mine")
    (place / "cache" / "notes.vigyc").write_text("mine")
    old = shard / "dead.tmp"
    old.write_text("")
    os.utime(old, (0, 0))
    (shard / "alive.tmp").write_text("")
    cache.prune(everything=True)
    left = sorted(path.name for path in (place / "cache").rglob("*") if path.is_file())
    assert left == ["alive.tmp", "notes.txt", "notes.vigyc"]


def test_a_hit_renews_an_entry_once_a_day(place: Path) -> None:
    new(place).put(KEY, artifact())
    file = entry_file(place)
    old = time.time() - 2 * 86_400
    os.utime(file, (old, old))
    assert new(place).get(KEY) is not None
    assert file.stat().st_mtime > old + 86_400


def test_the_key_depends_on_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    base = keys.cache_key("d", ["get 1 2", "set 2"], {"a": "1", "b": "2"})
    assert base == keys.cache_key("d", ["set 2", "get 1 2"], {"b": "2", "a": "1"})
    others = [
        keys.cache_key("e", ["get 1 2", "set 2"], {"a": "1", "b": "2"}),
        keys.cache_key("d", ["get 1 3", "set 2"], {"a": "1", "b": "2"}),
        keys.cache_key("d", ["get 1 2set 2"], {"a": "1", "b": "2"}),
        keys.cache_key("d", ["get 1 2", "set 2"], {"a": "1", "b": "3"}),
        keys.cache_key("d", ["get 1 2", "set 2"], {"a": "1", "b2": ""}),
        keys.cache_key("d", ["get 1 2", "set 2", "a", "1", "b", "2"]),
    ]
    monkeypatch.setattr(keys, "toolchain", lambda: "another compiler")
    others.append(keys.cache_key("d", ["get 1 2", "set 2"], {"a": "1", "b": "2"}))
    assert len({base, *others}) == 1 + len(others)


def test_an_edited_compiler_has_another_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in keys.ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "pass.py").write_text("x = 1\n")
    monkeypatch.setattr(keys, "__file__", str(tmp_path / "codegen" / "cache_key.py"))
    compute = keys.fingerprint.__wrapped__
    seen = [compute()]
    for change in ("x = 2\n", "x = 1 \n"):
        times = (tmp_path / "lang" / "pass.py").stat()
        (tmp_path / "lang" / "pass.py").write_text(change)
        os.utime(tmp_path / "lang" / "pass.py", ns=(times.st_atime_ns, times.st_mtime_ns))
        seen.append(compute())
    (tmp_path / "frontend" / "grammar.lark").write_text("start: x\n")
    seen.append(compute())
    (tmp_path / "compiler.py").write_text("")
    seen.append(compute())
    (tmp_path / "runtime" / "pass.py").rename(tmp_path / "runtime" / "other.py")
    seen.append(compute())
    assert len(set(seen)) == len(seen)
    assert None not in seen


def test_without_its_source_files_the_cache_is_off(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "__file__", str(place / "archive.zip" / "vigyc" / "codegen" / "cache_key.py"))
    assert keys.fingerprint.__wrapped__() is None
    monkeypatch.setattr("vigyc.codegen.cache.fingerprint", lambda: None)
    cache = new(place)
    cache.put(KEY, artifact())
    assert cache.problem == "the cache is off: vigyc's own source files cannot be read"
    assert not (place / "cache").exists()


HOME = Path.home()


@pytest.mark.parametrize(
    ("environment", "platform", "cache", "state"),
    [
        ({}, "linux", HOME / ".cache/vigyc", HOME / ".local/state/vigyc/cache.key"),
        ({"XDG_CACHE_HOME": "/c", "XDG_STATE_HOME": "/s"}, "linux", Path("/c/vigyc"), Path("/s/vigyc/cache.key")),
        ({"XDG_CACHE_HOME": "c"}, "linux", HOME / ".cache/vigyc", HOME / ".local/state/vigyc/cache.key"),
        ({}, "darwin", HOME / "Library/Caches/vigyc", HOME / "Library/Application Support/vigyc/cache.key"),
        ({"LOCALAPPDATA": "/l"}, "win32", Path("/l/vigyc/Cache"), Path("/l/vigyc/State/cache.key")),
        ({"VIGYC_CACHE_DIR": "/d", "VIGYC_CACHE_KEY_FILE": "/k"}, "linux", Path("/d"), Path("/k")),
    ],
)  # fmt: skip
def test_places(environment: dict[str, str], platform: str, cache: Path, state: Path) -> None:
    assert places.cache_directory(environment, platform) == cache
    assert places.key_file(environment, platform) == state
