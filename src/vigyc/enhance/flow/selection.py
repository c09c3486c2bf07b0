"""From a setting to the flow that an epoch runs: a version of a vigy's program, or the flow that is shipped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from vigyc.enhance.flow.running import FlowProgram, flow_of, shipped_flow
from vigyc.enhance.versions import matching
from vigyc.lang.errors import NotFound
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.runtime.store.port import Store

_MOST: Final = 10  # versions that were skipped, of which the log tells


class Chosen(NamedTuple):
    """A flow, and what the log says of it."""

    program: FlowProgram
    told: Mapping[str, Any]


def chosen(setting: EnhanceSetting, store: Store) -> Chosen:
    """The flow of `setting`.

    Raises NotFound where the vigy is not there, or no version of it is what is wanted, and Invalid for no selector.
    """
    if setting.flow is None:
        return _told(shipped_flow(), [])
    vigy = store.named(setting.flow) or store.vigy(setting.flow)
    if vigy is None:
        raise NotFound(f"there is no vigy {setting.flow!r}")
    selected = matching(store.versions(vigy.id), setting.flow_version)
    return _told(flow_of(vigy, selected.version), selected.skipped)


def _told(flow: FlowProgram, skipped: list[str]) -> Chosen:
    told = {name: value for name, value in flow.to_json().items() if value is not None}
    return Chosen(flow, told | {"skipped": skipped[:_MOST]} if skipped else told)
