"""From a runtime to a plain answer whether it lives, is ready, is well, and whether a vigy still gets its work done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from vigyc.lang.errors import Invalid, StoreError
from vigyc.model.duration import duration_text
from vigyc.model.run_codec import given, stamp_text
from vigyc.service.health import DEGRADED, STOPPED
from vigyc.service.runtime import Runtime
from vigyc.service.stats import Kept
from vigyc.surfaces.wire.argument import DURATION, TEXT, Argument, checked_arguments

MAX_AGE_MS: Final = 300_000
ARGUMENTS: Final = (
    Argument("vigy", TEXT, "The id, name, or beginning of the id of a vigy.", required=False),
    Argument("max_age", DURATION, "How old its last success may be.", required=False, default="5m"),
)
"""What `/healthz` takes."""

_READY_FOR: Final = 0.5  # seconds for which a look at the runtime counts: anybody may ask


class Verdict(NamedTuple):
    """An answer: whether it is a good one, and what is told of it."""

    well: bool
    told: Mapping[str, Any]


class Probes:
    """Looks at `runtime`, for whoever must know whether to restart it, to send it work, or to wake somebody."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._ready = Kept(self._look, _READY_FOR)

    def ready(self) -> Verdict:
        """Whether the store can be read, and the runtime ticks or stands by. The reasons give nothing away."""
        return self._ready.get()

    def healthy(self, asked: Mapping[str, str]) -> Verdict:
        """Whether all is well, or whether the vigy that is `asked` for succeeded lately. Raises NotFound, Invalid."""
        kinds = {argument.name: argument.kind for argument in ARGUMENTS}
        data = {name: kinds[name].of_text(text) if name in kinds else text for name, text in asked.items()}
        wanted = checked_arguments("healthz", ARGUMENTS, data)
        if "vigy" in wanted:
            return self._alive(wanted["vigy"], wanted.get("max_age", MAX_AGE_MS))
        if "max_age" in wanted:
            raise Invalid("healthz.max_age: it is of a vigy; name one as `vigy`")
        return self._whole()

    def _look(self) -> Verdict:
        try:
            self._runtime.notices(limit=1)
        except StoreError:
            return Verdict(False, _told("not ready", reasons=["the store cannot be read"]))
        if self._runtime.health().status == STOPPED:
            return Verdict(False, _told("not ready", reasons=["the runtime does not tick"]))
        return Verdict(True, _told("ready"))

    def _whole(self) -> Verdict:
        health = self._runtime.health()
        well = health.status not in {STOPPED, DEGRADED}
        return Verdict(well, _told(health.status, **given(reasons=list(health.reasons) or None)))

    def _alive(self, ref: str, max_age: int) -> Verdict:
        now, success = self._runtime.state(ref).captured_at, self._runtime.standing(ref).previous_tick_ms
        if success is None:
            return Verdict(False, _told("overdue", reasons=["it has never succeeded"]))
        age = max(now - success, 0)
        told = given(last_success_at=stamp_text(success), age_ms=age)
        if age < max_age:
            return Verdict(True, _told("ok", **told))
        reason = f"its last success was {duration_text(age)} ago, and {duration_text(max_age)} are allowed"
        return Verdict(False, _told("overdue", reasons=[reason], **told))


def _told(status: str, **more: Any) -> dict[str, Any]:
    return {"status": status, **more}
