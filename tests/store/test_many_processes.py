"""Processes that write one file at once wait for each other: nobody is told that it is busy, and nothing is lost."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from store.stores import APPLY, NOW, a_sqlite_store, a_tick, a_vigy, an_event, edited
from store.wishes import AMPLE, a_head, an_entry, an_issue
from vigyc.lang.errors import Conflict, Fenced
from vigyc.model import epoch as outcomes
from vigyc.model import notice as kinds
from vigyc.model.issue import APPLIED, LEASED, PENDING, Issue
from vigyc.model.vigy import Vigy
from vigyc.runtime.store.port import Store

TICKS, EDITS, ASKS, WISHES = 60, 40, 20, 20


def owner(store: Store, name: str) -> None:
    """Ticks its own vigy, and takes the lease from whoever has it when it lost it."""
    mine, fence, done = store.create(a_vigy(name)), the_lease_of(store, name), 0
    while done < TICKS:
        number = done + 1
        tick = a_tick(mine, number, run={"actions": (APPLY,)}, deliver=True)
        try:
            store.commit(fence, [tick._replace(notices=(an_event(tick.run),))])
        except Fenced:
            time.sleep(0.01)
            fence = the_lease_of(store, name)
            continue
        done = number
        answer_all(store, fence)
        store.renew(fence, NOW + done)
        if done % 20 == 0:
            store.checkpoint(idle=done == TICKS)


def answer_all(store: Store, fence: object) -> None:
    try:
        for request in store.requests():
            store.refuse(fence, request.id, "no")
    except Fenced:
        pass


def the_lease_of(store: Store, name: str) -> object:
    while (fence := store.acquire(name, store.lease(), NOW)) is None:
        pass
    return fence


def editor(store: Store, name: str) -> None:
    mine = store.create(a_vigy(name))
    for number in range(1, EDITS + 1):
        mine = store.change(mine, edited(mine, f"({number})", updated_at=NOW), kinds.UPDATED)
        mine = store.edit_kv(mine.id, {"edits": number}, (), NOW)


def asker(store: Store, name: str) -> None:
    mine = store.create(a_vigy(name))
    last = 0
    for _ in range(ASKS):
        request = store.ask(mine.id, NOW)
        assert store.answer(request).vigy_id == mine.id
        last = read_on(store, last)


def read_on(store: Store, last: int) -> int:
    """What is new in the stream has no hole."""
    for notice in store.notices(last):
        assert notice.seq == last + 1
        last = notice.seq
    return last


def worker(store: Store, name: str) -> None:
    """Submits wishes against two vigies that all workers share, and works off whatever is due, whoever's it is."""
    targets = [shared(store, target) for target in ("target-1", "target-2")]
    for number in range(WISHES):
        issue = an_issue(targets[number % 2], number, id=f"{number:03}-{name}", author=name)
        assert store.submit(issue, AMPLE)[1]
    while any(store.issues(states=(PENDING, LEASED), limit=1)):
        issue = store.take_issue(name, f"{name} {store.last_seq()} {time.monotonic_ns()}", NOW + 10**6, NOW + 10**7)
        if issue is not None:
            work_off(store, issue)


def work_off(store: Store, issue: Issue) -> None:
    """End an epoch in one of four ways; the head may move only by this."""
    vigy = store.vigy(issue.vigy_id)
    if issue.attempts == 1 and issue.submitted_at % 3 == 0:
        store.settle(issue, issue._replace(state=PENDING), NOW, an_entry(issue, outcomes.RETRY))
    else:
        head = a_head(vigy, f"({issue.id})", author=issue.leased_by, epoch=issue.epoch)
        store.settle(issue, issue._replace(state=APPLIED), NOW, an_entry(issue), head)


def shared(store: Store, name: str) -> Vigy:
    try:
        return store.create(a_vigy(name))
    except Conflict:
        return store.named(name)


ROLES = {"owner": owner, "editor": editor, "asker": asker, "worker": worker}


def play(path: Path, name: str) -> None:
    """Run in a child: the role is the name up to its dash."""
    store = a_sqlite_store(path)
    print("ready", flush=True)
    sys.stdin.readline()
    ROLES[name.partition("-")[0]](store, name)
    store.close()


def test_eight_processes_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "vigyc.db"
    names = [f"{role}-{number}" for role in ROLES for number in (1, 2)]
    code = "import sys; from store.test_many_processes import *; play(Path(sys.argv[1]), sys.argv[2])"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    children = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code, path, name], cwd=Path(__file__).parents[1], text=True, **pipes
        )
        for name in names
    ]
    try:
        for child in children:
            assert child.stdout.readline() == "ready\n", child.stderr.read()
        ends = [child.communicate("go\n", timeout=120) for child in children]
    finally:
        for child in children:
            child.kill()
    assert [child.returncode for child in children] == [0] * 8, [error for _, error in ends]
    check(path)


def check(path: Path) -> None:
    store = a_sqlite_store(path)
    try:
        for owned in ("owner-1", "owner-2"):
            vigy = store.named(owned)
            assert [run.tick for run in store.runs(vigy.id, limit=1000)] == list(range(TICKS, 0, -1))
            assert store.kv(vigy.id) == {"count": TICKS}
        for edited in ("editor-1", "editor-2"):
            vigy = store.named(edited)
            assert store.kv(vigy.id) == {"edits": EDITS}
            assert [version.number for version in store.versions(vigy.id)] == list(range(EDITS + 1, 0, -1))
        asked = [store.answer(request) for request in range(1, 2 * ASKS + 1)]
        assert None not in asked
        assert store.requests() == [request for request in asked if request.error is None]
        stream = store.notices(0, limit=100_000)
        assert [notice.seq for notice in stream] == list(range(1, store.last_seq() + 1))
        owners = [notice.data["epoch"] for notice in stream if notice.kind == kinds.OWNER]
        assert owners == list(range(1, len(owners) + 1))
        assert len(store.outbox(1000)) == 2 * TICKS
        assert sum(notice.kind == kinds.EVENT for notice in stream) == 2 * TICKS
        assert sum(notice.kind == kinds.KV_EDITED for notice in stream) == 2 * EDITS
        check_issues(store)
    finally:
        store.close()


def check_issues(store: Store) -> None:
    """Each was worked off once to its end, each epoch is logged, and each version is from the one before it."""
    issues, log = store.issues(limit=1000), store.epochs(limit=1000)
    assert [issue.state for issue in issues] == [APPLIED] * 2 * WISHES
    applied = [entry for entry in log if entry.outcome == outcomes.APPLIED]
    assert sorted(entry.issue_id for entry in applied) == sorted(issue.id for issue in issues)
    assert len(log) == sum(issue.attempts for issue in issues)
    for name in ("target-1", "target-2"):
        vigy = store.named(name)
        versions = store.versions(vigy.id)
        assert [version.number for version in versions] == list(range(WISHES + 1, 0, -1))
        assert [version.label for version in versions] == [f"0.1.{number}" for number in range(WISHES, -1, -1)]
        entries = {entry.version: entry for entry in applied if entry.vigy_id == vigy.id}
        assert {version.number: version.epoch for version in versions[:-1]} == {n: e.id for n, e in entries.items()}
