"""Where all runs are recorded, also one without effects can be replayed, with its own program or another."""

from __future__ import annotations

import pytest

from enhance.verifiers.conftest import Worlds
from vigyc.effects.policy import Policy
from vigyc.lang.errors import NotFound, SettingsError
from vigyc.rehearsal.replay import replay
from vigyc.service.settings import load_settings

COUNTER = '(vigy-incr "n")\n(vigy-apply (vigy-get "n"))'


def test_by_default_a_run_without_effects_is_not_recorded(worlds: Worlds) -> None:
    world = worlds()
    world.register(COUNTER)
    run = world.tick()
    assert world.store.recording(run.id) is None
    (version,) = world.store.versions(run.vigy_id)
    with pytest.raises(NotFound) as missing:
        replay(run, version, world.store, world.programs, 5.0)
    assert str(missing.value) == (
        f"there is no record of run {run.id}: only runs that call effects are recorded, unless the setting `record` is "
        '"all"'
    )


def test_with_all_recorded_it_is_replayed_as_it_was(worlds: Worlds) -> None:
    world = worlds(record_all=True)
    world.register(COUNTER, kv={"n": 41})
    run = world.tick()
    (version,) = world.store.versions(run.vigy_id)
    done = replay(run, version, world.store, world.programs, 5.0)
    assert (done.differences, done.calls) == ((), ())
    assert done.again.actions[0].payload == 42


def test_a_failed_run_is_recorded_too(worlds: Worlds) -> None:
    world = worlds(record_all=True)
    world.register('(car (vigy-get "n"))', kv={"n": 1})
    run = world.tick()
    (version,) = world.store.versions(run.vigy_id)
    assert run.result == "failed"
    assert replay(run, version, world.store, world.programs, 5.0).differences == ()


def test_another_program_is_replayed_from_the_same_record(worlds: Worlds) -> None:
    world = worlds(record_all=True)
    world.register(COUNTER)
    run = world.tick()
    (version,) = world.store.versions(run.vigy_id)
    done = replay(run, version._replace(program='(vigy-incr "n" 5)'), world.store, world.programs, 5.0)
    assert [difference.what for difference in done.differences] == ["actions", "kv n"]
    assert done.again.actions == ()


def test_a_line_of_the_log_more_or_less_leaves_no_record(worlds: Worlds) -> None:
    """Such calls reach nothing outside the run, so there is nothing that the record would have to answer."""
    world = worlds(Policy.of("log", "env:HOME"))
    world.register('(log-info "one")\n(vigy-set "home" (string? (env-get "HOME")))')
    run = world.tick()
    (version,) = world.store.versions(run.vigy_id)
    for program in (
        '(vigy-set "home" (string? (env-get "HOME")))',
        '(log-info "two")\n(log-info "three")\n(vigy-set "home" (string? (env-get "HOME")))\n(log-warn "four")',
    ):
        done = replay(run, version._replace(program=program), world.store, world.programs, 5.0)
        assert (done.again.result, [difference.what for difference in done.differences]) == ("ok", ["logs"])


def test_a_policy_that_keeps_no_records_is_obeyed(worlds: Worlds) -> None:
    policy = Policy()
    world = worlds(Policy(limits=policy.limits._replace(record_bytes=0)), record_all=True)
    world.register(COUNTER)
    assert world.store.recording(world.tick().id) is None


def test_the_setting_is_one_of_two() -> None:
    assert load_settings(None, {})[0].record == "effects"
    assert load_settings(None, {"VIGYC_RECORD": "all"})[0].record == "all"
    with pytest.raises(SettingsError, match="record cannot be 'none': it must be effects or all"):
        load_settings(None, {"VIGYC_RECORD": "none"})
