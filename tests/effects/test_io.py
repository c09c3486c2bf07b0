"""Printing to the console: one write a line, and nothing that steers the terminal."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.lang.errors import TickError
from vigyc.runtime.secret import Secret


def printed(run: Any, *values: object) -> list[str]:
    """What went to the console, write by write."""
    written: list[str] = []
    run.session.console = written.append
    for value in values:
        assert run.call("io-print", value) is None
    return written


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("hello", "hello\n"),
        ("", "\n"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab\n"),
        ("é世界🎉", "é世界🎉\n"),
        (3, "3\n"),
        (None, "()\n"),
        (["a", 1], '("a" 1)\n'),
        (Secret("hunter2hunter2", "key"), "***\n"),
        ([Secret("hunter2hunter2", "key")], "(***)\n"),
        ("\x1b[2J\x1b]0;title\x07", "\\u{1b}[2J\\u{1b}]0;title\\u{7}\n"),
        ("a\rb\0c\x7f\x9b31m", "a\\u{d}b\\u{0}c\\u{7f}\\u{9b}31m\n"),
        ("user\u202etxt.exe", "user\\u{202e}txt.exe\n"),
        ("half \ud800", "half \\u{d800}\n"),
    ],
)
def test_a_line_is_one_write_with_control_characters_escaped(
    effects: Callable[..., Any], value: object, line: str
) -> None:
    assert printed(effects("print"), value) == [line]


def test_no_argument_is_an_empty_line(effects: Callable[..., Any]) -> None:
    run = effects("print")
    written: list[str] = []
    run.session.console = written.append
    run.call("io-print")
    assert written == ["\n"]


def test_without_a_grant_nothing_is_printed(effects: Callable[..., Any]) -> None:
    run = effects("log")
    written: list[str] = []
    run.session.console = written.append
    assert "there is no grant of print" in run.denied("io-print", "x")
    assert written == []


def test_a_grant_of_print_opens_no_file(effects: Callable[..., Any], tmp_path: Any) -> None:
    """C01: the console is one kind, files are others."""
    (tmp_path / "a").write_text("secret text")
    run = effects("print", base=str(tmp_path))
    run.denied("fs-read", "a")
    run.denied("fs-write", "a", "x")
    run.denied("log-sink", "a")


def test_a_console_that_is_gone_is_an_error_the_program_can_catch(effects: Callable[..., Any]) -> None:
    run = effects("print")
    reader, writer = os.pipe()
    os.close(reader)
    run.session.console = lambda line: os.write(writer, line.encode())
    with pytest.raises(TickError) as raised:
        run.call("io-print", "x")
    os.close(writer)
    assert (raised.value.kind, raised.value.short) == ("io-error", "`io-print`: broken pipe")


def test_a_line_is_bounded_and_paid_for(effects: Callable[..., Any]) -> None:
    run = effects("print", limits=Limits(write_bytes=10), budgets=(Budget({"bytes": 12}),))
    assert printed(run, "123456789") == ["123456789\n"]
    with pytest.raises(TickError, match="size limit of 10"):
        run.call("io-print", "1234567890")
    with pytest.raises(TickError) as raised:
        run.call("io-print", "123")
    assert raised.value.kind == "budget-exceeded"
    assert run.gate.left("bytes") == 2
