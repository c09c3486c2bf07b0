"""What goes wrong: one table of codes, and the problem beside the code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
import pytest

from grpc_surface.calling import Client, path, problem_of
from vigyc.lang.errors import StoreError
from vigyc.service.runtime import Runtime

Code = grpc.StatusCode


def refused(call: Callable[[], Any]) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value


def test_an_unknown_vigy(client: Client) -> None:
    error = refused(lambda: client.call("Get", {"id": "nobody"}))
    assert error.code() is Code.NOT_FOUND
    assert "nobody" in error.details()
    assert problem_of(error)["kind"] == "not-found"
    assert problem_of(error)["detail"] == error.details()


@pytest.mark.parametrize("method", ["Tick", "Enable", "Disable", "Update", "Delete", "GetState"])
def test_an_unknown_vigy_whatever_the_method(client: Client, method: str) -> None:
    assert refused(lambda: client.call(method, {"id": "nobody"})).code() is Code.NOT_FOUND


def test_a_program_that_is_none_says_where(client: Client) -> None:
    error = refused(lambda: client.call("Register", {"name": "a", "program": "\n  (if"}))
    assert error.code() is Code.INVALID_ARGUMENT
    problem = problem_of(error)
    assert (problem["kind"], problem["findings"][0]["line"], problem["findings"][0]["column"]) == (
        "not-a-program",
        2,
        3,
    )


def test_very_many_findings_still_fit(client: Client) -> None:
    program = "\n".join(f'(fs-read "é{number}")' for number in range(400))
    error = refused(lambda: client.call("Register", {"name": "a", "program": program}))
    assert error.code() is Code.PERMISSION_DENIED
    problem = problem_of(error)
    assert problem["findings"]
    assert len(problem["findings"]) + problem["more"] == 400


def test_a_program_that_the_policy_refuses(client: Client) -> None:
    error = refused(lambda: client.call("Register", {"name": "a", "program": '(fs-read "a")'}))
    assert (error.code(), problem_of(error)["kind"]) == (Code.PERMISSION_DENIED, "not-granted")


def test_a_stale_generation(client: Client) -> None:
    client.call("Register", {"name": "a", "program": "(vigy-noop)"})
    error = refused(lambda: client.call("Update", {"id": "a", "enabled": False, "generation": "7"}))
    assert (error.code(), problem_of(error)["kind"]) == (Code.ABORTED, "stale")


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("List", {"limit": 0}),
        ("List", {"label_selector": "!"}),
        ("List", {"phase": "odd"}),
        ("Register", {"name": "a", "program": "(vigy-noop)", "tick_interval": "0s"}),
        ("Register", {"name": "a", "program": "(vigy-noop)", "tick_interval": "-5s"}),
        ("Register", {"name": "a", "program": "(vigy-noop)", "schedule": {"kind": "odd"}}),
        ("Register", {"name": "a", "program": "(vigy-noop)", "schedule": {"kind": "fixed", "expr": "*"}}),
        ("ListRuns", {"results": [99]}),
        ("ListRuns", {"before": "-1"}),
        ("Watch", {"kinds": ["odd"]}),
    ],
)
def test_requests_that_are_malformed(client: Client, method: str, request_: dict[str, Any]) -> None:
    call = (
        (lambda: next(client.stream(method, request_).call))
        if method == "Watch"
        else (lambda: client.call(method, request_))
    )
    error = refused(call)
    assert error.code() is Code.INVALID_ARGUMENT, error.details()
    assert problem_of(error)["kind"] == "invalid"


def test_bytes_that_are_no_message(client: Client) -> None:
    send = client.channel.unary_unary(path("Get"))
    error = refused(lambda: send(b"\xff\xff\xff", timeout=9, metadata=client.metadata))
    assert (error.code(), problem_of(error)["kind"]) == (Code.INVALID_ARGUMENT, "invalid")


def test_an_unknown_method(client: Client) -> None:
    send = client.channel.unary_unary(path("Forget"))
    assert refused(lambda: send(b"", timeout=9, metadata=client.metadata)).code() is Code.UNIMPLEMENTED


def test_a_request_that_is_too_large(client: Client) -> None:
    error = refused(lambda: client.call("Register", {"name": "a", "program": ";" * (4 * 2**20 + 1)}))
    assert error.code() is Code.RESOURCE_EXHAUSTED
    assert client.call("GetHealth").status == "stopped"


class Broken(Runtime):
    def get(self, ref: str) -> Any:
        raise {"store": StoreError("disk I/O error"), "fault": ZeroDivisionError("secret of ours")}[ref]


def test_a_store_in_trouble_and_a_fault_of_ours(
    client: Client, runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    runtime.__class__ = Broken
    store = refused(lambda: client.call("Get", {"id": "store"}))
    assert (store.code(), store.details()) == (Code.UNAVAILABLE, "disk I/O error")
    fault = refused(lambda: client.call("Get", {"id": "fault"}))
    assert fault.code() is Code.INTERNAL
    assert "secret" not in fault.details() + str(problem_of(fault))
    assert "secret of ours" in caplog.text
