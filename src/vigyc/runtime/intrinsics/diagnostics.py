"""From what a program has to say to its log, trace, metrics and events."""

from __future__ import annotations

from typing import Final

from vigyc.model.event import Event
from vigyc.model.log_line import LEVELS, LogLine
from vigyc.runtime.extension import Extension
from vigyc.runtime.faults import native_fault, type_mismatch
from vigyc.runtime.host import Host
from vigyc.runtime.intrinsics.names import name_of
from vigyc.runtime.json_value import to_json

DIAGNOSTICS: Final = Extension("diagnostics", standard=True)

_new = tuple.__new__
_LEVELS: Final = frozenset(LEVELS)


@DIAGNOSTICS.function("vigy-log", 2, trusted=True)
def vigy_log(host: Host, level: object, message: object, /) -> None:
    """Write `message` to the log at `level`: trace, debug, info, warn or error."""
    if level.__class__ is not str:
        level = name_of(level)
    if level not in _LEVELS:
        raise native_fault("vigy-log", f"unknown level `{level}`, expected one of {', '.join(LEVELS)}")
    if message.__class__ is not str:
        message = name_of(message)
    host.logs.append(_new(LogLine, (level, message)))


@DIAGNOSTICS.function("vigy-trace", 2, trusted=True)
def vigy_trace(host: Host, key: object, value: object, /) -> None:
    """Leave `value` under `key` for whoever follows what the program does."""
    host.trace[key if key.__class__ is str else name_of(key)] = to_json(value)


@DIAGNOSTICS.function("vigy-metric", 2, trusted=True)
def vigy_metric(host: Host, name: object, value: object, /) -> None:
    """Measure `name` as the number `value`."""
    if name.__class__ is not str:
        name = name_of(name)
    if value.__class__ is int:
        value = float(value)
    elif value.__class__ is not float:
        raise type_mismatch("number", value)
    host.metrics[name] = value


@DIAGNOSTICS.function("vigy-event", 2, trusted=True)
def vigy_event(host: Host, kind: object, message: object, /) -> None:
    """Tell that something of `kind` happened."""
    if kind.__class__ is not str:
        kind = name_of(kind)
    if message.__class__ is not str:
        message = name_of(message)
    host.events.append(_new(Event, (kind, message)))
