"""From a decision to an action: what the host is asked to do, in the order of asking."""

from __future__ import annotations

from typing import Final

from vigyc.lang.datum import Keyword, Symbol
from vigyc.model.action import ABSENT, KINDS, Action
from vigyc.runtime.extension import Extension
from vigyc.runtime.faults import native_fault
from vigyc.runtime.host import Host
from vigyc.runtime.intrinsics.names import name_of
from vigyc.runtime.json_value import to_json
from vigyc.runtime.printer import float_text
from vigyc.runtime.values import kind_of

ACTIONS: Final = Extension("actions", standard=True)

_new = tuple.__new__  # a NamedTuple's own constructor costs three times as much
_KINDS: Final = frozenset(KINDS)
_NOOP: Final = Action("noop", ABSENT, "ok")


@ACTIONS.function("vigy-emit", 1, None, trusted=True)
def vigy_emit(host: Host, kind: object, payload: object = ABSENT, /, *surplus: object) -> None:
    """Ask for an action of `kind`, by name, with an optional payload."""
    if surplus:  # the language has this as a fault of the function, not as an arity mismatch
        raise native_fault("vigy-emit", f"expected 1 or 2 arguments, got {2 + len(surplus)}")
    if kind.__class__ is not str:
        kind = name_of(kind)
    if kind not in _KINDS:
        raise native_fault("vigy-emit", f"unknown kind `{kind}`, expected one of {', '.join(KINDS)}")
    data = payload if payload is ABSENT else to_json(payload)
    host.actions.append(_new(Action, (kind, data, None, None)))


@ACTIONS.function("vigy-noop", 0, trusted=True)
def vigy_noop(host: Host, /) -> None:
    """Say that all is as it should be."""
    host.actions.append(_NOOP)


@ACTIONS.function("vigy-defer", 1, trusted=True)
def vigy_defer(host: Host, reason: object, /) -> None:
    """Skip this time, for `reason`."""
    text = reason if reason.__class__ is str else _reason(reason)
    host.actions.append(_new(Action, ("defer", ABSENT, "skipped", text)))


def _reason(value: object) -> str:
    if value.__class__ is Symbol or value.__class__ is Keyword:
        return value.name
    if value.__class__ is int:
        return str(value)
    if value.__class__ is float:
        return float_text(value)
    if value is None:
        return "nil"
    if value.__class__ is bool:
        return "true" if value else "false"
    return f"<{kind_of(value)}>"


@ACTIONS.function("vigy-pull", 1, trusted=True)
def vigy_pull(host: Host, payload: object, /) -> None:
    """Bring the upstream's state here."""
    host.actions.append(_new(Action, ("pull", to_json(payload), None, None)))


@ACTIONS.function("vigy-push", 1, trusted=True)
def vigy_push(host: Host, payload: object, /) -> None:
    """Bring the state here upstream."""
    host.actions.append(_new(Action, ("push", to_json(payload), None, None)))


@ACTIONS.function("vigy-create", 1, trusted=True)
def vigy_create(host: Host, payload: object, /) -> None:
    """Make something that should be and is not."""
    host.actions.append(_new(Action, ("create", to_json(payload), None, None)))


@ACTIONS.function("vigy-update", 1, trusted=True)
def vigy_update(host: Host, payload: object, /) -> None:
    """Change something that is not as it should be."""
    host.actions.append(_new(Action, ("update", to_json(payload), None, None)))


@ACTIONS.function("vigy-delete", 1, trusted=True)
def vigy_delete(host: Host, payload: object, /) -> None:
    """Remove something that should not be."""
    host.actions.append(_new(Action, ("delete", to_json(payload), None, None)))


@ACTIONS.function("vigy-delete-action", 1, trusted=True)
def vigy_delete_action(host: Host, payload: object, /) -> None:
    """The older name of `vigy-delete`."""
    host.actions.append(_new(Action, ("delete", to_json(payload), None, None)))


@ACTIONS.function("vigy-apply", 1, trusted=True)
def vigy_apply(host: Host, payload: object, /) -> None:
    """Assert the whole desired state."""
    host.actions.append(_new(Action, ("apply", to_json(payload), None, None)))


@ACTIONS.function("vigy-restart", 1, trusted=True)
def vigy_restart(host: Host, payload: object, /) -> None:
    """Start something again that looks right but is stuck."""
    host.actions.append(_new(Action, ("restart", to_json(payload), None, None)))
