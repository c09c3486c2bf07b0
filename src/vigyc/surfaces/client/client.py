"""From a door to what `vigyc.Runtime` is for a runtime in this process: the same methods, giving and raising the same.

    with Client.connect("http://127.0.0.1:38821", token=token) as client:
        client.register('(vigy-incr "ticks")', name="counter", every="10s")
        for notice in client.subscribe(kinds=["run"]):
            print(notice.run)

What a program requires is looked up here, and sent with it: nothing of the server's files is read. All methods may be
called from any thread.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import Any, TypeVar

from vigyc.checking import analyse
from vigyc.compiler import as_modules
from vigyc.effects.decision import Decision
from vigyc.lang.errors import Invalid, SettingsError
from vigyc.linking import ModuleRecorder, Modules
from vigyc.model.action import ABSENT, Absent
from vigyc.model.argument import checked_count, checked_text
from vigyc.model.codec import from_json, to_json
from vigyc.model.labels import checked_labels
from vigyc.model.notice import Notice, checked_kinds
from vigyc.model.run import Run
from vigyc.model.run_codec import given
from vigyc.model.schedule import Schedule, When
from vigyc.model.schedule_rules import checked_schedule
from vigyc.model.standing import Standing, State
from vigyc.model.vigy import Version, Vigy
from vigyc.programs import Checked
from vigyc.rehearsal.dry_run import DryRun
from vigyc.rehearsal.replay import Replayed
from vigyc.service.audit import EVERYTHING, PROGRAM, Audited, Wanted
from vigyc.service.browsing import REGISTERED, Page
from vigyc.service.edit import checked_ms
from vigyc.service.explanation import Explanation
from vigyc.service.health import Health
from vigyc.service.overview import Overview, Upcoming
from vigyc.service.registry import Registration
from vigyc.surfaces.client.enhancement import RemoteEnhancement
from vigyc.surfaces.client.kv import RemoteKv
from vigyc.surfaces.wire import answers, uses
from vigyc.surfaces.wire.argument import MOST
from vigyc.surfaces.wire.door import Door, Watched

T = TypeVar("T", Run, Notice)

TIMEOUT = 10.0
"""The seconds that a server may take to answer; for a tick it has longer."""


class Client:
    """Everything that can be asked of the runtime behind `door`; `Client.connect` makes one for a server.

    `enhance` is what `Runtime.enhance` is.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self.enhance = RemoteEnhancement(door)

    @classmethod
    def connect(cls, url: str, token: str | None = None, *, timeout: float = TIMEOUT, ca: str | None = None) -> Client:
        """A client for the server at `url`: `http://...`, `https://...`, or `unix:/path/to.sock`.

        `timeout` is in seconds; `ca` is the path of a PEM file with the authorities to trust instead of the system's.
        Raises Invalid, and SettingsError if a package is missing. Nothing is asked yet.
        """
        try:
            from vigyc.surfaces.client.http_door import HttpDoor
        except ModuleNotFoundError as missing:
            raise SettingsError(f"to ask a server takes {missing.name}: pip install 'vigyc[client]'") from missing

        return cls(HttpDoor(url, token, timeout=timeout, ca=ca))

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End what listens, and leave; the runtime goes on. Again is nothing."""
        self._door.close()

    # -- the registry

    def register(
        self,
        program: str,
        *,
        name: str,
        every: int | str | None = None,
        schedule: Schedule | When | None = None,
        labels: Mapping[str, str] | None = None,
        enabled: bool | None = None,
        deadline: int | str | Absent | None = ABSENT,
        filename: str | os.PathLike[str] = "<program>",
        modules: Mapping[str, str] | Modules | None = None,
        author: str | None = None,
        note: str | None = None,
    ) -> Registration:
        """Register `program` under `name`, by default enabled and every second; registered so already, that is all.

        Of a vigy that is registered with this program only what is given changes. `filename` is where the text is
        from, for what it requires; `author` and `note` are kept with the version.
        """
        edit = _edit(every, schedule, labels, enabled, deadline)
        found = None if modules is None else _bundle(program, filename, modules)
        fields = given(modules=found, author=author, note=note)
        return answers.registration_of(self._ask("register_vigy", program=program, name=name, **edit, **fields))

    def update(
        self,
        ref: str,
        *,
        program: str | None = None,
        filename: str | os.PathLike[str] = "<program>",
        modules: Mapping[str, str] | Modules | None = None,
        name: str | None = None,
        every: int | str | None = None,
        schedule: Schedule | When | None = None,
        labels: Mapping[str, str] | None = None,
        enabled: bool | None = None,
        deadline: int | str | Absent | None = ABSENT,
        author: str | None = None,
        note: str | None = None,
        generation: int | None = None,
    ) -> Vigy:
        """Change what is given; a vigy keeps its id, its kv and its history through all of it.

        With `generation` only if it is still of that one. Raises Stale if not.
        """
        edit = _edit(every, schedule, labels, enabled, deadline)
        found = None
        if modules is not None:
            found = _bundle(self.get(ref).program if program is None else program, filename, modules)
        fields = given(name=name, program=program, modules=found, author=author, note=note, generation=generation)
        return from_json(Vigy, self._ask("update_vigy", id=ref, **edit, **fields))

    def enable(self, ref: str) -> Vigy:
        """Let it tick from now on."""
        return from_json(Vigy, self._ask("enable_vigy", id=ref))

    def disable(self, ref: str) -> Vigy:
        """Let it tick only when asked to."""
        return from_json(Vigy, self._ask("disable_vigy", id=ref))

    def delete(self, ref: str, *, keep_data: bool = False) -> Vigy:
        """Delete it; `keep_data` leaves kv, state and runs for one that is registered under the same id again."""
        return from_json(Vigy, self._ask("delete_vigy", id=ref, keep_data=keep_data))

    def rollback(self, ref: str, number: int, *, author: str | None = None, note: str | None = None) -> Vigy:
        """Make the program of an earlier version the newest version."""
        fields = given(author=author, note=note)
        return from_json(Vigy, self._ask("rollback_vigy", id=ref, number=number, **fields))

    # -- looking

    def get(self, ref: str) -> Vigy:
        """The vigy that `ref` means."""
        return from_json(Vigy, self._ask("get_vigy", id=ref))

    def browse(
        self,
        selector: str = "",
        *,
        search: str = "",
        phase: str | None = None,
        failing: bool | None = None,
        sort: str = REGISTERED,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page:
        """A page of the vigies that match, in the order of `sort`; `cursor` is where the page before said to go on."""
        fields = given(phase=phase, failing=failing)
        items: list[Overview] = []
        while True:
            asked = min(checked_count("limit", limit) - len(items), MOST)
            page = answers.page_of(
                self._ask(
                    "list_vigies", label_selector=selector, search=search, sort=sort, limit=asked, **fields,
                    **given(cursor=cursor),
                )
            )  # fmt: skip
            items, cursor = items + page.items, page.next
            if cursor is None or len(items) >= limit:
                return Page(items, cursor, page.total)

    def overview(self, selector: str = "") -> list[Overview]:
        """The vigies whose labels match `selector`, with how it goes with each; of where they stand, what a list tells.

        `standing` has all of it for one of them.
        """
        page = self.browse(selector, limit=MOST)
        found = page.items
        while page.next is not None:
            page = self.browse(selector, limit=MOST, cursor=page.next)
            found += page.items
        return found

    def next(self, limit: int = 20, selector: str = "") -> list[Upcoming]:
        """The ticks to come, the next first."""
        if checked_count("limit", limit) > MOST:
            known = self.overview(selector)
            coming = [Upcoming(each.vigy, each.due_at, each.why) for each in known if each.due_at is not None]
            return sorted(coming, key=lambda each: (each.due_at, each.vigy.id))[:limit]
        told = self._ask("next_ticks", limit=limit, label_selector=selector)
        return [answers.upcoming_of(each, self.get(each["vigy_id"])) for each in told]

    def explain(self, ref: str) -> Explanation:
        """Why it is as it is."""
        vigy = self.get(ref)
        return answers.explanation_of(self._ask("explain_vigy", id=vigy.id), vigy)

    def state(self, ref: str) -> State:
        """What its ticks want and saw, its conditions, and the actions of its last run that have no result."""
        return from_json(State, self._ask("get_vigy_state", id=ref))

    def standing(self, ref: str) -> Standing:
        """Its counters and its last run."""
        return from_json(Standing, self._ask("get_standing", id=ref))

    def run(self, ref: str) -> Run:
        """The run of this id, or of the unique beginning of an id."""
        return from_json(Run, self._ask("get_run", run=ref))

    def runs(
        self,
        ref: str | None = None,
        *,
        before: int | None = None,
        limit: int = 20,
        results: Collection[str] = (),
    ) -> list[Run]:
        """Runs, newest first, of one vigy or of all; `before` is the sequence number to go on from.

        With `results` only those that ended so.
        """
        fields = given(vigy=ref, before=before, results=list(results) or None)
        return self._pages(Run, "list_runs", "before", limit, fields)

    def kv(self, ref: str) -> RemoteKv:
        """Its kv."""
        return RemoteKv(self._door, ref)

    def notices(self, after: int = 0, limit: int = 1000) -> list[Notice]:
        """What happened after sequence number `after`, in order."""
        return self._pages(Notice, "list_notices", "after", limit, {"after": checked_count("after", after)})

    def denials(self, ref: str | None = None, *, before: int | None = None, limit: int = 20) -> list[Notice]:
        """What the policy refused, newest first, of one vigy or of all; `before` is the number to go on from."""
        return self._pages(Notice, "list_denials", "before", limit, given(vigy=ref, before=before))

    def health(self) -> Health:
        """Whether all is well."""
        return answers.health_of(self._ask("get_health"))

    def stats(self) -> Mapping[str, Any]:
        """The figures of the runtime, as JSON data."""
        found: Mapping[str, Any] = self._ask("get_stats")
        return found

    def versions(self, ref: str) -> list[Version]:
        """The editions of its program, newest first."""
        return [from_json(Version, each) for each in self._ask("list_versions", id=ref)]

    def version(self, ref: str, number: int) -> Version:
        """One of them."""
        return from_json(Version, self._ask("get_version", id=ref, number=number))

    def diff(self, ref: str, old: int, new: int) -> str:
        """What differs between two of them, as a unified diff."""
        return str(self._ask("diff_versions", id=ref, old=old, new=new)["diff"])

    # -- programs and what they may do

    def check(
        self,
        program: str,
        name: str = "",
        labels: Mapping[str, str] | None = None,
        modules: Mapping[str, str] | Modules | None = None,
    ) -> Checked:
        """The mistakes in a program, and what the policy of a vigy so called and labelled refuses of it."""
        found = None if modules is None else _bundle(program, PROGRAM, modules)
        fields = given(labels=None if labels is None else checked_labels(labels), modules=found)
        texts = {**({} if found is None else found["texts"]), PROGRAM: program}
        return uses.checked_of(self._ask("check_program", program=program, name=name, **fields), texts)

    def python(self, ref: str) -> str:
        """The Python that its program becomes, as text for people. Raises CompileError."""
        return str(self._ask("get_python", id=ref)["python"])

    def audit(self, looked_for: Wanted = EVERYTHING, selector: str = "") -> list[Audited]:
        """What the programs of the vigies that match `selector` do to the world, as far as it is looked for."""
        known = {vigy.id: vigy for vigy in self.list(selector)}
        kinds, hosts, calls = map(list, looked_for)
        told = self._ask("audit_vigies", effects=kinds, hosts=hosts, calls=calls, label_selector=selector)
        return [uses.audited_of(each, known) for each in told if each["vigy_id"] in known]

    def policy(self, ref: str) -> Mapping[str, Any]:
        """The policy that it ticks under, as JSON data: what `Policy.to_json` gives."""
        found: Mapping[str, Any] = self._ask("get_policy", id=ref)
        return found

    def decide(self, ref: str, effect: str, resource: object = None) -> Decision:
        """Whether its policy allows `effect` of `resource`, and by which rule. Raises Invalid."""
        return Decision(**self._ask("decide_policy", id=ref, effect=effect, **given(resource=resource)))

    # -- hearing

    def subscribe(
        self,
        after: int | None = None,
        *,
        vigy: str | None = None,
        kinds: Collection[str] | None = None,
        capacity: int = 1024,
        refill: bool = False,
    ) -> Watched:
        """What happens from now on, or after sequence number `after`: of all or one vigy, of all or some kinds.

        Nothing is missed here, whatever `capacity` and `refill` say: what was not heard is asked for again.
        """
        wanted = None if kinds is None else sorted(checked_kinds(kinds))
        return self._door.watch(given(after=after, vigy=vigy, kinds=wanted))

    # -- ticking

    def tick(self, ref: str, timeout: float | None = None) -> Run:
        """Tick it now, in the process that ticks this store; its run, once stored.

        `timeout` is in seconds; by default it leaves time for a tick under way, this one, and a little more.
        """
        ms = None if timeout is None else max(round(timeout * 1000), 1)
        return from_json(Run, self._ask("tick_vigy", id=ref, **given(timeout_ms=ms)))

    def dry_run(self, ref: str) -> DryRun:
        """What a tick would do now; nothing of it is kept. Where the vigy would stand is not told."""
        vigy = self.get(ref)
        return answers.dry_run_of(self._ask("dry_run_vigy", id=vigy.id), vigy)

    def replay(self, run: str) -> Replayed:
        """Tick a run once more from its record, no effect being performed; what differs."""
        return answers.replayed_of(self._ask("replay_run", run=run))

    def resolve(self, run: str, index: int, status: str, message: str | None = None) -> Run:
        """Report what came of action `index` (from 0) of a run: `ok`, `failed` or `skipped`."""
        return from_json(
            Run, self._ask("resolve_action", run=run, index=index, status=status, **given(message=message))
        )

    def pause(self) -> None:
        """Hold scheduled ticks back."""
        self._ask("pause_runtime")

    def resume(self) -> None:
        """Go on with them."""
        self._ask("resume_runtime")

    def _ask(self, operation: str, /, **arguments: Any) -> Any:
        return self._door.perform(operation, arguments)

    def _pages(self, kind: type[T], name: str, step: str, limit: int, arguments: Mapping[str, Any]) -> list[T]:
        """Up to `limit` of what operation `name` lists, which goes on by the argument `step`."""
        found: list[T] = []
        while (left := checked_count("limit", limit) - len(found)) > 0:
            on = {step: found[-1].seq} if found else {}
            page = self._ask(name, **{**arguments, **on, "limit": min(left, MOST)})
            found += [from_json(kind, each) for each in page]
            if len(page) < MOST:
                break
        return found

    # last, since it hides Python's own

    def list(self, selector: str = "") -> list[Vigy]:
        """Those whose labels match `selector` (`key=value,...`), in the order they were registered."""
        return [overview.vigy for overview in self.overview(selector)]


def _edit(
    every: int | str | None,
    schedule: Schedule | When | None,
    labels: Mapping[str, str] | None,
    enabled: bool | None,
    deadline: int | str | Absent | None,
) -> dict[str, Any]:
    """What is given, as arguments. Raises Invalid."""
    if every is not None and schedule is not None:
        raise Invalid("give `every` or a schedule, not both")
    if schedule is not None:
        schedule = checked_schedule(schedule if isinstance(schedule, Schedule) else Schedule(schedule))
    found = given(
        tick_interval_ms=None if every is None else checked_ms(every, "interval"),
        schedule=None if schedule is None else to_json(schedule),
        labels=None if labels is None else checked_labels(labels),
        enabled=enabled,
    )
    if not isinstance(deadline, Absent):
        found["deadline_ms"] = None if deadline is None else checked_ms(deadline, "deadline")
    return found


def _bundle(program: str, filename: str | os.PathLike[str], modules: Mapping[str, str] | Modules) -> dict[str, Any]:
    """All that `program` requires, as it is found here."""
    name = os.fspath(filename)
    recorder = ModuleRecorder(as_modules(modules), name)
    analyse(checked_text("a program", program), name, None, recorder)
    return recorder.bundle() or {"names": {}, "texts": {}}
