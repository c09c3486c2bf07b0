"""What a caller gives that cannot be is refused at once, by a line that says what it must be; nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import vigyc
from vigyc import Adaptive, Cron, Fixed, Invalid, Runtime, Schedule, Settings, SettingsError, VigycError

COUNT = '(vigy-set "n" (+ 1 (vigy-get "n" 0)))'
HALF = "\ud800"
SURROGATE = "character 1 is half of a surrogate pair; it must be Unicode"

REGISTRATIONS = [
    ({"program": None}, "a program: it must be text, not NoneType"),
    ({"program": b"(+ 1 2)"}, "a program: it must be text, not bytes"),
    ({"program": HALF}, f"a program: {SURROGATE}"),
    ({"labels": ["team"]}, "labels: they must be a mapping of text to text, not list"),
    ({"enabled": "no"}, "enabled 'no': it must be True or False"),
    ({"enabled": 0}, "enabled 0: it must be True or False"),
    ({"every": 10**30}, f"interval {10**30}: it must be at most a century"),
    ({"deadline": 10**30}, f"deadline {10**30}: it must be at most a century"),
    ({"deadline": 0}, "deadline 0: it must be longer than nothing"),
    ({"schedule": "10s"}, "schedule '10s': it must be fixed, cron or adaptive"),
    ({"author": 5}, "author: it must be text, not int"),
    ({"note": HALF}, f"note: {SURROGATE}"),
    ({"modules": "folder"}, "modules: they must be texts by path, or ModuleFiles([folder, ...])"),
    ({"modules": {"m": 5}}, "module 'm': it must be text, not int"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "told"), REGISTRATIONS)
def test_registering(runtime: Runtime, given: dict[str, object], told: str) -> None:
    with pytest.raises(Invalid) as caught:
        runtime.register(**{"program": COUNT, "name": "x", **given})
    assert str(caught.value) == told
    assert runtime.list() == []


@pytest.mark.parametrize("when", [Fixed(10_000, "delay"), Cron("0 6 * * *"), Adaptive(1_000, 60_000, "next")])
def test_when_alone_is_a_schedule(runtime: Runtime, when: Fixed | Cron | Adaptive) -> None:
    assert runtime.register(COUNT, name="x", schedule=when).vigy.schedule == Schedule(when)
    assert runtime.update("x", schedule=Fixed(500)).schedule == vigyc.every(500)


CALLS: list[tuple[Callable[[Runtime], object], str]] = [
    (lambda runtime: runtime.get(5), "the id or name of a vigy: it must be text, not int"),
    (lambda runtime: runtime.tick(runtime.get("x")), "the id or name of a vigy: it must be text, not Vigy"),
    (lambda runtime: runtime.run(None), "the id of a run: it must be text, not NoneType"),
    (lambda runtime: runtime.runs(limit=-1), "limit -1: it must be a whole number, 0 or more"),
    (lambda runtime: runtime.runs(before="5"), "before '5': it must be a whole number, 0 or more"),
    (lambda runtime: runtime.notices(-1), "after -1: it must be a whole number, 0 or more"),
    (lambda runtime: runtime.notices(0, -1), "limit -1: it must be a whole number, 0 or more"),
    (lambda runtime: runtime.next(True), "limit True: it must be a whole number, 0 or more"),
    (lambda runtime: runtime.kv("x").get(5), "a key: it must be text, not int"),
    (lambda runtime: runtime.kv("x").set(5, 1), "a key: it must be text, not int"),
    (lambda runtime: runtime.kv("x").set(HALF, 1), f"a key: {SURROGATE}"),
    (lambda runtime: runtime.kv("x").replace([1]), "the entries of a kv: they must be a mapping, not list"),
    (lambda runtime: runtime.resolve("r", 0, "ok", 5), "message: it must be text, not int"),
    (lambda runtime: runtime.update("x", note=5), "note: it must be text, not int"),
    (lambda runtime: runtime.rollback("x", 1, author=5), "author: it must be text, not int"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "told"), CALLS)
def test_asking(runtime: Runtime, call: Callable[[Runtime], object], told: str) -> None:
    runtime.register(COUNT, name="x")
    with pytest.raises(Invalid) as caught:
        call(runtime)
    assert str(caught.value) == told


@pytest.mark.parametrize("kinds", ["run", ["runn"], {5}])
def test_kinds_nobody_can_hear(runtime: Runtime, kinds: object) -> None:
    with pytest.raises(Invalid, match="they must be some of run, event, denied, missed, gap"):
        runtime.subscribe(kinds=kinds)


async def _carry_out(pending: vigyc.PendingAction) -> None:
    pass


OPENINGS = [
    ({"path": ""}, "cannot open '': it is not the path of a file"),
    ({"path": "a\0b"}, r"cannot open 'a\x00b': it is not the path of a file"),
    ({"handler": "x"}, "handler: it must be a function of a pending action, not str"),
    ({"handler": _carry_out}, "handler: it must not be a coroutine function, unless the runtime is an AsyncRuntime"),
    (
        {"reconciler": vigyc.NoopReconciler()},
        "reconciler: it must be a function that makes of a program what ticks in its place",
    ),
    (
        {"extensions": vigyc.Extension("mine")},
        "extensions: they must be several Extension, such as [*standard_extensions(), your_own]",
    ),
    ({"extensions": [print]}, "extensions: they must be several Extension, such as [*standard_extensions(), your_own]"),
    ({"modules": "folder"}, "modules: they must be texts by path, or ModuleFiles([folder, ...])"),
    ({"settings": {"keep_runs": 5}}, "settings must be Settings(...), not dict"),
    ({"settings": Settings(keep_runs=-1)}, "settings: keep_runs cannot be -1: it must be a whole number from 1 up"),
    ({"settings": Settings(durability="max")}, "settings: durability cannot be 'max': it must be full or normal"),
]


@pytest.mark.parametrize(("given", "told"), OPENINGS)
def test_opening(given: dict[str, object], told: str) -> None:
    with pytest.raises(VigycError) as caught:
        Runtime.open(**given)
    assert str(caught.value) == told


def test_settings_read_as_in_their_file() -> None:
    with Runtime.open(settings=Settings(deadline_ms="2s")) as runtime:
        assert runtime.settings == Settings(deadline_ms=2_000)


def test_settings_in_a_tuple_are_none() -> None:
    with pytest.raises(SettingsError, match="not tuple"):
        Runtime.open(settings=(Settings(), {}))


def test_what_is_closed_stays_closed(tmp_path: Path) -> None:
    runtime = Runtime.open(tmp_path / "vigyc.db")
    runtime.close()
    for call in (runtime.start, runtime.step, runtime.subscribe, runtime.__enter__):
        with pytest.raises(vigyc.Conflict, match="this runtime is closed; open another"):
            call()
    runtime.stop()
    assert runtime.wait(0)
