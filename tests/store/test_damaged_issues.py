"""A row that cannot be read is told and takes nothing else with it; a clock that is set back locks nobody out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.stores import NOW, a_sqlite_store, a_vigy, edited
from store.strangers import stranger
from store.wishes import AMPLE, LEASE_MS, a_full_entry, an_entry, an_issue, submitted, taken
from vigyc.lang.errors import NotFound, StoreError
from vigyc.model import epoch as outcomes
from vigyc.model import notice as kinds
from vigyc.model.issue import CANCELLED, REJECTED
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.port import Edition
from vigyc.runtime.store.sqlite import SqliteStore
from vigyc.runtime.store.verify import verify
from vigyc.service.versions import find_version

HARMS = [
    "constraints_json = '{'", "constraints_json = '[]'", "proposal_json = '3'", "reasons_json = '{\"a\"'",
    "reasons_json = '5'", "constraints_json = 'null'", "reasons_json = '[5]'", "trial_json = '" + "[" * 2000 + "'",
]  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vigy.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    made = a_sqlite_store(path)
    yield made
    made.close()


@pytest.fixture
def one(store: SqliteStore) -> Vigy:
    return store.create(a_vigy("one"))


@pytest.mark.parametrize("harm", HARMS)
def test_an_issue_that_cannot_be_read_is_passed_over(store: SqliteStore, one: Vigy, path: Path, harm: str) -> None:
    two = store.create(a_vigy("two"))
    for number, vigy in enumerate((one, one, two), 1):
        submitted(store, vigy, number)
    stranger(path, f"UPDATE issues SET {harm} WHERE id = 'i001'")
    assert [issue.id for issue in store.issues()] == ["i003", "i002"]
    (line,) = store.damage()
    assert line.startswith(f"issue i001 of vigy {one.id} cannot be read: ")
    with pytest.raises(StoreError, match="issue i001 of vigy"):
        store.issue("i001")
    assert [taken(store, epoch).id for epoch in ("e2", "e3")] == ["i002", "i003"]
    assert store.take_issue("w", "e4", NOW + 1000, NOW + 2000) is None
    assert [damage[:10] for damage in store.damage()] == ["issue i001"]
    assert store.queue().counts == {"pending": 1, "leased": 2}


def test_damage_is_told_until_the_same_is_read_again(store: SqliteStore, one: Vigy, path: Path) -> None:
    submitted(store, one, 1)
    stranger(path, "UPDATE issues SET reasons_json = '5'")
    assert store.issues(states=["pending"], vigy_id=one.id) == []
    assert store.issues(states=["applied"]) == []
    assert len(store.damage()) == 1
    stranger(path, "UPDATE issues SET reasons_json = '[]'")
    assert len(store.issues(states=["pending"], vigy_id=one.id)) == 1
    assert store.damage() == []


def test_a_page_is_full_whatever_was_left_out_of_it(store: SqliteStore, one: Vigy, path: Path) -> None:
    for number in range(1, 10):
        submitted(store, one, number)
    stranger(path, "UPDATE issues SET reasons_json = '5' WHERE id IN ('i009', 'i007', 'i006', 'i001')")
    assert [issue.id for issue in store.issues(limit=3)] == ["i008", "i005", "i004"]
    assert [issue.id for issue in store.issues(limit=3, before="i004")] == ["i003", "i002"]


def test_a_lease_that_cannot_be_read_hides_no_other(store: SqliteStore, one: Vigy, path: Path) -> None:
    two = store.create(a_vigy("two"))
    submitted(store, one, 1)
    submitted(store, two, 2)
    taken(store, "e1")
    taken(store, "e2")
    stranger(path, "UPDATE issues SET reasons_json = '5' WHERE id = 'i001'")
    assert [issue.id for issue in store.expired_issues(NOW + 2 * LEASE_MS)] == ["i002"]
    assert len(store.damage()) == 1


@pytest.mark.parametrize("harm", HARMS)
def test_a_vigy_goes_with_what_cannot_be_read_of_its_issues(
    store: SqliteStore, one: Vigy, path: Path, harm: str
) -> None:
    submitted(store, one, 1)
    submitted(store, one, 2)
    taken(store)
    stranger(path, f"UPDATE issues SET {harm}")
    store.remove(one, NOW + 5)
    assert [(issue.id, issue.state, issue.reasons) for issue in store.issues()] == [
        ("i002", CANCELLED, ("its vigy was deleted",)), ("i001", CANCELLED, ("its vigy was deleted",)),
    ]  # fmt: skip
    assert [entry.outcome for entry in store.epochs()] == [outcomes.CANCELLED]
    assert verify(path) == []


def test_an_entry_that_cannot_be_read_is_left_out(store: SqliteStore, one: Vigy, path: Path) -> None:
    for number in (1, 2, 3):
        submitted(store, one, number)
        leased = taken(store, f"e{number}")
        store.settle(leased, leased._replace(state=REJECTED), NOW, a_full_entry(leased)._replace(outcome=REJECTED))
    stranger(path, "UPDATE epochs SET verdicts_json = '[3]' WHERE id = 'e2'")
    assert [entry.id for entry in store.epochs(limit=2)] == ["e3", "e1"]
    assert [entry.id for entry in store.epochs(vigy_id=one.id, limit=1)] == ["e3"]
    assert store.epochs(issue_id="i002", vigy_id=one.id) == []
    assert {line[:27] for line in store.damage()} == {"the entry of epoch e2 of is"}
    with pytest.raises(StoreError, match="the entry of epoch e2"):
        store.epoch("e2")


# -- versions


@pytest.mark.parametrize(
    "harm",
    ["UPDATE programs SET text = '(x)' WHERE text = '(2)'", "DELETE FROM programs WHERE text = '(2)'",
     "UPDATE versions SET modules_json = '{' WHERE number = 2"],
)  # fmt: skip
def test_a_version_that_cannot_be_read_takes_no_other_with_it(
    store: SqliteStore, one: Vigy, path: Path, harm: str
) -> None:
    for text in ("(2)", "(3)"):
        one = store.change(one, edited(one, text), kinds.UPDATED)
    stranger(path, harm)
    assert [version.number for version in store.versions(one.id)] == [3, 1]
    (line,) = store.damage()
    assert line.startswith(f"version 2 of vigy {one.id} cannot be read: ")
    assert find_version(store, one, 1).number == 1
    with pytest.raises(StoreError, match="version 2 of vigy"):
        find_version(store, one, 2)
    with pytest.raises(NotFound, match="one has no version 9; there are 1, 3"):
        find_version(store, one, 9)


@pytest.mark.parametrize(
    ("label", "bump", "after"),
    [("mine", "patch", "0.1.1"), ("2.0.0-rc.1", "patch", "2.0.1"), ("0.0.9", "minor", "0.1.0"),
     ("0.0.9", "patch", "0.0.10"), ("1.2.999999999999999999", "patch", "1.3.0"),
     ("1.999999999999999999.0", "minor", "2.0.0"), ("0.0.999999999999999999", "patch", "0.1.1")],
)  # fmt: skip
def test_the_next_label_is_a_new_one_whatever_the_newest_is(
    store: SqliteStore, one: Vigy, path: Path, label: str, bump: str, after: str
) -> None:
    """The first version is 0.1.0, the second has `label`."""
    one = store.change(one, edited(one, "(2)"), kinds.UPDATED)
    stranger(path, f"UPDATE versions SET label = '{label}' WHERE number = 2")
    store.change(one, edited(one, "(3)"), kinds.UPDATED, Edition(bump=bump))
    if (label, bump) == ("0.0.9", "minor"):  # 0.1.0 is taken: so above it
        after = "0.2.0"
    assert store.versions(one.id)[0].label == after


def test_what_is_no_label_of_three_numbers_is_told_and_stops_no_check(
    store: SqliteStore, one: Vigy, path: Path
) -> None:
    one = store.change(one, edited(one, "(2)"), kinds.UPDATED)
    stranger(path, "UPDATE versions SET label = '1.0.0-rc.1' WHERE number = 2")
    assert verify(path) == []
    stranger(path, "UPDATE versions SET label = '0.1.0-rc.1' WHERE number = 2")
    assert verify(path) == [f"version 2 of vigy {one.id} has a label that is not above the one before it"]


# -- a clock that is set back

HOUR = 3_600_000


def test_what_was_to_wait_by_a_clock_that_was_set_back_is_due(store: SqliteStore, one: Vigy) -> None:
    submitted(store, one, 1, due_at=NOW + 60_000)
    assert store.take_issue("w", "e1", NOW + 1000, NOW + 2000) is None
    assert store.take_issue("w", "e1", NOW - 30_000, NOW) is None, "whoever looks may have waited for the others"
    assert taken(store, "e1", NOW - HOUR).id == "i001"


def test_nobody_is_locked_out_by_a_clock_that_was_set_back(store: SqliteStore, one: Vigy) -> None:
    limits = AMPLE._replace(submitted=2)
    for number in (1, 2):
        store.submit(an_issue(one, number, author="ann"), limits._replace(since=NOW - 60_000))
    earlier = an_issue(one, 3, author="ann", submitted_at=NOW - HOUR, updated_at=NOW - HOUR)
    assert store.submit(earlier, limits._replace(since=NOW - HOUR - 60_000))[1]


def test_an_entry_is_found_by_its_issue_among_many_of_its_vigy(store: SqliteStore, one: Vigy) -> None:
    submitted(store, one, 1)
    leased = taken(store, "e1")
    entry = store.settle(leased, leased._replace(state=REJECTED), NOW, an_entry(leased, outcomes.REJECTED))[1]
    assert store.epochs(issue_id="i001", vigy_id=one.id) == [entry]
    assert store.epochs(issue_id="i001", vigy_id="another") == []
