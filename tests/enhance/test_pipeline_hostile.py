"""What people and models write is data everywhere: never a path, a format, a line of something else (acceptance 5)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from enhance.epochs import COUNTS_TWICE, World, lying
from vigyc.effects.policy import Policy
from vigyc.enhance.epoch.draft import DEEPEST, LONGEST, MOST, bounded, bounded_all
from vigyc.model.issue import APPLIED, FAILED, REJECTED

HOSTILE = {
    "newlines": "one\narchive: true\nblueprint_content_hash: 00",
    "path": "../../etc/passwd",
    "nul": "a\0b",
    "format": "{0.__class__} %s %n ${PATH} `id`",
    "sql": "'; DROP TABLE issues; --",
    "markup": "<script>alert(1)</script>",
    "bidi": "\u202egnp.exe",
    "quotes": '"\\" (vigy-restart) ") (',
    "long": "x" * 9_990,
    "emoji": "\U0001f980" * 100,
    "ansi": "\x1b[31mred\x1b[0m",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_intent_and_rationale_are_only_told(world: World, name: str) -> None:
    text = HOSTILE[name]
    world.setting()
    target = world.register("one")
    proposal = {"source": COUNTS_TWICE, "rationale": text}
    issue = world.submit(target, intent=f"do {text}", proposal=proposal, constraints={"a": text, text: 1})
    done = world.work()
    assert done.state == APPLIED, done.reasons
    assert done.intent == f"do {text}".strip()
    entry = world.entry(issue)
    assert entry.rationale == bounded(text)
    assert world.store.versions(target.id)[0].note == bounded(text, 1_000)
    assert len(world.store.vigies()) == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_reasons_of_a_flow_are_only_told(world: World, name: str) -> None:
    reasons = json.dumps([HOSTILE[name]] * 3)
    world.setting(flow="my-flow")
    world.register(
        "my-flow",
        lying(
            '(finish (hash-map "committed" #f "rationale" "" "verdicts_summary" (list)'
            ' "reasons" (ok-value (json-parse (get-in ctx (list "issue" "constraints" "text"))))))'
        ),
    )
    issue = world.worked(world.register("one"), COUNTS_TWICE, constraints={"text": reasons})
    assert (issue.state, issue.reasons) == (REJECTED, (bounded(HOSTILE[name]),) * 3)
    assert world.entry(issue).reasons == issue.reasons


@pytest.mark.parametrize("program", ["(", ")", "\0", '"', "(" * 10_000, "'" * 5_000, "#\\", "", " ", "; only this"])
def test_a_hostile_program_is_rejected_with_a_reason(world: World, program: str) -> None:
    world.setting()
    issue = world.worked(world.register("one"), program)
    assert issue.state == REJECTED
    assert issue.reasons


def test_a_command_that_answers_anything_is_told_what_is_wrong(world: World, tmp_path: Path) -> None:
    answers = [
        "", "null", "[]", '{"source": 7}', '{"source": "(vigy-noop)", "run": "rm"}', "\x00\xff", "{" * 5000,
        '{"edits": [{"op": "replace", "path": [99], "old": "a", "new": "b"}]}', '{"source": "\\ud800"}',
    ]  # fmt: skip
    world.policies["enhance"] = Policy.of(f"proc:{sys.executable} *")
    for number, answer in enumerate(answers):
        script = tmp_path / f"answer-{number}.py"
        script.write_text(f"import sys; sys.stdin.read(); sys.stdout.write({answer!r})")
        world.setting(proposer={"kind": "command", "command": [sys.executable, str(script)]}, repairs=0)
        issue = world.worked(world.register(f"t{number}"))
        assert issue.state in {REJECTED, FAILED}, (answer, issue.reasons)
        assert issue.reasons
        assert world.entry(issue).outcome == issue.state


def test_a_patch_that_lies_too_deep_is_not_kept(world: World) -> None:
    deep = f"(define (nest n) (if (= n 0) 1 (list (nest (- n 1))))) (define deep (nest {DEEPEST * 3}))"
    world.setting(flow="my-flow")
    world.register(
        "my-flow",
        lying(
            f'{deep} (flow-apply wanted (hash-map "source" wanted "deep" deep))'
            "(committing wanted (list) (version-of wanted))"
        ),
    )
    issue = world.worked(world.register("one"), COUNTS_TWICE)
    assert issue.state == APPLIED, issue.reasons


def test_reasons_are_bounded_in_length_and_number() -> None:
    assert bounded("x" * LONGEST) == "x" * LONGEST
    cut = bounded("a" + "x" * 10 * LONGEST + "z")
    assert len(cut) <= LONGEST
    assert (cut[0], cut[-1]) == ("a", "z")
    many = bounded_all(str(number) for number in range(1_000))
    assert (len(many), many[-1]) == (MOST, "and 901 more")
    assert bounded("\ud800") == "\ufffd\ufffd\ufffd"
