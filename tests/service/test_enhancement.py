"""The enhance pipeline as a program uses it: what is asked wrongly, and who waits while others come and go."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from vigyc.lang.errors import Conflict, Invalid, NotFound, VigycError
from vigyc.model.issue import CANCELLED, ENDED, PENDING
from vigyc.service.async_runtime import AsyncRuntime
from vigyc.service.runtime import Runtime

PROGRAM = '(define limit 3)\n(when (> (vigy-incr "n") limit) (vigy-restart nil))'
RAISE = {"edits": [{"op": "replace", "path": [0, 2], "old": "3", "new": "4"}]}
HALF = "\ud800"
SURROGATE = "character 1 is half of a surrogate pair; it must be Unicode"
SETTING = "setting: it must be text, not int"

WRONG: list[tuple[Callable[[Runtime], object], str]] = [
    (lambda it: it.enhance.submit("w", "x", setting=5), SETTING),
    (lambda it: it.enhance.submit("w", 5), "intent: it must be text, not int"),
    (lambda it: it.enhance.issues(states="pending"), "states 'pending': they must be some of pending, leased, trial,"),
    (lambda it: it.enhance.issues(states=[[]]), "states [[]]: they must be some of pending, leased, trial,"),
    (lambda it: it.enhance.issues(states=5), "states 5: they must be some of pending, leased, trial,"),
    (lambda it: it.enhance.issues(before=5), "before: it must be text, not int"),
    (lambda it: it.enhance.issues(limit=-1), "limit -1: it must be a whole number, 0 or more"),
    (lambda it: it.enhance.log(before="x"), "before 'x': it must be a whole number, 0 or more"),
    (lambda it: it.enhance.log(before=-1), "before -1: it must be a whole number, 0 or more"),
    (lambda it: it.enhance.wait("0", "1"), "timeout '1': it must be a number of seconds"),
    (lambda it: it.enhance.wait("0", float("nan")), "timeout nan: it must be a number of seconds"),
    (lambda it: it.enhance.wait("0", True), "timeout True: it must be a number of seconds"),
    (lambda it: it.enhance.drain("1"), "timeout '1': it must be a number of seconds"),
    (lambda it: it.enhance.cancel("0", author=5), "author: it must be text, not int"),
    (lambda it: it.enhance.cancel("0", note=HALF), f"note: {SURROGATE}"),
    (lambda it: it.enhance.setting(5), SETTING),
    (lambda it: it.enhance.setting(HALF), f"setting: {SURROGATE}"),
    (lambda it: it.enhance.remove_setting(5), SETTING),
    (lambda it: it.enhance.pause(5), SETTING),
    (lambda it: it.enhance.pause(reason=" "), "reason: it must not be empty"),
    (lambda it: it.enhance.pause(reason="x" * 1001), "reason: it has 1001 characters, and at most 1000 are read"),
    (lambda it: it.enhance.verify("w", b"x"), "a program: it must be text, not bytes"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "told"), WRONG)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(
    runtime: Runtime, call: Callable[[Runtime], object], told: str
) -> None:
    runtime.register(PROGRAM, name="w", enabled=False)
    issue = runtime.enhance.submit("w", "x").issue
    with pytest.raises(Invalid) as caught:
        call(runtime)
    assert str(caught.value).startswith(told)
    assert runtime.enhance.issues() == [issue]
    assert [setting.paused for setting in runtime.enhance.settings()] == [None]


def test_a_page_goes_on_from_an_issue_or_the_beginning_of_its_id(runtime: Runtime) -> None:
    runtime.register(PROGRAM, name="w", enabled=False)
    old, new = (runtime.enhance.submit("w", intent).issue for intent in ("old", "new"))
    assert runtime.enhance.issues(before=new.id) == runtime.enhance.issues(before=new.id[:35]) == [old]
    with pytest.raises(NotFound, match="there is no issue 'zz'"):
        runtime.enhance.issues(before="zz")
    with pytest.raises(Conflict, match="begins the ids of 2"):
        runtime.enhance.issues(before="0")


@pytest.mark.parametrize("timeout", [0, -1, 0.01])
def test_waiting_ends_when_the_time_is_up(runtime: Runtime, timeout: float) -> None:
    runtime.register(PROGRAM, name="w", enabled=False)
    issue = runtime.enhance.submit("w", "x").issue
    assert runtime.enhance.wait(issue.id, timeout) == issue


@pytest.mark.parametrize("path", [":memory:", "file"])
def test_many_submit_wait_and_cancel_at_once(path: str, tmp_path: Path) -> None:
    told: Counter[str] = Counter()
    lock = threading.Lock()
    with Runtime.open(path if path == ":memory:" else tmp_path / "vigyc.db", cache=False) as runtime:
        for number in range(4):
            runtime.register(PROGRAM, name=f"w{number}", enabled=False)
        runtime.enhance.put_setting("default", {"verifiers": ["reads"], "per_minute": 1000})
        runtime.start()

        def ask(number: int) -> None:
            done = runtime.enhance.submit(f"w{number % 4}", "higher", proposal=RAISE, author="a", key=str(number // 2))
            if number % 10 == 0:
                try:
                    runtime.enhance.cancel(done.issue.id)
                except Conflict:
                    with lock:
                        told["too late"] += 1
            ended = runtime.enhance.wait(done.issue.id, 60)
            with lock:
                told[ended.state] += 1
                told["created"] += done.created

        def asked(number: int) -> None:
            try:
                ask(number)
            except VigycError as error:
                with lock:
                    told[type(error).__name__] += 1

        threads = [threading.Thread(target=asked, args=(number,)) for number in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        issues = runtime.enhance.issues(limit=1000)
        assert len(issues) == told["created"] == 50
        assert {issue.state for issue in issues} <= ENDED
        assert {issue.key for issue in issues} == {str(number) for number in range(50)}
        assert told["Conflict"] == 50  # the other of two that want the same key for different vigies
        assert len(runtime.versions("w0")) <= 2


def test_who_waits_is_told_when_the_runtime_is_closed() -> None:
    told: list[str] = []
    runtime = Runtime.open(":memory:", cache=False)
    runtime.register(PROGRAM, name="w", enabled=False)
    issue = runtime.enhance.submit("w", "x").issue

    def wait() -> None:
        try:
            runtime.enhance.wait(issue.id)
        except VigycError as error:
            told.append(str(error))

    waiting = threading.Thread(target=wait)
    waiting.start()
    runtime.close()
    waiting.join(10)
    assert told in (["the store is closed"], ["this runtime is closed; open another"])


def test_in_a_loop_no_thread_waits_and_none_is_left_behind() -> None:
    async def course() -> None:
        async with AsyncRuntime.open(":memory:", cache=False) as runtime:
            await runtime.register(PROGRAM, name="w", enabled=False)
            issue = (await runtime.enhance.submit("w", "higher", proposal=RAISE)).issue
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(runtime.enhance.wait(issue.id), 0.05)
            assert (await runtime.enhance.wait(issue.id, 0.01)).state == PENDING
            waiting = [asyncio.create_task(runtime.enhance.wait(issue.id)) for _ in range(100)]  # more than threads
            await asyncio.sleep(0)
            await runtime.enhance.cancel(issue.id)
            assert {ended.state for ended in await asyncio.gather(*waiting)} == {CANCELLED}

    began = time.monotonic()
    asyncio.run(course())
    assert time.monotonic() - began < 10


def test_in_a_loop_what_cannot_be_meant_is_refused() -> None:
    async def course() -> None:
        async with AsyncRuntime.open(":memory:", cache=False) as runtime:
            with pytest.raises(Invalid, match="timeout nan: it must be a number of seconds"):
                await runtime.enhance.wait("0", float("nan"))

    asyncio.run(course())


@pytest.mark.parametrize("name", ["default", "mine"])
def test_of_many_who_change_a_setting_at_once_none_is_lost(tmp_path: Path, name: str) -> None:
    fields = {"repairs": 7, "replays": 3, "settle_ticks": 9, "attempts": 5, "factor": 4.0, "per_minute": 77}
    with Runtime.open(tmp_path / "v.db", cache=False) as one, Runtime.open(tmp_path / "v.db", cache=False) as other:
        threads = [
            threading.Thread(target=runtime.enhance.put_setting, args=(name, {field: value}))
            for number, (field, value) in enumerate(fields.items())
            for runtime in ((one, other)[number % 2],)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = one.enhance.setting(name)
    assert {field: getattr(found, field) for field in fields} == fields
