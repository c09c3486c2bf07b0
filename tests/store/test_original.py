"""From a file of the original to a store: everything sound comes over, everything else is told and harms nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from store.kept import a_whole_vigy, closed, fingerprints
from store.originals import AT, PROGRAM, OriginalFile
from store.stores import the_lease, ticked
from vigyc.lang.digest import digest
from vigyc.lang.errors import Conflict, Invalid, NotFound, StoreError
from vigyc.model.action import Action
from vigyc.model.notice import REGISTERED, RUN
from vigyc.model.schedule import every
from vigyc.model.standing import Standing
from vigyc.model.vigy_id import vigy_id
from vigyc.runtime.store.importing import ImportReport, Kept, import_original
from vigyc.runtime.store.sqlite import SqliteStore, open_store
from vigyc.runtime.store.stamps import stamp_ns
from vigyc.runtime.store.verify import verify

AT_MS = 1_789_997_600_000  # AT
NOW = AT_MS + 3_600_000
KEPT = Kept(200, 0)


def no_fault(text: str) -> str | None:
    return "line 1: an unclosed bracket" if text.count("(") != text.count(")") else None


@pytest.fixture
def original(tmp_path: Path) -> Iterator[OriginalFile]:
    (tmp_path / "original").mkdir()
    made = OriginalFile(tmp_path / "original" / "vigy.db")
    yield made
    made.close()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "new" / "vigyc.db"


def imported(original: OriginalFile, target: Path, kept: Kept = KEPT) -> tuple[ImportReport, SqliteStore]:
    report = import_original(original.path, target, NOW, no_fault, kept)
    assert verify(target) == []
    return report, open_store(target)


def problems(original: OriginalFile, target: Path) -> tuple[str, ...]:
    report, store = imported(original, target)
    store.close()
    return report.problems


def test_a_vigy_comes_over_whole(original: OriginalFile, target: Path) -> None:
    own = original.vigy(labels_json='{"team":"blue","env":"prod"}', updated_at="2026-09-21T13:33:20.5Z")
    report, store = imported(original, target)
    (vigy,) = store.vigies()
    store.close()
    assert vigy.id == own == vigy_id("one", PROGRAM)
    assert (vigy.name, vigy.program, vigy.digest) == ("one", PROGRAM, digest(PROGRAM))
    assert vigy.schedule == every(2000)
    assert vigy.labels == {"env": "prod", "team": "blue"}
    assert vigy.enabled
    assert (vigy.version, vigy.deadline_ms, vigy.modules) == (1, None, None)
    assert (vigy.created_at, vigy.updated_at, vigy.anchored_at) == (AT_MS, AT_MS + 500, NOW)
    assert report == ImportReport((vigy,), (), 0, 0, 0, 0, ())


def test_a_disabled_one_stays_so(original: OriginalFile, target: Path) -> None:
    original.vigy(enabled=False)
    report, store = imported(original, target)
    store.close()
    assert [vigy.enabled for vigy in report.vigies] == [False]
    assert report.problems == ()


def test_the_original_is_only_read(original: OriginalFile, target: Path) -> None:
    own = original.vigy()
    original.kv(own, "k", 1)
    original.close()
    before = fingerprints(original.path.parent)
    problems(original, target)
    assert fingerprints(original.path.parent) == before


def test_what_it_remembers_comes_over(original: OriginalFile, target: Path) -> None:
    own = original.vigy()
    values: dict[str, Any] = {
        "n": 7, "big": 2**63 - 1, "half": 0.5, "text": "grüß 🌍", "none": None, "yes": True,
        "list": [1, [2, {"a": []}]], "map": {"k": ":v"}, "__once::greeted": True, "__converged::db": AT,
        "__ratelimit::mail": AT_MS,
    }  # fmt: skip
    for key, value in values.items():
        original.kv(own, key, value)
    original.kv(own, "bigger", None, text=str(2**64))
    report, store = imported(original, target)
    assert store.kv(own) == {**values, "bigger": 2.0**64}
    store.close()
    assert report.keys == 12


def test_the_runtimes_own_keys_become_counters(original: OriginalFile, target: Path) -> None:
    own = original.vigy()
    original.kv(own, "__sys::tick_count", 41)
    original.kv(own, "__sys::prev_tick_ms", AT_MS)
    _, store = imported(original, target)
    assert store.kv(own) == {}
    assert store.standing(own) == Standing(tick_count=41, previous_tick_ms=AT_MS)
    store.close()


def test_counters_that_are_none_are_told(original: OriginalFile, target: Path) -> None:
    own = original.vigy()
    original.kv(own, "__sys::tick_count", "many")
    original.kv(own, "__sys::prev_tick_ms", -1)
    report, store = imported(original, target)
    assert store.standing(own) == Standing()
    store.close()
    assert [problem.split(": its ")[1] for problem in report.problems] == [
        "__sys::tick_count is not a number but 'many'; it starts anew",
        "__sys::prev_tick_ms is not a number but -1; it starts anew",
    ]


def test_runs_come_over_in_their_true_order(original: OriginalFile, target: Path) -> None:
    one, two = original.vigy(), original.vigy("two")
    stamps = [
        (one, "2026-09-21T13:33:21.5Z"),
        (one, "2026-09-21T13:33:21Z"),  # as text this comes last
        (two, "2026-09-21T13:33:21.25Z"),
        (two, "2026-09-21T13:33:21.000000002Z"),
        (one, "2026-09-21T13:33:21.000000001Z"),
        (two, "[2026,264,15,33,22,750000000,2,0,0]"),
        (one, "2026-09-21T15:33:22.5+02:00"),
    ]
    ids = [original.run(vigy, stamp) for vigy, stamp in stamps]
    true_order = [ids[at] for at in (1, 4, 3, 2, 0, 6, 5)]
    report, store = imported(original, target)
    assert report.runs == 7
    assert [run.id for run in reversed(store.runs())] == true_order
    assert [run.started_at - AT_MS for run in reversed(store.runs())] == [1000, 1000, 1000, 1250, 1500, 2500, 2750]
    notices = store.notices(0)
    assert [notice.kind for notice in notices] == [REGISTERED] * 2 + [RUN] * 7
    assert [notice.seq for notice in notices] == list(range(1, 10))
    assert store.last_seq() == 9
    store.close()


def test_a_run_comes_over_whole(original: OriginalFile, target: Path) -> None:
    own = original.vigy()
    actions = (
        '[{"kind":"apply","payload":{"replicas":3}},{"kind":"noop","result":"ok"},'
        '{"kind":"custom","payload":null},{"kind":"defer","result":"skipped","message":"later"}]'
    )
    first = original.run(own, AT, "2026-09-21T13:33:20.0015Z", actions_json=actions)
    second = original.run(own, "2026-09-21T13:33:22Z", result="failed", error="eval: unbound symbol: x")
    _, store = imported(original, target)
    run = store.run(first)
    assert run is not None
    assert (run.vigy_id, run.started_at, run.ended_at, run.result, run.error) == (own, AT_MS, AT_MS + 1, "ok", None)
    assert (run.duration_us, run.version, run.due_at) == (1500, 1, None)
    assert run.actions == (
        Action("apply", {"replicas": 3}),
        Action("noop", result="ok"),
        Action("custom", None),
        Action("defer", result="skipped", message="later"),
    )
    failed = store.run(second)
    assert failed is not None
    assert (failed.result, failed.error) == ("failed", "eval: unbound symbol: x")
    standing = store.standing(own)
    assert (standing.run_id, standing.result, standing.error) == (second, "failed", "eval: unbound symbol: x")
    assert (standing.runs, standing.failed, standing.failures) == (2, 1, 1)
    assert (standing.started_at, standing.ended_at) == (AT_MS + 2000, AT_MS + 2000)
    assert [action.position for action in store.pending(own)] == [0, 2]
    assert store.outbox() == []
    store.close()


def test_failures_count_from_the_last_success(original: OriginalFile, target: Path) -> None:
    own = original.vigy()
    for second, result in enumerate(("failed", "ok", "failed", "failed")):
        original.run(own, f"2026-09-21T13:33:{20 + second}Z", result=result)
    _, store = imported(original, target)
    standing = store.standing(own)
    store.close()
    assert (standing.runs, standing.failed, standing.failures) == (4, 3, 2)


def test_only_what_is_kept_comes_over(original: OriginalFile, target: Path) -> None:
    one, two = original.vigy(), original.vigy("two")
    many = [original.run(one, f"2026-09-21T13:33:{20 + second}Z") for second in range(10)]
    old = original.run(two, "2026-01-01T00:00:00Z")
    original.run(two, "2025-12-31T00:00:00Z")
    report, store = imported(original, target, Kept(4, AT_MS + 8_000))
    assert [run.id for run in store.runs(one)] == [many[9], many[8]]
    assert [run.id for run in store.runs(two)] == [old]
    assert store.standing(one).runs == 10
    store.close()
    assert (report.runs, report.runs_left) == (3, 9)


def test_importing_again_changes_nothing(original: OriginalFile, target: Path) -> None:
    own = original.vigy()
    original.vigy("broken", "(")
    original.kv(own, "n", 1)
    original.run(own, AT)
    _, store = imported(original, target)
    store.edit_kv(own, {"n": 2}, (), NOW)
    seq, vigies = store.last_seq(), store.vigies()
    store.close()
    report, store = imported(original, target)
    assert (store.last_seq(), store.vigies(), store.kv(own)) == (seq, vigies, {"n": 2})
    store.close()
    assert report == ImportReport((), ("one", "broken"), 0, 0, 0, 0, ())


def test_the_first_version_is_named_by_its_content(original: OriginalFile, target: Path) -> None:
    own = original.vigy()
    import_original(original.path, target, NOW, no_fault, KEPT, lambda text: f"c1:{len(text)}")
    store = open_store(target)
    (version,) = store.versions(own)
    store.close()
    assert (version.label, version.parent, version.content) == ("0.1.0", None, f"c1:{len(PROGRAM)}")


def test_a_runtime_that_ticks_the_store_learns_of_it(original: OriginalFile, target: Path) -> None:
    own = original.vigy()
    original.run(own, AT)
    store = open_store(target)
    first = store.create(a_whole_vigy("first"))
    fence = the_lease(store)
    last = store.last_seq()
    report = import_original(original.path, target, NOW, no_fault, KEPT)
    assert [notice.vigy_id for notice in store.changes(last)] == [own]
    committed = ticked(store, fence, first, 1)
    assert committed.run.seq == last + 3
    assert store.vigy(own) == report.vigies[0]
    store.close()


def test_what_is_new_since_then_comes_over(original: OriginalFile, target: Path) -> None:
    original.vigy()
    problems(original, target)
    new = original.vigy("two")
    report, store = imported(original, target)
    store.close()
    assert [vigy.id for vigy in report.vigies] == [new]
    assert report.skipped == ("one",)


def test_runs_of_a_vigy_that_was_deleted_in_between_are_there_once(original: OriginalFile, target: Path) -> None:
    own = original.vigy()
    run = original.run(own, AT)
    _, store = imported(original, target)
    store.remove(store.vigies()[0], NOW, keep_data=True)
    store.close()
    _, store = imported(original, target)
    assert [found.id for found in store.runs(own)] == [run]
    store.close()


def test_two_with_one_name_get_two(original: OriginalFile, target: Path) -> None:
    first = original.vigy("same", "(+ 1 1)")
    second = original.vigy("same", "(+ 1 2)")
    report, store = imported(original, target)
    assert {vigy.name: vigy.id for vigy in store.vigies()} == {"same": first, f"same-{second[:4]}": second}
    store.close()
    assert report.problems == (f"vigy 'same-{second[:4]}' ({second}): another vigy has the name 'same'",)


def test_a_name_that_is_taken_in_the_store(original: OriginalFile, target: Path) -> None:
    target.parent.mkdir()
    closed(target)
    own = original.vigy("one")
    report, store = imported(original, target)
    store.close()
    assert [vigy.name for vigy in report.vigies] == [f"one-{own[:4]}"]


@pytest.mark.parametrize(
    ("name", "mended"),
    [
        ("", "vigy-{id4}"),
        ("a\nb\x1b[31m", "a-b-[31m"),
        ("  spaced ", "spaced"),
        ("--force", "force"),
        ("-", "vigy-{id4}"),
        ("0123456789abcdef", "vigy-0123456789abcdef"),
        ("x" * 300, "x" * 253),
    ],
)
def test_a_name_that_is_none_is_mended(original: OriginalFile, target: Path, name: str, mended: str) -> None:
    own = original.vigy(name)
    (problem,) = problems(original, target)
    store = open_store(target)
    (vigy,) = store.vigies()
    store.close()
    assert vigy.name == mended.format(id4=own[:4])
    assert vigy.id == own
    assert f"({own}): it had another name: name " in problem


def test_a_program_that_is_none_comes_disabled(original: OriginalFile, target: Path) -> None:
    own = original.vigy("broken", "(vigy-noop")
    report, store = imported(original, target)
    store.close()
    assert [(vigy.program, vigy.enabled) for vigy in report.vigies] == [("(vigy-noop", False)]
    assert report.problems == (f"vigy 'broken' ({own}): it is disabled: line 1: an unclosed bracket",)


def test_labels_that_are_none_are_left_out(original: OriginalFile, target: Path) -> None:
    original.vigy(labels_json='{"good":"yes","bad key":"1","number":2,"line":"a\\nb","":"x"}')
    original.vigy("two", labels_json="[1]")
    report, store = imported(original, target)
    store.close()
    assert [vigy.labels for vigy in report.vigies] == [{"good": "yes"}, {}]
    assert [problem.split("): ")[1].split(":")[0] for problem in report.problems] == [
        "its label '' is left out",
        "its label 'bad key' is left out",
        "its label 'line' is left out",
        "its label 'number' is left out",
        "its labels were no object; it has none",
    ]


@pytest.mark.parametrize("interval", [0, -5, 2**62, "soon"])
def test_an_interval_that_is_none_becomes_the_usual(original: OriginalFile, target: Path, interval: Any) -> None:
    original.vigy(tick_interval_ms=interval)
    (problem,) = problems(original, target)
    assert "it ticks every 1000 ms: " in problem


def test_a_short_interval_is_kept(original: OriginalFile, target: Path) -> None:
    original.vigy(tick_interval_ms=5)
    report, store = imported(original, target)
    store.close()
    assert report.vigies[0].schedule == every(5)
    assert report.problems == ()


def test_stamps_of_a_vigy_that_are_none(original: OriginalFile, target: Path) -> None:
    original.vigy(created_at="yesterday", updated_at="[2026,264]")
    report, store = imported(original, target)
    store.close()
    assert [(vigy.created_at, vigy.updated_at) for vigy in report.vigies] == [(NOW, NOW)]
    assert len(report.problems) == 2


def test_an_id_that_does_not_follow_from_name_and_program_is_kept(original: OriginalFile, target: Path) -> None:
    own = original.vigy(id="00112233445566ff")
    original.kv(own, "k", 1)
    report, store = imported(original, target)
    assert store.kv("00112233445566ff") == {"k": 1}
    store.close()
    assert report.problems == ()


def test_an_id_that_is_none_is_made_anew(original: OriginalFile, target: Path) -> None:
    original.vigy(id="ONE")
    original.kv("ONE", "k", 1)
    run = original.run("ONE", AT)
    report, store = imported(original, target)
    own = vigy_id("one", PROGRAM)
    assert store.kv(own) == {"k": 1}
    assert [found.id for found in store.runs(own)] == [run]
    store.close()
    assert report.problems == (f"vigy 'one' ({own}): its id 'ONE' was none",)


def test_two_that_would_have_one_id(original: OriginalFile, target: Path) -> None:
    own = original.vigy(id="A")
    original.vigy(id="B")
    assert problems(original, target)[-1] == (
        f"vigy 'one' is left out: another one has its id {vigy_id('one', PROGRAM)}"
    )
    assert own == "A"


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"created_at": b"caf\xe9"}, "created_at is not UTF-8 (byte 3)"),
        ({"program": b"\xff"}, "program is not UTF-8 (byte 0)"),
        ({"labels_json": "{"}, "labels_json is not JSON: "),
    ],
)
def test_a_vigy_that_cannot_be_read_is_left_out(
    original: OriginalFile, target: Path, cells: dict[str, Any], why: str
) -> None:
    bad = original.vigy("bad", **cells)
    good = original.vigy("good")
    report, store = imported(original, target)
    store.close()
    assert [vigy.id for vigy in report.vigies] == [good]
    (problem,) = report.problems
    assert problem.startswith(f"vigy {bad!r} is left out: {why}")


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"started_at": "now"}, "time 'now'"),
        ({"started_at": b"\xff"}, "started_at is not UTF-8"),
        ({"ended_at": "then"}, "time 'then'"),
        ({"result": "great"}, "its result is 'great'"),
        ({"actions_json": "[{}]"}, "'kind'"),
        ({"actions_json": "nothing"}, "Expecting value"),
        ({"actions_json": '[{"kind":"noop","result":"soso"}]'}, "an action is none"),
        ({"actions_json": '[{"kind":3}]'}, "an action is none"),
        ({"actions_json": '[{"kind":"apply","payload":' + "[" * 3000 + "]" * 3000 + "}]"}, ""),
        ({"actions_json": "[" * 100_000}, ""),
    ],
)
def test_a_run_that_cannot_be_read_is_left_out(
    original: OriginalFile, target: Path, cells: dict[str, Any], why: str
) -> None:
    own = original.vigy()
    good = original.run(own, AT)
    original.run(own, **{"started_at": "2026-09-21T13:33:21Z", **cells})
    report, store = imported(original, target)
    assert [run.id for run in store.runs()] == [good]
    assert store.standing(own).run_id == good
    store.close()
    (problem,) = report.problems
    assert problem.startswith("run ")
    assert why in problem
    assert (report.runs, report.runs_left) == (1, 1)


@pytest.mark.parametrize("text", ["", "{", "[1,", "\ufeff1", b"\xff", '"\\ud800"', "[" * 3000 + "]" * 3000])
def test_a_key_that_cannot_be_read_is_left_out(original: OriginalFile, target: Path, text: Any) -> None:
    own = original.vigy()
    original.kv(own, "bad", None, text=text)
    original.kv(own, "good", 1)
    report, store = imported(original, target)
    assert store.kv(own) == {"good": 1}
    store.close()
    (problem,) = report.problems
    assert "'bad'" in problem
    assert "left out" in problem


def test_what_was_left_of_deleted_vigies_is_counted(original: OriginalFile, target: Path) -> None:
    original.vigy()
    original.kv("gone", "k", 1)
    original.run("gone", AT)
    original.run("gone", AT)
    report, store = imported(original, target)
    assert store.runs() == []
    store.close()
    assert (report.strays, report.problems) == (3, ())


def test_a_file_without_the_second_migration(tmp_path: Path, target: Path) -> None:
    original = OriginalFile(tmp_path / "early.db", kv=False)
    own = original.vigy()
    original.run(own, AT)
    report, store = imported(original, target)
    store.close()
    original.close()
    assert (report.runs, report.keys, report.problems) == (1, 0, ())


def test_a_later_migration_is_told(original: OriginalFile, target: Path) -> None:
    original.execute("INSERT INTO seaql_migrations VALUES ('m20270101_000003_more', 1)")
    assert problems(original, target) == (
        "the file is newer than what is known of the original: migration 'm20270101_000003_more'",
    )


def test_an_empty_original_makes_an_empty_store(original: OriginalFile, target: Path) -> None:
    report, store = imported(original, target)
    assert (store.vigies(), store.last_seq()) == ([], 0)
    store.close()
    assert report == ImportReport((), (), 0, 0, 0, 0, ())


def test_what_is_no_original_is_refused(tmp_path: Path, target: Path) -> None:
    def refused(path: Path, kind: type[Exception], match: str) -> None:
        with pytest.raises(kind, match=match):
            import_original(path, target, NOW, no_fault, KEPT)
        assert not target.exists()

    refused(tmp_path / "absent.db", NotFound, "there is no")
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam, " * 300)
    refused(tmp_path / "letter.txt", StoreError, "not an SQLite file")
    apsw.Connection(str(tmp_path / "other.db")).execute("CREATE TABLE vigies (x)")
    refused(tmp_path / "other.db", StoreError, "not one of the original")
    refused(closed(tmp_path / "ours.db"), StoreError, "a vigyc store already")


def test_an_original_is_not_imported_into_itself(original: OriginalFile) -> None:
    with pytest.raises(Conflict, match="move it away first"):
        import_original(original.path, original.path, NOW, no_fault, KEPT)


def test_a_target_that_is_no_store_is_left_alone(original: OriginalFile, tmp_path: Path) -> None:
    original.vigy()
    other = tmp_path / "other.db"
    apsw.Connection(str(other)).execute("CREATE TABLE t (x)")
    before = other.read_bytes()
    with pytest.raises(StoreError, match="not a vigyc store"):
        import_original(original.path, other, NOW, no_fault, KEPT)
    assert other.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000000001Z", 1),
        ("1970-01-01T00:00:01.5Z", 1_500_000_000),
        ("1970-01-01T00:00:00.1234567891Z", 123_456_789),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1969-12-31T23:59:59.75Z", -250_000_000),
        ("[1970,1,0,0,1,500000000,0,0,0]", 1_500_000_000),
        ("[1970,32,1,30,0,0,1,30,0]", 31 * 86_400_000_000_000),
        ("[1972,366,0,0,0,0,0,0,0]", (2 * 365 + 365) * 86_400_000_000_000),
        ("[1969,365,23,59,59,750000000,0,0,0]", -250_000_000),
    ],
)
def test_stamps_in_both_forms(text: str, ns: int) -> None:
    assert stamp_ns(text) == ns


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-02-30T00:00:00Z", "2026-01-01", "[]", "[1,2]", "[1970,1,25,0,0,0,0,0,0]", '["a"]', "[9"]
)
def test_what_is_no_stamp(text: str) -> None:
    with pytest.raises(Invalid):
        stamp_ns(text)
