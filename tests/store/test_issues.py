"""What port.py says of the queue of issues, held against every store."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from store.stores import NOW, a_vigy, the_lease
from store.wishes import AMPLE, LEASE_MS, a_full_entry, an_entry, an_issue, newest, submitted, taken
from vigyc.lang.errors import Conflict, Invalid, NotFound, TooMany
from vigyc.model import epoch as outcomes
from vigyc.model import notice as kinds
from vigyc.model.enhance_setting import Canary, EnhanceSetting, VersionSelector
from vigyc.model.issue import (
    APPLIED,
    CANCELLED,
    FAILED,
    LEASED,
    PENDING,
    REJECTED,
    STATES,
    TRIAL,
    Issue,
)
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.port import Queue, QueueLimits, Store


@pytest.fixture
def one(store: Store) -> Vigy:
    return store.create(a_vigy("one"))


@pytest.fixture
def two(store: Store) -> Vigy:
    return store.create(a_vigy("two"))


def test_a_store_without_issues_answers_everything(store: Store) -> None:
    assert store.issue("nothing") is None
    assert store.issues() == store.expired_issues(NOW) == store.epochs() == store.enhance_settings() == []
    assert store.epoch("nothing") is None
    assert store.enhance_setting("default") is None
    assert store.take_issue("w", "e", NOW, NOW) is None
    assert not store.keep_issue("nothing", "e", NOW)
    assert store.queue() == Queue({}, None)
    assert store.last_seq() == 0


# -- submitting


def test_what_was_submitted_is_found_and_told(store: Store, one: Vigy) -> None:
    wish = an_issue(one, 1)
    issue, created = store.submit(wish, AMPLE)
    assert created
    assert issue == wish._replace(revision=store.last_seq())
    assert store.issue(issue.id) == issue
    notice = newest(store)
    assert (notice.kind, notice.vigy_id, notice.at) == (kinds.ISSUE, one.id, NOW + 1)
    assert notice.message == "submitted"
    assert notice.data == {"issue": issue.id, "state": "pending", "was": None, "epoch": None}


@pytest.mark.parametrize(
    "fields",
    [
        {"intent": "robert'); DROP TABLE issues; -- {0} %s ../../etc ü 🌍 \u0000 \u2028"},
        {"constraints": {"most": 3, "part": 0.5, "deep": [{"a": None}, True], "ключ": "\ud800"}},
        {"proposal": {"source": "(car x)\n" * 1000, "bump": "major"}},
        {"author": "ada", "key": "k 'q'", "setting": "other"},
        {"held": True, "approved_by": "bob"},
        {"state": LEASED, "attempts": 3, "epoch": "e", "leased_by": "w", "leased_until": NOW},
        {"state": TRIAL, "trial": {"ticks": 3, "seen": [1]}},
        {"state": APPLIED, "version": 4, "reasons": ("a", "b: c")},
        {"submitted_at": -1, "updated_at": 0, "due_at": 2**53},
    ],
    ids=lambda fields: "-".join(fields),
)
def test_every_field_of_an_issue_comes_back(store: Store, one: Vigy, fields: dict[str, Any]) -> None:
    issue = submitted(store, one, 1, **fields)
    assert store.issue(issue.id) == issue == an_issue(one, 1, **fields, revision=issue.revision)
    assert store.issues() == [issue]


def test_an_issue_needs_a_vigy(store: Store, one: Vigy) -> None:
    with pytest.raises(NotFound):
        store.submit(an_issue(one, 1, vigy_id="nobody"), AMPLE)
    assert store.last_seq() == 1


def test_the_id_of_an_issue_is_its_own(store: Store, one: Vigy) -> None:
    issue = submitted(store, one, 1)
    with pytest.raises(Conflict):
        store.submit(an_issue(one, 1, intent="something else"), AMPLE)
    assert store.issues() == [issue]


def test_what_no_store_can_hold_is_refused(store: Store, one: Vigy) -> None:
    deep: list[Any] = []
    for _ in range(2000):
        deep = [deep]
    for fields in ({"constraints": {"deep": deep}}, {"proposal": {"deep": deep}}):
        with pytest.raises(Invalid, match="issue i001 cannot be stored"):
            store.submit(an_issue(one, 1, **fields), AMPLE)
    assert store.issues() == []
    assert store.last_seq() == 1


def test_again_with_the_same_key_is_the_same_issue(store: Store, one: Vigy) -> None:
    first = submitted(store, one, 1, author="ada", key="k", constraints={"n": 1})
    seq = store.last_seq()
    again = an_issue(one, 2, author="ada", key="k", constraints={"n": 1})
    assert store.submit(again, AMPLE) == (first, False)
    assert store.submit(again, QueueLimits(0, 0, 0)) == (first, False)  # nothing new comes, so no limit is met
    leased = taken(store)
    assert store.submit(again, AMPLE) == (leased, False)
    assert store.last_seq() == seq + 1


def test_again_with_the_same_key_also_when_the_vigy_has_gone(store: Store, one: Vigy) -> None:
    first = submitted(store, one, 1, author="ada", key="k")
    store.remove(one, NOW + 5)
    (found, created) = store.submit(an_issue(one, 2, author="ada", key="k"), AMPLE)
    assert (found.id, found.state, created) == (first.id, CANCELLED, False)


def test_a_key_is_its_authors_own(store: Store, one: Vigy) -> None:
    for number, (author, key) in enumerate(itertools.product(("ada", "bob", "", None), ("k", "l")), 1):
        submitted(store, one, number, author=author, key=key)
    submitted(store, one, 10, author="ada")
    submitted(store, one, 11, author="ada")
    assert len(store.issues()) == 10


@pytest.mark.parametrize(
    "other",
    [
        {"intent": "mend it!"},
        {"constraints": {"n": 1.0}},
        {"constraints": {}},
        {"proposal": {"source": "x"}},
        {"proposal": {}},
        {"setting": "careful"},
        {"vigy_id": a_vigy("two").id},
    ],
    ids=lambda other: "-".join(f"{name}={value}" for name, value in other.items()),
)
def test_a_key_that_was_used_for_something_else_is_refused(
    store: Store, one: Vigy, two: Vigy, other: dict[str, Any]
) -> None:
    first = submitted(store, one, 1, author="ada", key="k", constraints={"n": 1})
    with pytest.raises(Conflict, match=f"the key 'k' was used for another wish, issue {first.id}") as caught:
        store.submit(an_issue(one, 2, author="ada", key="k", **{"constraints": {"n": 1}, **other}), AMPLE)
    assert not isinstance(caught.value, TooMany)
    assert store.issues() == [first]


def test_only_so_many_may_wait(store: Store, one: Vigy, two: Vigy) -> None:
    limits = QueueLimits(2, 100, 0)
    for number, vigy in ((1, one), (2, two)):
        assert store.submit(an_issue(vigy, number), limits)[1]
    with pytest.raises(TooMany, match="2 issues are pending, and at most 2 may be"):
        store.submit(an_issue(one, 3), limits)
    taken(store)  # what is worked off does not wait
    assert store.submit(an_issue(one, 3, held=True), limits)[1]
    with pytest.raises(TooMany):  # what is held does
        store.submit(an_issue(one, 4), limits)
    assert len(store.issues()) == 3


def test_one_author_may_submit_only_so_many_at_a_time(store: Store, one: Vigy) -> None:
    for number in (1, 2, 3):
        submitted(store, one, number, author="ada")
    submitted(store, one, 4)
    with pytest.raises(TooMany, match="ada submitted 2 issues just now, and at most 2 are taken"):
        store.submit(an_issue(one, 5, author="ada"), QueueLimits(100, 2, NOW + 2))
    assert store.submit(an_issue(one, 5, author="ada"), QueueLimits(100, 2, NOW + 3))[1]
    assert store.submit(an_issue(one, 6, author="bob"), QueueLimits(100, 1, NOW))[1]
    with pytest.raises(TooMany):
        store.submit(an_issue(one, 7), QueueLimits(100, 1, NOW))


# -- looking


def test_issues_come_newest_first_and_in_pages(store: Store, one: Vigy, two: Vigy) -> None:
    numbers = list(range(1, 10))
    random.Random(1).shuffle(numbers)
    for number in numbers:
        submitted(store, one if number % 2 else two, number, state=STATES[number % 3])
    ids = [issue.id for issue in store.issues()]
    assert ids == [f"i{number:03}" for number in range(9, 0, -1)]
    pages, before = [], None
    while page := store.issues(before=before, limit=4):
        pages.append([issue.id for issue in page])
        before = page[-1].id
    assert [len(page) for page in pages] == [4, 4, 1]
    assert [each for page in pages for each in page] == ids
    assert [issue.id for issue in store.issues(vigy_id=one.id, limit=2)] == ["i009", "i007"]
    assert [issue.id for issue in store.issues(states=(STATES[0], STATES[2]), before="i006")] == [
        "i005", "i003", "i002",
    ]  # fmt: skip
    assert [issue.id for issue in store.issues(vigy_id=two.id, states={STATES[1]})] == ["i004"]
    assert store.issues(vigy_id="nobody") == store.issues(limit=0) == []


def test_the_queue_is_counted_by_state(store: Store, one: Vigy) -> None:
    for number, state in enumerate((APPLIED, PENDING, PENDING, REJECTED, PENDING), 1):
        submitted(store, one, number, state=state, held=number == 2)
    assert store.queue() == Queue({APPLIED: 1, PENDING: 3, REJECTED: 1}, NOW + 2)


# -- whose turn it is


def test_a_lease_is_one_more_attempt_and_is_told(store: Store, one: Vigy) -> None:
    issue = submitted(store, one, 1)
    leased = store.take_issue("worker-1", "e1", NOW + 5, NOW + 65)
    assert leased == issue._replace(
        state=LEASED, updated_at=NOW + 5, revision=store.last_seq(), attempts=1, epoch="e1", leased_by="worker-1",
        leased_until=NOW + 65,
    )  # fmt: skip
    assert store.issue(issue.id) == leased
    notice = newest(store)
    assert (notice.kind, notice.vigy_id, notice.at) == (kinds.ISSUE, one.id, NOW + 5)
    assert notice.message == "taken by another runtime (worker-1), attempt 1"
    assert notice.data == {"issue": issue.id, "state": "leased", "was": "pending", "epoch": "e1"}
    assert store.take_issue("worker-2", "e2", NOW + 5, NOW + 65) is None
    assert store.last_seq() == leased.revision


def test_the_oldest_is_taken_first_and_targets_are_worked_off_beside_each_other(
    store: Store, one: Vigy, two: Vigy
) -> None:
    first, second = submitted(store, one, 2), submitted(store, one, 3)
    other = submitted(store, two, 4)
    earliest = submitted(store, two, 5, submitted_at=NOW)  # submitted before all, stored after them
    assert taken(store, "e1").id == earliest.id
    assert taken(store, "e2").id == first.id
    assert store.take_issue("w", "e3", NOW + 1000, NOW + 2000) is None  # both targets are busy
    done = store.issue(first.id)
    store.settle(done, done._replace(state=REJECTED), NOW + 2000, an_entry(done, outcomes.REJECTED))
    assert taken(store, "e3").id == second.id
    assert store.issue(other.id).state == PENDING


def test_of_the_same_moment_the_smaller_id_comes_first(store: Store, one: Vigy) -> None:
    for number in (2, 1, 3):
        submitted(store, one, number, submitted_at=NOW)
    assert taken(store).id == "i001"


@pytest.mark.parametrize("busy", [LEASED, TRIAL])
def test_a_target_that_is_busy_is_left_alone(store: Store, one: Vigy, two: Vigy, busy: str) -> None:
    submitted(store, one, 1, state=busy, leased_by="w", leased_until=NOW, epoch="e0")
    submitted(store, one, 2)
    other = submitted(store, two, 3)
    assert taken(store).id == other.id
    assert store.take_issue("w", "e", NOW + 1000, NOW + 1000) is None


@pytest.mark.parametrize("ended", [APPLIED, REJECTED, FAILED, CANCELLED])
def test_what_has_ended_is_in_nobodys_way(store: Store, one: Vigy, ended: str) -> None:
    submitted(store, one, 1, state=ended)
    waiting = submitted(store, one, 2)
    assert taken(store).id == waiting.id


def test_what_is_not_due_waits_and_so_does_what_came_after_it(store: Store, one: Vigy, two: Vigy) -> None:
    first = submitted(store, one, 1, due_at=NOW + 500)
    submitted(store, one, 2)
    other = submitted(store, two, 3)
    assert store.take_issue("w", "e1", NOW + 499, NOW + 1000).id == other.id
    assert store.take_issue("w", "e2", NOW + 499, NOW + 1000) is None
    assert store.take_issue("w", "e2", NOW + 500, NOW + 1000).id == first.id


def test_of_the_same_moment_too_one_waits_for_the_other(store: Store, one: Vigy) -> None:
    first = submitted(store, one, 1, submitted_at=NOW, due_at=NOW + 500)
    submitted(store, one, 2, submitted_at=NOW)
    assert store.take_issue("w", "e", NOW + 499, NOW + 1000) is None
    assert store.take_issue("w", "e", NOW + 500, NOW + 1000).id == first.id


def test_what_is_held_waits_alone(store: Store, one: Vigy) -> None:
    held, free = submitted(store, one, 1, held=True), submitted(store, one, 2)
    assert taken(store, "e1").id == free.id
    assert store.take_issue("w", "e2", NOW, NOW + 1000) is None
    leased = store.issue(free.id)
    store.settle(leased, leased._replace(state=REJECTED), NOW, an_entry(leased, outcomes.REJECTED))
    approved, *_ = store.settle(held, held._replace(held=False, approved_by="ada"), NOW)
    assert newest(store).message == "approved by ada"
    assert approved.state == PENDING
    assert taken(store, "e2").id == held.id


def test_a_paused_setting_holds_up_its_issues_and_what_came_after_them(store: Store, one: Vigy, two: Vigy) -> None:
    store.put_enhance_setting(EnhanceSetting("careful", paused="no flow"), NOW)
    store.put_enhance_setting(EnhanceSetting("default"), NOW)
    first = submitted(store, one, 1, setting="careful")
    submitted(store, one, 2)
    other = submitted(store, two, 3)
    assert taken(store, "e1").id == other.id
    assert store.take_issue("w", "e2", NOW + 1000, NOW + 2000) is None
    store.put_enhance_setting(EnhanceSetting("careful"), NOW)
    assert taken(store, "e2").id == first.id


@pytest.mark.parametrize("reason", ["", "text"])
def test_a_setting_is_paused_whatever_the_reason_and_when_it_is_removed_no_more(
    store: Store, one: Vigy, reason: str
) -> None:
    store.put_enhance_setting(EnhanceSetting(paused=reason), NOW)
    submitted(store, one, 1)
    assert store.take_issue("w", "e", NOW + 1000, NOW + 2000) is None
    store.remove_enhance_setting("default", NOW)
    assert taken(store).id == "i001"


def test_issues_of_a_vigy_whose_data_were_kept_are_still_taken(store: Store, one: Vigy) -> None:
    issue = submitted(store, one, 1)
    store.remove(one, NOW, keep_data=True)
    assert taken(store).id == issue.id


# -- leases


def test_a_lease_is_lengthened_without_a_word(store: Store, one: Vigy) -> None:
    submitted(store, one, 1)
    leased = taken(store)
    seq = store.last_seq()
    assert store.keep_issue(leased.id, "e1", NOW + 10**6)
    assert store.issue(leased.id) == leased._replace(leased_until=NOW + 10**6)
    assert store.keep_issue(leased.id, "e1", NOW)  # which is no longer, and so nothing
    assert store.issue(leased.id) == leased._replace(leased_until=NOW + 10**6)
    assert not store.keep_issue(leased.id, "e0", NOW + 10**7)
    assert not store.keep_issue("nothing", "e1", NOW + 10**7)
    assert store.last_seq() == seq
    rejected = leased._replace(state=REJECTED)
    store.settle(leased, rejected, NOW, an_entry(leased, outcomes.REJECTED))  # the revision is what it was
    assert not store.keep_issue(leased.id, "e1", NOW + 10**7)


def test_leases_that_ran_out_are_found(store: Store, one: Vigy, two: Vigy) -> None:
    submitted(store, one, 1)
    submitted(store, two, 2)
    first = store.take_issue("w", "e1", NOW, NOW + 10)
    second = store.take_issue("w", "e2", NOW, NOW + 20)
    submitted(store, one, 3, state=TRIAL, leased_until=NOW)
    assert store.expired_issues(NOW + 10) == []
    assert store.expired_issues(NOW + 11) == [first]
    assert store.expired_issues(NOW + 21) == [first, second]
    store.keep_issue(first.id, "e1", NOW + 30)
    assert store.expired_issues(NOW + 21) == [second]


# -- a vigy is deleted


def test_with_a_vigy_its_open_issues_end(store: Store, one: Vigy, two: Vigy) -> None:
    ended = submitted(store, one, 1, state=REJECTED)
    submitted(store, one, 2)
    leased = taken(store)
    waiting, held = submitted(store, one, 3), submitted(store, one, 4, held=True)
    other = submitted(store, two, 5)
    store.remove(one, NOW + 7)
    assert store.issue(ended.id) == ended
    assert store.issue(other.id) == other
    for before in (leased, waiting, held):
        after = store.issue(before.id)
        assert (after.state, after.reasons, after.updated_at) == (CANCELLED, ("its vigy was deleted",), NOW + 7)
        assert after.leased_by is after.leased_until is None
    (entry,) = store.epochs()
    assert (entry.id, entry.issue_id, entry.outcome, entry.attempt) == ("e1", leased.id, outcomes.CANCELLED, 1)
    assert (entry.began_at, entry.ended_at, entry.reasons) == (NOW + 1000, NOW + 7, ("its vigy was deleted",))
    told = store.notices(other.revision)
    assert [notice.kind for notice in told] == [kinds.ISSUE] * 3 + [kinds.DELETED]
    assert told[0].message == "cancelled: its vigy was deleted"
    assert entry.seq == store.issue(leased.id).revision == told[0].seq


def test_an_epoch_that_has_its_entry_gets_no_second_one(store: Store, one: Vigy) -> None:
    submitted(store, one, 1)
    leased = taken(store)
    trial, entry, _ = store.settle(leased, leased._replace(state=TRIAL), NOW, an_entry(leased, outcomes.RETRY))
    store.remove(one, NOW + 7)
    assert store.epochs() == [entry]
    assert store.issue(trial.id).state == CANCELLED


def test_the_log_outlives_its_vigy(store: Store, one: Vigy) -> None:
    submitted(store, one, 1)
    leased = taken(store)
    _, entry, _ = store.settle(leased, leased._replace(state=REJECTED), NOW, a_full_entry(leased))
    store.remove(one, NOW + 7)
    assert store.epochs(vigy_id=one.id) == [entry]
    assert store.epoch("e1") == entry


def test_what_is_stored_is_nobody_s_to_change_and_as_json_has_it(store: Store, one: Vigy) -> None:
    constraints: dict[str, object] = {"deep": [1], "pair": (1, 2), "nan": float("nan")}
    submitted(store, one, 1, constraints=constraints)
    constraints["deep"].append(2)  # type: ignore[attr-defined]
    leased = taken(store)
    assert leased.constraints == {"deep": [1], "pair": [1, 2], "nan": None}
    entry = an_entry(leased, outcomes.REJECTED, patch={"edits": [1]})
    store.settle(leased, leased._replace(state=REJECTED), NOW, entry)
    entry.patch["edits"].append(2)  # type: ignore[index]
    assert store.epochs()[0].patch == {"edits": [1]}


def test_keeping_house_leaves_issues_and_the_log(store: Store, one: Vigy) -> None:
    fence = the_lease(store)
    submitted(store, one, 1)
    leased = taken(store)
    store.settle(leased, leased._replace(state=REJECTED), NOW, a_full_entry(leased))
    submitted(store, one, 2)
    before = store.issues(), store.epochs()
    while store.prune(fence, runs_per_vigy=0, events=0, older_than=NOW + 10**9):
        pass
    assert (store.issues(), store.epochs()) == before
    assert store.notices(0) == []


# -- settings


FULL = EnhanceSetting(
    "careful", "flow-vigy", VersionSelector("semver_req", "^1.2"), ("reads", "noop"),
    {"kind": "model", "model": "m", "deep": [1, {"a": None}]}, 0, 1, 2, 3, 4, 5, "reject", 6, 0.25, 7, 3.5,
    Canary(8, 9), 10, 11, 12, "because ü", 0,
)  # fmt: skip


@pytest.mark.parametrize("setting", [EnhanceSetting(), FULL], ids=["default", "full"])
def test_a_setting_comes_back_and_is_told(store: Store, setting: EnhanceSetting) -> None:
    stored = store.put_enhance_setting(setting, NOW + 3)
    assert stored == setting._replace(updated_at=NOW + 3)
    assert store.enhance_setting(setting.name) == stored
    assert store.enhance_settings() == [stored]
    notice = newest(store)
    assert (notice.kind, notice.vigy_id, notice.at) == (kinds.ENHANCE, None, NOW + 3)
    assert notice.data == {"setting": setting.name, "paused": setting.paused, "removed": False}


def test_settings_come_by_name_and_the_latest_counts(store: Store) -> None:
    for name in ("b", "a", "c", "b"):
        store.put_enhance_setting(EnhanceSetting(name, repairs=store.last_seq()), NOW)
    assert [(setting.name, setting.repairs) for setting in store.enhance_settings()] == [("a", 1), ("b", 3), ("c", 2)]


def test_a_setting_is_removed_and_told(store: Store) -> None:
    store.put_enhance_setting(EnhanceSetting("a"), NOW)
    store.remove_enhance_setting("a", NOW + 1)
    assert store.enhance_settings() == []
    assert newest(store).data == {"setting": "a", "paused": None, "removed": True}
    with pytest.raises(NotFound, match="there is no setting 'a'"):
        store.remove_enhance_setting("a", NOW + 1)
    assert store.last_seq() == 2


def test_a_worker_that_never_waits_serves_everybody_in_turn(store: Store) -> None:
    """Whatever is submitted and however it ends, each target's issues begin in their order."""
    dice = random.Random(5)
    vigies = [store.create(a_vigy(name)) for name in "abc"]
    begun: dict[str, list[int]] = {vigy.id: [] for vigy in vigies}
    open_ones: list[Issue] = []
    for number in range(1, 61):
        submitted(store, dice.choice(vigies), number)
        if dice.random() < 0.7 and (issue := store.take_issue("w", f"e{number}", NOW + 999, NOW + LEASE_MS)):
            begun[issue.vigy_id].append(issue.submitted_at)
            open_ones.append(issue)
        if open_ones and dice.random() < 0.6:
            issue = open_ones.pop(dice.randrange(len(open_ones)))
            store.settle(issue, issue._replace(state=FAILED), NOW, an_entry(issue, outcomes.FAILED))
    assert sum(map(len, begun.values())) > 20
    assert all(times == sorted(times) for times in begun.values())


def test_a_setting_replaces_only_the_one_that_was_seen(store: Store) -> None:
    first = store.put_enhance_setting(EnhanceSetting(repairs=1), NOW, seen=0)
    again = store.put_enhance_setting(first._replace(repairs=2), NOW, seen=NOW)
    assert again.updated_at == NOW + 1, "in the same ms it is another all the same"
    for seen in (0, NOW, NOW + 2):
        with pytest.raises(Conflict) as refused:
            store.put_enhance_setting(first._replace(repairs=3), NOW + 5, seen=seen)
        assert str(refused.value) == "setting 'default' was changed meanwhile; look again and repeat"
    assert store.enhance_setting("default") == again
    assert store.put_enhance_setting(first._replace(repairs=4), NOW + 9).repairs == 4
