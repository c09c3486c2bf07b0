"""The committer is not believed (acceptance 1 and 6): what it claims is compared with what the application finds."""

from __future__ import annotations

import pytest

from enhance.epochs import BROKEN, COUNTS_TWICE, FLOOR_ONLY, PASSES_ALL, World, lying
from vigyc.model.enhance_setting import AXES
from vigyc.model.issue import APPLIED, FAILED, REJECTED


@pytest.fixture(autouse=True)
def _setting(world: World) -> None:
    world.setting(flow="liar")


def test_a_claim_of_passes_does_not_make_a_denied_axis_pass(world: World) -> None:
    world.register("liar", PASSES_ALL)
    target = world.register("one")
    issue = world.worked(target, BROKEN)
    entry = world.entry(issue)
    assert (issue.state, world.head(target).version) == (REJECTED, 1)
    assert any(reason.startswith("compiles: ") for reason in issue.reasons)
    assert any(claim.startswith("compiles: the flow says pass, and it is deny: ") for claim in entry.claims)
    assert [verdict.status for verdict in entry.verdicts] == ["pass", "pass", "pass", "deny", "pass"]


def test_a_claim_without_an_axis_is_decided_by_the_application(world: World) -> None:
    world.register("liar", lying('(committing wanted (said (list "reads") "pass" "evidence") (version-of wanted))'))
    good, bad = world.register("good"), world.register("bad")
    issue = world.worked(good, COUNTS_TWICE)
    entry = world.entry(issue)
    assert issue.state == APPLIED
    assert [verdict.axis for verdict in entry.verdicts] == list(FLOOR_ONLY)
    assert [claim for claim in entry.claims if claim.endswith("the flow says nothing of it")] == [
        f"{axis}: the flow says nothing of it" for axis in FLOOR_ONLY[1:]
    ]
    assert world.worked(bad, BROKEN).state == REJECTED


def test_bytes_other_than_those_verified_are_verified(world: World) -> None:
    switched = lying(f"""
      (define good {_text(COUNTS_TWICE)})
      (define verdicts (map (lambda (axis) (flow-verify good axis)) (get ctx "verifiers")))
      (committing wanted verdicts (version-of wanted))""")
    world.register("liar", switched)
    target = world.register("one")
    issue = world.worked(target, BROKEN)
    entry = world.entry(issue)
    assert issue.state == REJECTED
    assert "the text that the flow commits is none that it had verified" in entry.claims
    assert entry.program == BROKEN
    assert any("compiles: the flow says pass" in claim for claim in entry.claims)


def test_another_name_than_that_of_the_text_is_no_commit(world: World) -> None:
    world.register("liar", lying('(committing wanted (said (get ctx "verifiers") "pass" "evidence") "c1:abc")'))
    target = world.register("one")
    issue = world.worked(target, COUNTS_TWICE)
    assert (issue.state, world.head(target).version) == (FAILED, 1)
    assert issue.reasons[0].startswith("commit shape: new_version mismatch: committer=c1:abc store=c1:")


def test_verdicts_of_axes_that_nobody_asked_for_count_for_nothing(world: World) -> None:
    world.register(
        "liar",
        lying('(committing wanted (said (list "beauty" "reads" "reads") "deny" "reason") (version-of wanted))'),
    )
    issue = world.worked(world.register("one"), COUNTS_TWICE)
    entry = world.entry(issue)
    assert issue.state == APPLIED
    assert "beauty: the flow tells of it, and it was not asked for" in entry.claims
    assert "reads: the flow tells of it twice" in entry.claims
    assert any(claim.startswith("reads: the flow says deny, and it is pass") for claim in entry.claims)


def test_a_flow_may_say_no_where_all_would_pass(world: World) -> None:
    world.register(
        "liar",
        lying(
            '(finish (hash-map "committed" #f "rationale" "" "reasons" (list "not now" "not ever")'
            ' "verdicts_summary" (said (list "reads") "pass" "evidence")))'
        ),
    )
    target = world.register("one")
    issue = world.worked(target, COUNTS_TWICE)
    assert (issue.state, issue.reasons) == (REJECTED, ("not now", "not ever"))
    assert world.entry(issue).claims == ("reads: the flow says pass, and the text was not verified for it",)


def test_a_bump_there_is_not_is_refused(world: World) -> None:
    world.register("liar", PASSES_ALL.replace('"minor"', '"gigantic"'))
    issue = world.worked(world.register("one"), COUNTS_TWICE)
    assert (issue.state, issue.reasons[0]) == (
        REJECTED, "bump: it must be one of major, minor, patch, not 'gigantic'",
    )  # fmt: skip


SHAPES = {
    '(flow-finish (hash-map "x" 1))': "final_ctx missing $.commit",
    '(finish (hash-map "rationale" ""))': "commit.committed missing or not bool",
    '(finish (hash-map "committed" #t "verdicts_summary" (list)))': "commit.rationale missing or not string",
    '(finish (hash-map "committed" #f "rationale" ""))': "commit.verdicts_summary missing or not array",
    '(finish (hash-map "committed" #f "rationale" "" "verdicts_summary" (list)))': (
        "commit.reasons missing or not array"
    ),
    '(finish (hash-map "committed" #f "rationale" "" "verdicts_summary" (list) "reasons" (list)))': (
        "commit.reasons is empty (Rejected requires at least 1)"
    ),
    "(committing 7 (list) (version-of wanted))": "commit.new_program deserialize: `source` must be a string",
    '(committing wanted (list) "")': "commit.new_version is empty (Applied)",
}


@pytest.mark.parametrize("body", SHAPES)
def test_a_commit_of_another_shape_fails_with_the_rule_it_breaks(world: World, body: str) -> None:
    world.register("liar", lying(body))
    target = world.register("one")
    issue = world.worked(target, COUNTS_TWICE)
    assert (issue.state, world.head(target).version) == (FAILED, 1)
    assert issue.reasons[0].startswith(f"commit shape: {SHAPES[body]}")
    assert world.entry(issue).outcome == "failed"


def test_a_flow_that_verifies_for_all_axes_is_told_of_them_at_once(world: World) -> None:
    world.setting(flow="liar", verifiers=AXES)
    body = """
      (define verdicts (map (lambda (axis) (flow-verify wanted axis)) (get ctx "verifiers")))
      (define strange (flow-verify wanted "beauty"))
      (assert (equal? (get strange "status") "deny") "it is denied")
      (committing wanted verdicts (version-of wanted))"""
    world.register("liar", lying(body))
    issue = world.worked(world.register("one"), COUNTS_TWICE)
    assert (issue.state, issue.reasons, world.entry(issue).claims) == (APPLIED, (), ())


def test_a_flow_cannot_make_its_own_program_the_target_s_without_changing_it(world: World) -> None:
    world.register("liar", lying('(committing (get ctx "program") (list) (version-of (get ctx "program")))'))
    target = world.register("one")
    issue = world.worked(target, COUNTS_TWICE)
    assert issue.state == REJECTED
    assert any(reason.startswith("noop: ") for reason in issue.reasons)


def _text(program: str) -> str:
    return '"' + program.replace("\\", "\\\\").replace('"', '\\"') + '"'
