"""Whatever is done to a store in memory and to one in a file, both answer the same."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from store.stores import APPLY, NOW, a_memory_store, a_sqlite_store, a_tick, a_vigy, an_event, an_open_run, edited
from store.wishes import a_head, an_entry, an_issue
from vigyc.lang.errors import VigycError
from vigyc.model import epoch as outcomes
from vigyc.model import notice as kinds
from vigyc.model.action import Action
from vigyc.model.enhance_setting import EnhanceSetting
from vigyc.model.issue import STATES, Issue
from vigyc.model.label import BUMPS
from vigyc.model.lease import Fence
from vigyc.model.notice import Notice
from vigyc.model.pending import PendingAction
from vigyc.model.run import FAILED, OK
from vigyc.runtime.store.port import Edition, QueueLimits, Store

NAMES = ("a", "b", "ü")
HOLDERS = ("x", "y")
SETTINGS = ("default", "careful")
EVERYTHING = 10**6

names = st.sampled_from(NAMES)
keys = st.sampled_from(("k", "l", "ключ", ""))
seldom = st.sampled_from((False,) * 7 + (True,))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


class Pair(RuleBasedStateMachine):
    """One machine, two stores, and what is done to their vigies."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp())
        self.stores: list[Store] = [a_memory_store(self.place), a_sqlite_store(self.place / "vigyc.db")]
        self.fences: list[Fence] = [Fence("nobody", 0)]
        self.number = 0

    def teardown(self) -> None:
        for store in self.stores:
            store.close()
        shutil.rmtree(self.place)

    def both(self, call: Callable[[Store], Any]) -> Any:
        """What `call` gives on both, the same; an error is its class."""
        first, second = (outcome(call, store) for store in self.stores)
        assert first == second
        return first

    def now(self) -> int:
        """A time that was not before; numbers everything."""
        self.number += 1
        return NOW + 1000 * self.number

    @initialize()
    def begin(self) -> None:
        for name in NAMES[1:]:
            self.create(name, {})
        self.acquire("x", False)

    # -- the registry

    @rule(name=names, labels=st.dictionaries(st.text(), st.text(), max_size=2))
    def create(self, name: str, labels: dict[str, str]) -> None:
        at = self.now()
        self.both(lambda store: store.create(a_vigy(name, labels=labels, created_at=at, updated_at=at), Edition(name)))

    @rule(name=names, program=st.sampled_from("123"), to=names | st.none(), bump=st.sampled_from(BUMPS), late=seldom)
    def change(self, name: str, program: str, to: str | None, bump: str, late: bool) -> None:
        at = self.now()

        def change(store: Store) -> Any:
            before = store.named(name) or a_vigy(name)
            after = edited(before, program, name=to or name, updated_at=at)
            return store.change(
                before._replace(generation=before.generation - late), after, kinds.UPDATED, Edition(note="n", bump=bump)
            )

        self.both(change)

    @rule(name=names, keep_data=st.booleans(), again=st.booleans())
    def remove(self, name: str, keep_data: bool, again: bool) -> None:
        at = self.now()
        self.both(lambda store: store.remove(store.named(name) or a_vigy(name), at, keep_data=keep_data))
        if again:
            self.create(name, {"again": "yes"})

    @rule(name=names, key=keys, value=values, gone=keys)
    def edit_kv(self, name: str, key: str, value: Any, gone: str) -> None:
        at = self.now()
        gone_too = [] if gone == key else [gone]
        self.both(lambda store: store.edit_kv(a_vigy(name).id, {key: value}, gone_too, at))

    # -- the lease

    @rule(holder=st.sampled_from(HOLDERS), outdated=seldom)
    def acquire(self, holder: str, outdated: bool) -> None:
        at = self.now()

        def acquire(store: Store) -> Any:
            seen = store.lease()
            return store.acquire(holder, seen._replace(beat=seen.beat - 1) if seen and outdated else seen, at)

        fence = self.both(acquire)
        if isinstance(fence, Fence):
            self.fences.append(fence)

    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        at, fence = self.now(), self.a_fence(data)
        self.both(lambda store: store.renew(fence, at))

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        fence = self.a_fence(data)
        self.both(lambda store: store.release(fence))
        if not data.draw(seldom):
            self.acquire("x", False)

    def a_fence(self, data: st.DataObject) -> Fence:
        """Mostly the holder's."""
        return self.fences[-2 if data.draw(seldom) else -1]

    # -- between steps

    @rule()
    def reopen(self) -> None:
        self.stores[1].close()
        self.stores[1] = a_sqlite_store(self.place / "vigyc.db")

    @invariant()
    def all_is_the_same(self) -> None:
        first, second = (everything(store) for store in self.stores)
        for what, answer in first.items():
            assert second[what] == answer, what


class Queues(Pair):
    """The same, and what is done to issues."""

    @rule(
        name=names,
        keyed=seldom,
        held=seldom,
        later=st.sampled_from((0, 0, 3000)),
        setting=st.sampled_from(SETTINGS),
        room=st.sampled_from((3, 100)),
        author=st.sampled_from((None, "ada", "bob")),
    )
    def submit(self, name: str, keyed: bool, held: bool, later: int, setting: str, room: int, author: Any) -> None:
        at = self.now()
        issue = an_issue(
            a_vigy(name), self.number, submitted_at=at, updated_at=at, due_at=at + later, setting=setting, held=held,
            key="k" if keyed else None, author=author,
        )  # fmt: skip
        self.both(lambda store: store.submit(issue, QueueLimits(room, room, at - 20_000)))

    @rule(ms=st.integers(0, 5000))
    def take_issue(self, ms: int) -> None:
        at = self.now()
        self.both(lambda store: store.take_issue("w", f"e{self.number}", at, at + ms))

    @rule(back=st.integers(0, 3), wrong=seldom, ms=st.integers(0, 9000))
    def keep_issue(self, back: int, wrong: bool, ms: int) -> None:
        at, issue = self.now(), self.a_known(back)
        epoch = "other" if wrong or issue.epoch is None else issue.epoch
        self.both(lambda store: store.keep_issue(issue.id, epoch, at + ms))

    @rule(
        back=st.integers(0, 3),
        state=st.sampled_from(STATES),
        logged=st.booleans(),
        moved=st.booleans(),
        late=seldom,
        bump=st.sampled_from(BUMPS),
    )
    def settle(self, back: int, state: str, logged: bool, moved: bool, late: bool, bump: str) -> None:
        at, before = self.now(), self.a_known(back)
        before = before._replace(revision=before.revision - late)
        after = before._replace(state=state, due_at=at, reasons=("so",), held=False)
        entry = an_entry(before, outcomes.RETRY) if logged and before.epoch is not None else None
        program = f"({self.number})"

        def settle(store: Store) -> Any:
            vigy = store.vigy(before.vigy_id)
            head = a_head(vigy, program, bump=bump, epoch=before.epoch) if moved and vigy is not None else None
            return store.settle(before, after, at, entry, head)

        self.both(settle)

    def a_known(self, back: int) -> Issue:
        """One of the issues that changed last, as it is; or one that is not there."""
        known = sorted(self.stores[0].issues(limit=EVERYTHING), key=lambda issue: -issue.revision)
        return known[back] if back < len(known) else an_issue(a_vigy("a"), 0)

    @rule(name=st.sampled_from(SETTINGS), paused=st.none() | st.text(), removed=seldom)
    def set_up(self, name: str, paused: str | None, removed: bool) -> None:
        at = self.now()
        if removed:
            self.both(lambda store: store.remove_enhance_setting(name, at))
        else:
            self.both(lambda store: store.put_enhance_setting(EnhanceSetting(name, paused=paused), at))

    @rule(
        states=st.sets(st.sampled_from(STATES)), name=names | st.none(), back=st.integers(0, 4), limit=st.integers(0, 5)
    )
    def look_at_issues(self, states: set[str], name: str | None, back: int, limit: int) -> None:
        issue = self.a_known(back)
        vigy_id = None if name is None else a_vigy(name).id
        self.both(lambda store: store.issues(states=states, vigy_id=vigy_id, before=issue.id, limit=limit))
        self.both(lambda store: store.epochs(issue_id=issue.id, limit=limit))
        self.both(lambda store: store.epochs(vigy_id=vigy_id, before=issue.revision + 1, limit=limit))
        self.both(lambda store: store.epoch(issue.epoch or ""))


class Both(Queues):
    """The same, and everything else."""

    # -- ticking

    @rule(
        data=st.data(),
        which=st.lists(names, min_size=1, max_size=3),
        value=values,
        result=st.sampled_from((OK, OK, FAILED)),
    )
    def commit(self, data: st.DataObject, which: list[str], value: Any, result: str) -> None:
        fence, late, deliver = self.a_fence(data), data.draw(seldom), data.draw(st.booleans())
        actions = data.draw(st.sampled_from(((), (APPLY,), (Action("push"), Action("pull", 1, "ok"), APPLY))))
        request = data.draw(st.none() | st.integers(1, 5))
        numbers = [self.now() and self.number for _ in which]

        def commit(store: Store) -> Any:
            records = []
            for name, number in zip(which, numbers, strict=True):
                vigy = store.named(name) or a_vigy(name)
                vigy = vigy._replace(name=name, generation=vigy.generation - late)
                tick = a_tick(
                    vigy, number, run={"actions": actions, "result": result}, deliver=deliver, request=request
                )
                records.append(tick._replace(writes={"k": value}, deletes=("l",), notices=(an_event(tick.run),)))
            return store.commit(fence, records)

        self.both(commit)

    @rule(data=st.data(), name=names)
    def begin_run(self, data: st.DataObject, name: str) -> None:
        fence = self.a_fence(data)
        self.now()
        vigy = self.stores[0].named(name)
        if vigy is not None:
            self.both(lambda store: store.begin_run(fence, an_open_run(vigy, self.number)))

    @rule(data=st.data())
    def abort_open_runs(self, data: st.DataObject) -> None:
        fence, at = self.a_fence(data), self.now()
        self.both(lambda store: store.abort_open_runs(fence, at))

    @rule(data=st.data(), message=st.none() | st.text())
    def post(self, data: st.DataObject, message: str | None) -> None:
        fence, at = self.a_fence(data), self.now()
        self.both(lambda store: store.post(fence, [Notice(0, at, kinds.PAUSED, message=message)]))

    # -- requests and actions

    @rule(name=names)
    def ask(self, name: str) -> None:
        at = self.now()
        self.both(lambda store: store.ask(a_vigy(name).id, at))

    @rule(data=st.data(), request=st.integers(1, 5))
    def refuse(self, data: st.DataObject, request: int) -> None:
        fence = self.a_fence(data)
        self.both(lambda store: store.refuse(fence, request, "no"))

    @rule(data=st.data(), index=st.integers(-1, 3), back=st.integers(0, 3))
    def resolve(self, data: st.DataObject, index: int, back: int) -> None:
        runs, at = self.stores[0].runs(), self.now()
        run_id = runs[back].id if back < len(runs) else "nothing"
        self.both(lambda store: store.resolve(run_id, index, data.draw(st.just("ok")), "done", at))

    @rule(data=st.data(), at=st.integers(0, 2))
    def attempted(self, data: st.DataObject, at: int) -> None:
        fence, waiting = self.a_fence(data), self.stores[0].outbox()
        action = waiting[at] if at < len(waiting) else PendingAction("v", "nothing", 0, APPLY)
        self.both(lambda store: store.attempted(fence, action))

    # -- keeping house

    @rule(data=st.data(), runs=st.integers(0, 4), events=st.integers(0, 10), recent=st.integers(0, 20))
    def prune(self, data: st.DataObject, runs: int, events: int, recent: int) -> None:
        fence, since = self.a_fence(data), NOW + 1000 * (self.number - recent)
        self.both(lambda store: prune_all(store, fence, runs, events, since))

    @rule(idle=st.booleans())
    def checkpoint(self, idle: bool) -> None:
        for store in self.stores:
            store.checkpoint(idle=idle)

    # -- reading

    @rule(after=st.integers(0, 60), limit=st.integers(0, 5), name=names | st.none())
    def page(self, after: int, limit: int, name: str | None) -> None:
        vigy_id = None if name is None else a_vigy(name).id
        self.both(lambda store: store.notices(after, limit=limit, vigy_id=vigy_id))
        self.both(lambda store: store.runs(vigy_id, before=after, limit=limit))
        self.both(lambda store: store.changes(after))

    @rule(before=st.none() | st.integers(0, 60), limit=st.integers(0, 5), results=st.sampled_from(((), (OK, FAILED))))
    def many(self, before: int | None, limit: int, results: tuple[str, ...]) -> None:
        ids = [a_vigy(name).id for name in NAMES]
        for store in self.stores:
            assert store.runs_of(ids, before=before, limit=limit, results=results) == {
                each: store.runs(each, before=before, limit=limit, results=results) for each in ids
            }
            assert store.pending_of(ids) == {each: store.pending(each) for each in ids}
            assert store.standings_of(ids) == {each: store.standing(each) for each in ids}
            found = [store.vigy(ids[0]), store.named(NAMES[1])]
            assert {each.id: each for each in store.meant([ids[0], NAMES[1]])} == {
                each.id: each for each in found if each is not None
            }


def outcome(call: Callable[[Store], Any], store: Store) -> Any:
    try:
        return call(store)
    except VigycError as error:
        return type(error)


def prune_all(store: Store, fence: Fence, runs: int, events: int, since: int) -> int:
    gone = 0
    while now := store.prune(fence, runs_per_vigy=runs, events=events, older_than=since):
        gone += now
    return gone


def everything(store: Store) -> dict[str, object]:
    """All that can be read."""
    ids = [a_vigy(name).id for name in NAMES]
    return {
        "vigies": store.vigies(),
        "named": [store.named(name) for name in NAMES],
        "versions": [store.versions(vigy_id) for vigy_id in ids],
        "standing": [store.standing(vigy_id) for vigy_id in ids],
        "kv": [store.kv(vigy_id) for vigy_id in ids],
        "runs": store.runs(limit=EVERYTHING),
        "runs of": [store.runs(vigy_id, limit=EVERYTHING) for vigy_id in ids],
        "open": store.open_runs(),
        "stream": store.notices(0, limit=EVERYTHING),
        "changes": store.changes(0),
        "numbers": (store.first_seq(), store.last_seq()),
        "pending": [store.pending(vigy_id) for vigy_id in ids],
        "outbox": store.outbox(),
        "requests": store.requests(),
        "answers": [store.answer(request) for request in range(8)],
        "lease": store.lease(),
        "damage": store.damage(),
        "issues": store.issues(limit=EVERYTHING),
        "log": store.epochs(limit=EVERYTHING),
        "queue": store.queue(),
        "expired": [store.expired_issues(NOW + ms) for ms in range(0, 60_000, 7_000)],
        "settings": store.enhance_settings(),
        "setting": [store.enhance_setting(name) for name in SETTINGS],
    }


Both.TestCase.settings = settings(max_examples=50, stateful_step_count=40)
TestBoth = Both.TestCase
Queues.TestCase.settings = settings(max_examples=40, stateful_step_count=40)
TestQueues = Queues.TestCase
