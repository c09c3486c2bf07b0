"""The pack `flow`: JSON data to and from the application, and nothing for anybody else."""

from __future__ import annotations

from typing import Any

import pytest

from effects.conftest import Effects
from vigyc.effects import catalog
from vigyc.effects.flow_host import FlowHost
from vigyc.effects.policy import Policy
from vigyc.effects.result import EffectFailed
from vigyc.lang.datum import keyword
from vigyc.lang.errors import TickError


class Steps:
    """Steps that say what they were given."""

    def __init__(self) -> None:
        self.finished: list[Any] = []

    def context(self) -> Any:
        return {"issue": {"intent": "faster"}, "large": 2**70, "list": [1, None]}

    def rewrite(self, source: str) -> Any:
        raise EffectFailed("no-rule", f"no rule fits {source}")

    def apply(self, source: str, patch: Any) -> Any:
        return {"source": source, "patch": patch}

    def verify(self, source: str, axis: str) -> Any:
        if axis == "none":
            raise EffectFailed("no-axis", "there is no such axis")
        return {"axis": axis, "status": "pass", "evidence": source}

    def finish(self, context: Any) -> None:
        self.finished.append(context)


@pytest.fixture
def flow() -> Any:
    run = Effects(Policy.of(), 5.0)
    run.host = run.gate.host = FlowHost(Steps(), 0)
    run.host.gate = run.gate
    yield run
    run.close()


def test_data_go_both_ways_as_json(flow: Any) -> None:
    assert flow.call("flow-context") == {"issue": {"intent": "faster"}, "large": float(2**70), "list": [1, None]}
    assert flow.error("flow-rewrite", "x").tag == "no-rule"
    patch = {keyword("source"): "y", "edits": (1, [2, None])}
    assert flow.value("flow-apply", "x", patch) == {"source": "x", "patch": {"edits": [1, 2, None], "source": "y"}}
    assert flow.call("flow-verify", "x", "reads") == {"axis": "reads", "status": "pass", "evidence": "x"}
    with pytest.raises(TickError) as caught:
        flow.call("flow-verify", "x", "none")
    assert (caught.value.kind, caught.value.short) == ("no-axis", "there is no such axis")


def test_a_flow_is_finished_once_with_a_map(flow: Any) -> None:
    for context in (None, [], "text", 3):
        with pytest.raises(TickError, match="the context must be a map"):
            flow.call("flow-finish", context)
    flow.call("flow-finish", {"commit": {keyword("committed"): False}})
    assert flow.host.final == {"commit": {"committed": False}}
    assert flow.host.steps.finished == [flow.host.final]
    with pytest.raises(TickError, match="finished before"):
        flow.call("flow-finish", {})


def test_wrong_arguments_are_refused(flow: Any) -> None:
    for name, args in (
        ("flow-context", (1,)),
        ("flow-rewrite", (3,)),
        ("flow-apply", ("x",)),
        ("flow-verify", ("x", 1)),
    ):
        with pytest.raises(TickError):
            flow.call(name, *args)


@pytest.mark.parametrize("name", list(catalog.pack("flow").operations))
def test_whoever_is_no_flow_is_refused(effects: Any, name: str) -> None:
    run = effects("time")
    args = ("x", "y") if name in {"flow-apply", "flow-verify"} else ("x",) if name != "flow-context" else ()
    said = run.denied(name, *args)
    assert said == f"`{name}` is for flows of the enhance pipeline; this vigy is not run as one"
    assert "flow" in run.gate.told()[0].name


def test_whoever_stops_a_run_ends_all_that_it_waits_for(flow: Any) -> None:
    ended: list[str] = []

    def broken() -> None:
        ended.append("broken")
        raise OSError("it cannot be ended")

    first, last = flow.gate.waiting(lambda: ended.append("first")), flow.gate.waiting(lambda: ended.append("last"))
    with first, flow.gate.waiting(broken), last, pytest.raises(OSError, match="it cannot be ended"):
        flow.gate.stop()
    assert sorted(ended) == ["broken", "first", "last"]
    assert flow.gate.remaining() == 0
    with flow.gate.waiting(lambda: ended.append("late")):
        assert ended[-1] == "late", "what begins to wait afterwards is ended at once"
