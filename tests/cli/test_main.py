"""What every command shares: help, version, mistakes on the command line, files, exit codes, interrupts."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from cli.counter import Counter
from cli.shell import process, vigyc
from vigyc.lang.errors import Conflict, InternalError, Invalid, NotAllowed, NotFound, SettingsError, StoreError
from vigyc.surfaces.cli import main as entry
from vigyc.surfaces.cli.failures import explain
from vigyc.surfaces.cli.options import duration, size

ROOT = Path(__file__).resolve().parents[2]


def test_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for option in ("--version", "-V"):
        assert vigyc(option).output == f"vigyc {project['version']}\n"


def test_version_loads_click_and_nothing_of_ours_but_the_command_line() -> None:
    code = (
        "import sys\nfrom vigyc.surfaces.cli.main import main\n"
        "try: main(['--version'])\nexcept SystemExit: pass\n"
        "print(*sorted(n for n in sys.modules if n.startswith('vigyc.') or n in {'msgpack', 'blake3', 'lark', 'apsw'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1].split() == [
        "vigyc.surfaces",
        "vigyc.surfaces.cli",
        "vigyc.surfaces.cli.exit_codes",
        "vigyc.surfaces.cli.main",
    ]


def test_help_lists_every_command_with_a_line() -> None:
    output = vigyc("--help").output
    for name, line in entry.COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(line)}$", output, re.MULTILINE)


def test_help_has_sections_whose_lines_are_in_one_column() -> None:
    output = vigyc("--help").output
    titles = [line.removesuffix(":") for line in output.splitlines() if re.fullmatch(r"[A-Z].*:", line)]
    assert titles == ["Options", *entry.SECTIONS]
    columns = {line.index(told) for line in output.splitlines() for told in entry.COMMANDS.values() if told in line}
    assert len(columns) == 1


@pytest.mark.parametrize("name", entry.COMMANDS)
def test_every_command_has_help(name: str) -> None:
    done = vigyc(name, "--help")
    assert done.exit_code == 0
    assert done.output.startswith(f"Usage: vigyc {name} ")


@pytest.mark.parametrize(
    "words", [["run"], ["compile"], ["check"], ["eval"], ["cache", "ls"], ["cache", "prune"], ["db", "info"]]
)
def test_every_command_answers_in_json(words: list[str]) -> None:
    assert "-o, --output [text|json]" in vigyc(*words, "--help").output


def _leaves(group: click.Group, *path: str) -> Iterator[list[str]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _leaves(command, *path, name)
        else:
            yield [*path, name]


@pytest.mark.parametrize(
    "words", [words for words in _leaves(entry.main) if words not in (["completion"], ["mcp"])], ids=" ".join
)
def test_no_command_lacks_an_output_format(words: list[str]) -> None:
    assert "-o, --output [" in vigyc(*words, "--help").output


@pytest.mark.skipif(os.name != "posix", reason="descriptors are closed so on POSIX")
@pytest.mark.parametrize(("words", "code"), [("list", 0), ("tail", 0), ("doctor", 0), ("delete x", 2), ("check -", 2)])
def test_streams_closed_beforehand_are_no_fault_of_ours(counter: Counter, words: str, code: int) -> None:
    counter.register("x")
    more = " --no-follow" if words == "tail" else ""
    where = "" if words == "check -" else f" --db {shlex.quote(str(counter.db))}"
    line = f"{shlex.quote(sys.executable)} -m vigyc {words}{more}{where} <&- >&-"
    done = subprocess.run(
        ["sh", "-c", line], check=False, stderr=subprocess.PIPE, text=True, encoding="utf-8", timeout=60
    )
    assert done.returncode == code, done.stderr
    assert "internal error" not in done.stderr


@pytest.mark.parametrize(("typed", "meant"), [("complie", "compile"), ("runn", "run"), ("chek", "check")])
def test_a_command_nearly_right_is_suggested(typed: str, meant: str) -> None:
    done = vigyc(typed)
    assert done.exit_code == 2
    assert done.stderr.endswith(f"Error: there is no command {typed!r}; did you mean {meant!r}?\n")


def test_a_command_far_from_any_is_not() -> None:
    done = vigyc("xyzzy")
    assert done.exit_code == 2
    assert done.stderr.endswith("Error: there is no command 'xyzzy'\n")


@pytest.mark.parametrize(
    "words",
    [
        ["--nope"],
        ["run"],
        ["run", "x", "--every", "soon"],
        ["run", "x", "--ticks", "0"],
        ["run", "x", "--deadline", "-1s"],
        ["compile"],
        ["compile", "a", "b"],
        ["compile", "a", "--emit", "c"],
        ["check"],
        ["check", "a", "-o", "xml"],
        ["eval"],
        ["eval", "a", "-e", "1"],
        ["eval", "-e", "1", "--batch", "b"],
        ["cache", "frobnicate"],
        ["cache", "prune", "--max-size", "big"],
    ],
)
def test_wrong_usage_is_two(words: list[str]) -> None:
    done = vigyc(*words)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Error: " in done.stderr


@pytest.mark.parametrize("words", [["run"], ["compile"], ["check"], ["eval"], ["eval", "--batch"]])
def test_what_cannot_be_read_is_one_clear_line(words: list[str], tmp_path: Path) -> None:
    absent = vigyc(*words, tmp_path / "absent.tatara")
    assert (absent.exit_code, absent.stderr) == (
        2,
        f"Error: cannot read {tmp_path / 'absent.tatara'}: there is no such file\n",
    )
    folder = vigyc(*words, tmp_path)
    assert (folder.exit_code, folder.stderr) == (2, f"Error: cannot read {tmp_path}: it is a directory\n")


@pytest.mark.parametrize("words", [["run"], ["compile"], ["check"], ["eval"]])
def test_text_that_is_not_utf_8_is_one_clear_line(words: list[str], tmp_path: Path) -> None:
    file = tmp_path / "latin.tatara"
    file.write_bytes(b'(vigy-noop)\n"caf\xe9"\n')
    done = vigyc(*words, file)
    assert (done.exit_code, done.stderr) == (2, f"Error: cannot read {file}: line 2 is not UTF-8 (byte 0xe9)\n")


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
def test_a_file_without_permission_is_one_clear_line(tmp_path: Path, powerless: Callable[[], Any]) -> None:
    file = tmp_path / "secret.tatara"
    file.touch(mode=0)
    vigyc("check", "-", given="1")  # imports what the command needs, which may lie where only root can read
    with powerless():
        done = vigyc("check", file)
    assert (done.exit_code, done.stderr) == (2, f"Error: cannot read {file}: permission denied\n")


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
def test_a_store_in_a_folder_that_is_closed_to_us_is_trouble_with_the_store(
    counter: Counter, powerless: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", "/absent")  # the real one may be closed to us, too
    closed = counter.place / "closed"
    closed.mkdir(mode=0)
    counter.good("list")  # imports what the command needs
    with powerless():
        done = vigyc("list", "--db", closed / "vigy.db")
    assert done.exit_code == 5
    assert done.stderr.startswith(f"vigyc: cannot open {closed / 'vigy.db'}: its ")


def test_all_unreadable_files_are_named(tmp_path: Path) -> None:
    done = vigyc("check", tmp_path / "a", tmp_path / "b")
    assert done.exit_code == 2
    assert done.stderr.count("Error: cannot read ") == 2


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (StoreError("cannot open x: it is\nlocked"), 5, "cannot open x: it is locked"),
        (SettingsError("wrong"), 2, "wrong"),
        (Invalid("no name"), 2, "no name"),
        (NotAllowed("the policy refuses it"), 3, "the policy refuses it"),
        (NotFound("no such vigy"), 4, "no such vigy"),
        (Conflict("taken"), 4, "taken"),
        (PermissionError(13, "Permission denied"), 2, "[Errno 13] Permission denied"),
        (PermissionError(13, "Permission denied", "/x"), 2, "/x: permission denied"),
        (InternalError("guard: x"), 70, "internal error: guard: x (--debug shows where; please report it)"),
        (KeyError("x"), 70, "internal error: KeyError: 'x' (--debug shows where; please report it)"),
        (KeyError(), 70, "internal error: KeyError: KeyError (--debug shows where; please report it)"),
    ],
)
def test_failures_have_codes(error: Exception, code: int, line: str) -> None:
    assert explain(error) == (code, line)


@pytest.mark.parametrize(("before", "after"), [(["--debug"], []), ([], ["--debug"]), ([], [])])
def test_a_traceback_only_with_debug(before: list[str], after: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the sky fell")

    monkeypatch.setattr("vigyc.surfaces.cli.outcome.compile_program", broken)
    done = vigyc(*before, "eval", "-e", "1", *after)
    assert done.exit_code == 70
    assert ("Traceback" in done.stderr) == bool(before or after)
    assert done.stderr.endswith(
        "vigyc: internal error: RuntimeError: the sky fell (--debug shows where; please report it)\n"
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("10s", 10), ("5m", 300), ("1.5h", 5400), ("1d", 86400), ("2000", 2), ("0s", 0)],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize(("text", "count"), [("5", 5), ("500K", 512_000), ("20MiB", 20 * 2**20), ("1g", 2**30)])
def test_sizes(text: str, count: int) -> None:
    assert size(text) == count


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize(
    "text", ['(vigy-set "n" 1)', "(define (count n) (count (+ n 1))) (count 0)"], ids=["idle", "busy"]
)
def test_a_signal_ends_a_run_cleanly(tmp_path: Path, number: int, code: int, text: str) -> None:
    file = tmp_path / "a.tatara"
    file.write_text(text)
    (tmp_path / "first.tatara").write_text('(vigy-set "n" 1)')
    db = tmp_path / "kv.db"
    with process("run", tmp_path / "first.tatara", file, "--db", db, "--every", "1h", "--deadline", "1h") as running:
        assert running.stdout is not None
        assert "first #1" in running.stdout.readline()
        time.sleep(0.3)
        running.send_signal(number)
        try:
            _, errors = running.communicate(timeout=10)
        finally:
            running.kill()
    assert running.returncode == code
    assert errors.strip() == ""
    assert not db.with_name("kv.db-wal").exists()


@pytest.mark.skipif(os.name != "posix", reason="SIGPIPE is POSIX")
def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    file = tmp_path / "a.tatara"
    file.write_text("(vigy-noop)")
    with process("run", file, "--every", "1ms") as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.wait(timeout=10) == 141
        assert running.stderr.read() == ""
