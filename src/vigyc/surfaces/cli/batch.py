"""From lines of JSON to a line of result each: every program in a fresh world, whatever the one before it did.

A line is a JSON object with `src` and perhaps an `id`, which the result repeats. With `files` (texts by path) `require`
finds those; with `host` (`tick_start_ms`, `previous_tick_ms`, `tick_count`, `kv`, `now`) the program is ticked once
with the standard intrinsics and the result holds the host's buffers; otherwise it is evaluated without a host.
A line that is not such an object gives a result of kind `bad-input`; nothing a program does ends the batch.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from vigyc.lang.errors import Halted
from vigyc.lang.source import Source
from vigyc.runtime.host import Host
from vigyc.runtime.json_value import from_json
from vigyc.surfaces.cli.outcome import Failure, Setting, tick_of, value_of
from vigyc.surfaces.cli.output import say_json
from vigyc.surfaces.cli.program_files import STDIN, read_bytes


class BadLine(ValueError):
    """A line that is not a task; the text says why."""


def run(name: str, setting: Setting) -> None:
    """Print a result for every line of file `name`, `-` being standard input, in order."""
    for line in _lines(name):
        say_json(answer(line, setting))


def answer(line: bytes, setting: Setting) -> dict[str, Any]:
    """The result of one line."""
    task: dict[str, Any] = {}
    try:
        task = _task(line)
        return {"id": task.get("id"), **_result(task, setting)}
    except BadLine as error:
        return {"id": task.get("id"), "ok": False, "kind": "bad-input", "message": str(error)}
    except (Exception, Halted) as error:
        message = f"{type(error).__name__}: {error}"
        return {"id": task.get("id"), "ok": False, "kind": "internal-error", "message": message}


def _result(task: Mapping[str, Any], setting: Setting) -> dict[str, Any]:
    source = Source("<program>", _text(task, "src"))
    if "host" in task:
        outcome = tick_of(source, _host(task["host"]), setting)
    else:
        files = task.get("files", {})
        if not _is_texts(files):
            raise BadLine("files must be an object of texts")
        outcome = value_of(source, Host(), replace(setting, extensions=(), modules=files))
    return outcome.to_json() if isinstance(outcome, Failure) else outcome


def _lines(name: str) -> Iterator[bytes]:
    """The lines of a file, read as they come from standard input; only LF ends one."""
    data: Iterable[bytes] = sys.stdin.buffer if name == STDIN else io.BytesIO(read_bytes(name))
    yield from data


def _task(line: bytes) -> dict[str, Any]:
    try:
        task = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"not a line of JSON: {error}") from None
    if not isinstance(task, dict):
        raise BadLine("not a JSON object")
    return task


def _host(given: object) -> Host:
    if not isinstance(given, dict):
        raise BadLine("host must be an object")
    kv = given.get("kv", {})
    if not isinstance(kv, dict):
        raise BadLine("host.kv must be an object")
    previous = given.get("previous_tick_ms")
    return Host(
        tick_start_ms=_number(given, "tick_start_ms"),
        previous_tick_ms=None if previous is None else _number(given, "previous_tick_ms"),
        tick_count=_number(given, "tick_count"),
        kv={key: from_json(value) for key, value in kv.items()},
        now=None if given.get("now") is None else _text(given, "now"),
    )


def _text(task: Mapping[str, Any], key: str) -> str:
    value = task.get(key)
    if not isinstance(value, str):
        raise BadLine(f"{key} must be a string")
    return value


def _number(task: Mapping[str, Any], key: str) -> int:
    value = task.get(key, 0)
    if value.__class__ is not int or not -(2**63) <= value < 2**63:
        raise BadLine(f"host.{key} must be a 64-bit integer")
    return int(value)


def _is_texts(files: object) -> bool:
    return isinstance(files, dict) and all(isinstance(text, str) for text in files.values())
