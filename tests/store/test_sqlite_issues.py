"""Issues in a file: racing workers, a disk that fails, power that is cut, processes that are killed, older files."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import apsw
import pytest

from store.faulty_disk import SYNC, WRITE, Faults, faults_in
from store.power_loss import Disk, power_from
from store.stores import NOW, a_sqlite_store, a_vigy, edited
from store.strangers import stranger
from store.test_sqlite_commit import fail, when_committed
from store.wishes import AMPLE, LEASE_MS, a_full_entry, a_head, an_entry, an_issue, submitted, taken
from vigyc.lang.errors import CommitUnknown, StoreError
from vigyc.model import epoch as outcomes
from vigyc.model import notice as kinds
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.issue import APPLIED, LEASED, PENDING, REJECTED, Issue
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.backup import backup
from vigyc.runtime.store.migrations import STEPS
from vigyc.runtime.store.port import Edition, Store
from vigyc.runtime.store.sqlite import SqliteStore
from vigyc.runtime.store.verify import verify


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vigy.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    made = a_sqlite_store(path, patience=5.0)
    yield made
    made.close()


def everything(store: Store) -> dict[str, Any]:
    return {
        "vigies": store.vigies(),
        "versions": [store.versions(vigy.id) for vigy in store.vigies()],
        "issues": store.issues(limit=1000),
        "epochs": store.epochs(limit=1000),
        "settings": store.enhance_settings(),
        "stream": store.notices(0, limit=10_000),
    }


# -- racing


def test_threads_on_two_stores_of_one_file_take_each_issue_once(store: SqliteStore, path: Path) -> None:
    vigies = [store.create(a_vigy(f"v{number}")) for number in range(8)]
    for number in range(64):
        submitted(store, vigies[number % 8], number)
    other = a_sqlite_store(path)
    taken_by: list[list[Issue]] = [[] for _ in range(6)]
    start = threading.Barrier(6)

    def work(at: int) -> None:
        mine = (store, other)[at % 2]
        start.wait()
        for attempt in count():
            issue = mine.take_issue(f"w{at}", f"e{at}-{attempt}", NOW + 1000, NOW + 2000)
            if issue is not None:
                taken_by[at].append(issue)
                mine.settle(issue, issue._replace(state=REJECTED), NOW, an_entry(issue, outcomes.REJECTED))
            elif not mine.issues(states=(PENDING,), limit=1):
                return

    threads = [threading.Thread(target=work, args=(at,)) for at in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everyone = [issue.id for mine in taken_by for issue in mine]
    assert sorted(everyone) == [f"i{number:03}" for number in range(64)]
    for vigy in vigies:  # one after the other, in their order
        told = [notice.data for notice in reversed(store.newest(kinds.ISSUE, vigy.id, limit=1000))]
        begun = [data["issue"] for data in told if data["state"] == LEASED]
        assert len(begun) == 8
        assert begun == sorted(begun)
    assert verify(path) == []
    other.close()


def test_of_many_who_settle_the_same_issue_one_does(store: SqliteStore, path: Path) -> None:
    vigy = store.create(a_vigy())
    submitted(store, vigy, 1)
    leased = taken(store)
    others = [a_sqlite_store(path) for _ in range(4)]
    told: list[str] = []
    start = threading.Barrier(4)

    def settle(mine: SqliteStore, number: int) -> None:
        start.wait()
        try:
            head = a_head(vigy, f"({number})", epoch="e1")
            mine.settle(leased, leased._replace(state=APPLIED), NOW, an_entry(leased), head)
            told.append("done")
        except Exception as error:
            told.append(type(error).__name__)

    threads = [threading.Thread(target=settle, args=(each, number)) for number, each in enumerate(others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["Conflict", "Conflict", "Conflict", "done"]
    assert len(store.versions(vigy.id)) == 2
    assert len(store.epochs()) == 1
    for each in others:
        each.close()


def steps_of(store: SqliteStore, look: Callable[[], object]) -> int:
    """How many hundred steps SQLite takes for `look`."""
    done = 0

    def tick() -> bool:
        nonlocal done
        done += 1
        return False

    store._file._reader.set_progress_handler(tick, 100)
    look()
    store._file._reader.set_progress_handler(None)
    return done


@pytest.mark.parametrize(("targets", "due", "most"), [(1000, 0, 10), (1, 0, 150), (1000, NOW * 2, 150)])
def test_looking_for_work_among_a_thousand_is_cheap(path: Path, targets: int, due: int, most: int) -> None:
    store = a_sqlite_store(path, durability="normal")
    vigies = [store.create(a_vigy(f"v{number}")) for number in range(targets)]
    for number in range(1000):
        submitted(store, vigies[number % targets], number, due_at=due)
    if targets == 1:
        taken(store)  # so that all the others have to wait
    assert steps_of(store, lambda: store.take_issue("w", "e2", NOW + 2000, NOW + 3000)) <= most
    store.close()


# -- a disk that fails


WRITES: dict[str, Callable[[Store, Vigy], Any]] = {
    "submit": lambda store, vigy: store.submit(an_issue(vigy, 2), AMPLE),
    "take": lambda store, vigy: store.take_issue("w", "e1", NOW + 1000, NOW + 2000),
    "approve": lambda store, vigy: store.settle(store.issue("i001"), store.issue("i001")._replace(held=True), NOW),
    "keep": lambda store, vigy: store.keep_issue("i000", "e0", NOW + 5000),
    "settle": lambda store, vigy: settled(store, vigy),
    "remove": lambda store, vigy: store.remove(vigy, NOW),
    "put setting": lambda store, vigy: store.put_enhance_setting(EnhanceSetting("a"), NOW),
    "remove setting": lambda store, vigy: store.remove_enhance_setting("default", NOW),
}


def settled(store: Store, vigy: Vigy) -> Any:
    leased = store.issue("i000")
    head = a_head(store.vigy(vigy.id), epoch=leased.epoch)
    return store.settle(leased, leased._replace(state=APPLIED), NOW, a_full_entry(leased), head)


def ready(store: Store) -> Vigy:
    """A store in which everything in WRITES can be done."""
    vigy, other = store.create(a_vigy("one")), store.create(a_vigy("two"))
    submitted(store, vigy, 0)
    store.take_issue("w", "e0", NOW + 1000, NOW + 2000)
    submitted(store, other, 1)
    store.put_enhance_setting(EnhanceSetting(), NOW)
    return vigy


@pytest.mark.parametrize("what", WRITES)
def test_a_write_that_was_done_is_no_error_whatever_commit_said(store: SqliteStore, what: str, path: Path) -> None:
    vigy = ready(store)
    before = everything(store)
    when_committed(store, fail)
    WRITES[what](store, vigy)
    assert everything(store) != before
    assert verify(path) == []


@pytest.mark.parametrize("what", WRITES)
def test_a_write_that_was_not_done_changed_nothing(store: SqliteStore, what: str) -> None:
    vigy = ready(store)
    before = everything(store)
    store._file._writer.set_commit_hook(lambda: True)
    with pytest.raises(StoreError, match="which stays as it was") as caught:
        WRITES[what](store, vigy)
    assert not isinstance(caught.value, CommitUnknown)
    store._file._writer.set_commit_hook(None)
    assert everything(store) == before
    WRITES[what](store, vigy)
    assert everything(store) != before


@pytest.mark.parametrize(
    ("kind", "code"), [(WRITE, apsw.SQLITE_FULL), (WRITE, apsw.SQLITE_IOERR_WRITE), (SYNC, apsw.SQLITE_IOERR_FSYNC)]
)
@pytest.mark.parametrize("what", ["take", "settle", "remove"])
def test_whichever_disk_operation_fails_all_of_it_is_there_or_none(
    tmp_path: Path, what: str, kind: str, code: int
) -> None:
    for at in count():
        faults, path = Faults(kind, code), tmp_path / f"{at}.db"
        with faults_in(faults):
            store = a_sqlite_store(path)
            vigy = ready(store)
            before = everything(store)
            faults.at = faults.done + at
            try:
                WRITES[what](store, vigy)
                said = True
            except StoreError:
                said = False
            faults.heal()
            after = everything(store)
            store.close()
        assert said == (after != before)
        assert verify(path) == []
        if not faults.raised:
            assert said
            return


# -- power that is cut


def an_evening(store: Store, dice: random.Random) -> Iterator[dict[str, Any]]:
    """Work on issues; what the store holds after each step."""
    vigies = []
    for name in ("one", "two"):
        vigies.append(store.create(a_vigy(name)))
        yield everything(store)
    for number in range(30):
        what = dice.random()
        if what < 0.4:
            submitted(store, dice.choice(vigies), number)
        elif what < 0.6:
            store.take_issue("w", f"e{number}", NOW + 1000, NOW + 1000 + LEASE_MS)
        else:
            for leased in store.issues(states=(LEASED,), limit=1):
                state, outcome = dice.choice([(APPLIED, outcomes.APPLIED), (PENDING, outcomes.RETRY)])
                vigy = store.vigy(leased.vigy_id)
                head = a_head(vigy, f"({number})", epoch=leased.epoch) if state == APPLIED else None
                store.settle(leased, leased._replace(state=state), NOW, an_entry(leased, outcome), head)
        yield everything(store)


def played(place: Path, seed: int, moments: frozenset[int]) -> tuple[Disk, list[dict[str, Any]]]:
    place.mkdir()
    disk, states = Disk(random.Random(seed), lying=False), list[dict[str, Any]]()
    disk.cut_at, disk.witness = moments, lambda: len(states) - 1
    with power_from(disk):
        store = a_sqlite_store(place / "vigyc.db")
        states.append(everything(store))
        states.extend(an_evening(store, random.Random(seed)))
        store.close()
    return disk, states


@pytest.mark.parametrize("seed", range(3))
def test_no_cut_of_the_power_leaves_half_an_epoch(tmp_path: Path, seed: int) -> None:
    whole, _ = played(tmp_path / "dry", seed, frozenset())
    moments = frozenset(random.Random(seed).sample(range(whole.done), 40))
    disk, states = played(tmp_path / "cut", seed, moments)
    assert len(disk.cuts) == 40
    for number, cut in enumerate(disk.cuts):
        place = tmp_path / str(number)
        cut.restore(place)
        store = a_sqlite_store(place / "vigyc.db")
        found = everything(store)
        store.close()
        last = max(cut.witness, 0)
        assert found in states[last : last + 2], f"seed {seed}, cut before operation {cut.at}, {cut.how} survived"
        assert verify(place / "vigyc.db") == []


# -- processes that are killed


WORKER = """
import sys
from store.test_sqlite_issues import *
store = a_sqlite_store(Path(sys.argv[1]), durability="normal")
vigy = store.named("one") or store.create(a_vigy("one"))
for number in count(int(sys.argv[2]) * 10_000):
    issue = submitted(store, vigy, number, id=f"{number:09}", submitted_at=NOW + number)
    print(json.dumps(["submitted", issue.id]), flush=True)
    epoch = f"e{number}"
    leased = store.take_issue("w", epoch, NOW + 10**9, NOW + 10**9 + 5)
    if leased is None:
        for lost in store.expired_issues(NOW + 10**10):
            entry = an_entry(lost, outcomes.LOST)
            store.settle(lost, lost._replace(state=PENDING), NOW, entry)
        leased = store.take_issue("w", epoch, NOW + 10**9, NOW + 10**9 + 5)
    head = a_head(store.vigy(vigy.id), f"({number})", epoch=epoch)
    _, entry, made = store.settle(leased, leased._replace(state=APPLIED), NOW, an_entry(leased), head)
    print(json.dumps(["applied", leased.id, entry.id, made.version]), flush=True)
"""


def test_workers_that_are_killed_leave_nothing_half_done_and_lose_nothing(tmp_path: Path, path: Path) -> None:
    dice = random.Random()
    submitted_ids: set[str] = set()
    applied: dict[str, tuple[str, int]] = {}
    for life in range(5):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, path, str(life)], cwd=Path(__file__).parents[1], stdout=subprocess.PIPE
        )
        heard = [worker.stdout.readline() for _ in range(dice.randrange(1, 40))]
        worker.send_signal(signal.SIGKILL)
        heard += worker.stdout.read().splitlines(keepends=True)
        assert worker.wait() == -signal.SIGKILL
        worker.stdout.close()
        for line in heard:
            if line.endswith(b"\n"):
                what, issue_id, *rest = json.loads(line)
                if what == "submitted":
                    submitted_ids.add(issue_id)
                else:
                    applied[issue_id] = tuple(rest)
        assert verify(path) == []
    check_lives(path, submitted_ids, applied)


def check_lives(path: Path, submitted_ids: set[str], applied: dict[str, tuple[str, int]]) -> None:
    store = a_sqlite_store(path)
    issues = {issue.id: issue for issue in store.issues(limit=10_000)}
    assert submitted_ids <= issues.keys()
    for issue_id, (epoch, version) in applied.items():
        assert (issues[issue_id].state, issues[issue_id].version) == (APPLIED, version)
        assert (store.epoch(epoch).issue_id, store.epoch(epoch).version) == (issue_id, version)
    versions = store.versions(store.named("one").id)
    logged = {entry.version: entry.id for entry in store.epochs(limit=10_000) if entry.outcome == outcomes.APPLIED}
    assert {version.number: version.epoch for version in versions[:-1]} == logged
    open_ones = [issue for issue in issues.values() if issue.state == LEASED]
    ended = len(store.epochs(limit=10_000))
    assert sum(issue.attempts for issue in issues.values()) == ended + len(open_ones)
    store.close()


# -- older files, and who else reads this one


def an_older_file(path: Path) -> None:
    """A file as version 3 made it: vigies with 3 versions and with 1, and the versions of one that was deleted."""
    connection = apsw.Connection(str(path))
    for step in STEPS[:3]:
        connection.execute(step.sql).fetchall()
    connection.execute("PRAGMA user_version = 3")
    connection.execute("UPDATE counters SET value = 9 WHERE name = 'seq'")
    for name, numbers in (("one", (1, 2, 3)), ("two", (1,)), ("gone", (1, 2))):
        vigy = a_vigy(name)
        for number in numbers:
            text = edited(vigy, f"({number} {name})")
            connection.execute("INSERT INTO programs VALUES (?, ?)", (text.digest, text.program))
            row = (vigy.id, number, text.digest, '{"names":{},"texts":{}}' if number == 2 else None, NOW + number)
            connection.execute("INSERT INTO versions VALUES (?, ?, ?, ?, ?, 'ada', 'why')", row)
        if name != "gone":
            row = (vigy.id, name, 1, number, number, json.dumps(SCHEDULE), "{}", None, NOW, NOW, NOW)
            connection.execute(f"INSERT INTO vigies VALUES ({', '.join('?' * 11)})", row)
    connection.close()


SCHEDULE = {
    "kind": "fixed", "interval_ms": 1000, "mode": "rate", "offset_ms": 0, "jitter_ms": 0, "initial_delay_ms": 0,
}  # fmt: skip


def test_versions_of_an_older_file_get_labels_in_their_order(path: Path) -> None:
    an_older_file(path)
    assert verify(path) == []
    store = a_sqlite_store(path)
    one, two = store.named("one"), store.named("two")
    versions = store.versions(one.id)
    assert [(v.number, v.label, v.parent) for v in versions] == [(3, "0.1.2", 2), (2, "0.1.1", 1), (1, "0.1.0", None)]
    assert {(v.bump, v.content, v.epoch, v.author, v.note) for v in versions} == {(None, None, None, "ada", "why")}
    assert [v.program for v in versions] == ["(3 one)", "(2 one)", "(1 one)"]
    assert [v.modules for v in versions] == [None, {"names": {}, "texts": {}}, None]
    assert [v.created_at for v in versions] == [NOW + 3, NOW + 2, NOW + 1]
    assert [(v.number, v.label, v.parent) for v in store.versions(two.id)] == [(1, "0.1.0", None)]
    store.change(one, edited(one, "(4)"), kinds.UPDATED, Edition(bump="minor"))
    assert [(v.label, v.parent) for v in store.versions(one.id)][:2] == [("0.2.0", 3), ("0.1.2", 2)]
    store.create(a_vigy("gone"))
    assert [v.label for v in store.versions(a_vigy("gone").id)] == ["0.1.2"]
    submitted(store, one, 1)
    store.close()
    assert verify(path) == []
    assert stranger(path, "PRAGMA user_version") == [[4]]


def test_versions_of_an_older_file_with_a_gap_were_made_from_the_one_before_it(path: Path) -> None:
    an_older_file(path)
    stranger(path, "DELETE FROM versions WHERE vigy_id LIKE '6f6e65%' AND number = 2")
    store = a_sqlite_store(path)
    versions = store.versions(a_vigy("one").id)
    assert [(v.number, v.label, v.parent) for v in versions] == [(3, "0.1.1", 1), (1, "0.1.0", None)]
    store.close()


def test_a_label_is_there_once_for_each_vigy(store: SqliteStore, path: Path) -> None:
    vigy = store.create(a_vigy())
    store.change(vigy, edited(vigy, "(2)"), kinds.UPDATED)
    with pytest.raises(subprocess.CalledProcessError):
        stranger(path, "UPDATE versions SET label = '0.1.0'")


def test_anybody_can_read_issues_and_the_log(store: SqliteStore, path: Path) -> None:
    vigy = ready(store)
    settled(store, vigy)
    assert stranger(path, "SELECT id, state, submitted_at, held, reasons_json FROM vigy_issues ORDER BY id") == [
        ["i000", "applied", "2026-09-21T14:13:20.000Z", 0, "[]"],
        ["i001", "pending", "2026-09-21T14:13:20.001Z", 0, "[]"],
    ]
    ((outcome, began, verdicts),) = stranger(path, "SELECT outcome, began_at, verdicts_json FROM vigy_epochs")
    assert (outcome, began) == ("applied", "2026-09-21T14:13:21.000Z")
    assert [verdict["axis"] for verdict in json.loads(verdicts)] == ["reads", "noop"]


def test_a_copy_has_all_of_it(store: SqliteStore, path: Path, tmp_path: Path) -> None:
    settled(store, ready(store))
    backup(path, tmp_path / "copy.db")
    copy = a_sqlite_store(tmp_path / "copy.db")
    assert everything(copy) == everything(store)
    copy.close()


# -- what was changed outside


def test_a_text_that_was_changed_outside_is_never_used(store: SqliteStore, path: Path) -> None:
    one, two = store.create(a_vigy("one")), store.create(a_vigy("two", program="(vigy-noop)"))
    one = store.change(one, edited(one, "(vigy-log 1)"), kinds.UPDATED)
    stranger(path, "UPDATE programs SET text = '(vigy-log 2)' WHERE text = '(vigy-log 1)'")
    told = f"the text of its version 2 was changed outside vigyc; it is not {one.digest} any more"
    assert store.vigies() == [two]
    assert store.damage() == [f"vigy one ({one.id}) cannot be read: {told}"]
    for look in (lambda: store.vigy(one.id), lambda: store.named("one"), lambda: store.meant(["one"])):
        with pytest.raises(StoreError, match=f"vigy one .*{told}"):
            look()
    with pytest.raises(StoreError, match=f"version 2 of vigy {one.id} cannot be read: its text was changed outside"):
        store.version(one.id, 2)
    assert any("is not the text it was" in line for line in verify(path))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("UPDATE issues SET constraints_json = '[]'", "what must be an object is none"),
        ("UPDATE issues SET proposal_json = '{'", "Expecting property name"),
        ("UPDATE issues SET reasons_json = 'null'", "what must be a list is none"),
        ("UPDATE issues SET state = 'lost'", "there is no state 'lost'"),
    ],
)
def test_an_issue_that_cannot_be_read_is_named(store: SqliteStore, path: Path, harm: str, told: str) -> None:
    vigy = store.create(a_vigy())
    submitted(store, vigy, 1)
    stranger(path, harm)
    with pytest.raises(StoreError, match=f"issue i001 of vigy {vigy.id} cannot be read: .*{told}"):
        store.issue("i001")
    assert any(told in line for line in verify(path))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("UPDATE epochs SET verdicts_json = '[{}]'", "missing 3 required positional arguments"),
        ("UPDATE epochs SET calls_json = '3'", "what must be a list is none"),
        ("UPDATE epochs SET flow_json = '[]'", "what must be an object is none"),
    ],
)
def test_an_entry_that_cannot_be_read_is_named(store: SqliteStore, path: Path, harm: str, told: str) -> None:
    settled(store, ready(store))
    stranger(path, harm)
    with pytest.raises(StoreError, match=f"the entry of epoch e0 of issue i000 cannot be read: .*{told}"):
        store.epoch("e0")
    assert any(told in line for line in verify(path))


@pytest.mark.parametrize("harm", ["'x'", "'[]'", '\'{"ttl_ms":"long"}\'', "'{\"tttl\":1}'"])
def test_a_setting_that_cannot_be_read_is_named(store: SqliteStore, path: Path, harm: str) -> None:
    store.put_enhance_setting(EnhanceSetting("careful"), NOW)
    stranger(path, f"UPDATE enhance_settings SET setting_json = {harm}")
    for look in (lambda: store.enhance_setting("careful"), store.enhance_settings):
        with pytest.raises(StoreError, match="setting 'careful' of the pipeline cannot be read: "):
            look()
    assert any("setting 'careful' of the pipeline cannot be read" in line for line in verify(path))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("UPDATE versions SET parent = 2", "version 2 of vigy .* was made from version 2, a later one"),
        ("DELETE FROM epochs", "version 2 of vigy .* was made by epoch e0, which has no entry"),
        ("DELETE FROM epochs", "issue i000 is applied, and no entry of the log says so"),
        ("UPDATE issues SET version = NULL", "issue i000 is applied and has no version"),
        ("UPDATE epochs SET version = NULL", "the entry of epoch e0 says that it was applied, but not as which"),
        ("UPDATE issues SET state = 'leased', leased_by = NULL", "issue i000 is leased, but not for an epoch of"),
        ("UPDATE issues SET state = 'leased' WHERE id = 'i000'", "issue i000 is leased for epoch e0, which has ended"),
        ("UPDATE issues SET state = 'trial', vigy_id = 'v'", "2 issues of vigy v are worked off at once"),
        ("UPDATE issues SET revision = 0", "issue i000 is of a revision that was never given"),
        ("UPDATE issues SET revision = 999", "issue i001 is of a revision that was never given"),
        ("UPDATE issues SET revision = 2", "2 issues are of revision 2"),
        ("UPDATE issues SET author = 'ada', key = 'k'", "2 issues of one author have the key k"),
        ("DELETE FROM issues WHERE id = 'i000'", "the entry of epoch e0 belongs to no issue"),
        ("UPDATE epochs SET seq = 999", "the entry of epoch e0 has a number that was never given"),
        ("UPDATE versions SET label = '1.0' WHERE number = 2", "version 2 of vigy .* has no label that is one"),
        ("UPDATE versions SET label = '0.0.9' WHERE number = 2", "version 2 of vigy .* a label that is not above"),
        ("UPDATE issues SET intent = CAST(x'ff' AS TEXT)", "intent of i000 in issues cannot be read"),
        ("UPDATE epochs SET rationale = CAST(x'ff' AS TEXT)", "rationale of e0 in epochs cannot be read"),
        ("UPDATE versions SET label = CAST(x'ff' AS TEXT) WHERE number = 2", "label of .* in versions cannot be read"),
    ],
)
def test_what_the_queue_relies_on_is_looked_at(store: SqliteStore, path: Path, harm: str, told: str) -> None:
    settled(store, ready(store))
    assert verify(path) == []
    stranger(path, harm)
    problems = verify(path)
    assert any(re.search(told, problem) for problem in problems), problems
