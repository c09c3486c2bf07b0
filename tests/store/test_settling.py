"""What becomes of an issue, with the log and the new version of its vigy: all of it or none, in every store."""

from __future__ import annotations

from typing import Any

import pytest

from store.stores import NOW, a_vigy, edited
from store.wishes import a_full_entry, a_head, an_entry, newest, submitted, taken
from vigyc.lang.errors import Conflict, Invalid, NotFound
from vigyc.model import epoch as outcomes
from vigyc.model import notice as kinds
from vigyc.model.issue import (
    APPLIED,
    CANCELLED,
    DEAD,
    FAILED,
    LEASED,
    NEXT,
    PENDING,
    REJECTED,
    REVERTED,
    STATES,
    TRIAL,
)
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.port import Edition, Store

# Written out from the requirement, not taken from the code under test.
MAY_FOLLOW = {
    PENDING: {LEASED, CANCELLED},
    LEASED: {PENDING, TRIAL, APPLIED, REJECTED, FAILED, CANCELLED, DEAD},
    TRIAL: {PENDING, APPLIED, REJECTED, FAILED, CANCELLED, DEAD},
    APPLIED: {REVERTED},
    REJECTED: {PENDING},
    FAILED: {PENDING},
    CANCELLED: {PENDING},
    DEAD: {PENDING},
    REVERTED: {PENDING},
}


@pytest.fixture
def one(store: Store) -> Vigy:
    return store.create(a_vigy("one"))


def everything(store: Store) -> dict[str, Any]:
    return {
        "vigies": store.vigies(),
        "versions": [store.versions(vigy.id) for vigy in store.vigies()],
        "issues": store.issues(),
        "epochs": store.epochs(),
        "stream": store.notices(0),
    }


def test_the_table_of_states_is_the_one_that_was_asked_for() -> None:
    assert {state: set(NEXT[state]) for state in STATES} == MAY_FOLLOW


@pytest.mark.parametrize("to", STATES)
@pytest.mark.parametrize("state", STATES)
def test_a_state_is_followed_only_by_those_that_may(store: Store, one: Vigy, state: str, to: str) -> None:
    before = submitted(store, one, 1, state=state)
    after = before._replace(state=to, reasons=("so",))
    if to in MAY_FOLLOW[state] | {state}:
        stored, entry, vigy = store.settle(before, after, NOW + 50)
        assert stored == after._replace(revision=store.last_seq(), updated_at=NOW + 50)
        assert store.issue(before.id) == stored
        assert (entry, vigy) == (None, None)
        assert newest(store).data == {"issue": before.id, "state": to, "was": state, "epoch": None}
    else:
        with pytest.raises(Conflict, match=f"issue {before.id} is {state}, which cannot become '{to}'"):
            store.settle(before, after, NOW + 50)
        assert store.issue(before.id) == before
        assert store.last_seq() == before.revision


@pytest.mark.parametrize("state", ["", "done", "Pending"])
def test_a_state_that_is_none_is_refused(store: Store, one: Vigy, state: str) -> None:
    before = submitted(store, one, 1)
    with pytest.raises(Conflict, match="cannot become"):
        store.settle(before, before._replace(state=state), NOW)
    assert store.issue(before.id) == before


def test_an_issue_that_is_not_there(store: Store, one: Vigy) -> None:
    issue = submitted(store, one, 1)
    with pytest.raises(NotFound, match="there is no issue i002"):
        store.settle(issue._replace(id="i002"), issue._replace(id="i002", state=CANCELLED), NOW)


def test_of_two_who_saw_the_same_one_is_too_late(store: Store, one: Vigy) -> None:
    before = submitted(store, one, 1)
    store.settle(before, before._replace(state=CANCELLED), NOW)
    with pytest.raises(Conflict, match="issue i001 was changed meanwhile, it is cancelled"):
        store.settle(before, before._replace(held=True), NOW)
    assert store.issue(before.id).state == CANCELLED


def test_each_change_has_a_revision_of_its_own(store: Store, one: Vigy) -> None:
    issue = submitted(store, one, 1)
    revisions = [issue.revision]
    for held in (True, False, True):
        issue, _, _ = store.settle(issue, issue._replace(held=held), NOW)
        revisions.append(issue.revision)
    assert revisions == sorted(set(revisions))
    assert [notice.seq for notice in store.newest(kinds.ISSUE)] == revisions[::-1]


# -- the log


def test_an_entry_comes_back_whole(store: Store, one: Vigy) -> None:
    submitted(store, one, 1)
    leased = taken(store)
    entry = a_full_entry(leased)
    issue, stored, _ = store.settle(leased, leased._replace(state=REJECTED, reasons=("no",)), NOW + 5, entry)
    assert stored == entry._replace(seq=issue.revision)
    assert store.epoch("e1") == stored
    assert store.epochs() == [stored]
    assert newest(store).message == "rejected: no"
    assert newest(store).data["epoch"] == "e1"


def test_an_epoch_has_one_entry(store: Store, one: Vigy) -> None:
    submitted(store, one, 1)
    leased = taken(store)
    again, entry, _ = store.settle(leased, leased._replace(state=PENDING), NOW, an_entry(leased, outcomes.RETRY))
    before = everything(store)
    with pytest.raises(Conflict, match="epoch e1 has its entry"):
        store.settle(again, again._replace(state=CANCELLED), NOW, an_entry(leased, outcomes.CANCELLED))
    with pytest.raises(Conflict, match="epoch e1 has its entry"):
        store.settle(again, again._replace(state=CANCELLED), NOW, an_entry(leased), a_head(one))
    assert everything(store) == before
    assert store.epoch("e1") == entry


def test_the_log_comes_newest_first_and_in_pages(store: Store, one: Vigy) -> None:
    two = store.create(a_vigy("two"))
    for number, vigy in enumerate((one, two, one, one), 1):
        submitted(store, vigy, number)
        for attempt in (1, 2):
            leased = taken(store, f"e{number}{attempt}")
            state, outcome = (PENDING, outcomes.RETRY) if attempt == 1 else (FAILED, outcomes.FAILED)
            store.settle(leased, leased._replace(state=state), NOW, an_entry(leased, outcome))
    ids = ["e42", "e41", "e32", "e31", "e22", "e21", "e12", "e11"]
    entries = store.epochs()
    assert [entry.id for entry in entries] == ids
    assert [entry.id for entry in store.epochs(before=entries[2].seq, limit=3)] == ids[3:6]
    assert [entry.id for entry in store.epochs(vigy_id=two.id)] == ["e22", "e21"]
    assert [entry.id for entry in store.epochs(vigy_id=one.id, limit=1)] == ["e42"]
    assert [entry.id for entry in store.epochs(issue_id="i003")] == ["e32", "e31"]
    assert [entry.id for entry in store.epochs(issue_id="i003", vigy_id=two.id)] == []
    assert [entry.attempt for entry in store.epochs(issue_id="i003")] == [2, 1]


def test_what_no_log_can_hold_is_refused_whole(store: Store, one: Vigy) -> None:
    submitted(store, one, 1)
    leased = taken(store)
    deep: list[Any] = []
    for _ in range(2000):
        deep = [deep]
    before = everything(store)
    with pytest.raises(Invalid, match="epoch e1 cannot be stored"):
        store.settle(leased, leased._replace(state=APPLIED), NOW, an_entry(leased, calls=({"got": deep},)), a_head(one))
    with pytest.raises(Invalid, match="issue i001 cannot be stored"):
        store.settle(leased, leased._replace(state=TRIAL, trial={"seen": deep}), NOW)
    assert everything(store) == before


# -- a new head


def test_a_new_version_comes_with_its_entry_and_its_issue(store: Store, one: Vigy) -> None:
    submitted(store, one, 1)
    leased = taken(store)
    seq = store.last_seq()
    head = a_head(one, author="enhance", note="mend it", bump="minor", content="c1:x", epoch="e1")
    issue, entry, vigy = store.settle(
        leased, leased._replace(state=APPLIED, leased_by=None), NOW + 70, an_entry(leased, digest="b3:x"), head
    )
    assert vigy == head.after._replace(version=2, generation=seq + 1)
    assert store.vigy(one.id) == vigy
    assert issue == leased._replace(
        state=APPLIED, leased_by=None, updated_at=NOW + 70, version=2, revision=seq + 2
    )  # fmt: skip
    assert entry == an_entry(leased, digest="b3:x", version=2, label="0.2.0", seq=seq + 2)
    version = store.versions(one.id)[0]
    assert (version.number, version.label, version.bump, version.parent) == (2, "0.2.0", "minor", 1)
    assert (version.author, version.note, version.content, version.epoch) == ("enhance", "mend it", "c1:x", "e1")
    updated, told = store.notices(seq)
    assert (updated.kind, updated.vigy_id, updated.message) == (kinds.UPDATED, one.id, "one")
    assert (told.kind, told.message) == (kinds.ISSUE, "applied as version 2 (0.2.0)")
    assert store.changes(seq) == [updated]


@pytest.mark.parametrize("meanwhile", ["changed", "removed", "edited"])
def test_a_head_that_moved_meanwhile_is_not_replaced(store: Store, one: Vigy, meanwhile: str) -> None:
    submitted(store, one, 1)
    leased = taken(store)
    if meanwhile == "changed":
        store.change(one, edited(one, "(other)"), kinds.UPDATED)
    elif meanwhile == "edited":
        store.edit_kv(one.id, {"k": 1}, (), NOW)
    else:
        store.remove(one, NOW, keep_data=True)
    before = everything(store)
    with pytest.raises(NotFound if meanwhile == "removed" else Conflict):
        store.settle(leased, leased._replace(state=APPLIED), NOW, an_entry(leased), a_head(one))
    assert everything(store) == before
    # That it came to nothing can then be settled.
    store.settle(leased, leased._replace(state=PENDING), NOW, an_entry(leased, outcomes.CONFLICT))
    assert [entry.outcome for entry in store.epochs()] == [outcomes.CONFLICT]


def test_a_head_with_a_name_that_is_taken_or_a_bump_that_is_none_is_refused_whole(store: Store, one: Vigy) -> None:
    store.create(a_vigy("two"))
    submitted(store, one, 1)
    leased = taken(store)
    before = everything(store)
    named = a_head(one)._replace(after=edited(one, "(new)", name="two"))
    with pytest.raises(Conflict, match="the name 'two' is taken"):
        store.settle(leased, leased._replace(state=APPLIED), NOW, an_entry(leased), named)
    with pytest.raises(Invalid, match="bump: it must be one of"):
        store.settle(leased, leased._replace(state=APPLIED), NOW, an_entry(leased), a_head(one, bump="huge"))
    assert everything(store) == before


def test_an_applied_version_may_be_taken_back(store: Store, one: Vigy) -> None:
    submitted(store, one, 1)
    leased = taken(store)
    applied, _, vigy = store.settle(leased, leased._replace(state=APPLIED), NOW, an_entry(leased), a_head(one))
    entry = an_entry(leased, outcomes.REVERTED, id="e2")
    reverted, logged, back = store.settle(
        applied, applied._replace(state=REVERTED), NOW, entry, a_head(vigy, one.program)
    )
    assert (back.version, back.program) == (3, one.program)
    assert (reverted.state, logged.version, logged.label) == (REVERTED, 3, "0.1.2")
    assert newest(store).message == "reverted as version 3 (0.1.2)"
    assert [version.parent for version in store.versions(one.id)] == [2, 1, None]


# -- labels


def labels(store: Store, vigy: Vigy) -> list[str]:
    return [version.label for version in reversed(store.versions(vigy.id))]


def test_labels_grow_as_they_are_bumped(store: Store, one: Vigy) -> None:
    vigy = one
    for number, bump in enumerate(("patch", "minor", "patch", "major", "patch", "minor", "major")):
        vigy = store.change(vigy, edited(vigy, f"({number})"), kinds.UPDATED, Edition(bump=bump))
    assert labels(store, one) == ["0.1.0", "0.1.1", "0.2.0", "0.2.1", "1.0.0", "1.0.1", "1.1.0", "2.0.0"]
    assert [version.parent for version in reversed(store.versions(one.id))] == [None, 1, 2, 3, 4, 5, 6, 7]
    assert store.versions(one.id)[-1].bump is None


def test_a_change_of_something_else_makes_no_version(store: Store, one: Vigy) -> None:
    store.change(one, one._replace(enabled=False), kinds.DISABLED, Edition(bump="major"))
    assert labels(store, one) == ["0.1.0"]


@pytest.mark.parametrize(("keep_data", "label"), [(True, "0.2.1"), (False, "0.1.0")])
def test_labels_of_a_vigy_that_comes_back_go_on_with_its_data(
    store: Store, one: Vigy, keep_data: bool, label: str
) -> None:
    changed = store.change(one, edited(one, "(2)"), kinds.UPDATED, Edition(bump="minor"))
    store.remove(changed, NOW, keep_data=keep_data)
    again = store.create(a_vigy("one"))
    (version,) = store.versions(again.id)
    assert (version.number, version.label, version.parent) == (1, label, None)
    store.change(again, edited(again, "(3)"), kinds.UPDATED)
    assert labels(store, again)[0] < labels(store, again)[1]
