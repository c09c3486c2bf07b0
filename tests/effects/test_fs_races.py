"""Files and links that change places while a program uses them: whatever it meets, it stays inside.

Another process exchanges two names without pause: what is inside and a link out of the root. A naive check of the real
path before opening loses this race, which the last test shows.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from vigyc.effects.files.openat2 import AVAILABLE, openat2
from vigyc.effects.files.walker import walk
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs renameat2")

OPENERS = [
    pytest.param(openat2, id="openat2", marks=pytest.mark.skipif(not AVAILABLE, reason="no openat2 here")),
    pytest.param(walk, id="walker"),
]
SECONDS = 1.0
SECRET = "secret"
FLIPPER = """
import ctypes, sys
exchange = ctypes.CDLL(None).renameat2
one, other = (path.encode() for path in sys.argv[1:])
print("ready", flush=True)
while True:
    exchange(-100, one, -100, other, 2)
"""


@contextmanager
def flipping(one: Path, other: Path) -> Iterator[None]:
    command = [sys.executable, "-S", "-E", "-c", FLIPPER, str(one), str(other)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as flipper:
        try:
            assert flipper.stdout is not None
            flipper.stdout.readline()
            yield
        finally:
            flipper.kill()


@pytest.fixture
def s(tmp_path: Path) -> Path:
    """`s` with a folder `d`, a link `m` out of it and a file `f`; `out` beside it, with the same names inside."""
    for name in ("s/d", "out", "links"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "s/d/x").write_text("own")
    (tmp_path / "s/f").write_text("own")
    (tmp_path / "out/x").write_text(SECRET)
    (tmp_path / "out/only-outside").write_text("")
    (tmp_path / "links/to-folder").symlink_to("../out")
    (tmp_path / "links/to-file").symlink_to("../out/x")
    return tmp_path / "s"


@pytest.fixture(params=OPENERS)
def run(effects: Callable[..., Any], s: Path, request: pytest.FixtureRequest) -> Any:
    made = effects(f"fs.read:{s}", f"fs.write:{s}", seconds=60.0)
    made.gate.session.judge("fs.read", str(s)).resource.root.opener = request.param
    return made


def unharmed(s: Path) -> bool:
    out = s.parent / "out"
    return sorted(os.listdir(out)) == ["only-outside", "x"] and (out / "x").read_text() == SECRET


def verdicts(run: Any, calls: list[tuple[Any, ...]], after: Callable[[], None] = lambda: None) -> dict[str, int]:
    """How often each verdict was met in the time there is; no value may tell of what is outside."""
    found: dict[str, int] = {}
    until = monotonic() + SECONDS
    for name, *args in cycle(calls):
        if monotonic() > until:
            return found
        try:
            result = run.call(name, *args)
        except TickError as error:
            tag = error.kind
        else:
            tag = "value" if result[keyword("ok")] else result[keyword("error")].tag
            shown = str(result)
            assert SECRET not in shown
            assert "only-outside" not in shown
            if name == "fs-stat" and tag == "value":
                assert result[keyword("value")][keyword("size")] != len(SECRET)
        found[tag] = found.get(tag, 0) + 1
        run.gate.calls.clear()
        after()
    return found


def test_b15_reading_a_file_that_turns_into_a_link(run: Any, s: Path) -> None:
    with flipping(s / "f", s.parent / "links/to-file"):
        calls = [(name, f"{s}/f") for name in ("fs-read", "fs-read-bytes", "fs-stat")]
        found = verdicts(run, [*calls, ("fs-copy", f"{s}/f", f"{s}/copy")])
        if (s / "copy").exists():
            assert (s / "copy").read_text() == "own"
    assert found.keys() == {"value", "denied"}, found
    assert run.gate.denied == found["denied"]


def test_b15_reading_and_listing_in_a_folder_that_turns_into_a_link(run: Any, s: Path) -> None:
    calls = [("fs-read", f"{s}/d/x"), ("fs-stat", f"{s}/d/x"), ("fs-list", f"{s}/d"), ("fs-walk", str(s))]
    calls += [("fs-glob", f"{s}/d/*"), ("fs-glob", f"{s}/*/*"), ("fs-glob", f"{s}/**"), ("fs-walk", f"{s}/d")]
    with flipping(s / "d", s.parent / "links/to-folder"):
        found = verdicts(run, calls)
    assert {"value", "denied"} <= found.keys() <= {"value", "denied"}, found


def test_b15_writing_where_a_file_turns_into_a_link(run: Any, s: Path) -> None:
    calls = [("fs-write", f"{s}/f", "own"), ("fs-append", f"{s}/f", "."), ("fs-copy", f"{s}/d/x", f"{s}/f")]
    link, staged = s.parent / "links/to-file", s.parent / "staged"

    def again() -> None:
        """A write that lost to the flipper took the place of the link; there must be one of each again.

        What is seen here may be wrong, since they change places meanwhile; the next time puts that right.
        """
        links = link.is_symlink(), (s / "f").is_symlink()
        if links == (False, False):
            staged.symlink_to("../out/x")
            staged.rename(link)
        elif links == (True, True):
            staged.write_text("own")
            staged.rename(s / "f")

    with flipping(s / "f", link):
        found = verdicts(run, calls, again)
    assert unharmed(s)
    assert {"value", "denied"} <= found.keys() <= {"value", "denied", "is-link", "link-loop", "not-file"}, found


def test_b15_changing_what_is_in_a_folder_that_turns_into_a_link(run: Any, s: Path) -> None:
    everything = {keyword("all"): True}
    calls = [
        ("fs-write", f"{s}/d/new", "own"), ("fs-append", f"{s}/d/x", "."), ("fs-mkdir", f"{s}/d/a/b"),
        ("fs-copy", f"{s}/f", f"{s}/d/copy"), ("fs-move", f"{s}/d/new", f"{s}/d/only-inside"),
        ("fs-remove", f"{s}/d/only-inside"), ("fs-remove", f"{s}/d/a", everything),
    ]  # fmt: skip
    with flipping(s / "d", s.parent / "links/to-folder"):
        found = verdicts(run, calls)
    assert unharmed(s)
    assert {"value", "denied"} <= found.keys() <= {"value", "denied", "not-found"}, found


def test_b15_removing_a_tree_in_which_a_folder_turns_into_a_link(run: Any, s: Path) -> None:
    inside, link, staged = s / "t/d", s.parent / "links/to-folder", s.parent / "staged"

    def again() -> None:
        """Of the two that change places one was removed; it comes back whole, so that this goes through no link."""
        inside.parent.mkdir(exist_ok=True)
        if os.path.lexists(inside):
            return
        if link.is_symlink():
            staged.mkdir()
            for name in ("x", "only-outside"):
                (staged / name).write_text("")
        else:
            staged.symlink_to(s.parent / "out")
        staged.rename(inside)

    again()
    with flipping(inside, link):
        found = verdicts(run, [("fs-remove", f"{s}/t", {keyword("all"): True})], again)
    assert unharmed(s)
    assert found.get("value", 0) > 0, found


def test_b15_a_folder_moved_out_while_a_link_goes_up_through_it(run: Any, s: Path) -> None:
    for folder in (s / "m", s.parent / "out/m"):
        (folder / "deep").mkdir(parents=True)
    (s / "x").write_text("own")
    (s / "l").symlink_to("m/deep/../../x")
    with flipping(s / "m", s.parent / "out/m"):
        found = verdicts(run, [("fs-read", f"{s}/l")])
    assert found.keys() == {"value"}, found


def test_a_naive_check_before_opening_loses_this_race(s: Path) -> None:
    until = monotonic() + 20
    with flipping(s / "f", s.parent / "links/to-file"):
        while monotonic() < until:
            with suppress(OSError):
                if os.path.realpath(s / "f").startswith(f"{s}/") and (s / "f").read_text() == SECRET:
                    return
    pytest.fail("the race was never lost: these tests show nothing")
