"""The dashboard and the alert rules: every metric they ask for is one that is exposed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from metrics.serving import served
from vigyc.effects.policy import Policy
from vigyc.runtime.time_source import VirtualTime
from vigyc.service.runtime import Runtime

PLACE = Path(__file__).parents[2] / "examples" / "grafana"


def exposed() -> set[str]:
    """The names of all samples of a runtime in which everything has happened once."""
    with Runtime.open(time=VirtualTime(), cache=False, policy=Policy.of("env:HOME")) as runtime:
        runtime.stats()
        runtime.register('(vigy-metric "m" 1) (env-get "HOME")', name="x", every="1s")
        runtime.step()
        with served(runtime) as server:
            return set(server.samples())


def asked(expressions: list[str]) -> set[str]:
    return {name for text in expressions for name in re.findall(r"\b(?:vigyc|process|python)_[a-z_]+", text)}


def families(names: set[str]) -> set[str]:
    return {re.sub(r"_(bucket|sum|count|created|total)$", "", name) for name in names}


def test_every_metric_they_ask_for_is_exposed() -> None:
    dashboard: dict[str, Any] = json.loads((PLACE / "vigyc.json").read_text())
    shown = asked([target["expr"] for panel in dashboard["panels"] for target in panel["targets"]])
    rules = [rule for group in yaml.safe_load((PLACE / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
    warned = asked([rule["expr"] for rule in rules])
    names = exposed()
    assert not (shown | warned) - names
    unshown = families(names) - families(shown)
    assert {name for name in unshown if name.startswith("vigyc_")} == {"vigyc_build_info", "vigyc_vigy_labels_dropped"}


def test_the_dashboard_takes_any_prometheus() -> None:
    text = (PLACE / "vigyc.json").read_text()
    dashboard = json.loads(text)
    assert [each["name"] for each in dashboard["__inputs"]] == ["DS_PROMETHEUS"]
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"]} == {"${DS_PROMETHEUS}"}
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_every_alert_says_what_to_do() -> None:
    for group in yaml.safe_load((PLACE / "alerts.yml").read_text())["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"].keys() == {"summary", "description"}
            assert rule["labels"]["severity"] in {"critical", "warning", "info"}
