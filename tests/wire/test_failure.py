"""Errors on the wire: every kind has its codes, comes back as itself, and tells nothing of our insides."""

from __future__ import annotations

import http
import logging

import pytest

from vigyc.lang import errors
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.errors import CompileError, InternalError, NotGranted, VigycError
from vigyc.surfaces.wire.caller import Unauthenticated
from vigyc.surfaces.wire.failure import FAILURES, error_of, failure_of, problem_of

FINDING = Diagnostic("unbound-name", "nobody knows `x`", 4, 5, "unbound-symbol", notes=(("help", "define it"),))


def test_every_error_of_the_tree_has_its_row() -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, VigycError)]
    abstract = {VigycError, errors.RequestError, errors.HostError}
    assert [kind for kind in kinds if kind not in abstract and not isinstance_of_row(kind)] == []


def isinstance_of_row(kind: type) -> bool:
    return any(issubclass(kind, row) for row in FAILURES)


def test_rows_of_narrower_kinds_come_first() -> None:
    rows = list(FAILURES)
    for at, kind in enumerate(rows):
        assert not any(issubclass(kind, earlier) for earlier in rows[:at]), kind


def test_codes_are_codes() -> None:
    assert len({failure.kind for failure in FAILURES.values()}) == len(FAILURES)
    for failure in FAILURES.values():
        assert http.HTTPStatus(failure.status) >= 400
        assert failure.exit_code in {1, 2, 3, 4, 5, 70}
        assert failure.grpc.isupper()


@pytest.mark.parametrize("kind", [each for each in FAILURES if each not in {CompileError, NotGranted, InternalError}])
def test_an_error_comes_back_as_itself(kind: type[VigycError]) -> None:
    again = error_of(problem_of(kind("it is so")))
    assert (type(again), str(again)) == (kind, "it is so")


@pytest.mark.parametrize("kind", [CompileError, NotGranted])
def test_findings_come_back(kind: type[CompileError | NotGranted]) -> None:
    error = kind([FINDING])
    error.text = "(f (x))"
    problem = problem_of(error)
    assert (problem["findings"][0]["line"], problem["findings"][0]["column"]) == (1, 5)
    again = error_of(problem)
    assert isinstance(again, kind)
    assert again.diagnostics == [FINDING]


def test_what_nobody_foresaw_is_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "vigyc"):
        problem = problem_of(RuntimeError("the secret insides"))
    assert (problem["kind"], problem["status"]) == ("internal", 500)
    assert "insides" not in str(problem)
    assert "the secret insides" in caplog.text
    assert problem["detail"].split()[2].rstrip(":") in caplog.text


def test_who_is_not_known_is_told_apart_from_who_may_not() -> None:
    assert failure_of(Unauthenticated("?")).status == 401
    assert failure_of(errors.NotAllowed("?")).status == 403


def test_an_answer_that_is_not_ours() -> None:
    assert isinstance(error_of("<html>"), InternalError)
    assert isinstance(error_of({"kind": "teapot", "detail": "?"}), InternalError)
