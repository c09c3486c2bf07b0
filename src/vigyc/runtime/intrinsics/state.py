"""From what a program wants and sees to the tick's desired and observed state and its conditions."""

from __future__ import annotations

from typing import Final

from vigyc.model.condition import Condition
from vigyc.runtime.extension import Extension
from vigyc.runtime.faults import native_fault
from vigyc.runtime.host import Host
from vigyc.runtime.intrinsics.names import name_of
from vigyc.runtime.json_value import to_json

STATE: Final = Extension("state", standard=True)

_new = tuple.__new__
_STATUSES: Final = {
    "true": "true", "True": "true", "false": "false", "False": "false", "unknown": "unknown", "Unknown": "unknown",
}  # fmt: skip


@STATE.function("vigy-desired", 2, trusted=True)
def vigy_desired(host: Host, key: object, value: object, /) -> None:
    """Say that `key` should be `value`."""
    host.desired[key if key.__class__ is str else name_of(key)] = to_json(value)


@STATE.function("vigy-observed", 2, trusted=True)
def vigy_observed(host: Host, key: object, value: object, /) -> None:
    """Say that `key` is `value`."""
    host.observed[key if key.__class__ is str else name_of(key)] = to_json(value)


@STATE.function("vigy-condition", 2, None, trusted=True)
def vigy_condition(
    host: Host, name: object, status: object, reason: object = None, message: object = None, /, *surplus: object
) -> None:
    """Say that condition `name` is true, false or unknown, with an optional reason and message (nil: none)."""
    if surplus:  # as for `vigy-emit`
        raise native_fault("vigy-condition", f"expected 2 to 4 arguments, got {4 + len(surplus)}")
    if name.__class__ is not str:
        name = name_of(name)
    if status.__class__ is bool:
        known = "true" if status else "false"
    else:
        text = name_of(status)
        found = _STATUSES.get(text)
        if found is None:
            raise native_fault("vigy-condition", f"unknown status `{text}`, expected true, false or unknown")
        known = found
    if reason is not None and reason.__class__ is not str:
        reason = name_of(reason)
    if message is not None and message.__class__ is not str:
        message = name_of(message)
    host.conditions.append(_new(Condition, (name, known, reason, message, host.tick_start_ms)))
