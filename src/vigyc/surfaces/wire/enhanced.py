"""From what the enhance pipeline knows to JSON data and back, where the answer is more than a noun of the model.

Issues and epochs are told with the name of their vigy, which one that was deleted has no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vigyc.model.codec import from_json, to_json
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.epoch import Epoch, Verdict
from vigyc.model.issue import Issue
from vigyc.model.reading import Fields, each, flag, stamp, text, values, whole
from vigyc.model.run_codec import given, stamp_text
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.port import Queue
from vigyc.service.enhancement import EnhanceStatus, Submitted
from vigyc.service.runtime import Runtime


def names_of(runtime: Runtime, nouns: Iterable[Issue | Epoch]) -> dict[str, str]:
    """The names of the vigies that these are of, by id."""
    found = runtime.gathering.vigies({noun.vigy_id for noun in nouns})
    return {vigy_id: vigy.name for vigy_id, vigy in found.items() if isinstance(vigy, Vigy)}


def named_json(noun: Issue | Epoch, names: Mapping[str, str]) -> dict[str, Any]:
    """An issue or an epoch, with the name of its vigy."""
    return {**to_json(noun), **given(vigy_name=names.get(noun.vigy_id))}


def submitted_json(done: Submitted, names: Mapping[str, str]) -> dict[str, Any]:
    """An issue, and whether it is new."""
    return {**named_json(done.issue, names), "created": done.created}


def submitted_of(data: object) -> Submitted:
    """The same."""
    return Submitted(from_json(Issue, data), Fields(data, "issue").need("created", flag))


def verified_json(verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """Whether all pass, and each verdict."""
    found = list(verdicts)
    return {"passed": all(verdict.passed for verdict in found), "verdicts": [to_json(verdict) for verdict in found]}


def verified_of(data: object) -> tuple[Verdict, ...]:
    """The verdicts."""
    return Fields(data, "verified").need("verdicts", each(lambda verdict, _: from_json(Verdict, verdict)))


def status_json(status: EnhanceStatus) -> dict[str, Any]:
    """How it goes with the queue, and with who works it off."""
    return {
        "counts": dict(status.queue.counts),
        **given(oldest=stamp_text(status.queue.oldest)),
        "workers": status.workers,
        "running": list(status.running),
        "ended": status.ended,
        "paused": [to_json(setting) for setting in status.paused],
    }


def status_of(data: object) -> EnhanceStatus:
    """The same."""
    fields = Fields(data, "status")
    return EnhanceStatus(
        Queue(fields.need("counts", values(whole)), fields.may("oldest", stamp, None)),
        fields.need("workers", whole),
        fields.need("running", each(text)),
        fields.need("ended", whole),
        fields.need("paused", each(lambda setting, _: from_json(EnhanceSetting, setting))),
    )
