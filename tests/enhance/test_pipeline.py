"""An issue becomes a verified version or a rejection with reasons, in one epoch with one entry."""

from __future__ import annotations

import json

import pytest

from enhance.epochs import BROKEN, COUNTS, COUNTS_TWICE, PASSES_ALL, World, lying
from vigyc.enhance import queue
from vigyc.enhance.epoch.handle import SETTLED, STEPS, Handle
from vigyc.enhance.pipeline import Pipeline
from vigyc.frontend.canonical import content_of
from vigyc.lang.digest import digest
from vigyc.model.enhance_setting import AXES, FIXED, FLOOR, SEMVER, VersionSelector
from vigyc.model.issue import APPLIED, FAILED, REJECTED
from vigyc.model.notice import ISSUE, UPDATED
from vigyc.programs import Programs
from vigyc.runtime.host import Host


class Tracing(Handle):
    """A handle that remembers the steps."""

    def __init__(self, issue_id: str = "", epoch: str = "") -> None:
        super().__init__(issue_id, epoch)
        self.steps: list[str] = []

    def reach(self, step: str) -> None:
        self.steps.append(step)
        super().reach(step)


def test_a_good_proposal_becomes_a_version_and_one_entry(world: World) -> None:
    world.setting()
    target = world.register("one")
    issue = world.worked(target, COUNTS_TWICE, author="ann")
    assert (issue.state, issue.version, issue.attempts, issue.leased_by) == (APPLIED, 2, 1, None)
    head, (newest, first) = world.head(target), world.store.versions(target.id)
    assert head.program == newest.program == COUNTS_TWICE
    assert (head.version, newest.number, newest.parent, newest.author) == (2, 2, 1, "enhance")
    assert (first.label, newest.label, newest.bump) == ("0.1.0", "0.1.1", "patch")
    assert newest.content == content_of(COUNTS_TWICE)
    entry = world.entry(issue)
    assert (entry.id, entry.outcome, entry.version, entry.label) == (issue.epoch, "applied", 2, "0.1.1")
    assert newest.epoch == entry.id
    assert (entry.base, entry.base_digest, entry.digest) == (1, digest(COUNTS), digest(COUNTS_TWICE))
    assert [verdict.axis for verdict in entry.verdicts] == list(FLOOR)
    assert all(verdict.passed and verdict.detail for verdict in entry.verdicts)
    assert entry.setting["verifiers"] == list(FLOOR)
    assert (entry.flow["name"], entry.claims, entry.program) == ("enhance", (), None)
    assert entry.patch == {"source": COUNTS_TWICE, "bump": "patch", "rationale": ""}
    assert entry.calls == ()


def test_version_entry_issue_and_notices_come_in_one_transaction(world: World) -> None:
    world.setting()
    target = world.register("one")
    world.submit(target, COUNTS_TWICE)
    leased = world.take()
    before = world.store.last_seq()
    world.pipeline.run(leased, Handle(leased.id, leased.epoch or ""))
    told = world.store.notices(before)
    assert [notice.kind for notice in told] == [UPDATED, ISSUE]
    assert told[1].data["state"] == APPLIED


def test_a_bad_proposal_is_rejected_and_says_what_to_do(world: World) -> None:
    world.setting()
    target = world.register("one")
    issue = world.worked(target, BROKEN)
    assert issue.state == REJECTED
    assert any("no-such-function" in reason for reason in issue.reasons)
    entry = world.entry(issue)
    assert (entry.outcome, entry.reasons, entry.version, entry.program) == ("rejected", issue.reasons, None, BROKEN)
    assert world.head(target) == target


def test_every_axis_can_be_asked_for(world: World) -> None:
    world.setting(verifiers=AXES)
    target = world.register("one")
    world.tick(target, 3)
    issue = world.worked(target, COUNTS_TWICE)
    assert [verdict.axis for verdict in world.entry(issue).verdicts] == list(AXES)
    assert issue.state == APPLIED, issue.reasons


def test_a_flow_is_told_where_its_target_stands(world: World) -> None:
    program = """(vigy-desired "replicas" (list 1 (hash-map "a" 2.5)))
(vigy-observed "replicas" nil)
(vigy-condition "Ready" #f "NotYet" "soon")
(define twice 1 2)
(vigy-noop)
"""
    asking = lying(
        '(finish (hash-map "committed" #f "rationale" "" "verdicts_summary" (list) "reasons" (list (json-write ctx))))'
    )
    world.register("asking", asking)
    world.setting(flow="asking")
    target = world.register("one", program)
    world.tick(target, 2)
    issue = world.worked(target, COUNTS, author="ann", constraints={"most": 3})
    told = json.loads(issue.reasons[0])
    assert set(told) == {
        "issue", "program", "version", "state", "findings", "epoch", "verifiers", "proposer", "repairs", "feedback",
    }  # fmt: skip
    assert told["issue"] == {
        "id": issue.id, "target": "one", "vigy_id": target.id, "intent": "do better", "constraints": {"most": 3},
        "author": "ann", "proposal": {"source": COUNTS, "bump": "patch", "rationale": ""}, "attempt": 1,
    }  # fmt: skip
    assert (told["program"], told["epoch"], told["verifiers"]) == (program, issue.epoch, list(FLOOR))
    assert told["version"] == {
        "number": 1, "digest": digest(program), "content": content_of(program), "label": "0.1.0",
    }  # fmt: skip
    assert told["state"]["desired"] == {"replicas": [1, {"a": 2.5}]}
    assert (told["state"]["runs"], told["state"]["failures"], told["state"]["last_result"]) == (2, 0, "ok")
    assert told["state"]["conditions"][0]["reason"] == "NotYet"
    assert any("twice" in finding and finding.startswith("one:4:") for finding in told["findings"])


def test_the_steps_are_reached_in_order(world: World) -> None:
    world.setting()
    target = world.register("one")
    world.submit(target, COUNTS_TWICE)
    handle = Tracing()
    world.work(handle)
    assert list(dict.fromkeys(["taken", *handle.steps, handle.step])) == list(STEPS)
    assert handle.step == SETTLED


def test_an_empty_list_of_axes_is_an_error_and_commits_nothing(world: World) -> None:
    """Acceptance 8."""
    world.setting(verifiers=())
    target = world.register("one")
    issue = world.worked(target, COUNTS_TWICE)
    assert issue.state == "pending"
    assert world.entry(issue).outcome == "paused"
    assert world.head(target).version == 1


def test_an_issue_against_its_own_pipeline_needs_an_operator(world: World) -> None:
    """Acceptance 7."""
    flow = world.register("my-flow", PASSES_ALL)
    world.setting(flow="my-flow")
    issue = world.submit(flow, PASSES_ALL + "; quicker\n(define unused 1)\n")
    assert issue.held
    now = world.time.wall_ms()
    assert world.store.take_issue("somebody", "e1", now, now + 1000) is None
    queue.approve(world.store, issue, now, "operator")
    assert world.work().approved_by == "operator"


@pytest.mark.parametrize("name", ["my-flow", "one.test"])
def test_what_became_protected_while_it_waited_is_not_changed(world: World, name: str) -> None:
    world.setting()
    target = world.register(name, PASSES_ALL if name == "my-flow" else COUNTS)
    issue = world.submit(target, COUNTS_TWICE)
    if issue.held:  # as if it had been submitted before there were such rules
        issue = world.store.settle(issue, issue._replace(held=False), issue.updated_at)[0]
    if name == "my-flow":
        world.setting(flow="my-flow")
    done = world.work()
    assert done.state == REJECTED
    assert f"vigyc issue approve {issue.id}" in done.reasons[0]
    assert world.head(target).version == 1


def test_what_becomes_protected_during_the_epoch_is_not_changed(world: World) -> None:
    class Protecting(Handle):
        def reach(self, step: str) -> None:
            if step == "verified":
                world.setting(flow="one")
            super().reach(step)

    world.setting()
    target = world.register("one")
    world.submit(target, COUNTS_TWICE)
    done = world.work(Protecting("", ""))
    assert (done.state, world.head(target).version) == (REJECTED, 1)
    assert "vigyc issue approve" in done.reasons[0]


def test_a_flow_of_ones_own_is_chosen_by_version(world: World) -> None:
    refusing = lying(
        '(finish (hash-map "committed" #f "rationale" "no" "verdicts_summary" (list) "reasons" (list "not today")))'
    )
    flow = world.register("my-flow", refusing)
    world.update(flow, program=PASSES_ALL)
    for number, (selector, state, version) in enumerate((
        (VersionSelector(), APPLIED, 2),
        (VersionSelector(FIXED, "1"), REJECTED, 1),
        (VersionSelector(FIXED, flow.digest), REJECTED, 1),
        (VersionSelector(SEMVER, "^0.1"), APPLIED, 2),
    )):  # fmt: skip
        world.setting(flow="my-flow", flow_version=selector)
        issue = world.worked(world.register(f"target-{number}"), COUNTS_TWICE)
        entry = world.entry(issue)
        assert (issue.state, entry.flow["version"], entry.flow["name"]) == (state, version, "my-flow")
    assert world.entries()[1].reasons == ("not today",)


def test_a_setting_holds_from_the_next_epoch_and_its_snapshot_is_kept(world: World) -> None:
    world.setting(ttl_ms=60_000)
    target = world.register("one")
    first = world.worked(target, COUNTS_TWICE)
    world.setting(ttl_ms=30_000, verifiers=(*FLOOR, "dry-run"))
    second = world.worked(target, COUNTS)
    assert [world.entry(issue).setting["ttl_ms"] for issue in (first, second)] == [60_000, 30_000]
    assert [len(world.entry(issue).verdicts) for issue in (first, second)] == [5, 6]


def test_going_back_to_former_content_is_a_new_version_with_that_content(world: World) -> None:
    """Acceptance 13."""
    world.setting()
    target = world.register("one")
    assert world.worked(target, COUNTS_TWICE).state == APPLIED
    assert world.worked(target, COUNTS).state == APPLIED
    third, second, first = world.store.versions(target.id)
    assert first.content == third.content != second.content
    assert len({version.label for version in (first, second, third)}) == 3
    assert (third.number, third.parent, first.epoch) == (3, 2, None)
    assert third.epoch != second.epoch


def test_a_deleted_target_ends_its_issue(world: World) -> None:
    class Deleting(Handle):
        def reach(self, step: str) -> None:
            if step == "claimed":
                world.store.remove(world.head(target), world.time.wall_ms())
            super().reach(step)

    world.setting()
    target = world.register("one")
    issue = world.submit(target, COUNTS_TWICE)
    done = world.work(Deleting("", ""))
    assert done.state == "cancelled"
    assert world.entry(issue).outcome == "cancelled"


def test_a_damaged_base_is_no_base() -> None:
    world = World()  # in memory: a file does not give it out
    world.setting()
    target = world.register("one", digest="b3:" + "0" * 64)
    issue = world.worked(target, COUNTS_TWICE)
    assert (issue.state, world.entry(issue).outcome, world.head(target).version) == (FAILED, "failed", 1)
    assert "damaged" in issue.reasons[0]


def test_what_an_embedder_ticks_in_place_of_programs_is_no_flow() -> None:
    class Idle:
        def tick(self, host: Host) -> Host:
            return host

    world = World()
    world.setting()
    world.pipeline = Pipeline(world.store, Programs(reconciler=lambda program: Idle()), world.time)
    assert world.worked(world.register("one"), COUNTS_TWICE).state == APPLIED


def test_a_program_that_is_too_large_is_rejected_unread(world: World) -> None:
    world.setting(max_program_bytes=100, flow="my-flow")
    world.register("my-flow", PASSES_ALL)
    issue = world.worked(world.register("one"), COUNTS + "; " + "x" * 100)
    assert issue.state == REJECTED
    assert "max_program_bytes is 100" in issue.reasons[0]
