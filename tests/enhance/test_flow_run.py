"""How a flow is run: once, in time, under its policy, beside others; and what its errors become."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest

import vigyc
from effects import loopback
from enhance.flow_steps import BETTER, PROGRAM, Steps, context, own, programs, run
from vigyc.effects.budget import Budget
from vigyc.effects.policy import NOTHING, Model, Policy
from vigyc.effects.powers import Powers
from vigyc.enhance.epoch.fault import CONFIGURATION, PERMANENT, RETRYABLE, Fault
from vigyc.enhance.epoch.handle import Handle, Stopped
from vigyc.enhance.flow.calls import Calls
from vigyc.enhance.flow.running import flow_of, run_flow, shipped_flow
from vigyc.lang.digest import digest
from vigyc.lang.errors import SettingsError, StoreError, Thrown
from vigyc.linking import ModuleBundle
from vigyc.model.schedule import Fixed
from vigyc.model.vigy import Version, Vigy
from vigyc.programs import Programs

FINISH = '(flow-finish (hash-map "done" 1))'
FOREVER = "(define (on n) (on (inc n))) (on 0)"


def fault(text: str, found: Programs | None = None, **more: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        run(Steps(context()), found, own(text), **more)
    return caught.value


def test_the_shipped_flow_is_called_enhance_and_named_by_its_digest() -> None:
    flow = shipped_flow()
    assert flow.to_json() == {"name": "enhance", "version": None, "digest": digest(flow.text)}
    assert not vigyc.check(flow.text)


def test_a_flow_ends_with_the_context_it_finishes_with() -> None:
    made = run(Steps(context()), flow=own('(flow-finish (assoc (flow-context) "commit" (hash-map :k 1 "l" nil)))'))
    assert made.context == {**context(), "commit": {"k": 1, "l": None}}


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("(vigy-noop)", PERMANENT, "the flow mine ended without `flow-finish`"),
        (f"{FINISH} {FINISH}", PERMANENT, "the flow was finished before"),
        ("(flow-finish 3)", PERMANENT, "the context must be a map"),
        ("(flow-finish nil)", PERMANENT, "the context must be a map"),
        (
            '(flow-finish (hash-map "a" 1)',
            CONFIGURATION,
            "the flow mine does not compile: mine:1:1: error[unclosed-list]",
        ),
        ("\n  (car 5)", PERMANENT, "(at mine:2:3)"),
        ('(throw "because")', PERMANENT, 'uncaught: "because" (at mine:1:1)'),
        ('(throw (error :odd "it is odd"))', PERMANENT, "the flow mine: it is odd (at mine:1:1)"),
        ('(throw (error :timeout "no answer"))', RETRYABLE, "the flow mine: no answer (at mine:1:1)"),
        ('(throw (error :configuration "no such thing"))', CONFIGURATION, "no such thing"),
        ('(fs-read "/etc/hostname")', CONFIGURATION, "the grant 'fs.read:/etc/hostname' would allow it"),
        ('(flow-rewrite "a" "b")', PERMANENT, "flow-rewrite"),
        ("(ok-value (flow-rewrite 3))", PERMANENT, "flow-rewrite"),
        ('(require "gone") (vigy-noop)', PERMANENT, "module not found: gone"),
        ("(flow-gone)", PERMANENT, "flow-gone"),
    ],
)
def test_an_error_of_a_flow_is_a_fault_with_its_place(text: str, kind: str, words: str) -> None:
    found = fault(text)
    assert (found.kind, words in found.reason) == (kind, True), (found.kind, found.reason)


def test_a_file_that_is_not_there_is_no_matter_of_the_configuration(tmp_path: Path) -> None:
    found = fault(f'(ok-value (fs-read "{tmp_path}/gone"))', programs(f"fs.read:{tmp_path}"))
    assert found.kind == PERMANENT
    secret = fault('(ok-value (secret-get "api"))', programs("secret:api"))
    assert secret.kind == CONFIGURATION, secret.reason


def test_a_policy_that_cannot_be_used_is_a_matter_of_the_configuration(tmp_path: Path) -> None:
    found = fault(FINISH, programs(f"fs.read:{tmp_path}/gone/deeper"))
    assert found.kind == CONFIGURATION, found.reason
    assert "the policy of the flow mine cannot be used" in found.reason

    def broken(name: str, labels: Any) -> Policy:
        raise SettingsError("the policy file is damaged")

    assert "damaged" in fault(FINISH, Programs(powers=Powers(broken), cache=False)).reason


def test_what_a_step_raises_comes_as_it_is_whatever_the_flow_makes_of_it() -> None:
    class Broken(Steps):
        def verify(self, source: str, axis: str) -> Any:
            raise StoreError("the disk is gone")

    for text in ('(flow-verify "a" "b")', f'(try (flow-verify "a" "b") (catch (e) nil)) {FINISH}'):
        with pytest.raises(StoreError, match="the disk is gone"):
            run(Broken(context()), flow=own(text))


# -- time


def test_a_flow_that_does_not_end_is_stopped_at_its_deadline() -> None:
    found = fault(FOREVER, seconds=0.2)
    assert found.kind == RETRYABLE
    assert found.reason == (
        "the epoch took longer than its ttl_ms of 200: its flow was stopped, and nothing was committed; raise ttl_ms if"
        " the proposer needs longer"
    )


def test_no_try_of_a_flow_catches_its_deadline() -> None:
    assert "ttl_ms of 200" in fault(f"(try ({FOREVER}) (catch (e) nil)) {FINISH}", seconds=0.2).reason


def cut_soon(handle: Handle, begun: Event) -> Thread:
    def cut() -> None:
        begun.wait(10)
        time.sleep(0.05)
        handle.cut("somebody cancelled it")

    thread = Thread(target=cut)
    thread.start()
    return thread


class Begun(Steps):
    """Steps that say when the flow has begun."""

    def __init__(self, given: dict[str, Any]) -> None:
        super().__init__(given)
        self.begun = Event()

    def context(self) -> Any:
        self.begun.set()
        return super().context()


def test_a_flow_is_cut_from_another_thread() -> None:
    steps, handle = Begun(context()), Handle("i1", "e1")
    thread = cut_soon(handle, steps.begun)
    before = time.monotonic()
    with pytest.raises(Stopped, match="somebody cancelled it"):
        run(steps, flow=own(f"(flow-context) {FOREVER}"), seconds=30, handle=handle)
    thread.join()
    assert time.monotonic() - before < 10
    assert run(Steps(context()), flow=own(FINISH)).context == {"done": 1}, "the thread is as it was"


def test_what_a_flow_waits_for_is_cut_with_it(tmp_path: Path) -> None:
    mark = tmp_path / "outlived"
    waits = f'(process-run (list "sh" "-c" "sleep 20; touch {mark}"))'

    def silent(asked: loopback.Asked) -> bytes:
        asked.wait(20)
        return b""

    with loopback.serving() as serve:
        server = serve(silent)
        models = {"cloud": Model(f"http://127.0.0.1:{server.port}", "m")}
        found = programs("llm.cloud:m", "net:127.0.0.1", "proc:*", "serve:0", models=models)
        for wait in (
            waits,
            '(serve-http 0 (lambda (request) "hello"))',
            '(llm-cloud "hello")',
            '(process-read-line (ok-value (process-spawn (list "sleep" "20"))))',
        ):
            steps, handle = Begun(context()), Handle("i1", "e1")
            thread = cut_soon(handle, steps.begun)
            before = time.monotonic()
            with pytest.raises(Stopped):
                run(steps, found, own(f"(flow-context) {wait} {FINISH}"), seconds=30, handle=handle)
            thread.join()
            assert time.monotonic() - before < 5, wait
    assert not mark.exists()


def test_a_flow_that_was_cut_before_it_began_does_not_begin() -> None:
    steps, handle = Begun(context()), Handle("i1", "e1")
    handle.cut("cancelled")
    with pytest.raises(Stopped):
        run(steps, handle=handle)
    assert not steps.begun.is_set()


# -- beside others


def test_flows_run_side_by_side_with_a_session_each() -> None:
    together = Barrier(4)

    class Meeting(Steps):
        def verify(self, source: str, axis: str) -> Any:
            together.wait(10)
            return super().verify(source, axis)

    found = programs("time")

    def one(number: int) -> Any:
        steps = Meeting(context(epoch=f"e{number}"), {"source": BETTER, "rationale": str(number)})
        return run(steps, found, slot=str(number)).context

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(one, range(4)))
    assert [context["commit"]["rationale"] for context in made] == ["0", "1", "2", "3"]
    assert [context["epoch"] for context in made] == ["e0", "e1", "e2", "e3"]
    sessions = {found.powers.session("(enhance)", "enhance", {}, str(slot)) for slot in range(4)}
    assert len(sessions) == 4
    assert found.powers.session("(enhance)", "enhance", {}, "0") in sessions


@pytest.mark.parametrize("shared_by", ["vigy", "runtime"])
def test_slots_draw_on_the_same_budget(shared_by: str) -> None:
    found = programs("time", budgets=(Budget({"cost": 3}, shared_by),))
    text = f"(time-clock) (time-clock) {FINISH}"
    assert run(Steps(context()), found, own(text), slot="1").cost == 2
    with pytest.raises(Fault) as caught:
        run(Steps(context()), found, own(text), slot="2")
    assert caught.value.kind == RETRYABLE
    assert "would exceed the" in caught.value.reason


def test_a_budget_of_a_run_is_whole_again_in_the_next() -> None:
    found = programs("time", budgets=(Budget({"cost": 2}),))
    for slot in "12":
        assert run(Steps(context()), found, own(f"(time-clock) (time-clock) {FINISH}"), slot=slot).cost == 2


def test_a_vigy_that_is_forgotten_takes_the_sessions_of_all_slots_with_it() -> None:
    powers = Powers(lambda name, labels: NOTHING)
    closed: list[str] = []

    class Kept:
        def __init__(self, name: str) -> None:
            self.name = name

        def close(self) -> None:
            closed.append(self.name)

    for vigy, slot in (("a", ""), ("a", "1"), ("b", "1")):
        powers.session(vigy, vigy, {}, slot).kept["k"] = Kept(vigy + slot)
    powers.forget("a")
    assert sorted(closed) == ["a", "a1"]
    powers.close()
    assert sorted(closed) == ["a", "a1", "b1"]


# -- a flow of one's own


def vigy_of(text: str, modules: Any) -> tuple[Vigy, Version]:
    vigy = Vigy(
        "v-flow", "careful", text, digest(text), Fixed(1000), {"team": "ops"}, True, 3, 1, 0, 0, 0, modules=modules
    )  # fmt: skip
    return vigy, Version("v-flow", 3, vigy.digest, text, 0, modules=modules)


OWN = """
(require "lib/taste" :as taste)
(require "vigyc/flow" :refer (flow-run flow-seq flow-step flow-assign flow-fanout flow-quorum flow-get))
(define (status c)
  (get (flow-verify (flow-get c "$.text") (flow-get c "$.axis")) "status"))
(flow-run
  (flow-seq (flow-step taste/better "$.program" "$.text")
            (flow-fanout "$.verifiers" "$.axis"
                         (flow-assign "$.status" status)
                         (flow-quorum 1 (lambda (c) (equal? (flow-get c "$.status") "pass")))
                         "$.lanes")
            (flow-assign "$.commit" (lambda (c) (hash-map "passed" (length (flow-get c "$.lanes")))))))
"""
TASTE = '(define (better text) (string-replace text "1" "2")) (provide better)'


def test_a_vigy_s_version_is_a_flow_with_the_modules_it_was_registered_with() -> None:
    asked: list[tuple[str, Any]] = []

    def policy_of(name: str, labels: Any) -> Policy:
        asked.append((name, dict(labels)))
        return NOTHING

    found = Programs(powers=Powers(policy_of), cache=False)
    examined = found.examine(OWN, "careful.tatara", {"lib/taste": TASTE})
    assert examined.modules is not None
    assert set(examined.modules["texts"]) == {"lib/taste", "vigyc/flow"}, "the shipped text is carried along"
    flow = flow_of(*vigy_of(OWN, examined.modules))
    assert flow.to_json() == {"name": "careful", "version": 3, "digest": digest(OWN)}
    made = run_flow(flow, Steps(context()), found, slot="1", seconds=10, ttl_ms=10_000, at_ms=0)
    assert made.context["text"] == BETTER
    assert made.context["commit"] == {"passed": 2}
    assert asked == [("careful", {"team": "ops"})]


def test_a_bundle_has_what_it_has_and_nothing_is_added() -> None:
    text = '(require "vigyc/flow" :refer (flow-run)) (flow-run (lambda (c) c))'
    kept = {
        "names": {"": {"vigyc/flow": "old"}},
        "texts": {"old": "(define (flow-run x) (flow-finish (hash-map))) (provide flow-run)"},
    }
    flow = flow_of(*vigy_of(text, kept))
    assert run_flow(flow, Steps(context()), programs(), slot="1", seconds=10, ttl_ms=1, at_ms=0).context == {}
    assert ModuleBundle({"names": {}, "texts": {}}).find("vigyc/flow", "") is None
    with pytest.raises(Thrown) as caught:
        vigyc.compile(text, modules=ModuleBundle({"names": {}, "texts": {}}), cache=False).tick(vigyc.Host())
    assert "module not found: vigyc/flow" in vigyc.display(caught.value.value)


def test_the_tokens_and_calls_of_a_run_that_fails_are_known_too() -> None:
    with loopback.serving() as serve:
        said = '{"choices": [{"message": {"content": "hm"}}], "usage": {"prompt_tokens": 5, "completion_tokens": 6}}'
        server = serve(loopback.answer(said.encode()))
        models = {"cloud": Model(f"http://127.0.0.1:{server.port}", "m")}
        calls = Calls()
        with pytest.raises(Fault):
            run(
                Steps(context()), programs("llm.cloud:m", "net:127.0.0.1", models=models),
                own('(llm-cloud "a") (throw "no")'), calls=calls,
            )  # fmt: skip
    assert calls.tokens == 11
    assert calls.told()[0]["value"] == {"model": "m", "text": "hm", "tokens": 11}


def test_a_vigy_that_is_no_flow_is_refused_and_the_refusal_counts() -> None:
    for call in ("(flow-context)", '(flow-rewrite "")', '(flow-apply "" nil)', '(flow-verify "" "")', FINISH):
        with vigyc.Runtime.open() as runtime:
            runtime.register(call, name="plain")
            ended = runtime.tick("plain")
            name = call[1:].split()[0].removesuffix(")")
            said = f"`{name}` is for flows of the enhance pipeline; this vigy is not run as one"
            assert (ended.result, ended.error_kind) == ("failed", "denied")
            assert ended.error is not None
            assert ended.error.startswith(said)
            assert ended.report.denied == 1
            assert runtime.replay(ended.id).differences == ()


def test_the_flow_s_program_is_compiled_once() -> None:
    found = programs()
    run(Steps(context(), {"source": PROGRAM}), found)
    kept = dict(found._kept)
    run(Steps(context(), {"source": BETTER}), found)
    assert dict(found._kept) == kept
    assert len(kept) == 1
