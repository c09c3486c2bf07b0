"""Requests that a machine makes up from the document: never a fault of ours, always an answer that is told of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from rest.described import DOCUMENT, OPERATIONS, answer_faults
from rest.serving import Served, served
from vigyc.service.runtime import Runtime

SEED = 20260131
EXAMPLES = 12
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDLESS = "streamEvents"
TRIED = [name for name, (_, path, _) in OPERATIONS.items() if path.startswith("/v1/") and name != ENDLESS]
NAMES = ("counter", "named/with a slash")
KEYS = ("ticks", "a/b")
MADE_UP = st.sampled_from([False, False, True])


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    print(f"seed {SEED}")
    with Runtime.open() as runtime, served(runtime) as rest:
        yield rest


@pytest.fixture
def busy(server: Served) -> Served:
    """The server, with nothing but some vigies that have ticked."""
    for vigy in server.runtime.list():
        server.runtime.delete(vigy.id)
    for name in NAMES:
        server.register(name, f'(vigy-incr "ticks") (vigy-set "a/b" 1) (vigy-emit "custom" "{name}")')
        server.runtime.tick(name)
    return server


def enhanced_by(busy: Served) -> list[dict[str, str]]:
    """Two issues that have ended, so that none is waited for; with an epoch, and the setting that each went by."""
    enhance = busy.runtime.enhance
    for name in ("default", "careful"):
        enhance.put_setting(name, {"verifiers": ["reads"], "per_minute": 1_000_000, "paused": None})
    rejected = enhance.submit(NAMES[0], "no rule knows this").issue.id
    enhance.drain()
    cancelled = enhance.cancel(enhance.submit(NAMES[0], "nor this", setting="careful").issue.id).id
    epoch = enhance.log(issue=rejected)[0].id
    return [
        {"issue": rejected, "epoch": epoch, "setting": "default"},
        {"issue": cancelled, "epoch": epoch, "setting": "careful"},
    ]


def operation_called(name: str) -> Any:
    found = schemathesis.openapi.from_dict(DOCUMENT)
    method, path, _ = OPERATIONS[name]
    return found[path][method]


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", TRIED)
def test_whatever_is_asked_is_answered_as_it_is_told(busy: Served, name: str, mode: GenerationMode) -> None:
    operation = operation_called(name)
    runs = [run.id for run in busy.runtime.runs(limit=2)]
    enhanced = enhanced_by(busy)
    strategy = operation.as_strategy(generation_mode=mode)

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES, derandomize=False, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=strategy, pick=st.integers(0, 1), made_up=MADE_UP)
    def ask(case: Any, pick: int, made_up: bool) -> None:
        known = {"id": NAMES[pick], "key": KEYS[pick], "run": runs[pick], **enhanced[pick]}
        for parameter in case.path_parameters or {}:
            if parameter in known and not made_up:
                case.path_parameters[parameter] = known[parameter]
        response = case.call(base_url=busy.url)
        case.validate_response(response, checks=CHECKS)
        if "application/json" in response.headers.get("content-type", [""])[0]:
            assert not answer_faults(name, response.status_code, json.dumps(response.json()).encode())

    ask()
