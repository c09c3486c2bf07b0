"""From a policy, as JSON data, and from a decision of one to the text that people read of them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from vigyc.effects.decision import Decision
from vigyc.effects.limits import Limits
from vigyc.model.duration import duration_text


def policy_lines(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A line for each thing that a policy (`Policy.to_json`) says: what it is about, and its text."""
    if not told["grants"]:
        yield "grants", "none: no effect is allowed"
    for grant in told["grants"]:
        yield "grant", grant
    for budget in told["budgets"]:
        yield "budget", _budget_text(**budget)
    for name, value in told["limits"].items():
        if value != getattr(Limits(), name, None):
            yield "limit", f"{name} {value}"
    for name, where in told["secrets"].items():
        yield "secret", f"{name} from {where}"
    for name, (url, model, *_) in told["models"].items():
        yield "model", f"{name}: {model} at {url}"
    for name, (command, url, *_) in told["servers"].items():
        yield "mcp", f"{name}: {url or shlex.join(command)}"
    for name, address in told["resolve"].items():
        yield "resolve", f"{name} is {address}"
    if told["base"] is not None:
        yield "base", told["base"]


def decision_text(decision: Decision) -> str:
    """Whether something is allowed, by which rule, and what would allow it."""
    what = decision.kind + (f" of {decision.resource}" if decision.resource else "")
    if decision.allowed:
        return f"{what} is allowed, by the grant {quoted(decision.rule)}"
    help_ = f"; the grant {quoted(decision.needed)} would allow it" if decision.needed else ""
    return f"{what} is refused: {decision.rule}{help_}"


def quoted(text: str) -> str:
    """`text` as a string of TOML."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _budget_text(amounts: Mapping[str, int], shared_by: str, every: int | None) -> str:
    told = ", ".join(f"{amount} {unit}" for unit, amount in amounts.items())
    return f"{told} for each {shared_by}" + ("" if every is None else f", every {duration_text(every)}")
