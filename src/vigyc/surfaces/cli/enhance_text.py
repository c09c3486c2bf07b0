"""From the enhance pipeline's status and settings to the lines that people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vigyc.model.codec import to_json
from vigyc.model.duration import duration_text
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.issue import PENDING, STATES
from vigyc.service.enhancement import EnhanceStatus
from vigyc.surfaces.cli.issue_text import NOBODY, cut, say_under
from vigyc.surfaces.cli.output import json_text, one_line, say
from vigyc.surfaces.cli.table import aligned
from vigyc.surfaces.cli.timestamps import Moments


def say_status(status: EnhanceStatus, held: Sequence[str], moments: Moments, *, worked: bool) -> None:
    """Write how it goes with the queue; `held` are the issues that must be approved first, `worked` says whether
    anybody seems to work it off."""
    counts = status.queue.counts
    told = ", ".join(f"{counts[state]} {state}" for state in STATES if counts.get(state))
    say(f"issues: {told or 'none'}")
    if status.queue.oldest is not None:
        say_under("oldest", f"submitted {moments.past(status.queue.oldest)}")
    if status.workers:
        ended = f"; {status.ended} epoch{'' if status.ended == 1 else 's'} ended there"
        say_under("workers", f"{status.workers} in the server{ended}")
    elif counts.get(PENDING) and not worked:
        say_under("workers", NOBODY)
    for issue in held:
        say_under("held", f"{issue}; `vigyc issue approve {issue}` lets it go on")
    for issue in status.running:
        say_under("running", issue)
    for setting in status.paused:
        say_under("paused", f"the setting {setting.name}: {setting.paused}")
        say_under("to do", f"`vigyc enhance resume {setting.name}`, once that is mended")


def say_settings(settings: Sequence[EnhanceSetting], moments: Moments) -> None:
    """Write settings as a table."""

    def row(setting: EnhanceSetting) -> tuple[str, ...]:
        changed = moments.past(setting.updated_at or None)
        return (
            setting.name, proposer_text(setting), str(len(setting.verifiers)), canary_text(setting), changed,
            "" if setting.paused is None else f"paused: {cut(setting.paused)}",
        )  # fmt: skip

    heads = ("SETTING", "PROPOSER", "AXES", "CANARY", "CHANGED", "")
    for line in aligned([heads, *map(row, settings)]):
        say(line)


def say_setting(setting: EnhanceSetting, moments: Moments) -> None:
    """Write one setting: every field, with its value as `--set` takes it."""
    say(f"setting {one_line(setting.name)}")
    told = to_json(setting)
    fields = [name for name in EnhanceSetting._fields if name not in {"name", "updated_at"}]
    for line in aligned([(f"  {name}", _value(told, name)) for name in fields]):
        say(line)
    if setting.updated_at:
        say(f"  changed {moments.past(setting.updated_at)}")


def proposer_text(setting: EnhanceSetting) -> str:
    """Who proposes."""
    kind = str(setting.proposer.get("kind", "?"))
    return kind if setting.flow is None else f"{kind}, by the flow {setting.flow}"


def canary_text(setting: EnhanceSetting) -> str:
    """How a candidate is tried out."""
    canary = setting.canary
    return "" if canary is None else f"{canary.shadow_ticks} in shadow, {canary.watch_ticks} watched"


def _value(told: Mapping[str, object], name: str) -> str:
    value = told.get(name)
    text = json_text(value)
    if name.endswith("_ms") and isinstance(value, int):
        return f"{text}  ({duration_text(value)})"
    return text
