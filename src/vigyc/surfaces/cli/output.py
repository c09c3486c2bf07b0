"""From results to stdout and from findings to stderr, in UTF-8 whatever the locale says.

JSON is one object a line. Text of a program that is shown inside a line of ours cannot move the cursor.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final, TextIO

import click

from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.render import render
from vigyc.lang.source import Source
from vigyc.runtime.json_value import dumps
from vigyc.surfaces.wire.finding import finding_json as placed_json

_HUES: Final = (("---", None), ("+++", None), ("@@", "cyan"), ("-", "red"), ("+", "green"))


def say(text: str, *, err: bool = False, newline: bool = True) -> None:
    """Write `text`; what UTF-8 cannot hold (lone surrogates) as escapes."""
    click.echo(text.encode("utf-8", "backslashreplace"), err=err, nl=newline)


def say_json(value: Any) -> None:
    """Write JSON data on one line, the keys of objects in order."""
    say(json_text(value))


def json_text(value: Any) -> str:
    """JSON data as a line, the keys of objects in order."""
    return dumps(value)


def show(findings: Iterable[Diagnostic], source: Source, *, err: bool = True) -> None:
    """Write findings as people read them, in colour on a terminal that wants it."""
    text = render(findings, source, color=wants_color(err))
    if text:
        say(text, err=err, newline=False)


def say_program(text: str, hue: Callable[[str], str | None] = lambda _: None) -> None:
    """Write a text as it is; on a terminal so that it cannot move the cursor, each line in its colour."""
    color = wants_color(err=False)
    if not (color or is_terminal(sys.stdout)):
        say(text, newline=False)
        return
    for line in text.removesuffix("\n").split("\n"):
        shown = "\t".join(map(one_line, line.split("\t")))
        say(click.style(shown, fg=hue(line)) if color and hue(line) else shown)


def say_diff(text: str) -> None:
    """Write a unified diff, what is new in green and what is gone in red."""
    say_program(text, lambda line: next((hue for start, hue in _HUES if line.startswith(start)), None))


def finding_json(finding: Diagnostic, source: Source) -> dict[str, Any]:
    """A finding as JSON data, with the file it is in."""
    return {"file": source.name, **placed_json(finding, source.text)}


def one_line(text: str) -> str:
    """`text` with everything that is not a visible character or a blank as an escape."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def wants_color(err: bool) -> bool:
    """Whether stderr (`err`) or stdout is a terminal that wants colour; $NO_COLOR and $FORCE_COLOR decide first."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal(sys.stderr if err else sys.stdout) and os.environ.get("TERM") != "dumb"


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody sits at `stream`; at one that was closed before we began (None), nobody does."""
    return stream is not None and stream.isatty()
