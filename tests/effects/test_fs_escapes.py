"""Ways out of a granted folder, and files that are none: each with the verdict it must get, with either opener."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import pytest

from vigyc.effects.files.openat2 import AVAILABLE, openat2
from vigyc.effects.files.outside import Outside
from vigyc.effects.files.walker import walk
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError

OPENERS = [
    pytest.param(openat2, id="openat2", marks=pytest.mark.skipif(not AVAILABLE, reason="no openat2 here")),
    pytest.param(walk, id="walker"),
]
SECRET = "the secret of the host"


class Jail(NamedTuple):
    """A run that may read and write below `s` only; `out` is a folder beside it with a file `secret`."""

    run: Any
    s: Path
    out: Path
    make: Callable[..., Any]

    def unharmed(self) -> bool:
        return sorted(os.listdir(self.out)) == ["keep", "secret"] and (self.out / "secret").read_text() == SECRET


@pytest.fixture(params=OPENERS)
def jail(effects: Callable[..., Any], tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Jail]:
    s, out = tmp_path / "s", tmp_path / "out"
    s.mkdir()
    (out / "keep").mkdir(parents=True)
    (out / "secret").write_text(SECRET)

    def make(*grants: str, **policy: Any) -> Any:
        run = effects(*grants, **policy)
        for grant in run.gate.session.policy.grants:
            run.gate.session.judge(grant.kind, grant.scope.path).resource.root.opener = request.param
        return run

    found = Jail(make(f"fs.read:{s}", f"fs.write:{s}"), s, out, make)
    yield found
    assert found.unharmed()


def answer(run: Any, name: str, *args: object) -> tuple[str, Any]:
    """ "denied", "value" or the tag of the error, and the value."""
    try:
        result = run.call(name, *args)
    except TickError as error:
        return error.kind, None
    if result.__class__ is bool:
        return "value", result
    return ("value", result[keyword("value")]) if result[keyword("ok")] else (result[keyword("error")].tag, None)


def test_b01_dots_that_climb_out_are_denied(jail: Jail) -> None:
    for path in (f"{jail.s}/../out/secret", f"{jail.s}/../../etc/passwd", f"{jail.s}/a/b/../../../out/secret"):
        jail.run.denied("fs-read", path)


def test_b02_a_symlink_out_of_the_root_is_denied(jail: Jail) -> None:
    (jail.s / "absolute").symlink_to("/etc/passwd")
    (jail.s / "relative").symlink_to("../out/secret")
    (jail.s / "twice").symlink_to("relative")
    for name in ("absolute", "relative", "twice"):
        text = jail.run.denied("fs-read", f"{jail.s}/{name}")
        assert "a link on the way leads out" in text
        assert "etc" not in text


def test_b02_also_one_that_comes_back_in(jail: Jail) -> None:
    (jail.s / "a").write_text("a")
    (jail.s / "back").symlink_to("../s/a")
    (jail.s / "absolute").symlink_to(jail.s / "a")
    jail.run.denied("fs-read", f"{jail.s}/back")
    jail.run.denied("fs-read", f"{jail.s}/absolute")


def test_b03_a_folder_that_is_a_symlink_out_is_denied(jail: Jail) -> None:
    (jail.s / "dirlink").symlink_to(jail.out)
    (jail.s / "up").symlink_to("..")
    jail.run.denied("fs-read", f"{jail.s}/dirlink/secret")
    jail.run.denied("fs-read", f"{jail.s}/up/out/secret")


def test_b04_a_sibling_with_the_same_beginning_is_denied(jail: Jail) -> None:
    evil = Path(f"{jail.s}-evil")
    evil.mkdir()
    (evil / "x").write_text(SECRET)
    jail.run.denied("fs-read", f"{evil}/x")
    jail.run.denied("fs-glob", f"{jail.s}*/x")


@pytest.mark.parametrize("pattern", ["{s}/../out/*", "**/*", "../*", "/**/secret", "{s}/*/../../out/*", "{out}/*"])
def test_b07_a_glob_out_of_the_root_is_denied(jail: Jail, pattern: str) -> None:
    jail.run.denied("fs-glob", pattern.format(s=jail.s, out=jail.out))


def test_b07_a_glob_does_not_walk_through_links(jail: Jail) -> None:
    (jail.s / "l").symlink_to(jail.out)
    (jail.s / "up").symlink_to("..")
    (jail.s / "a").write_text("")
    for pattern in ("**/secret", "*/secret", "*/out/*", "**/out/**"):
        assert jail.run.value("fs-glob", f"{jail.s}/{pattern}") == []
    assert jail.run.value("fs-glob", f"{jail.s}/**") == [f"{jail.s}/{name}" for name in ("a", "l", "up")]
    jail.run.denied("fs-glob", f"{jail.s}/l/*")
    jail.run.denied("fs-glob", f"{jail.s}/up/**")


def test_b08_a_walk_or_listing_through_a_symlink_is_denied(jail: Jail) -> None:
    (jail.s / "l").symlink_to(jail.out)
    (jail.s / "d").mkdir()
    (jail.s / "d" / "m").symlink_to("../../out")
    for name in ("fs-list", "fs-walk"):
        for path in ("l", "d/m", "l/keep", "d/m/keep"):
            jail.run.denied(name, f"{jail.s}/{path}")
    assert jail.run.value("fs-walk", str(jail.s)) == [f"{jail.s}/{p}" for p in ("d", "d/m", "l")]


def test_b09_a_write_that_climbs_out_is_denied(jail: Jail) -> None:
    for name in ("fs-write", "fs-append"):
        jail.run.denied(name, f"{jail.s}/../x", "evil")
        jail.run.denied(name, f"{jail.s}/../out/secret", "evil")


def test_b09_a_write_through_a_dangling_symlink_is_denied(jail: Jail) -> None:
    (jail.s / "l").symlink_to(jail.out / "new")
    (jail.s / "m").symlink_to("../out/new")
    (jail.s / "d").symlink_to(jail.out)
    for name in ("fs-write", "fs-append"):
        for path in ("l", "m", "d/new"):
            jail.run.denied(name, f"{jail.s}/{path}", "evil")


def test_b10_a_folder_made_outside_is_denied(jail: Jail) -> None:
    (jail.s / "l").symlink_to(jail.out)
    (jail.s / "new").symlink_to(jail.out / "new")
    jail.run.denied("fs-mkdir", f"{jail.s}/a/../../b")
    jail.run.denied("fs-mkdir", f"{jail.s}/l/x/y")
    jail.run.denied("fs-mkdir", f"{jail.s}/new")
    assert sorted(os.listdir(jail.s)) == ["l", "new"]


def test_b12_a_copy_of_what_may_not_be_read_is_denied(jail: Jail) -> None:
    jail.run.denied("fs-copy", "/etc/passwd", f"{jail.s}/p")
    writer = jail.make(f"fs.write:{jail.s}")
    (jail.s / "a").write_text("a")
    writer.denied("fs-copy", f"{jail.s}/a", f"{jail.s}/p")
    writer.denied("fs-move", f"{jail.s}/a", f"{jail.s}/p")
    reader = jail.make(f"fs.read:{jail.s}")
    reader.denied("fs-copy", f"{jail.s}/a", f"{jail.s}/p")
    reader.denied("fs-write", f"{jail.s}/p", "")
    writer.denied("fs-read", f"{jail.s}/a")
    writer.denied("fs-exists?", f"{jail.s}/a")
    assert os.listdir(jail.s) == ["a"]


def test_b13_nul_surrogates_and_very_long_names_are_denied(jail: Jail) -> None:
    (jail.s / "a").write_text("a")
    for path in (f"{jail.s}/a\0b", f"{jail.s}/a\0", f"{jail.s}/" + "x" * 5000, f"{jail.s}/\ud800", ""):
        jail.run.denied("fs-read", path)
        jail.run.denied("fs-write", path, "x")
    assert jail.run.error("fs-read", f"{jail.s}/" + "é" * 2030).tag == "name-too-long"


def test_b13_the_environment_by_a_link_is_denied(jail: Jail) -> None:
    (jail.s / "env").symlink_to("/proc/self/environ")
    (jail.s / "fds").symlink_to("/proc/self/fd")
    jail.run.denied("fs-read", f"{jail.s}/env")
    jail.run.denied("fs-list", f"{jail.s}/fds")


def test_b13_the_kernels_files_are_not_part_of_any(jail: Jail) -> None:
    run = jail.make("fs.read:*", "fs.write:*")
    for path in ("/proc/self/environ", "/proc/self/mem", "/proc/1/cmdline", "/proc/meminfo"):
        run.denied("fs-read", path)
    assert answer(run, "fs-append", "/proc/self/comm", "x")[0] == "denied"
    assert "MemTotal" in jail.make("fs.read:/proc/meminfo").value("fs-read", "/proc/meminfo")


def test_b13_magic_links_are_denied_also_for_any(jail: Jail) -> None:
    run = jail.make("fs.read:*")
    fd = os.open(jail.out / "secret", os.O_RDONLY)
    here, there = os.pipe()
    try:
        for path in (f"fd/{fd}", f"fd/{here}", "cwd/pyproject.toml", "root/etc/passwd", "exe", "ns/net"):
            assert "that the kernel makes up" in run.denied("fs-read", f"/proc/self/{path}")
    finally:
        os.close(fd)
        os.close(here)
        os.close(there)
    assert run.call("fs-dir?", "/proc/self/fd") is True


def test_b13_fifos_devices_and_sockets_are_refused_at_once(jail: Jail) -> None:
    os.mkfifo(jail.s / "fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(jail.s / "sock"))
        started = monotonic()
        for path in ("fifo", "sock"):
            for name, *args in (("fs-read",), ("fs-read-bytes",), ("fs-write", "x"), ("fs-append", "x")):
                assert jail.run.error(name, f"{jail.s}/{path}", *args).tag == "not-file"
            assert jail.run.error("fs-copy", f"{jail.s}/{path}", f"{jail.s}/copy").tag == "not-file"
        devices = jail.make("fs.read:/dev", "fs.write:/dev/full", "fs.read:/dev/zero")
        for path in ("/dev/zero", "/dev/null", "/dev/tty"):
            assert devices.error("fs-read", path).tag in {"not-file", "not-found"}
        assert devices.error("fs-write", "/dev/full", "x").tag == "not-file"
        assert devices.error("fs-append", "/dev/full", "x").tag == "not-file"
        assert monotonic() - started < 1.0


def test_b13_a_fifo_with_someone_at_its_other_end_is_refused_as_well(jail: Jail) -> None:
    os.mkfifo(jail.s / "fifo")
    other = os.open(jail.s / "fifo", os.O_RDWR)
    os.write(other, b"x")
    try:
        assert jail.run.error("fs-read", f"{jail.s}/fifo").tag == "not-file"
        assert jail.run.error("fs-append", f"{jail.s}/fifo", "x").tag == "not-file"
        assert os.read(other, 10) == b"x"
    finally:
        os.close(other)


def test_b13_a_hard_link_may_be_from_elsewhere_and_is_refused(jail: Jail) -> None:
    os.link(jail.out / "secret", jail.s / "hard")
    for name, *args in (("fs-read",), ("fs-read-bytes",), ("fs-write", "x"), ("fs-append", "x")):
        assert jail.run.error(name, f"{jail.s}/hard", *args).tag == "hard-link"
    assert jail.run.error("fs-copy", f"{jail.s}/hard", f"{jail.s}/copy").tag == "hard-link"
    jail.run.value("fs-move", f"{jail.s}/hard", f"{jail.s}/moved")
    assert jail.run.error("fs-read", f"{jail.s}/moved").tag == "hard-link"
    jail.run.value("fs-remove", f"{jail.s}/moved")


@pytest.mark.parametrize("variant", ["S", "ＳＳ", "s\u0301", "\u017f", "s ", "s."])
def test_b17_a_variant_of_the_name_of_the_root_is_not_the_root(jail: Jail, variant: str) -> None:
    (jail.s / "a").write_text("a")
    jail.run.denied("fs-read", f"{jail.s.parent}/{variant}/a")


def test_b17_names_are_compared_as_they_are(jail: Jail) -> None:
    composed, decomposed = jail.s / "\u00e9", jail.s / "e\u0301"
    composed.mkdir()
    decomposed.mkdir()
    (decomposed / "x").write_text(SECRET)
    run = jail.make(f"fs.read:{composed}")
    run.denied("fs-read", f"{decomposed}/x")
    assert run.error("fs-read", f"{composed}/x").tag == "not-found"


# -- T3: every operation on every way out

WAYS = ["link-file", "link-dir/secret", "up/secret", "chain/secret", "absolute", "dangling", "magic/secret"]
OPERATIONS: list[tuple[str, tuple[object, ...]]] = [
    ("fs-exists?", ()), ("fs-file?", ()), ("fs-dir?", ()), ("fs-stat", ()), ("fs-list", ()), ("fs-walk", ()),
    ("fs-read", ()), ("fs-read-bytes", ()), ("fs-write", ("evil",)), ("fs-append", ("evil",)), ("fs-mkdir", ()),
    ("fs-copy", ("TO",)), ("fs-copy", ("FROM",)), ("fs-move", ("FROM",)), ("fs-glob", ()), ("fs-remove", ()),
    ("fs-move", ("TO",)),
]  # fmt: skip
AT_END = {"fs-remove", "fs-glob"}  # these see a link at the end as what it is: a name


def plant(jail: Jail) -> None:
    s, out = jail.s, jail.out
    (s / "own").write_text("own")
    (s / "link-file").symlink_to(out / "secret")
    (s / "absolute").symlink_to("/etc/passwd")
    (s / "dangling").symlink_to(out / "nothing")
    (s / "link-dir").symlink_to(out)
    (s / "up").symlink_to("../out")
    (s / "chain").symlink_to("up")
    (s / "magic").symlink_to("/proc/self/cwd")


@pytest.mark.parametrize(("name", "rest"), OPERATIONS, ids=[f"{n}-{'-'.join(map(str, r))}" for n, r in OPERATIONS])
@pytest.mark.parametrize("way", WAYS)
def test_t3_every_operation_on_every_way_out(jail: Jail, name: str, rest: tuple[object, ...], way: str) -> None:
    plant(jail)
    path = f"{jail.s}/{way}"
    args: tuple[object, ...] = (path, *rest)
    if rest == ("TO",):
        args = (path, f"{jail.s}/new")
    elif rest == ("FROM",):
        args = (f"{jail.s}/own", path)
    verdict, value = answer(jail.run, name, *args)
    if "/" not in way and (name in AT_END or (name == "fs-move" and rest == ("TO",))):
        assert verdict == "value"  # the link itself is listed, removed or renamed
        assert value in (None, [path])
    else:
        assert verdict == "denied"
        assert jail.run.gate.denied == 1
    assert "own" in os.listdir(jail.s)
    assert not any(name.startswith(".vigyc-") for name in os.listdir(jail.s))


@pytest.mark.parametrize(("name", "rest"), OPERATIONS, ids=[f"{n}-{'-'.join(map(str, r))}" for n, r in OPERATIONS])
@pytest.mark.parametrize(
    "way", ["../out/secret", "../s-evil/x", "../../../../../../etc/passwd", "own/../../out/secret"]
)
def test_t3_every_operation_that_climbs(jail: Jail, name: str, rest: tuple[object, ...], way: str) -> None:
    plant(jail)
    path = f"{jail.s}/{way}"
    args: tuple[object, ...] = (path, *rest)
    if rest == ("TO",):
        args = (path, f"{jail.s}/new")
    elif rest == ("FROM",):
        args = (f"{jail.s}/own", path)
    jail.run.denied(name, *args)


def test_t3_a_tree_is_removed_and_what_its_links_lead_to_is_not(jail: Jail) -> None:
    (jail.s / "d").mkdir()
    (jail.s / "d" / "l").symlink_to(jail.out)
    (jail.s / "d" / "f").symlink_to(jail.out / "secret")
    os.link(jail.out / "secret", jail.s / "d" / "hard")
    jail.run.value("fs-remove", f"{jail.s}/d", {keyword("all"): True})
    (jail.s / "l").symlink_to(jail.out)
    jail.run.value("fs-remove", f"{jail.s}/l", {keyword("all"): True})
    assert os.listdir(jail.s) == []


def test_c07_a_denial_that_is_caught_still_counts_and_is_recorded(jail: Jail) -> None:
    (jail.s / "l").symlink_to(jail.out / "secret")
    jail.run.denied("fs-read", f"{jail.s}/l")
    decisions = jail.run.gate.calls[-1].decisions
    assert [(d.allowed, d.kind, d.resource) for d in decisions] == [
        (True, "fs.read", f"{jail.s}/l"),
        (False, "fs.read", f"{jail.s}/l"),
    ]


# -- both openers, side by side, on whatever a random tree holds


@pytest.mark.skipif(not AVAILABLE, reason="no openat2 here")
@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("links", [False, True])
def test_the_walker_gives_the_verdicts_of_openat2(tmp_path: Path, whole: bool, links: bool) -> None:
    (tmp_path / "top" / "d" / "e").mkdir(parents=True)
    (tmp_path / "top" / "d" / "f").write_text("f")
    (tmp_path / "beside").write_text("b")
    texts = (
        "d", "d/", "d/f", "d/f/", "./d/../d/e", "..", "../top/d", "/d/f", "/", "d/../..", "none", "none/..", "d/f/..",
        "self", "l0", "l1/f", "l5/..", "/proc/self/cwd", "//d//f", ".", "l4/./f", "d/e/../../../top",
    )  # fmt: skip
    for at, text in enumerate(texts):
        (tmp_path / "top" / f"l{at}").symlink_to(text)
    (tmp_path / "top" / "self").symlink_to("self")
    top = os.open(tmp_path / "top", os.O_PATH | os.O_DIRECTORY)
    flags = (os.O_RDONLY | os.O_NONBLOCK, os.O_PATH, os.O_PATH | os.O_DIRECTORY, os.O_RDONLY | os.O_DIRECTORY)
    names = [f"l{at}" for at in range(len(texts))]
    paths = [
        "d",
        "d/f",
        "d/f/x",
        "none",
        "self",
        ".",
        "d/.",
        *names,
        *(n + t for n in names for t in ("/f", "/", "/x/y")),
    ]
    try:
        for path in paths:
            for flag in flags:
                asked = top, path, flag, whole, links
                assert verdict(walk, *asked) == verdict(openat2, *asked), asked
    finally:
        os.close(top)


def verdict(opener: Callable[..., int], *args: object) -> object:
    try:
        fd = opener(*args)
    except Outside:
        return "outside"
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    try:
        found = os.fstat(fd)
        return found.st_dev, found.st_ino
    finally:
        os.close(fd)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
def test_neither_opener_leaks_descriptors(jail: Jail) -> None:
    plant(jail)
    before = len(os.listdir("/proc/self/fd"))
    for way in WAYS:
        for name, rest in OPERATIONS[:-2]:
            answer(jail.run, name, f"{jail.s}/{way}", *rest)
    assert len(os.listdir("/proc/self/fd")) == before


FORBIDDEN = """
import ctypes, os, struct, sys
sys.path.insert(0, "src")
early, code, folder = sys.argv[1] == "early", int(sys.argv[2]), sys.argv[3]
def forbid():  # seccomp: openat2 (437) ends with `code`, all else goes on
    steps = struct.pack("HBBI" * 4, 0x20, 0, 0, 0, 0x15, 0, 1, 437, 0x06, 0, 0, 0x50000 | code, 0x06, 0, 0, 0x7FFF0000)
    held = ctypes.create_string_buffer(steps, len(steps))
    program = struct.pack("HxxxxxxQ", 4, ctypes.addressof(held))
    libc = ctypes.CDLL(None)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
        sys.exit("no seccomp")
if early:
    forbid()
from vigyc.effects.files.openat2 import AVAILABLE
from vigyc.effects.files.outside import Outside
from vigyc.effects.files.root import Root
root = Root(folder, folder)
if not early:
    forbid()
print(AVAILABLE, os.read(root.open("a", os.O_RDONLY), 9).decode())
try:
    root.open("l", os.O_RDONLY)
except Outside:
    print("outside")
"""


@pytest.mark.skipif(not AVAILABLE, reason="no openat2 here")
@pytest.mark.parametrize("code", [errno.ENOSYS, errno.EPERM])
@pytest.mark.parametrize("early", [True, False], ids=["from-the-start", "later"])
def test_where_openat2_is_forbidden_the_walker_takes_over(tmp_path: Path, code: int, early: bool) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "l").symlink_to("/etc/passwd")
    command = [sys.executable, "-c", FORBIDDEN, "early" if early else "later", str(code), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    if done.stderr.strip() == "no seccomp":
        pytest.skip("no seccomp here")
    assert done.stdout.split() == [str(not early), "a", "outside"], done.stderr
