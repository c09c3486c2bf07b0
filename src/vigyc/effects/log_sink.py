"""From what a program logs to one line in a file or on the console: the settings of a run's log, and its records.

A record is one line, whatever is in it: what would end the line or steer a terminal is escaped as the language escapes
it. What a run logs depends on nothing but the run, so its settings end with it.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from typing import Final, Protocol

from vigyc.effects.files.regular import write_all
from vigyc.effects.handle import Handle, Handles
from vigyc.runtime.json_value import Json, dumps

LEVELS: Final = ("debug", "info", "warn", "error")
FORMATS: Final = ("text", "json")

_STEERING: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ENDING: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(text: str) -> str:
    """`text` for a terminal: lines and tabs stay, other control characters become `\\u{1b}`."""
    return _STEERING.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", text)


def one_line(text: str) -> str:
    """`text` in one line, with everything escaped that is no printable character or tab."""
    return _ENDING.sub(lambda found: "\\n" if found[0] == "\n" else f"\\u{{{ord(found[0]):x}}}", text)


def text_record(stamp: str, level: str, vigy: str, message: str, fields: Json) -> str:
    """`[2026-01-02T03:04:05Z] warn NAME: message {"field":1}`, in one line."""
    after = "" if fields is None else f" {dumps(fields)}"
    return one_line(f"[{stamp}] {level} {vigy}: {message}{after}")


def json_record(stamp: str, level: str, vigy: str, message: str, fields: Json) -> str:
    """A JSON object with the keys ts, level, vigy, msg and, if there are any, fields; in one line."""
    parts: dict[str, Json] = {"ts": stamp, "level": level, "vigy": vigy, "msg": message}
    if fields is not None:
        parts["fields"] = fields
    text = "{" + ",".join(f'"{key}":{dumps(part)}' for key, part in parts.items()) + "}"
    return _ENDING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


RECORDS: Final = {"text": text_record, "json": json_record}


class Sink(Protocol):
    """Where records go."""

    text: str

    def write(self, line: str) -> None:
        """Add one line. Raises OSError."""

    def let_go(self) -> None:
        """Close it, if it is not."""


class FileSink(Handle):
    """A file that is added to, open as `fd`; `text` is how the program wrote its path. It ends with the run."""

    __slots__ = ("_fd", "_handles", "text")

    def __init__(self, handles: Handles, fd: int, text: str) -> None:
        super().__init__(text)
        self._handles = handles
        self._fd = fd
        self.text = text
        handles.add(self)

    def write(self, line: str) -> None:
        """Add `line`, in one write unless the disk takes only a part of it. Raises OSError."""
        if self.closed:  # to make room for other handles
            raise OSError(errno.EBADF, "it is closed")
        self._handles.use(self, "log-sink")
        write_all(self._fd, line.encode())

    def let_go(self) -> None:
        """Close the file; again is nothing."""
        self._handles.close(self)

    def close(self) -> None:
        """Close the file, for its owner."""
        os.close(self._fd)


class ConsoleSink:
    """The console of the process."""

    text = "the console"

    def __init__(self, console: Callable[[str], object]) -> None:
        self._console = console

    def write(self, line: str) -> None:
        """Write `line` at once. Raises OSError."""
        self._console(line)

    def let_go(self) -> None:
        """The console stays open."""


class LogSettings:
    """How the run of `gate` logs: nothing below `level`, in `format`, also to `sink` if there is one."""

    def __init__(self, gate: object) -> None:
        self.gate = gate
        self.level = "info"
        self.format = "text"
        self.sink: Sink | None = None

    def lead_to(self, sink: Sink | None) -> None:
        """Close the sink there is, and use `sink`."""
        self.close()
        self.sink = sink

    def close(self) -> None:
        """Close the sink."""
        if self.sink is not None:
            sink, self.sink = self.sink, None
            sink.let_go()
