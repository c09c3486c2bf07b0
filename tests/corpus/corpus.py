"""From corpus files to cases: programs, what they are given, and what must come of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

_LINE = re.compile(
    r"^; (?P<what>=>|prints|raises|short|thrown|error\[|warning\[|given|kv|no kv|deleted|dirty|action|condition|log|"
    r"event|desired|observed|trace|metric)(?P<rest>.*)$"
)
_TABLES = {"kv", "desired", "observed", "trace", "metric", "given"}
_HOST_FIELDS = {"tick_count", "tick_start_ms", "previous_tick_ms"}
_OF_A_TICK = {
    "given", "kv", "no kv", "deleted", "dirty", "action", "condition", "log", "event",
    "desired", "observed", "trace", "metric",
}  # fmt: skip


@dataclass
class Case:
    """One program of the corpus."""

    name: str
    text: str
    modules: dict[str, str] = field(default_factory=dict)
    wants: dict[str, Any] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    @property
    def is_tick(self) -> bool:
        return any(key in _OF_A_TICK for key in self.wants)

    @property
    def runs(self) -> bool:
        return bool(self.wants)

    @property
    def given(self) -> dict[str, Any]:
        return {key: value for key, value in self.wants.get("given", {}).items() if key not in _HOST_FIELDS}

    @property
    def host_fields(self) -> dict[str, Any]:
        return {key: value for key, value in self.wants.get("given", {}).items() if key in _HOST_FIELDS}


def files() -> list[Path]:
    """Every corpus file, in order."""
    return sorted(HERE.rglob("*.tatara"))


def cases(path: Path) -> list[Case]:
    """The programs of one file."""
    chunks = re.split(r"(?m)^;;; ---.*\n", path.read_text("utf-8"))
    name = path.relative_to(HERE).with_suffix("").as_posix()
    return [_case(f"{name}#{number}", chunk) for number, chunk in enumerate(chunks, 1)]


def every_case() -> list[Case]:
    """The whole corpus."""
    return [case for path in files() for case in cases(path)]


def _case(name: str, chunk: str) -> Case:
    modules, text = _split_modules(chunk)
    case = Case(name, text, modules)
    for line in text.split("\n"):
        match = _LINE.match(line)
        if match:
            _expect(case, match["what"], match["rest"].strip())
    assert case.wants or case.findings, f"{name} expects nothing"
    return case


def _split_modules(chunk: str) -> tuple[dict[str, str], str]:
    parts = re.split(r"(?m)^;;; (module \S+|program)\n", chunk)
    modules = {}
    text = parts[0]
    for head, body in zip(parts[1::2], parts[2::2], strict=True):
        if head == "program":
            text = body
        else:
            modules[head.removeprefix("module ")] = body
    return modules, text


def _expect(case: Case, what: str, rest: str) -> None:
    if what in {"error[", "warning["}:
        case.findings.append(what + rest)
    elif what in _TABLES:
        key, value = rest.split(" = ", 1)
        case.wants.setdefault(what, {})[key] = json.loads(value)
    elif what == "no kv":
        case.wants["kv"] = {}
    elif what == "raises":
        kind, _, place = rest.partition(" at ")
        case.wants["raises"] = kind
        if place:
            case.wants["place"] = place
    elif what in {"=>", "short", "thrown"}:
        case.wants[what] = rest
    elif what in {"action", "condition"}:
        case.wants.setdefault(what, []).append(json.loads(rest))
    elif what in {"log", "event"}:
        case.wants.setdefault(what, []).append(rest.split(" ", 1))
    else:
        case.wants.setdefault(what, []).append(rest)
