"""From what an operator writes to a setting of the pipeline that can be used: checked when written, and when used.

The setting `default` is there without anybody having stored it. What a value may be in itself is said by its reader
(model/enhance_codec.py); what it refers to, and whether values go together, is checked here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from vigyc.enhance.versions import checked_selector
from vigyc.lang.errors import CompileError, Invalid, NotFound
from vigyc.model.argument import checked_text
from vigyc.model.codec import from_json, to_json
from vigyc.model.enhance_setting import AXES, CONFLICTS, EnhanceSetting, VersionSelector
from vigyc.model.name import checked_name
from vigyc.runtime.store.port import Store

DEFAULT: Final = "default"
PROPOSERS: Final = ("rules", "model", "command")
"""The kinds of proposers that the shipped flow knows."""
LONGEST_REASON: Final = 1_000
"""Characters of why a setting is paused."""

_NOT_GIVEN: Final = ("name", "updated_at")
_AT_LEAST: Final[Mapping[str, int]] = {
    "repairs": 0, "ttl_ms": 1, "verifier_ms": 1, "attempts": 1, "backoff_ms": 1, "backoff_max_ms": 1, "replays": 0,
    "settle_ticks": 1, "max_program_bytes": 1, "max_pending": 1, "per_minute": 1,
}  # fmt: skip
_AT_MOST: Final[Mapping[str, int]] = {
    "repairs": 20, "ttl_ms": 24 * 3_600_000, "verifier_ms": 3_600_000, "attempts": 100, "backoff_ms": 86_400_000,
    "backoff_max_ms": 7 * 86_400_000, "replays": 1_000, "settle_ticks": 10_000, "max_program_bytes": 2**20,
    "max_pending": 1_000_000, "per_minute": 1_000_000,
}  # fmt: skip
_CANARY_MOST: Final = 100_000


def setting_named(store: Store, name: str = DEFAULT) -> EnhanceSetting:
    """The setting called `name`. Raises NotFound."""
    found = store.enhance_setting(name)
    if found is not None:
        return found
    if name == DEFAULT:
        return EnhanceSetting()
    there = ", ".join(sorted({DEFAULT, *(each.name for each in store.enhance_settings())}))
    raise NotFound(f"there is no setting {name!r} of the pipeline; there are {there}")


def all_settings(store: Store) -> list[EnhanceSetting]:
    """Every setting, by name; `default` whether it is stored or not."""
    stored = {each.name: each for each in store.enhance_settings()}
    return [found for _, found in sorted(({DEFAULT: EnhanceSetting()} | stored).items())]


def edited(setting: EnhanceSetting, fields: object) -> EnhanceSetting:
    """`setting` with the JSON `fields` in place of its own; null is the default again. Raises Invalid."""
    if not isinstance(fields, Mapping):
        raise Invalid(f"setting: it must be an object, not {type(fields).__name__}")
    known = [name for name in EnhanceSetting._fields if name not in _NOT_GIVEN]
    for name in fields:
        if name not in known:
            raise Invalid(f"setting: there is no field {str(name)[:60]!r}; there are {', '.join(known)}")
    given = {name: value for name, value in {**to_json(setting), **fields}.items() if value is not None}
    return _in_bounds(from_json(EnhanceSetting, given))


def checked(setting: EnhanceSetting, check_flow: Callable[[EnhanceSetting], object]) -> EnhanceSetting:
    """`setting`, which was `edited`, if it can be used: `check_flow` finds and compiles its flow. Raises Invalid."""
    try:
        check_flow(setting)
    except NotFound as error:
        raise Invalid(f"setting {setting.name}: flow: {error}") from error
    except CompileError as error:
        raise Invalid(f"setting {setting.name}: flow: {setting.flow} does not compile: {error}") from error
    return setting


def _in_bounds(setting: EnhanceSetting) -> EnhanceSetting:
    where = f"setting {setting.name}"
    checked_name(setting.name)
    for name, least in _AT_LEAST.items():
        value, most = getattr(setting, name), _AT_MOST[name]
        if not least <= value <= most:
            raise Invalid(f"{where}: {name}: it must be from {least} to {most}, not {value}")
    if setting.verifier_ms > setting.ttl_ms:
        ttl = f"the epoch, whose ttl_ms is {setting.ttl_ms}"
        raise Invalid(f"{where}: verifier_ms: a verifier cannot have longer than {ttl}")
    if setting.backoff_max_ms < setting.backoff_ms:
        raise Invalid(f"{where}: backoff_max_ms: it must not be below backoff_ms, which is {setting.backoff_ms}")
    if not 0 <= setting.replay_changes <= 1:
        raise Invalid(f"{where}: replay_changes: it must be a share from 0 to 1, not {setting.replay_changes}")
    if not 1 <= setting.factor <= 1_000:
        raise Invalid(f"{where}: factor: it must be from 1 to 1000, not {setting.factor}")
    if setting.on_conflict not in CONFLICTS:
        raise Invalid(f"{where}: on_conflict: it must be {' or '.join(CONFLICTS)}, not {setting.on_conflict!r:.60}")
    checked_selector(setting.flow_version, f"{where}: flow_version")
    if setting.flow is None and setting.flow_version != VersionSelector():
        raise Invalid(f"{where}: flow_version: the flow of vigyc has one version; name a `flow` of your own")
    _check_axes(setting, where)
    _check_proposer(setting, where)
    if setting.canary is not None:
        for name, ticks in setting.canary._asdict().items():
            if not 0 <= ticks <= _CANARY_MOST:
                raise Invalid(f"{where}: canary.{name}: it must be from 0 to {_CANARY_MOST}, not {ticks}")
    if setting.paused is not None and not 0 < len(checked_text(f"{where}: paused", setting.paused)) <= LONGEST_REASON:
        raise Invalid(f"{where}: paused: it must say why, in 1 to {LONGEST_REASON} characters")
    return setting


def _check_axes(setting: EnhanceSetting, where: str) -> None:
    if not setting.verifiers:
        raise Invalid(f"{where}: verifiers: name at least one; an unverified candidate never becomes a version")
    for axis in setting.verifiers:
        if axis not in AXES:
            raise Invalid(f"{where}: verifiers: there is no axis {axis!r:.60}; there are {', '.join(AXES)}")
    if len(set(setting.verifiers)) != len(setting.verifiers):
        raise Invalid(f"{where}: verifiers: an axis is named twice")


def _check_proposer(setting: EnhanceSetting, where: str) -> None:
    proposer: Mapping[str, Any] = setting.proposer
    try:
        json.dumps(proposer, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise Invalid(f"{where}: proposer: it must be JSON data ({error})") from error
    kind = proposer.get("kind")
    if setting.flow is not None:
        return  # what a flow of one's own makes of it is its own affair
    if kind not in PROPOSERS:
        raise Invalid(f"{where}: proposer.kind: it must be one of {', '.join(PROPOSERS)}, not {kind!r:.60}")
    command = proposer.get("command")
    if kind == "command" and not (
        isinstance(command, list) and command and all(isinstance(word, str) and word for word in command)
    ):
        raise Invalid(f'{where}: proposer.command: it must be a list of texts, such as ["my-proposer", "--fast"]')
