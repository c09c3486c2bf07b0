"""Environment variables: those that are granted, and no word about the others."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from vigyc.lang.errors import TickError


def test_a_granted_variable(effects: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGYC_TEST_REGION", "eu-1 é")
    run = effects("env:VIGYC_TEST_REGION")
    assert run.call("env-get", "VIGYC_TEST_REGION") == "eu-1 é"
    monkeypatch.setenv("VIGYC_TEST_REGION", "")
    assert run.call("env-get", "VIGYC_TEST_REGION") == ""
    monkeypatch.delenv("VIGYC_TEST_REGION")
    assert run.call("env-get", "VIGYC_TEST_REGION") is None


def test_granted_beginnings_and_any(effects: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGYC_TEST_A", "a")
    run = effects("env:VIGYC_TEST_*")
    assert run.call("env-get", "VIGYC_TEST_A") == "a"
    run.denied("env-get", "VIGYC_TES")
    run.denied("env-get", "HOME")
    assert effects("env:*").call("env-get", "VIGYC_TEST_A") == "a"


def test_f12_an_ungranted_name_is_denied_alike_whether_it_is_set_or_not(
    effects: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGYC_TEST_SET", "value-to-hide")
    run = effects("env:HOME")
    there = run.denied("env-get", "VIGYC_TEST_SET")
    absent = run.denied("env-get", "VIGYC_TEST_NOT")
    assert there.replace("VIGYC_TEST_SET", "N") == absent.replace("VIGYC_TEST_NOT", "N")
    assert there == (
        "`env-get` of VIGYC_TEST_SET is denied: no grant of env covers it; "
        "the grant 'env:VIGYC_TEST_SET' would allow it"
    )
    assert "there is no grant of env" in effects().denied("env-get", "HOME")


@pytest.mark.parametrize("name", ["", "A\0B", "home "])
def test_what_is_no_name_is_denied(effects: Callable[..., Any], name: str) -> None:
    effects("env:HOME").denied("env-get", name)


def test_odd_names_are_just_not_set(effects: Callable[..., Any]) -> None:
    run = effects("env:*")
    for name in ("A=B", "no such", "é", "x" * 100_000, "\ud800"):
        assert run.call("env-get", name) is None


def test_a_value_that_is_no_text_is_nil(effects: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environb, b"VIGYC_TEST_RAW", b"\xff\xfe")
    assert effects("env:*").call("env-get", "VIGYC_TEST_RAW") is None


def test_t8_a_variable_that_holds_a_secret_is_not_read_even_where_any_is_granted(
    effects: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGYC_TEST_KEY", "hunter2hunter2")
    run = effects("env:*", "secret:api-key", secrets={"api-key": "env:VIGYC_TEST_KEY"})
    text = run.denied("env-get", "VIGYC_TEST_KEY")
    assert "it holds a secret; the grant 'secret:api-key' would allow it" in text
    assert "hunter2" not in text


def test_a_copy_of_a_secret_in_another_variable_is_masked(
    effects: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIGYC_TEST_KEY", "hunter2hunter2")
    monkeypatch.setenv("VIGYC_TEST_URL", "https://me:hunter2hunter2@db")
    run = effects("env:*", "secret:*", secrets={"api-key": "env:VIGYC_TEST_KEY"})
    run.value("secret-get", "api-key")
    assert run.call("env-get", "VIGYC_TEST_URL") == "https://me:***@db"


def test_wrong_arguments(effects: Callable[..., Any]) -> None:
    with pytest.raises(TickError, match="`env-get`: name must be a string, got int"):
        effects("env:*").call("env-get", 1)
