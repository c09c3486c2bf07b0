"""Grants as they are written, and what a policy of them decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vigyc.effects.grant import includes, parse_grant
from vigyc.effects.kinds import KINDS, NONE
from vigyc.effects.policy import NOTHING, Policy
from vigyc.lang.datum import keyword
from vigyc.lang.errors import Invalid, TickError


@pytest.mark.parametrize("kind", KINDS)
def test_b14_any_must_be_spelled(kind: str) -> None:
    if KINDS[kind].scope == NONE:
        assert parse_grant(kind).text == kind
        with pytest.raises(Invalid, match="takes no scope"):
            parse_grant(f"{kind}:*")
        return
    for text in (kind, f"{kind}:", f"{kind}: "):
        with pytest.raises(Invalid, match="it must say what for"):
            parse_grant(text)
    assert parse_grant(f"{kind}:*").kind == kind


@pytest.mark.parametrize("text", [None, 3, b"time", ["time"], {"kind": "time"}, "", ":", "FS.READ:/", "fs:/", "*"])
def test_what_is_no_grant(text: object) -> None:
    with pytest.raises(Invalid, match="grant"):
        parse_grant(text)


def test_a_slip_in_a_kind_is_told() -> None:
    with pytest.raises(Invalid, match=r"did you mean 'fs\.write'"):
        parse_grant("fs.wriet:/data")


@pytest.mark.parametrize("kind", KINDS)
def test_no_grant_allows_nothing(kind: str) -> None:
    value: Any = {"path": "/a", "host": "https://a.example.com", "program": ["ls"], "port": 80}.get(
        KINDS[kind].scope, "a"
    )
    decision = NOTHING.judge(kind, value).decision
    assert not decision.allowed
    assert decision.rule == f"there is no grant of {kind}"
    assert Policy.of(decision.needed).grants_kind(kind)


def test_c01_printing_does_not_imply_the_disk() -> None:
    policy = Policy.of("print")
    assert policy.judge("print", None).decision.allowed
    for kind in ("fs.read", "fs.write"):
        assert not policy.judge(kind, "/etc/hostname").decision.allowed


def test_kinds_do_not_imply_each_other() -> None:
    for kind in KINDS:
        grant = kind if KINDS[kind].scope == NONE else f"{kind}:*"
        policy = Policy.of(grant)
        assert [other for other in KINDS if policy.grants_kind(other)] == [kind]


def test_a_decision_names_its_rule() -> None:
    policy = Policy.of("fs.read:/data", "fs.read:/data/a")
    assert policy.judge("fs.read", "/data/b").decision.rule == "fs.read:/data"
    assert policy.judge("fs.read", "/data/a/x").decision.rule == "fs.read:/data/a"  # the nearest
    refused = policy.judge("fs.read", "/etc/passwd").decision
    assert (refused.rule, refused.needed) == ("no grant of fs.read covers it", "fs.read:/etc/passwd")


@pytest.mark.parametrize("value", ["/data/*", "*"])
def test_any_is_never_suggested(value: str) -> None:
    assert not Policy(base="/w").judge("fs.read", value).decision.needed.endswith("*")


def test_what_is_suggested_is_enough_or_nothing() -> None:
    for kind, value in [("proc", ["ls", "x" * 5000]), ("proc", ["ls", "-l"]), ("fs.read", "a b"), ("fs.read", " a")]:
        decision = Policy(base="/w").judge(kind, value).decision
        assert not decision.allowed
        assert not decision.needed or Policy.of(decision.needed, base="/w").judge(kind, value).decision.allowed


@pytest.mark.parametrize("value", [None, 3, "", b"/a", ["/a"], {"path": "/a"}, "a\0b", "/" + "x" * 5000])
def test_what_is_malformed_is_refused_and_shown_short(value: object) -> None:
    decision = Policy.of("fs.read:*").judge("fs.read", value).decision
    assert not decision.allowed
    assert len(decision.resource) < 300


def test_grants_of_other_kinds_include_nothing() -> None:
    assert not includes(parse_grant("fs.read:*"), parse_grant("fs.write:/a"))
    assert includes(parse_grant("time"), parse_grant("time"))


def test_the_id_is_the_same_for_the_same_policy() -> None:
    one, other = Policy.of("time", "print"), Policy.of("print", "time")
    assert one.id == other.id
    assert one.id != Policy.of("time").id
    assert one.id != Policy.of("time", "print", base="/w").id


@pytest.mark.parametrize(
    "forged",
    [
        {"grants": ["fs.read:*"]},
        {keyword("grants"): ["fs.read:*"], keyword("base"): "/"},
        ["fs.read:*", "/etc/hostname"],
        keyword("fs.read"),
        7,
        None,
        Policy.of("fs.read:*"),
    ],
)
def test_c09_nothing_made_of_data_is_a_grant_a_policy_or_a_handle(forged: object, effects: Callable[..., Any]) -> None:
    run = effects("time")
    before = run.session.policy
    for args in ((forged,), (forged, forged)):
        with pytest.raises(TickError) as caught:
            run.call("fs-read", *args)
        assert caught.value.kind in {"type-mismatch", "arity-mismatch", "denied"}
    assert run.session.policy is before
    run.denied("fs-read", "/etc/hostname")


def test_c09_a_name_of_a_grant_is_just_a_path(effects: Callable[..., Any]) -> None:
    effects("time").denied("fs-read", "/fs.read:*")
