"""The conformance data and how a result is compared with it.

Inputs are `data/NAME.jsonl`, results `data/NAME.expected.jsonl`, joined by id. A result may hold keys the data does
not name; numbers must agree in type as well as in value.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DATA = HERE / "data"
FILES = ("language", "modules", "ticks")

Line = dict[str, Any]


def lines(name: str) -> list[Line]:
    """The JSON objects of `data/NAME.jsonl`, in order."""
    text = (DATA / f"{name}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.split("\n") if line]


def expected(name: str) -> dict[str, Line]:
    """The results that `data/NAME.jsonl` must give, by id."""
    return {line["id"]: line for line in lines(f"{name}.expected")}


def exceptions(name: str) -> set[str]:
    """Ids of `NAME.jsonl` where a decision of ours wins over the data (exceptions.toml)."""
    table = tomllib.loads((HERE / "exceptions.toml").read_text("utf-8"))
    return {entry["id"] for entry in table.get("exception", []) if entry["file"] == name}


def same(want: object, got: object) -> bool:
    """Equal as JSON, where 1 is not 1.0 and 0.0 is not -0.0."""
    if isinstance(want, dict):
        return isinstance(got, dict) and want.keys() == got.keys() and all(same(v, got[k]) for k, v in want.items())
    if isinstance(want, list):
        return isinstance(got, list) and len(want) == len(got) and all(map(same, want, got))
    if isinstance(want, float):
        return isinstance(got, float) and repr(want) == repr(got)
    return type(want) is type(got) and want == got


def difference(want: Line, got: Line) -> str | None:
    """The first key in which `got` is not what `want` says, as a sentence; None when it agrees."""
    if want.get("ok") and isinstance(got.get("host"), dict):
        got = {**got, "host": _comparable(want["host"], got["host"])}
    for key, value in want.items():
        if key not in got:
            return f"{key} is missing, wanted {value!r} in {got!r}"
        if not same(value, got[key]):
            return f"{key}: wanted {value!r}, got {got[key]!r}"
    return None


def _comparable(want: Mapping[str, Any], got: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a host's buffers the data speaks of: its sets sorted, its conditions without stamps."""
    out = {key: got[key] for key in want if key in got}
    for key in ("kv_dirty", "kv_deleted"):
        if key in out:
            out[key] = sorted(out[key])
    if "conditions" in want and "conditions" in got and len(want["conditions"]) == len(got["conditions"]):
        pairs = zip(want["conditions"], got["conditions"], strict=True)
        out["conditions"] = [{key: item[key] for key in wanted if key in item} for wanted, item in pairs]
    return out


def disagreements(name: str, results: Iterable[Line], ids: Iterable[str] | None = None) -> list[str]:
    """`id: sentence` for every result of `NAME.jsonl` that differs, those excepted left out.

    An exception that agrees with the data is itself reported, and so is a result that is missing.
    """
    want = expected(name)
    wanted_ids = list(ids) if ids is not None else [line["id"] for line in lines(name)]
    found = {result["id"]: result for result in results}
    excepted = exceptions(name)
    out = []
    for case in wanted_ids:
        if case not in found:
            out.append(f"{case}: no result")
            continue
        sentence = difference(want[case], found[case])
        if case in excepted:
            if sentence is None:
                out.append(f"{case}: listed in exceptions.toml, yet it agrees")
        elif sentence is not None:
            out.append(f"{case}: {sentence}")
    return out


def report(problems: list[str]) -> str:
    """What a failing test says: how many, and the first forty."""
    more = [f"... and {len(problems) - 40} more"] if len(problems) > 40 else []
    return "\n".join([f"{len(problems)} disagree:", *problems[:40], *more])
