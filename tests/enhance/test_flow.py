"""The flow that comes with vigyc, run by the compiler and under a policy: what it commits, and what it says if not."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from effects import loopback
from effects.loopback import Asked, Loopback, Serve, answer
from enhance.flow_steps import BETTER, PROGRAM, Steps, context, programs, run
from vigyc.effects.budget import Budget
from vigyc.effects.policy import Model
from vigyc.effects.result import EffectFailed
from vigyc.enhance.epoch.fault import CONFIGURATION, PERMANENT, RETRYABLE, Fault
from vigyc.enhance.flow.calls import Calls
from vigyc.enhance.flow.commit_shape import check_version, read_commit
from vigyc.enhance.flow.running import FlowRun
from vigyc.enhance.rewriter.rewriting import propose
from vigyc.enhance.rewriter.rule import NoRule
from vigyc.enhance.rewriter.rules.table import RULES
from vigyc.frontend.canonical import content_of
from vigyc.model.epoch import Verdict
from vigyc.programs import Programs

KEY = "sk-canary-0123456789"
PASSED = {"axis": "noop", "status": "pass", "evidence": "as it should be"}
MODEL = {"kind": "model", "model": "gpt-4o-mini"}


@pytest.fixture
def serve() -> Iterator[Serve]:
    with loopback.serving() as serve:
        yield serve


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_MODEL_KEY", KEY)


def commit(made: FlowRun) -> Any:
    return made.context["commit"]


def fault(steps: Steps, found: Programs | None = None, **more: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        run(steps, found, **more)
    return caught.value


# -- the rules


def test_what_the_rules_propose_is_applied_verified_and_claimed() -> None:
    steps = Steps(context(), {"source": BETTER, "bump": "minor", "rationale": "two is more"})
    made = run(steps)
    assert commit(made) == {
        "committed": True, "rationale": "two is more", "bump": "minor", "new_version": content_of(BETTER),
        "new_program": {"source": BETTER},
        "verdicts_summary": [PASSED, {**PASSED, "axis": "compiles"}],
    }  # fmt: skip
    assert steps.asked == [("noop", BETTER), ("compiles", BETTER)]
    assert steps.finished == [made.context]
    claim = read_commit(made.context)
    check_version(claim, content_of(BETTER) or "")
    assert claim.verdicts[0] == Verdict("noop", "pass", "as it should be")


def test_a_patch_without_bump_and_rationale_is_a_patch_for_the_issue_s_own_reason() -> None:
    found = commit(run(Steps(context(), {"source": BETTER})))
    assert (found["bump"], found["rationale"]) == ("patch", "count to two")


def test_where_no_rule_fits_the_author_is_told_what_to_do() -> None:
    made = run(Steps(context()))
    assert commit(made) == {
        "committed": False, "rationale": "", "verdicts_summary": [],
        "reasons": [
            "no-rule: no rule fits the intent; say it in words the rules know, give a proposal of your own, or set a"
            " proposer of kind model or command"
        ],
    }  # fmt: skip
    read_commit(made.context)


def test_each_rule_there_is_is_told_as_a_reason_of_its_own() -> None:
    class Told(Steps):
        def rewrite(self, source: str) -> Any:
            try:
                return propose(source, "make it better, rate limit it", {}, ())
            except NoRule as error:
                raise EffectFailed("no-rule", str(error)) from error

    first, *others = commit(run(Told(context())))["reasons"]
    assert first.startswith("no-rule: no rule knows what is asked for: 'make it better, rate limit it' sounds like")
    assert first.endswith("; say it in words the rules know, give a proposal of your own, or set a proposer of kind"
                          " model or command")  # fmt: skip
    assert others == [f"{rule.name} ({rule.about}): {rule.example}" for rule in RULES.values()]


def test_denials_are_the_reasons_and_rules_are_not_asked_twice() -> None:
    steps = Steps(context(verifiers=["noop", "compiles", "reads"]), {"source": PROGRAM + "; (car)\n"})
    made = run(steps)
    assert commit(made)["reasons"] == ["noop: nothing changes; propose a change"]
    assert [verdict["status"] for verdict in commit(made)["verdicts_summary"]] == ["deny", "pass", "pass"]
    assert len(steps.asked) == 3
    assert made.context["round"] == 1


def test_an_edit_that_is_refused_is_a_reason() -> None:
    made = run(Steps(context(), {"edits": []}))
    assert commit(made)["reasons"] == ["edit: patch: there must be a text `source`"]


def test_no_verifiers_are_no_verdicts() -> None:
    assert commit(run(Steps(context(verifiers=[]), {"source": BETTER})))["verdicts_summary"] == []


# -- a person


def test_a_person_s_proposal_goes_before_the_proposer_and_is_not_repaired() -> None:
    proposal = {"source": BETTER, "rationale": "I say so"}
    made = run(Steps(context(issue={"proposal": proposal}, proposer={"kind": "model"})))
    assert commit(made)["committed"] is True
    assert commit(made)["rationale"] == "I say so"
    refused = run(Steps(context(issue={"proposal": {"source": PROGRAM}}, proposer={"kind": "model"}, repairs=9)))
    assert commit(refused)["reasons"] == ["noop: nothing changes; propose a change"]


@pytest.mark.parametrize("proposal", [[], "text", 7, True, {}, {"source": 3, "rationale": 5, "bump": []}])
def test_a_proposal_that_is_no_patch_is_a_reason_and_the_commit_keeps_its_shape(proposal: Any) -> None:
    made = run(Steps(context(issue={"proposal": proposal})))
    assert len(read_commit(made.context).reasons) == 1


HOSTILE = ['"); (throw 1) ("', "{} %s ${x} `x`", "../../etc", "$.commit", "a\nb\0c", "((((", "\ud800", "x" * 100_000]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_people_write_is_data(text: str) -> None:
    issue = {"intent": text, "constraints": {text: text}, "proposal": {"source": BETTER, "rationale": text}}
    found = commit(run(Steps(context(issue=issue, findings=[text], state={text: [text]}))))
    assert (found["committed"], found["rationale"]) == (True, text)


# -- a model


def openai(*texts: str) -> Callable[[Asked], bytes]:
    """What answers with each of `texts` in turn, the last one again and again."""
    left = [*texts]

    def say(asked: Asked) -> bytes:
        text = left.pop(0) if len(left) > 1 else left[0]
        said = {"choices": [{"message": {"content": text}}], "usage": {"prompt_tokens": 8, "completion_tokens": 3}}
        return answer(json.dumps(said).encode())

    return say


def cloud(server: Loopback, *grants: str, **policy: Any) -> Programs:
    models = {"cloud": Model(f"http://127.0.0.1:{server.port}/v1/", "gpt-4o-mini", "provider")}
    secrets = {"provider": "env:TEST_MODEL_KEY"}
    return programs(
        *(grants or ("llm.cloud:gpt-4o*", "net:127.0.0.1")), **{"models": models, "secrets": secrets, **policy}
    )  # fmt: skip


def patch(source: str, rationale: str = "as you wish") -> str:
    return json.dumps({"source": source, "rationale": rationale})


def test_a_model_is_told_everything_as_data_and_its_patch_is_committed(serve: Serve) -> None:
    server = serve(openai(patch(BETTER)))
    issue = {"intent": 'say "hello" }', "constraints": {"most": 3}}
    made = run(Steps(context(issue=issue, proposer={**MODEL, "max_tokens": 50, "temperature": 0})), cloud(server))
    assert commit(made)["committed"] is True
    assert (made.tokens, made.cost) == (11, 1)
    told = json.loads(server.asked[0].body)
    assert (told["model"], told["max_tokens"], told["temperature"]) == ("gpt-4o-mini", 50, 0.0)
    system, user = (message["content"] for message in told["messages"])
    assert "Answer with one JSON object and nothing else" in system
    question = json.loads(user)
    assert question["issue"] == {**issue, "target": "lamp", "attempt": 1}
    assert question["program"] == PROGRAM
    assert question["forms"] == [[0, '(vigy-set "n" 1)']]
    assert question["state"] == {"failures": 0}
    assert (question["feedback"], question["previous"]) == ([], None)


def test_a_local_model_is_asked_where_the_setting_says_so(serve: Serve) -> None:
    server = serve(answer(json.dumps({"response": patch(BETTER), "prompt_eval_count": 2, "eval_count": 3}).encode()))
    models = {"local": Model(f"http://127.0.0.1:{server.port}", "llama3")}
    found = programs("llm.local:llama3", "net:127.0.0.1", models=models)
    made = run(Steps(context(proposer={"kind": "model", "provider": "local"})), found)
    assert commit(made)["committed"] is True
    assert made.tokens == 5


@pytest.mark.parametrize("fence", ["```json\n{}\n```", "```\n{}\n```", "  \n```JSON\n{}\n```\n "])
def test_a_fence_around_the_answer_is_tolerated(serve: Serve, fence: str) -> None:
    server = serve(openai(fence.replace("{}", patch(BETTER))))
    assert commit(run(Steps(context(proposer=MODEL)), cloud(server)))["committed"] is True


@pytest.mark.parametrize(
    "text",
    ["Here it is:\n" + patch(BETTER), patch(BETTER) + "\nI hope this helps.", "", "```", "[]", "3", "null",
     "```json\n" + patch(BETTER) + "\n```\nDone.", '{"source": NaN}', "{" * 600],
)  # fmt: skip
def test_anything_else_is_told_to_the_model_and_in_the_end_to_the_author(serve: Serve, text: str) -> None:
    server = serve(openai(text))
    made = run(Steps(context(proposer=MODEL, repairs=1)), cloud(server))
    (reason,) = read_commit(made.context).reasons
    assert reason.startswith("answer: ")
    assert len(server.asked) == 2
    again = json.loads(json.loads(server.asked[1].body)["messages"][-1]["content"])
    assert again["feedback"] == [reason]
    repaired = serve(openai(text, patch(BETTER)))
    assert commit(run(Steps(context(proposer=MODEL, repairs=1)), cloud(repaired)))["committed"] is True


def test_denials_go_back_to_the_model_as_often_as_the_setting_says(serve: Serve) -> None:
    server = serve(openai(patch(PROGRAM), patch('(vigy-set "n"'), '{"edits": 1}', patch(BETTER)))
    steps = Steps(context(proposer=MODEL, repairs=3))
    made = run(steps, cloud(server))
    assert commit(made)["committed"] is True
    assert made.context["round"] == 4
    questions = [json.loads(json.loads(asked.body)["messages"][-1]["content"]) for asked in server.asked]
    assert [len(question["feedback"]) for question in questions] == [0, 1, 2, 3]
    first, second, third = questions[-1]["feedback"]
    assert first == "noop: nothing changes; propose a change"
    assert second.startswith("compiles: ")
    assert third.startswith("edit: ")
    assert questions[-1]["previous"] == {"edits": 1}
    assert made.tokens == 44


def test_repairs_are_bounded(serve: Serve) -> None:
    for repairs in (0, 2):
        server = serve(openai(patch(PROGRAM)))
        made = run(Steps(context(proposer=MODEL, repairs=repairs)), cloud(server))
        assert commit(made)["reasons"] == ["noop: nothing changes; propose a change"]
        assert len(server.asked) == repairs + 1


def test_the_calls_are_kept_with_prompt_model_and_tokens_and_without_the_key(serve: Serve) -> None:
    server = serve(openai(patch(BETTER, f"the key is {KEY}")))
    made = run(Steps(context(proposer=MODEL, state={"leaked": KEY})), cloud(server))
    (asked,) = [call for call in made.calls if call["name"] == "llm-cloud"]
    assert PROGRAM.strip().replace('"', '\\"') in asked["args"][0]
    assert asked["args"][1]["model"] == "gpt-4o-mini"
    assert "Answer with one JSON object" in asked["args"][1]["system"]
    assert (asked["value"]["tokens"], asked["value"]["model"]) == (11, "gpt-4o-mini")
    assert "the key is ***" in asked["value"]["text"]
    assert KEY not in json.dumps(made.calls)
    assert [call["name"] for call in made.calls] == ["llm-cloud"]


def test_the_calls_are_bounded_and_say_what_they_left_out(serve: Serve) -> None:
    big = '(vigy-set "n" 2)' + "\n" * 200_000
    server = serve(openai(patch(big)))
    made = run(Steps(context(proposer=MODEL, program=big, repairs=6)), cloud(server))
    assert len(json.dumps(made.calls)) < 70_000
    asked = [call for call in made.calls if call["name"] == "llm-cloud"]
    assert "... (4" in asked[0]["args"][0]
    assert asked[-1].keys() == {"name", "omitted"}
    many = Calls(room=200)
    run(
        Steps(context(proposer=MODEL, program=big, repairs=6)), cloud(serve(openai(patch(big)))), calls=many
    )  # fmt: skip
    assert [call.get("name") for call in many.told()] == ["llm-cloud", "llm-cloud", None]
    assert many.told()[-1] == {"omitted": "5 further calls"}


def test_the_steps_of_the_pipeline_itself_are_no_calls_of_effects() -> None:
    assert run(Steps(context(), {"source": BETTER})).calls == ()


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (answer(b"busy", 503), RETRYABLE, "answered 503: busy"),
        (answer(b"slow down", 429), RETRYABLE, "answered 429"),
        (answer(b"no", 401), CONFIGURATION, "answered 401"),
        (answer(b"no such model", 404), CONFIGURATION, "answered 404: no such model"),
        (answer(b"<html>"), RETRYABLE, "did not answer in JSON"),
        (b"", RETRYABLE, "127.0.0.1"),
    ],
)
def test_a_model_that_cannot_be_asked_is_a_fault_and_no_denial(
    serve: Serve, said: bytes, kind: str, words: str
) -> None:
    found = fault(Steps(context(proposer=MODEL)), cloud(serve(said)))
    assert found.kind == kind
    assert words in found.reason
    assert found.reason.startswith("the flow enhance: ")


def test_a_model_that_does_not_answer_in_time_is_a_fault_that_may_pass(serve: Serve) -> None:
    def slow(asked: Asked) -> bytes:
        asked.wait(3)
        return b""

    found = fault(Steps(context(proposer={**MODEL, "timeout_ms": 100})), cloud(serve(slow)))
    assert (found.kind, "did not answer in time" in found.reason) == (RETRYABLE, True)
    late = fault(Steps(context(proposer=MODEL)), cloud(serve(slow)), seconds=0.3)
    assert late.kind == RETRYABLE
    assert late.reason.startswith("the epoch took longer than its ttl_ms of 300: ")


def test_what_the_policy_lacks_is_named(serve: Serve) -> None:
    server = serve(openai(patch(BETTER)))
    found = fault(Steps(context(proposer=MODEL)), cloud(server, "net:127.0.0.1"))
    assert found.kind == CONFIGURATION
    assert "the grant 'llm.cloud:gpt-4o-mini' would allow it" in found.reason
    assert found.reason.endswith("; the policy is that of enhance")
    absent = fault(Steps(context(proposer=MODEL)), cloud(server, secrets={}))
    assert (absent.kind, "the policy names no secret provider" in absent.reason) == (CONFIGURATION, True)
    poor = fault(Steps(context(proposer=MODEL)), cloud(server, budgets=(Budget({"tokens": 10}),)))
    assert (poor.kind, "budget" in poor.reason) == (RETRYABLE, True)
    assert server.connections == 0


@pytest.mark.parametrize(
    ("proposer", "words"),
    [
        ({"kind": "magic"}, "proposer.kind: it must be rules, model or command"),
        ({}, "proposer.kind"),
        ({"kind": "model", "provider": "moon"}, "proposer.provider: it must be cloud or local"),
        ({"kind": "model", "max_tokens": 0}, "proposer.max_tokens: it cannot be 0"),
        ({"kind": "model", "temperature": "hot"}, 'proposer.temperature: it cannot be "hot"'),
        ({"kind": "command"}, "proposer.command: it must be a list of texts"),
        ({"kind": "command", "command": "ls"}, "proposer.command"),
        ({"kind": "command", "command": ["ls", 3]}, "proposer.command"),
    ],
)
def test_a_setting_that_makes_no_sense_is_a_matter_of_the_configuration(proposer: Any, words: str) -> None:
    found = fault(Steps(context(proposer=proposer)))
    assert (found.kind, words in found.reason) == (CONFIGURATION, True), found.reason


# -- a command


def command(tmp_path: Path, body: str) -> tuple[Programs, dict[str, Any]]:
    """A proposer of `body` in Python, which has the context as `told`; the programs that may run it."""
    script = tmp_path / "proposer.py"
    script.write_text(f"import json, sys\ntold = json.load(sys.stdin)\n{body}\n")
    return programs(f"proc:{sys.executable} *"), {"kind": "command", "command": [sys.executable, str(script)]}


def test_a_command_gets_the_context_and_gives_a_patch(tmp_path: Path) -> None:
    found, proposer = command(
        tmp_path,
        'print(json.dumps({"source": told["program"].replace("1", "2"), "rationale": told["issue"]["intent"]}))',
    )
    made = run(Steps(context(proposer=proposer)), found)
    assert commit(made)["new_program"] == {"source": BETTER}
    (asked,) = [call for call in made.calls if call["name"] == "process-run"]
    assert asked["value"]["code"] == 0


def test_a_command_learns_from_what_was_refused(tmp_path: Path) -> None:
    found, proposer = command(
        tmp_path, 'print(json.dumps({"source": "(vigy-set \\"n\\" 2)" if told["feedback"] else told["program"]}))'
    )
    made = run(Steps(context(proposer=proposer)), found)
    assert commit(made)["committed"] is True
    assert made.context["feedback"] == ["noop: nothing changes; propose a change"]


def test_a_command_that_says_something_else_is_a_denial_and_one_that_fails_a_fault(tmp_path: Path) -> None:
    found, proposer = command(tmp_path, 'print("done")')
    assert commit(run(Steps(context(proposer=proposer)), found))["reasons"][0].startswith("answer: ")
    found, proposer = command(tmp_path, 'sys.exit("no network")')
    failed = fault(Steps(context(proposer=proposer)), found)
    assert failed.kind == RETRYABLE
    assert "the proposer's command ended with code 1: no network" in failed.reason
    absent = fault(Steps(context(proposer={"kind": "command", "command": ["no-such-proposer"]})), programs("proc:*"))
    assert absent.kind == CONFIGURATION, absent.reason
    refused = fault(Steps(context(proposer=proposer)))
    assert refused.kind == CONFIGURATION
    assert "the grant 'proc:" in refused.reason


def test_a_step_that_cannot_be_done_is_a_fault_of_its_kind() -> None:
    class Broken(Steps):
        def rewrite(self, source: str) -> Any:
            raise OSError(5, "Input/output error")

        def apply(self, source: str, patch: Any) -> Any:
            return {}

    assert fault(Broken(context())).kind == RETRYABLE
    found = fault(Broken(context(issue={"proposal": {"source": BETTER}})))
    assert found.kind == PERMANENT
    assert "there is nothing at $.applied.source" in found.reason
