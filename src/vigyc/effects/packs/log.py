"""From what a program tells to records: the pack `log`.

A record goes into the run's own log and, where the program has opened one, to its sink. Level, format and sink are
those of one run: they are set anew in the next, and no other vigy is touched by them.
"""

from __future__ import annotations

from typing import Final

from vigyc.effects.decision import Decision
from vigyc.effects.files.outside import Outside
from vigyc.effects.files.replacing import open_to_append
from vigyc.effects.gate import Gate
from vigyc.effects.log_sink import FORMATS, LEVELS, RECORDS, ConsoleSink, FileSink, LogSettings, Sink
from vigyc.effects.pack import Pack
from vigyc.effects.place import Place
from vigyc.lang.errors import TickError
from vigyc.model.log_line import LogLine
from vigyc.runtime.faults import native_fault, size_exceeded
from vigyc.runtime.json_value import Json, dumps, to_json
from vigyc.runtime.maps import SharedMap
from vigyc.runtime.printer import display
from vigyc.runtime.values import kind_of

PACK: Final = Pack("log", "Records in the run's log, and in a file or on the console.")


@PACK.effect("log-debug", needs="log", external=False, example='(log-debug "three left" (hash-map :count 3))')
def log_debug(gate: Gate, message: object, fields: object = None) -> None:
    """A record at level debug: `message` as it prints, and `fields`, a map of data."""
    _log(gate, "debug", message, fields)


@PACK.effect("log-info", needs="log", external=False, example='(log-info "deployed" (hash-map :version "1.2"))')
def log_info(gate: Gate, message: object, fields: object = None) -> None:
    """A record at level info: `message` as it prints, and `fields`, a map of data."""
    _log(gate, "info", message, fields)


@PACK.effect("log-warn", needs="log", external=False, example='(log-warn "disk nearly full")')
def log_warn(gate: Gate, message: object, fields: object = None) -> None:
    """A record at level warn: `message` as it prints, and `fields`, a map of data."""
    _log(gate, "warn", message, fields)


@PACK.effect("log-error", needs="log", external=False, example='(log-error "cannot reach the server")')
def log_error(gate: Gate, message: object, fields: object = None) -> None:
    """A record at level error: `message` as it prints, and `fields`, a map of data."""
    _log(gate, "error", message, fields)


@PACK.effect("log-level", needs="log", external=False, example='(log-level "warn")')
def log_level(gate: Gate, level: str) -> None:
    """From here on, drop records of this run below `level`: "debug", "info" (at first), "warn" or "error"."""
    _settings(gate).level = _one_of("log-level", level, LEVELS)


@PACK.effect("log-format", needs="log", external=False, example='(log-format "json")')
def log_format(gate: Gate, format: str) -> None:
    """How the sink gets records from here on: "text" (at first) or "json", a JSON object a line."""
    _settings(gate).format = _one_of("log-format", format, FORMATS)


@PACK.effect(
    "log-sink", needs=(("fs.write", 0), "log"), result=True, changes=True, example='(log-sink "/data/app.log")'
)
def log_sink(gate: Gate, path: Place) -> None:
    """Add the records of this run to a file as well, which is made if it is not there.

    Only its owner may read a new one. Errors: `not-found` (no such folder), `is-link`, `is-folder`, `not-file`,
    `hard-link`, `no-permission`.
    """
    try:
        fd = open_to_append(path, 0o600)
    except Outside as error:
        raise gate.refuse(Decision(False, "fs.write", path.text, error.rule)) from None
    _settings(gate).lead_to(FileSink(gate.handles, fd, path.text))


@PACK.effect("log-console", needs=("log", "print"), external=False, example="(log-console)")
def log_console(gate: Gate) -> None:
    """Write the records of this run to the console as well."""
    _settings(gate).lead_to(ConsoleSink(gate.session.console))


def _settings(gate: Gate) -> LogSettings:
    """The settings of this run; what the run before left is closed."""
    kept = gate.session.kept
    found = kept.get("log")
    if found is None or found.gate is not gate:
        if found is not None:
            found.close()
        found = kept["log"] = LogSettings(gate)
    return found


def _one_of(name: str, choice: str, choices: tuple[str, ...]) -> str:
    if choice not in choices:
        raise native_fault(name, f"there is no `{choice}`; there are {', '.join(choices)}")
    return choice


def _log(gate: Gate, level: str, message: object, fields: object) -> None:
    settings = _settings(gate)
    if LEVELS.index(level) < LEVELS.index(settings.level):
        return
    data = _data(level, fields)
    text = message if message.__class__ is str else display(message)
    gate.host.logs.append(LogLine(level, text if data is None else f"{text} {dumps(data)}"))
    if settings.sink is not None:
        _write(
            gate,
            settings,
            settings.sink,
            RECORDS[settings.format](gate.host.now, level, gate.session.name, text, data) + "\n",
        )


def _data(level: str, fields: object) -> Json:
    if fields is None or fields.__class__ in {dict, SharedMap}:
        return to_json(fields)
    raise TickError("type-mismatch", f"`log-{level}`: fields must be a map, got {kind_of(fields)}")


def _write(gate: Gate, settings: LogSettings, sink: Sink, line: str) -> None:
    """One record to the sink; a sink that fails is let go, and the run's log says so."""
    size, most = len(line.encode()), gate.limits.write_bytes
    if size > most:
        raise size_exceeded("log", most)
    gate.charge("bytes", size)
    try:
        sink.write(line)
    except OSError as error:
        said = (error.strerror or "it failed").lower()
        gate.host.logs.append(LogLine("error", f"log-sink {sink.text}: {said}"))
        settings.lead_to(None)
