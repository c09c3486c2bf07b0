"""Registering and changing vigies: what is checked, what is idempotent, what is refused, and what a change keeps."""

from __future__ import annotations

import pytest
from blake3 import blake3

from service.conftest import Opener
from vigyc.lang.errors import CompileError, Conflict, Invalid, NotFound
from vigyc.model.schedule import Adaptive, Cron, Fixed, Schedule, every
from vigyc.model.vigy import Vigy
from vigyc.runtime.time_source import VirtualTime
from vigyc.service.edit import Edit
from vigyc.service.runtime import Runtime
from vigyc.service.settings import Settings

COUNT = '(vigy-set "n" (+ 1 (vigy-get "n" 0)))'


def test_a_vigy_is_what_was_registered(runtime: Runtime, time: VirtualTime) -> None:
    made = runtime.register(COUNT, name="counter", every="10s", labels={"b": "2", "a": "1"}, deadline="2s")
    vigy = made.vigy
    assert (made.created, made.changed, made.findings) == (True, True, [])
    assert vigy.id == blake3(b"counter\0" + COUNT.encode()).hexdigest()[:16]
    assert vigy.schedule == every(10_000)
    assert list(vigy.labels.items()) == [("a", "1"), ("b", "2")]
    assert (vigy.enabled, vigy.version, vigy.deadline_ms, vigy.modules) == (True, 1, 2_000, None)
    assert vigy.created_at == vigy.updated_at == vigy.anchored_at == time.wall_ms()
    assert runtime.get("counter") == vigy
    assert runtime.list() == [vigy]


def test_by_default_a_vigy_ticks_every_second(runtime: Runtime) -> None:
    assert runtime.register(COUNT, name="counter").vigy.schedule == every(1_000)


def test_registering_again_changes_nothing(runtime: Runtime, time: VirtualTime) -> None:
    first = runtime.register(COUNT, name="counter", every=500, labels={"a": "1"}).vigy
    runtime.disable("counter")
    before = runtime.get("counter")
    time.advance(60_000)
    again = runtime.register(COUNT, name="counter")
    assert (again.created, again.changed) == (False, False)
    assert again.vigy == before
    assert again.vigy.id == first.id
    assert len(runtime.versions("counter")) == 1


def test_registering_again_changes_what_is_given_and_differs(runtime: Runtime, time: VirtualTime) -> None:
    runtime.register(COUNT, name="counter", every=500, labels={"a": "1"})
    time.advance(60_000)
    again = runtime.register(COUNT, name="counter", every="2s", labels={"a": "1"}, deadline=100)
    assert (again.created, again.changed) == (False, True)
    assert again.vigy.schedule == every(2_000)
    assert again.vigy.labels == {"a": "1"}
    assert again.vigy.deadline_ms == 100
    assert again.vigy.updated_at == again.vigy.anchored_at == time.wall_ms()
    assert len(runtime.versions("counter")) == 1


def test_another_program_under_the_same_name_is_a_conflict(runtime: Runtime) -> None:
    before = runtime.register(COUNT, name="counter").vigy
    with pytest.raises(Conflict, match=r"registered with another program.*update"):
        runtime.register("(vigy-noop)", name="counter")
    assert runtime.list() == [before]


def test_a_name_and_program_that_another_vigy_began_with(runtime: Runtime) -> None:
    first = runtime.register(COUNT, name="counter").vigy
    runtime.update("counter", name="renamed")
    with pytest.raises(Conflict, match=f"{first.id}.*renamed"):
        runtime.register(COUNT, name="counter")


@pytest.mark.parametrize("program", ["", "   \n\t"])
def test_a_blank_program_is_refused(runtime: Runtime, program: str) -> None:
    with pytest.raises(Invalid, match="vigy program empty"):
        runtime.register(program, name="blank")
    assert runtime.list() == []


def test_a_program_that_does_not_compile_is_refused_with_its_findings(runtime: Runtime) -> None:
    with pytest.raises(CompileError) as caught:
        runtime.register("(+ 1 2", name="broken")
    assert [finding.severity for finding in caught.value.diagnostics] == ["error"]
    assert runtime.list() == []
    assert runtime.notices() == []


def test_findings_that_do_not_stop_it_come_back(runtime: Runtime) -> None:
    made = runtime.register("(vigy-sett 1)", name="odd")
    assert made.created
    assert [finding.id for finding in made.findings] == ["unbound-name"]


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 1000])
def test_a_bad_name_is_refused(runtime: Runtime, name: str) -> None:
    with pytest.raises(Invalid):
        runtime.register(COUNT, name=name)
    runtime.register(COUNT, name="counter")
    with pytest.raises(Invalid):
        runtime.update("counter", name=name)


def test_a_bad_label_is_refused(runtime: Runtime) -> None:
    with pytest.raises(Invalid, match="no spaces here"):
        runtime.register(COUNT, name="counter", labels={"no spaces here": "x"})


@pytest.mark.parametrize(
    "given",
    [
        {"every": 0},
        {"every": -5},
        {"every": True},
        {"every": 1.5},
        {"every": "soon"},
        {"every": 10, "schedule": every(10)},
        {"schedule": every(0)},
        {"schedule": Schedule(Cron("61 * * * *"))},
        {"schedule": Schedule(Cron("* * * * *", "Mars/Olympus"))},
        {"schedule": Schedule(Adaptive(500, 100, "k"))},
        {"deadline": 0},
        {"deadline": "never"},
    ],
)
def test_bad_times_are_refused(runtime: Runtime, given: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        runtime.register(COUNT, name="counter", **given)
    runtime.register(COUNT, name="other")
    before = runtime.get("other")
    with pytest.raises(Invalid):
        runtime.update("other", **given)
    assert runtime.list() == [before]


def test_the_shortest_interval_is_a_setting(opened: Opener) -> None:
    runtime = opened(settings=Settings(min_interval_ms=100))
    with pytest.raises(Invalid, match="100"):
        runtime.register(COUNT, name="counter", every=99)
    runtime.register(COUNT, name="counter", every=100)


def test_an_update_changes_only_what_is_given(runtime: Runtime, time: VirtualTime) -> None:
    made = runtime.register(COUNT, name="counter", every=500, labels={"a": "1"}, deadline=100).vigy
    time.advance(1_000)
    labelled = runtime.update("counter", labels={"b": "2"})
    assert labelled == made._replace(labels={"b": "2"}, updated_at=time.wall_ms(), generation=labelled.generation)
    assert labelled.generation > made.generation
    assert runtime.update("counter", deadline=None).deadline_ms is None
    assert runtime.update("counter", name="tally").name == "tally"
    assert runtime.get(made.id).name == "tally"


def test_an_update_that_changes_nothing_writes_nothing(runtime: Runtime) -> None:
    made = runtime.register(COUNT, name="counter", every=500).vigy
    assert runtime.update("counter", every=500, name="counter", program=COUNT, enabled=True) == made
    assert len(runtime.notices()) == 1


def test_a_new_interval_leaves_the_rest_of_the_schedule(runtime: Runtime) -> None:
    runtime.register(COUNT, name="counter", schedule=Schedule(Fixed(1_000, "delay"), jitter_ms=50))
    assert runtime.update("counter", every=2_000).schedule == Schedule(Fixed(2_000, "delay"), jitter_ms=50)


def test_a_new_program_keeps_id_kv_and_history(runtime: Runtime) -> None:
    made = runtime.register(COUNT, name="counter").vigy
    runtime.tick("counter")
    updated = runtime.update("counter", program='(vigy-set "n" (+ 10 (vigy-get "n" 0)))', author="ann", note="faster")
    assert (updated.id, updated.version) == (made.id, 2)
    assert updated.digest != made.digest
    runtime.tick("counter")
    assert runtime.kv("counter").get("n") == 11
    assert [run.version for run in runtime.runs("counter")] == [2, 1]
    assert [(edition.number, edition.author, edition.note) for edition in runtime.versions("counter")] == [
        (2, "ann", "faster"),
        (1, None, None),
    ]


def test_an_update_that_does_not_compile_changes_nothing(runtime: Runtime) -> None:
    made = runtime.register(COUNT, name="counter").vigy
    with pytest.raises(CompileError):
        runtime.update("counter", program=")", labels={"a": "1"})
    assert runtime.list() == [made]


def test_a_name_that_is_taken_is_a_conflict(runtime: Runtime) -> None:
    runtime.register(COUNT, name="one")
    two = runtime.register(COUNT, name="two").vigy
    with pytest.raises(Conflict, match="one"):
        runtime.update("two", name="one")
    assert runtime.get("two") == two


def test_enabling_and_disabling_is_idempotent_and_moves_the_anchor(runtime: Runtime, time: VirtualTime) -> None:
    made = runtime.register(COUNT, name="counter").vigy
    assert runtime.enable("counter") == made
    off = runtime.disable("counter")
    assert not off.enabled
    assert runtime.disable("counter") == off
    time.advance(5_000)
    on = runtime.enable("counter")
    assert (on.enabled, on.anchored_at) == (True, time.wall_ms())
    assert [notice.kind for notice in runtime.notices()] == ["registered", "disabled", "enabled"]


def test_registered_disabled(runtime: Runtime) -> None:
    assert not runtime.register(COUNT, name="counter", enabled=False).vigy.enabled
    assert runtime.register(COUNT, name="counter", enabled=True).vigy.enabled


def test_deleting_takes_everything_along(runtime: Runtime) -> None:
    made = runtime.register(COUNT, name="counter").vigy
    run = runtime.tick("counter")
    assert runtime.delete("counter").id == made.id
    with pytest.raises(NotFound):
        runtime.get("counter")
    with pytest.raises(NotFound):
        runtime.delete("counter")
    with pytest.raises(NotFound):
        runtime.run(run.id)
    again = runtime.register(COUNT, name="counter").vigy
    assert (again.id, again.version) == (made.id, 1)
    assert runtime.kv("counter").export() == {}
    assert runtime.standing("counter").tick_count == 0


def test_deleting_can_leave_the_data(runtime: Runtime) -> None:
    runtime.register(COUNT, name="counter")
    runtime.tick("counter")
    runtime.delete("counter", keep_data=True)
    runtime.register(COUNT, name="counter")
    assert runtime.kv("counter").export() == {"n": 1}
    assert runtime.tick("counter").tick == 2


def test_a_change_of_another_process_is_not_lost(opened: Opener) -> None:
    ours, theirs = opened(), opened()
    ours.register(COUNT, name="counter")
    theirs.update("counter", labels={"by": "them"})
    assert ours.disable("counter").labels == {"by": "them"}
    assert not theirs.get("counter").enabled
    again = theirs.register(COUNT, name="counter", every=7)
    assert (again.created, again.vigy.enabled, again.vigy.schedule) == (False, False, every(7))


def test_a_change_in_between_is_made_anew(opened: Opener) -> None:
    ours, theirs = opened(), opened()
    ours.register(COUNT, name="counter")
    meddled = []

    class Slow(Edit):
        def apply(self, vigy: Vigy, now: int, least_ms: int) -> Vigy:
            if not meddled:
                meddled.append(theirs.update("counter", labels={"by": "them"}))
            return super().apply(vigy, now, least_ms)

    off = ours._registry.update("counter", Slow(enabled=False))
    assert (off.enabled, off.labels) == (False, {"by": "them"})
    assert off.generation > meddled[0].generation


def test_a_vigy_that_others_change_all_the_time_is_a_conflict(opened: Opener) -> None:
    ours, theirs = opened(), opened()
    ours.register(COUNT, name="counter")
    meddled = []

    class Slow(Edit):
        def apply(self, vigy: Vigy, now: int, least_ms: int) -> Vigy:
            meddled.append(theirs.update("counter", labels={"change": str(len(meddled))}))
            return super().apply(vigy, now, least_ms)

    with pytest.raises(Conflict, match="counter"):
        ours._registry.update("counter", Slow(enabled=False))
    assert ours.get("counter") == meddled[-1]
