"""`vigyc check` and `vigyc compile`."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.shell import objects, vigyc

BROKEN = "(define (f a b) a)\n(f 1)\n(nowhere 2)\n(if)\n"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    file = tmp_path / "broken.tatara"
    file.write_text(BROKEN)
    return file


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "good.tatara"
    file.write_text('(define (greet name) (string-append "hello " name))\n(vigy-log "info" (greet "you"))\n')
    return file


def test_nothing_wrong_is_zero(good: Path) -> None:
    done = vigyc("check", good)
    assert (done.exit_code, done.stdout) == (0, "")


def test_every_finding_is_shown(broken: Path, good: Path) -> None:
    done = vigyc("check", good, broken)
    assert done.exit_code == 1
    for place in ("2:1", "3:2", "4:1"):
        assert f"--> {broken}:{place}" in done.stdout
    assert done.stderr == "2 programs: 3 errors, 0 warnings\n"


def test_findings_in_json(broken: Path) -> None:
    done = vigyc("check", broken, "-o", "json")
    assert done.exit_code == 1
    assert done.stderr == ""
    found = objects(done.stdout)
    assert [(each["file"], each["severity"], each["line"]) for each in found] == [
        (str(broken), "error", line) for line in (2, 3, 4)
    ]
    assert found[0]["span"] == [19, 24]


def test_a_warning_alone_is_zero(tmp_path: Path) -> None:
    file = tmp_path / "a.tatara"
    file.write_text("(sort-by < (list 2 1))")
    done = vigyc("check", file)
    assert done.exit_code == 0
    assert done.stdout.startswith("warning[")
    assert "sort-by-key" in done.stdout


def test_a_read_error_is_a_finding() -> None:
    done = vigyc("check", "-", given="(car")
    assert done.exit_code == 1
    assert "--> <stdin>:1:1" in done.stdout


@pytest.mark.parametrize("emit", ["python", "ast", "ir", "expanded", "bytecode"])
def test_every_stage_is_shown(good: Path, emit: str) -> None:
    done = vigyc("compile", good, "--emit", emit)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "greet" in done.stdout
    assert done.stdout.endswith("\n")
    (told,) = objects(vigyc("compile", good, "--emit", emit, "-o", "json").stdout)
    assert told["file"] == str(good)
    assert told["emit"] == emit


def test_python_is_the_default_stage(good: Path) -> None:
    done = vigyc("compile", good)
    assert done.stdout == vigyc("compile", good, "--emit", "python", "--no-cache").stdout
    assert "def program(host):" in done.stdout


def test_what_is_no_program_is_shown_and_is_one() -> None:
    done = vigyc("compile", "-", given="(car")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "--> <stdin>:1:1" in done.stderr
    (told,) = objects(vigyc("compile", "-", "-o", "json", given="(car").stdout)
    assert (told["kind"], told["line"], told["column"]) == ("reader", 1, 1)
