"""The eighteen rules of a flow's commit: each with its exact words, and which comes first."""

from __future__ import annotations

from typing import Any

import pytest

from vigyc.enhance.flow.commit_shape import Claim, CommitShape, check_version, read_commit
from vigyc.model.epoch import Verdict

GONE = object()
PASSED = {"axis": "reads", "status": "pass", "evidence": "3 forms"}
DENIED = {"axis": "noop", "status": "deny", "reason": "nothing changes"}


def applied(**changes: Any) -> dict[str, Any]:
    whole = {
        "committed": True, "rationale": "slower", "verdicts_summary": [PASSED], "new_version": "c1:ab",
        "bump": "minor", "new_program": {"source": "(vigy-noop)"}, **changes,
    }  # fmt: skip
    return {"commit": {key: value for key, value in whole.items() if value is not GONE}}


def rejected(**changes: Any) -> dict[str, Any]:
    whole = {
        "committed": False, "rationale": "", "verdicts_summary": [PASSED, DENIED], "reasons": ["noop: nothing"],
        **changes,
    }  # fmt: skip
    return {"commit": {key: value for key, value in whole.items() if value is not GONE}}


def verdict(**changes: Any) -> dict[str, Any]:
    found = {**PASSED, **changes}
    return applied(verdicts_summary=[{key: value for key, value in found.items() if value is not GONE}])


def denial(**changes: Any) -> dict[str, Any]:
    found = {**DENIED, **changes}
    return applied(verdicts_summary=[{key: value for key, value in found.items() if value is not GONE}])


REASON = "commit.reasons[] contains non-string element"
SUMMARY = "commit.verdicts_summary missing or not array"
PROGRAM = "commit.new_program deserialize: "
CASES = [
    (1, {}, "final_ctx missing $.commit"),
    (1, None, "final_ctx missing $.commit"),
    (1, ["commit"], "final_ctx missing $.commit"),
    (2, {"commit": None}, "commit.committed missing or not bool"),
    (2, {"commit": "yes"}, "commit.committed missing or not bool"),
    (2, applied(committed=GONE), "commit.committed missing or not bool"),
    (2, applied(committed=1), "commit.committed missing or not bool"),
    (2, applied(committed="true"), "commit.committed missing or not bool"),
    (3, applied(rationale=GONE), "commit.rationale missing or not string"),
    (3, rejected(rationale=None), "commit.rationale missing or not string"),
    (4, applied(verdicts_summary=GONE), SUMMARY),
    (4, rejected(verdicts_summary={}), SUMMARY),
    (5, verdict(axis=GONE), "verdicts_summary[].axis missing"),
    (5, verdict(axis=7), "verdicts_summary[].axis missing"),
    (5, applied(verdicts_summary=["reads"]), "verdicts_summary[].axis missing"),
    (6, verdict(status=GONE), "verdicts_summary[].status missing"),
    (6, verdict(status=True), "verdicts_summary[].status missing"),
    (7, verdict(evidence=GONE), "verdicts_summary[].evidence missing for pass"),
    (7, verdict(evidence=GONE, reason="x"), "verdicts_summary[].evidence missing for pass"),
    (8, denial(reason=GONE), "verdicts_summary[].reason missing for deny"),
    (8, denial(reason=3), "verdicts_summary[].reason missing for deny"),
    (9, verdict(status="Pass"), "verdicts_summary[].status must be pass|deny, got Pass"),
    (10, applied(new_version=GONE), "commit.new_version missing or not string"),
    (10, applied(new_version=3), "commit.new_version missing or not string"),
    (11, applied(new_version=""), "commit.new_version is empty (Applied)"),
    (12, applied(bump=GONE), "commit.bump missing or not string"),
    (12, applied(bump=None), "commit.bump missing or not string"),
    (13, applied(new_program=GONE), "commit.new_program missing"),
    (14, applied(new_program=None), PROGRAM + "it must be a map, and is null"),
    (14, applied(new_program="(vigy-noop)"), PROGRAM + "it must be a map, and is a string"),
    (14, applied(new_program={}), PROGRAM + "missing field `source`"),
    (14, applied(new_program={"source": 3}), PROGRAM + "`source` must be a string, and is a number"),
    (14, applied(new_program={"source": "x", "id": "a"}), PROGRAM + "unknown field `id`, expected `source`"),
    (16, rejected(reasons=GONE), "commit.reasons missing or not array"),
    (16, rejected(reasons="no"), "commit.reasons missing or not array"),
    (17, rejected(reasons=["no", 3]), REASON),
    (18, rejected(reasons=[]), "commit.reasons is empty (Rejected requires at least 1)"),
]


@pytest.mark.parametrize(("rule", "context", "message"), CASES)
def test_a_commit_that_breaks_a_rule_is_refused_in_its_words(rule: int, context: Any, message: str) -> None:
    with pytest.raises(CommitShape) as caught:
        read_commit(context)
    assert str(caught.value) == f"commit shape: {message}"


def test_every_rule_but_the_one_of_the_version_is_tried() -> None:
    assert {rule for rule, _, _ in CASES} | {15} == set(range(1, 19))


def test_rule_15_the_version_must_be_that_of_the_text() -> None:
    claim = read_commit(applied(new_version="c1:ab"))
    check_version(claim, "c1:ab")
    with pytest.raises(CommitShape) as caught:
        check_version(claim, "c1:cd")
    assert str(caught.value) == "commit shape: new_version mismatch: committer=c1:ab store=c1:cd"


def test_the_first_rule_that_is_broken_is_told() -> None:
    """Everything wrong at once, mended one after the other in the order of the rules."""
    commit: dict[str, Any] = {}
    context: dict[str, Any] = {}
    said = []

    def ask() -> None:
        with pytest.raises(CommitShape) as caught:
            read_commit(context)
        said.append(str(caught.value).removeprefix("commit shape: "))

    ask()
    context["commit"] = commit
    item: dict[str, Any] = {}
    for step in (
        {}, {"committed": True}, {"rationale": ""}, {"verdicts_summary": [item]}, {"axis": "reads"},
        {"status": "maybe"}, {"status": "pass"}, {"evidence": "e"}, {"new_version": ""}, {"new_version": "c1:ab"},
        {"bump": "any word"}, {"new_program": {}},
    ):  # fmt: skip
        (item if step.keys() & {"axis", "status", "evidence"} else commit).update(step)
        ask()
    assert said == [
        "final_ctx missing $.commit",
        "commit.committed missing or not bool",
        "commit.rationale missing or not string",
        SUMMARY,
        "verdicts_summary[].axis missing",
        "verdicts_summary[].status missing",
        "verdicts_summary[].status must be pass|deny, got maybe",
        "verdicts_summary[].evidence missing for pass",
        "commit.new_version missing or not string",
        "commit.new_version is empty (Applied)",
        "commit.bump missing or not string",
        "commit.new_program missing",
        PROGRAM + "missing field `source`",
    ]
    commit["committed"] = False
    for reasons in (GONE, [3], []):
        if reasons is not GONE:
            commit["reasons"] = reasons
        ask()
    assert said[-3:] == [
        "commit.reasons missing or not array", REASON, "commit.reasons is empty (Rejected requires at least 1)",
    ]  # fmt: skip


def test_a_commit_of_the_right_shape_is_a_claim() -> None:
    assert read_commit(applied(new_bp_yaml="ignored")) == Claim(
        True, "slower", (Verdict("reads", "pass", "3 forms"),), "c1:ab", "minor", "(vigy-noop)"
    )
    assert read_commit(rejected(bump=3, new_version=4)) == Claim(
        False, "", (Verdict("reads", "pass", "3 forms"), Verdict("noop", "deny", "nothing changes")),
        reasons=("noop: nothing",),
    )  # fmt: skip
    assert read_commit(applied(verdicts_summary=[], rationale="")).verdicts == ()
