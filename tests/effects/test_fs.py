"""The pack `fs`: what each operation gives where it is allowed, and how it fails."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vigyc.effects.budget import Budget
from vigyc.effects.files.openat2 import AVAILABLE, openat2
from vigyc.effects.files.root import Root
from vigyc.effects.files.walker import walk
from vigyc.effects.limits import Limits
from vigyc.effects.packs.fs import PACK
from vigyc.effects.policy import Policy
from vigyc.effects.powers import Powers
from vigyc.lang.datum import keyword
from vigyc.lang.errors import Invalid, SettingsError, TickError
from vigyc.runtime.secret import Secret

Opened = Callable[..., Any]

OPENERS = [
    pytest.param(openat2, id="openat2", marks=pytest.mark.skipif(not AVAILABLE, reason="no openat2 here")),
    pytest.param(walk, id="walker"),
]


@pytest.fixture(params=OPENERS)
def opened(effects: Opened, tmp_path: Path, request: pytest.FixtureRequest) -> Opened:
    """A run that may read and write below tmp_path / "s", with either opener."""
    folder = tmp_path / "s"
    folder.mkdir(exist_ok=True)

    def make(*grants: str, **policy: Any) -> Any:
        run = effects(*(grants or (f"fs.read:{folder}", f"fs.write:{folder}")), **policy)
        for grant in run.gate.session.policy.grants:
            run.gate.session.judge(grant.kind, grant.scope.path).resource.root.opener = request.param
        return run

    return make


@pytest.fixture
def s(tmp_path: Path) -> Path:
    (tmp_path / "s").mkdir(exist_ok=True)
    return tmp_path / "s"


def test_text_written_is_read_again(opened: Opened, s: Path) -> None:
    run = opened()
    assert run.value("fs-write", f"{s}/a.txt", "hé\r\nllo\n") is None
    assert run.value("fs-read", f"{s}/a.txt") == "hé\r\nllo\n"
    assert run.value("fs-read-bytes", f"{s}/a.txt") == "hé\r\nllo\n".encode()


def test_bytes_and_nothing_at_all_are_written(opened: Opened, s: Path) -> None:
    run = opened()
    run.value("fs-write", f"{s}/a", b"\x00\xff")
    run.value("fs-write", f"{s}/empty", "")
    assert (run.value("fs-read-bytes", f"{s}/a"), run.value("fs-read", f"{s}/empty")) == (b"\x00\xff", "")


def test_a_secret_is_written_as_its_text(opened: Opened, s: Path) -> None:
    opened().value("fs-write", f"{s}/key", Secret("hunter22", "KEY"))
    assert (s / "key").read_text() == "hunter22"


def test_what_is_not_utf_8_is_a_decode_error(opened: Opened, s: Path) -> None:
    (s / "a").write_bytes(b"ok\xff")
    error = opened().error("fs-read", f"{s}/a")
    assert (error.tag, error.message) == ("decode", f"{s}/a is not UTF-8 text at byte 2")


def test_append_adds_and_makes_the_file(opened: Opened, s: Path) -> None:
    run = opened()
    run.value("fs-append", f"{s}/log", "a\n")
    run.value("fs-append", f"{s}/log", b"b\n")
    assert (s / "log").read_text() == "a\nb\n"


def test_a_written_file_keeps_its_mode_but_no_setuid(opened: Opened, s: Path) -> None:
    (s / "a").write_text("old")
    (s / "a").chmod(0o6751)
    opened().value("fs-write", f"{s}/a", "new")
    assert stat.S_IMODE((s / "a").stat().st_mode) == 0o751


def test_a_new_file_has_the_mode_of_the_umask(opened: Opened, s: Path) -> None:
    before = os.umask(0o027)
    try:
        opened().value("fs-write", f"{s}/a", "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((s / "a").stat().st_mode) == 0o640


def test_a_reader_of_the_old_file_keeps_it_and_nothing_is_left_over(opened: Opened, s: Path) -> None:
    (s / "a").write_text("old")
    with (s / "a").open() as old:
        opened().value("fs-write", f"{s}/a", "new")
        assert old.read() == "old"
    assert os.listdir(s) == ["a"]


def test_a_write_that_fails_leaves_nothing_over(opened: Opened, s: Path) -> None:
    (s / "big").write_bytes(b"x" * (2**20 + 1))
    run = opened(budgets=(Budget({"bytes": 2**20}),))
    with pytest.raises(TickError) as caught:
        run.call("fs-copy", f"{s}/big", f"{s}/copy")
    assert caught.value.kind == "budget-exceeded"
    assert os.listdir(s) == ["big"]


def test_the_predicates(opened: Opened, s: Path) -> None:
    (s / "a").write_text("")
    run = opened()
    names = ("fs-exists?", "fs-file?", "fs-dir?")
    assert [run.call(name, f"{s}/a") for name in names] == [True, True, False]
    assert [run.call(name, str(s)) for name in names] == [True, False, True]
    assert [run.call(name, f"{s}/a/b") for name in names] == [False, False, False]
    assert [run.call(name, f"{s}/{'x' * 300}") for name in names] == [False, False, False]


def test_stat_tells_size_time_kind_and_mode(opened: Opened, s: Path) -> None:
    (s / "a").write_text("four")
    os.utime(s / "a", ns=(0, 1_700_000_000_123_456_789))
    (s / "a").chmod(0o640)
    os.mkfifo(s / "pipe")
    run = opened()
    assert run.value("fs-stat", f"{s}/a") == {
        keyword("size"): 4, keyword("modified"): 1_700_000_000_123, keyword("kind"): "file", keyword("mode"): 0o640,
    }  # fmt: skip
    assert run.value("fs-stat", str(s))[keyword("kind")] == "folder"
    assert run.value("fs-stat", f"{s}/pipe")[keyword("kind")] == "other"


def test_list_and_walk_give_sorted_paths(opened: Opened, s: Path) -> None:
    (s / "b" / "c").mkdir(parents=True)
    (s / "b" / "c" / "x").write_text("")
    (s / "a.txt").write_text("")
    (s / "b" / "up").symlink_to("..")
    run = opened()
    assert run.value("fs-list", str(s)) == [f"{s}/a.txt", f"{s}/b"]
    assert run.value("fs-list", f"{s}/b/") == [f"{s}/b/c", f"{s}/b/up"]
    assert run.value("fs-walk", str(s)) == [f"{s}/{p}" for p in ("a.txt", "b", "b/c", "b/c/x", "b/up")]
    assert run.value("fs-list", f"{s}/b/c") == [f"{s}/b/c/x"]


GLOBS = [
    ("*", ["a.txt", "b", "weird[1]"]),
    ("*.txt", ["a.txt"]),
    ("**/*.txt", ["a.txt", "b/c.txt", "b/d/e.txt"]),
    ("b/**", ["b/c.txt", "b/d", "b/d/e.txt"]),
    ("**/d/*", ["b/d/e.txt"]),
    ("**/**/**/e.*", ["b/d/e.txt"]),
    ("b/?.txt", ["b/c.txt"]),
    ("b/[!c]", ["b/d"]),
    (".*", [".hidden"]),
    ("weird[[]1]", ["weird[1]"]),
    ("a.txt", ["a.txt"]),
    ("*/d/e.txt", ["b/d/e.txt"]),
    ("nothing/*", []),
    ("a.txt/*", []),
    ("b/./c.*", ["b/c.txt"]),
]


@pytest.mark.parametrize(("pattern", "found"), GLOBS)
def test_glob(opened: Opened, s: Path, pattern: str, found: list[str]) -> None:
    for name in ("a.txt", ".hidden", "b/c.txt", "b/d/e.txt", "weird[1]"):
        (s / name).parent.mkdir(parents=True, exist_ok=True)
        (s / name).write_text("")
    assert opened().value("fs-glob", f"{s}/{pattern}") == [f"{s}/{path}" for path in found]


def test_glob_of_the_granted_folder_itself(opened: Opened, s: Path) -> None:
    assert opened().value("fs-glob", str(s)) == [str(s)]


def test_mkdir_makes_parents_and_does_not_mind_what_is_there(opened: Opened, s: Path) -> None:
    run = opened()
    for path in (f"{s}/a/b/c", f"{s}/a/b", str(s)):
        run.value("fs-mkdir", path)
    assert (s / "a/b/c").is_dir()
    (s / "file").write_text("")
    assert run.error("fs-mkdir", f"{s}/file").tag == "exists"
    assert run.error("fs-mkdir", f"{s}/file/x").tag == "exists"


def test_remove(opened: Opened, s: Path) -> None:
    (s / "full" / "sub").mkdir(parents=True)
    (s / "full" / "sub" / "x").write_text("")
    (s / "empty").mkdir()
    (s / "file").write_text("")
    run = opened()
    run.value("fs-remove", f"{s}/file")
    run.value("fs-remove", f"{s}/empty")
    assert run.error("fs-remove", f"{s}/full").tag == "not-empty"
    run.value("fs-remove", f"{s}/full", {keyword("all"): True})
    assert os.listdir(s) == []
    assert run.error("fs-remove", f"{s}/file").tag == "not-found"
    assert run.error("fs-remove", str(s), {keyword("all"): True}).tag == "is-folder"


def test_copy_does_not_keep_the_executable_bit(opened: Opened, s: Path) -> None:
    (s / "tool").write_text("#!/bin/sh\n")
    (s / "tool").chmod(0o4755)
    opened().value("fs-copy", f"{s}/tool", f"{s}/copy")
    assert (s / "copy").read_text() == "#!/bin/sh\n"
    assert (s / "copy").stat().st_mode & 0o7111 == 0


def test_a_copy_of_a_file_onto_itself_leaves_it_whole(opened: Opened, s: Path) -> None:
    (s / "a").write_bytes(os.urandom(2**20 + 5))
    before = (s / "a").read_bytes()
    opened().value("fs-copy", f"{s}/a", f"{s}/a")
    assert (s / "a").read_bytes() == before


def test_move_files_and_folders(opened: Opened, s: Path) -> None:
    (s / "d").mkdir()
    (s / "d" / "x").write_text("x")
    (s / "y").write_text("y")
    run = opened()
    run.value("fs-move", f"{s}/d", f"{s}/e")
    run.value("fs-move", f"{s}/e/x", f"{s}/y")
    assert sorted(os.listdir(s)) == ["e", "y"]
    assert (s / "y").read_text() == "x"
    assert run.error("fs-move", f"{s}/none", f"{s}/z").tag == "not-found"
    assert run.error("fs-move", f"{s}/e", f"{s}/e/f").tag == "invalid"


def test_a_move_needs_to_read_what_it_may_make_readable(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "hidden").write_text("secret")
    run = opened(f"fs.write:{tmp_path}/w", f"fs.read:{tmp_path}/s", f"fs.write:{tmp_path}/s")
    run.denied("fs-move", f"{tmp_path}/w/hidden", f"{tmp_path}/s/seen")
    assert os.listdir(tmp_path / "s") == []


FAILURES = [
    ("fs-read", ("none",), "not-found"),
    ("fs-read", ("d",), "is-folder"),
    ("fs-read", ("",), "is-folder"),
    ("fs-read", ("f/x",), "not-folder"),
    ("fs-read", ("loop",), "link-loop"),
    ("fs-stat", ("none",), "not-found"),
    ("fs-stat", ("loop/x",), "link-loop"),
    ("fs-list", ("f",), "not-folder"),
    ("fs-list", ("none",), "not-found"),
    ("fs-walk", ("f",), "not-folder"),
    ("fs-write", ("none/x", "a"), "not-found"),
    ("fs-write", ("d", "a"), "is-folder"),
    ("fs-write", ("", "a"), "is-folder"),
    ("fs-write", ("x" * 300, "a"), "name-too-long"),
    ("fs-write", ("inside", "a"), "is-link"),
    ("fs-append", ("inside", "a"), "is-link"),
    ("fs-append", ("d", "a"), "is-folder"),
    ("fs-write", ("loop", "a"), "is-link"),
    ("fs-mkdir", ("dangling",), "exists"),
]


@pytest.mark.parametrize(("name", "args", "tag"), FAILURES)
def test_failures(opened: Opened, s: Path, name: str, args: tuple[str, ...], tag: str) -> None:
    (s / "d").mkdir()
    (s / "f").write_text("f")
    (s / "loop").symlink_to("loop")
    (s / "inside").symlink_to("f")
    (s / "dangling").symlink_to("nowhere")
    error = opened().error(name, f"{s}/{args[0]}", *args[1:])
    assert error.tag == tag
    assert args[0] in error.message


def test_no_more_than_the_limit_is_read_or_written(opened: Opened, s: Path) -> None:
    run = opened(limits=Limits(read_bytes=4, write_bytes=4))
    (s / "four").write_text("4444")
    (s / "five").write_text("55555")
    assert run.value("fs-read", f"{s}/four") == "4444"
    for name, *args in (("fs-read",), ("fs-read-bytes",), ("fs-write", "55555"), ("fs-append", "55555")):
        assert run.error(name, f"{s}/five", *args).tag == "too-large"
    assert run.error("fs-copy", f"{s}/five", f"{s}/copy").tag == "too-large"
    assert sorted(os.listdir(s)) == ["five", "four"]


def test_a_sparse_file_of_a_tebibyte_is_too_large_at_once(opened: Opened, s: Path) -> None:
    with (s / "sparse").open("wb") as file:
        file.truncate(2**40)
    assert opened().error("fs-read", f"{s}/sparse").tag == "too-large"


def test_no_more_entries_than_the_limit(opened: Opened, s: Path) -> None:
    (s / "d").mkdir()
    for name in ("a", "b", "d/c"):
        (s / name).write_text("")
    run = opened(limits=Limits(entries=3))
    assert len(run.value("fs-list", str(s))) == 3
    assert run.error("fs-walk", str(s)).tag == "too-many"
    assert run.error("fs-glob", f"{s}/**").tag == "too-many"
    (s / "d" / "e").mkdir()
    (s / "d" / "e" / "f").write_text("")
    (s / "d" / "e" / "g").write_text("")
    assert run.error("fs-remove", f"{s}/d", {keyword("all"): True}).tag == "too-many"
    assert (s / "d" / "e" / "g").exists()


def test_a_walk_ends_with_the_tick(opened: Opened, s: Path) -> None:
    (s / "a").write_text("a")
    run = opened(seconds=0.0)
    for name, *args in (("fs-walk", s), ("fs-glob", f"{s}/*"), ("fs-copy", f"{s}/a", f"{s}/b")):
        assert run.error(name, *map(str, args)).tag == "timeout"
    assert os.listdir(s) == ["a"]


def test_bytes_are_charged(opened: Opened, s: Path) -> None:
    run = opened(budgets=(Budget({"bytes": 20}),))
    run.value("fs-write", f"{s}/a", "12345")
    run.value("fs-append", f"{s}/a", "67890")
    run.value("fs-read", f"{s}/a")
    assert run.gate.left("bytes") == 0
    for name, *args in (("fs-read",), ("fs-write", "x"), ("fs-append", "x")):
        with pytest.raises(TickError) as caught:
            run.call(name, f"{s}/a", *args)
        assert caught.value.kind == "budget-exceeded"
    assert (s / "a").read_text() == "1234567890"


def test_wrong_types_are_misuse(opened: Opened, s: Path) -> None:
    run = opened()
    for args in ((1,), (None,), ([str(s)],)):
        with pytest.raises(TickError) as caught:
            run.call("fs-read", *args)
        assert caught.value.kind == "type-mismatch"
    with pytest.raises(TickError) as caught:
        run.call("fs-write", f"{s}/a", 1)
    assert caught.value.kind == "type-mismatch"


# -- what is allowed is not refused


def test_b05_doubled_slashes_and_dots_are_ok(opened: Opened, s: Path) -> None:
    (s / "a.txt").write_text("a")
    run = opened()
    for path in (f"{s}//./a.txt", f"{s}/x/../a.txt", f"{s}/a.txt/", f"//{s}/a.txt", f"{s}/../s/a.txt"):
        assert run.value("fs-read", path) == "a"


def test_benign_nested_output_path(opened: Opened, s: Path) -> None:
    run = opened()
    run.value("fs-mkdir", f"{s}/out/2024/01")
    run.value("fs-write", f"{s}/out/2024/01/report.txt", "ok")
    assert run.value("fs-glob", f"{s}/**/report.txt") == [f"{s}/out/2024/01/report.txt"]


@pytest.mark.parametrize(
    "name", ["naïve.txt", "日本語", "emoji 🎉", "spaces  and\ttabs", "-rf", "~", "$HOME", "e\u0301"]
)
def test_benign_unicode_and_odd_names(opened: Opened, s: Path, name: str) -> None:
    run = opened()
    run.value("fs-write", f"{s}/{name}", name)
    assert run.value("fs-list", str(s)) == [f"{s}/{name}"]
    assert run.value("fs-read", f"{s}/{name}") == name


def test_benign_a_name_that_is_not_utf_8_can_be_used_as_listed(opened: Opened, s: Path) -> None:
    Path(os.fsdecode(os.fsencode(s) + b"/\xff")).write_text("x")
    run = opened()
    (path,) = run.value("fs-list", str(s))
    assert run.value("fs-read", path) == "x"


def test_benign_relative_paths_with_a_base(opened: Opened, s: Path) -> None:
    (s / "in").mkdir()
    run = opened("fs.read:in", "fs.write:in", base=str(s))
    run.value("fs-write", "in/a.txt", "a")
    assert run.value("fs-read", "./in//a.txt") == "a"
    assert run.value("fs-list", "in") == ["in/a.txt"]
    assert run.value("fs-glob", "in/*") == ["in/a.txt"]
    assert run.value("fs-glob", f"{s}/in/*") == [f"{s}/in/a.txt"]


def test_benign_links_that_stay_inside_work(opened: Opened, s: Path) -> None:
    (s / "releases" / "2").mkdir(parents=True)
    (s / "releases" / "2" / "a").write_text("two")
    (s / "current").symlink_to("releases/2")
    (s / "releases" / "top").symlink_to("../current/../2/a")
    run = opened()
    assert run.value("fs-read", f"{s}/current/a") == "two"
    assert run.value("fs-read", f"{s}/releases/top") == "two"
    assert run.value("fs-list", f"{s}/current") == [f"{s}/current/a"]
    assert run.value("fs-glob", f"{s}/current/*") == [f"{s}/current/a"]
    run.value("fs-write", f"{s}/current/b", "new")
    assert (s / "releases/2/b").read_text() == "new"


def test_forty_links_are_followed_and_no_more(opened: Opened, s: Path) -> None:
    (s / "0").write_text("end")
    for n in range(1, 42):
        (s / str(n)).symlink_to(str(n - 1))
    run = opened()
    assert run.value("fs-read", f"{s}/40") == "end"
    assert run.error("fs-read", f"{s}/41").tag == "link-loop"


def test_any_is_everything_and_absolute_links_work_there(opened: Opened, s: Path) -> None:
    (s / "a").write_text("a")
    (s / "absolute").symlink_to(s / "a")
    (s / "up").symlink_to("../" * 40 + f"{s}/a")
    run = opened("fs.read:*")
    assert run.value("fs-read", f"{s}/absolute") == "a"
    assert run.value("fs-read", f"{s}/up") == "a"
    os.link(s / "a", s / "b")
    assert run.value("fs-read", f"{s}/b") == "a"


def test_a_grant_of_one_file_is_of_that_file(opened: Opened, s: Path) -> None:
    (s / "a").write_text("a")
    (s / "b").write_text("b")
    run = opened(f"fs.read:{s}/a", f"fs.write:{s}/a", f"fs.write:{s}/new")
    assert run.value("fs-read", f"{s}/a") == "a"
    run.value("fs-write", f"{s}/a", "changed")
    run.value("fs-append", f"{s}/new", "new")
    assert ((s / "a").read_text(), (s / "new").read_text()) == ("changed", "new")
    for path in (f"{s}/b", str(s), f"{s}/a/x", f"{s}/ab"):
        run.denied("fs-read", path)
    run.denied("fs-write", f"{s}/new/x", "")
    (s / "a").unlink()
    (s / "a").symlink_to("b")
    run.denied("fs-read", f"{s}/a")


def test_a_grant_of_a_link_is_of_what_it_led_to(opened: Opened, s: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").write_text("a")
    (s / "link").symlink_to(tmp_path / "real")
    (s / "file").symlink_to(tmp_path / "real" / "a")
    run = opened(f"fs.read:{s}/link", f"fs.read:{s}/file")
    assert run.value("fs-read", f"{s}/link/a") == "a"
    assert run.value("fs-read", f"{s}/file") == "a"


def test_a_renamed_root_stays_the_one_that_was_granted(opened: Opened, s: Path, tmp_path: Path) -> None:
    (s / "a").write_text("granted")
    run = opened()
    s.rename(tmp_path / "moved")
    s.mkdir()
    (s / "a").write_text("another")
    assert run.value("fs-read", f"{s}/a") == "granted"
    run.value("fs-write", f"{s}/b", "b")
    assert (tmp_path / "moved" / "b").exists()


def test_a_grant_of_what_is_not_there_names_itself(s: Path) -> None:
    powers = Powers(lambda name, labels: Policy.of("fs.read:none/x", base=str(s)))
    with pytest.raises(SettingsError, match="grant of none/x: "):
        powers.session("id", "name", {})
    powers.close()


def test_b14_an_empty_scope_is_a_configuration_error() -> None:
    for grant in ("fs.read", "fs.read:"):
        with pytest.raises(Invalid, match="must say what for"):
            Policy.of(grant)
    with pytest.raises(Invalid, match="needs `base`"):
        Policy.of("fs.read:data")


def test_the_opener_is_the_kernels_where_there_is_one(s: Path) -> None:
    root = Root(str(s), str(s))
    assert root.opener is (openat2 if AVAILABLE else walk)
    root.close()


def test_no_message_names_the_place_on_the_host(opened: Opened, s: Path) -> None:
    (s / "in").mkdir()
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(s / "in" / "sock"))
    sock.close()
    run = opened("fs.read:in", "fs.write:in", base=str(s))
    for name, *args in (
        ("fs-read",), ("fs-stat",), ("fs-list",), ("fs-write", "x"), ("fs-append", "x"), ("fs-remove",),
    ):  # fmt: skip
        for path in ("in/none/x", "in/sock", "in"):
            result = run.call(name, path, *args)
            if not result[keyword("ok")]:
                assert str(s) not in result[keyword("error")].message


def test_every_operation_is_documented_and_shown() -> None:
    for operation in PACK.operations.values():
        assert operation.doc
        assert operation.example.startswith(f"({operation.name} ")
        assert operation.answers == "result" or operation.name.endswith("?")
        assert operation.changes == any(kind == "fs.write" for kind, _ in operation.needs)
