"""From a server to how it is for whoever asks it: whether it answers, its clock, its runtime, vigies and issues."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from vigyc.lang.errors import VigycError
from vigyc.model.timestamp import parse_rfc3339
from vigyc.service.check_result import FAIL, OK, WARN, CheckResult
from vigyc.service.enhance_check import check_issues
from vigyc.service.health import OK as WELL
from vigyc.service.health import STANDBY, Health
from vigyc.surfaces.client.client import Client

SKEW_MS: Final = 2_000
"""By which two clocks may differ."""


def check_server(client: Client, url: str) -> Iterator[CheckResult]:
    """A line for each thing that is looked at; one for all if the server cannot be asked."""
    began = time.monotonic()
    try:
        health = client.health()
        took = (time.monotonic() - began) * 1000
        queue = client.enhance.status()
        skew = int(time.time() * 1000) - parse_rfc3339(client.stats()["now"])
    except VigycError as error:
        yield CheckResult("server", FAIL, str(error))
        return
    yield CheckResult("server", OK, f"{url} answers in {took:.0f} ms")
    yield _clock(skew)
    yield _runtime(health)
    yield _vigies(health)
    yield from check_issues(queue)


def _clock(skew_ms: int) -> CheckResult:
    if abs(skew_ms) <= SKEW_MS:
        return CheckResult("clock", OK, "the server's is that of this machine")
    text = f"the server's is {abs(skew_ms) / 1000:.0f} s {'behind' if skew_ms > 0 else 'ahead'}"
    return CheckResult("clock", WARN, text, "let both be set by the network (NTP)")


def _runtime(health: Health) -> CheckResult:
    if health.status in {WELL, STANDBY}:
        return CheckResult("runtime", OK, f"{health.status}; ticks are p99 {health.lateness.p99} ms late")
    reasons = "; ".join(health.reasons)
    return CheckResult("runtime", FAIL, f"{health.status}{f': {reasons}' if reasons else ''}", "look into its log")


def _vigies(health: Health) -> CheckResult:
    total = sum(health.vigies.values())
    if not health.failing:
        return CheckResult("vigies", OK, f"{total} registered, none failing")
    return CheckResult("vigies", WARN, f"{health.failing} of {total} failing", "vigyc list --failing")
