"""The one way in: who may do what, and what is taken as an argument."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from vigyc.lang.errors import CompileError, Invalid, NotAllowed, NotFound, NotGranted, Stale
from vigyc.model.notice import UPDATED
from vigyc.programs import Programs
from vigyc.runtime.store.memory_store import MemoryStore
from vigyc.runtime.time_source import SystemTime
from vigyc.service.runtime import Runtime
from vigyc.service.settings import Settings
from vigyc.surfaces.wire.caller import Caller, Role
from vigyc.surfaces.wire.door import LocalDoor
from vigyc.surfaces.wire.failure import problem_of
from vigyc.surfaces.wire.table import OPERATIONS

COUNTER = '(vigy-incr "n")'


@pytest.fixture
def door() -> Iterator[LocalDoor]:
    with Runtime.open(cache=False) as runtime:
        yield LocalDoor(runtime)


def register(door: LocalDoor, **given: Any) -> Any:
    return door.perform("register_vigy", {"name": "a", "program": COUNTER, **given})


def test_what_is_registered_is_told(door: LocalDoor) -> None:
    made = register(door, tick_interval_ms="2s", labels={"team": "x"}, deadline_ms=500, enabled=False)
    assert (made["created"], made["changed"], made["findings"]) == (True, True, [])
    told = door.perform("get_vigy", {"id": "a"})
    assert told.items() <= made.items()
    assert (told["tick_interval_ms"], told["labels"], told["deadline_ms"], told["enabled"]) == (
        2000, {"team": "x"}, 500, False,
    )  # fmt: skip


def test_null_takes_a_deadline_away_and_absent_leaves_it(door: LocalDoor) -> None:
    register(door, deadline_ms=500)
    assert door.perform("update_vigy", {"id": "a", "enabled": False})["deadline_ms"] == 500
    assert "deadline_ms" not in door.perform("update_vigy", {"id": "a", "deadline_ms": None})


def test_modules_by_path_and_as_a_bundle(door: LocalDoor) -> None:
    program = '(require "lib") (vigy-set "n" (lib/answer))'
    lib = "(provide answer) (define (answer) 42)"
    plain = register(door, name="plain", program=program, modules={"lib": lib})
    bundle = plain["modules"]
    bundled = register(door, name="bundled", program=program, modules=bundle)
    assert bundled["modules"] == bundle
    door.perform("tick_vigy", {"id": "bundled"})
    assert door.perform("get_kv", {"id": "bundled", "key": "n"})["value"] == 42


def test_a_bundle_that_names_what_it_does_not_hold(door: LocalDoor) -> None:
    with pytest.raises(Invalid, match=r"modules.texts: there is no text 'gone'"):
        register(door, modules={"names": {"": {"lib": "gone"}}, "texts": {}})


def test_the_caller_is_the_author_unless_another_is_named(door: LocalDoor) -> None:
    ann = LocalDoor(door.runtime, Caller("ann", Role.ADMIN))
    register(ann)
    ann.perform("update_vigy", {"id": "a", "program": "1", "author": "bot"})
    assert [version["author"] for version in door.perform("list_versions", {"id": "a"})] == ["bot", "ann"]


def test_an_update_of_what_was_changed_meanwhile(door: LocalDoor) -> None:
    seen = register(door)["generation"]
    door.perform("disable_vigy", {"id": "a"})
    with pytest.raises(Stale):
        door.perform("update_vigy", {"id": "a", "name": "b", "generation": seen})
    assert door.perform("get_vigy", {"id": "a"})["name"] == "a"
    door.perform("update_vigy", {"id": "a", "name": "b", "generation": seen + 1})


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.name)
@pytest.mark.parametrize("role", list(Role))
def test_who_may_do_what(door: LocalDoor, operation: Any, role: Role) -> None:
    theirs = LocalDoor(door.runtime, Caller("somebody", role))
    if role < operation.role:
        with pytest.raises(NotAllowed, match=f"takes the role {operation.role.word}"):
            theirs.perform(operation.name, {})
    elif any(argument.required for argument in operation.arguments):
        with pytest.raises(Invalid, match="it is missing"):
            theirs.perform(operation.name, {})
    else:
        theirs.perform(operation.name, {})


@pytest.mark.parametrize(
    ("operation", "data", "complaint"),
    [
        ("get_vigy", {"ident": "a"}, "there is no argument 'ident'; there are id"),
        ("list_vigies", {"limitt": 1}, "did you mean 'limit'"),
        ("get_vigy", {}, "get_vigy.id: it is missing"),
        ("get_vigy", {"id": None}, "get_vigy.id: it is missing"),
        ("get_vigy", {"id": 5}, "get_vigy.id: it must be text, not a number"),
        ("get_vigy", ["a"], "get_vigy: it must be an object, not a list"),
        ("get_vigy", {"id": "\ud800"}, "half of a surrogate pair"),
        ("register_vigy", {"name": "a", "program": COUNTER, "enabled": "yes"}, "enabled: it must be true or false"),
        ("register_vigy", {"name": "a", "program": COUNTER, "tick_interval_ms": 1.5}, "it must be a whole number"),
        ("register_vigy", {"name": "a", "program": COUNTER, "tick_interval_ms": -5}, "longer than nothing"),
        ("register_vigy", {"name": "a", "program": COUNTER, "labels": {"team": 1}}, r"labels.team: it must be text"),
        ("register_vigy", {"name": "a", "program": COUNTER, "labels": {"!": "1"}}, "label"),
        ("register_vigy", {"name": "a", "program": COUNTER, "schedule": {"kind": "often"}}, "schedule.kind"),
        ("register_vigy", {"name": "a", "program": " "}, "empty"),
        ("list_vigies", {"limit": 0}, "it must be from 1 to 1000, not 0"),
        ("list_vigies", {"limit": True}, "it must be a whole number"),
        ("list_vigies", {"sort": "best"}, "it must be one of registered, name, attention"),
        ("list_vigies", {"cursor": "!"}, "it is not one that a page gave"),
        ("list_vigies", {"label_selector": "x=!=y,="}, "selector term"),
        ("list_runs", {"results": ["fine"]}, "it must be one of ok"),
        ("list_runs", {"before": 2**63}, "64 bits"),
    ],
)  # fmt: skip
def test_what_is_not_as_it_must_be_is_named_by_its_place(
    door: LocalDoor, operation: str, data: Any, complaint: str
) -> None:
    with pytest.raises(Invalid, match=complaint):
        door.perform(operation, data)


def test_a_program_that_is_none(door: LocalDoor) -> None:
    with pytest.raises(CompileError) as caught:
        register(door, program="(vigy-noop)\n (foo")
    [found] = problem_of(caught.value)["findings"]
    assert (found["line"], found["column"]) == (2, 2)


def test_what_is_not_there(door: LocalDoor) -> None:
    for operation in ("get_vigy", "get_vigy_state", "tick_vigy", "enable_vigy", "delete_vigy", "list_kv"):
        with pytest.raises(NotFound):
            door.perform(operation, {"id": "nobody"})


def test_what_happens_is_watched_from_a_number_on(door: LocalDoor) -> None:
    register(door)
    watched = door.watch({"after": 0, "kinds": ["registered", "run"]})
    door.perform("tick_vigy", {"id": "a"})
    assert [notice.kind for notice in (watched.get(5), watched.get(5)) if notice] == ["registered", "run"]
    watched.close()


def test_programs_are_checked_without_being_run(door: LocalDoor) -> None:
    good = door.perform("check_program", {"program": COUNTER})
    assert (good["ok"], good["findings"], good["refused"], good["effects"]) == (True, [], [], [])
    bad = door.perform("check_program", {"program": "(vigy-noop)\n  (if 1 2 3 4)"})
    [found] = bad["findings"]
    assert (bad["ok"], found["id"], found["line"], found["column"]) == (False, "malformed-form", 2, 3)
    refused = door.perform("check_program", {"program": '(fs-read "/etc/passwd")'})
    assert (refused["ok"], refused["effects"], len(refused["refused"])) == (False, ["fs.read"], 1)


def test_a_module_that_is_not_there_is_told_with_its_place(door: LocalDoor) -> None:
    lib = "(provide x) (define x 1)"
    for program, modules, said in (
        ('1\n (require "nowhere")', None, ("module-not-found", "module not found: nowhere")),
        ('1\n (require "nowhere")', {}, ("module-not-found", "module not found: nowhere")),
        ('1\n (require "lib" :refer (y))', {"lib": lib}, ("not-defined", "lib does not define y")),
        ('1\n (require "lib")', {"lib": "(provide x"}, ("reader", "reader: unmatched opening paren")),
    ):
        given = {"program": program} if modules is None else {"program": program, "modules": modules}
        told = door.perform("check_program", given)
        [found] = told["findings"]
        assert (told["ok"], found["id"], found["severity"]) == (False, "failing-require", "error")
        assert (found["line"], found["column"], found["end_line"]) == (2, 2, 2)
        assert (found["kind"], found["message"]) == said
    assert door.perform("check_program", {"program": '(require "lib")', "modules": {"lib": lib}})["findings"] == []


@pytest.fixture
def old() -> Iterator[LocalDoor]:
    """The store of a runtime that read what this one does not, and granted what this one does not."""
    store = MemoryStore()
    with Runtime(store, Programs(cache=False), Settings(), SystemTime()) as runtime:
        for name, program in (("broken", BROKEN), ("wants", WANTS)):
            made = runtime.register(COUNTER, name=name, enabled=False).vigy
            older = store.change(made, made._replace(program=program, digest="b3:1"), UPDATED)
            store.change(older, older._replace(program=COUNTER, digest=made.digest), UPDATED)
        last = runtime.get("broken")
        store.change(last, last._replace(program=BROKEN, digest="b3:1"), UPDATED)
        yield LocalDoor(runtime)


BROKEN = "1\n(vigy-set"
WANTS = '\n (fs-read "/etc/passwd")'


@pytest.mark.parametrize(
    ("operation", "data", "place"),
    [
        ("get_python", {"id": "broken"}, (2, 1)),
        ("rollback_vigy", {"id": "broken", "number": 2}, (2, 1)),
        ("rollback_vigy", {"id": "wants", "number": 2}, (2, 2)),
    ],
)
def test_findings_of_a_stored_program_have_their_place(
    old: LocalDoor, operation: str, data: Any, place: tuple[int, int]
) -> None:
    with pytest.raises((CompileError, NotGranted)) as raised:
        old.perform(operation, data)
    [found] = problem_of(raised.value)["findings"]
    assert (found["line"], found["column"]) == place
