"""Any intent and any program: a patch that applies and reads, or a reason why there is none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vigyc
from corpus import corpus
from enhance.rewriter.ticking import EXAMPLES
from vigyc.enhance.edits.apply import applied
from vigyc.enhance.edits.edit import read_edits
from vigyc.enhance.rewriter.rewriting import propose
from vigyc.enhance.rewriter.rule import NoRule
from vigyc.enhance.rewriter.rules.table import RULES
from vigyc.frontend.canonical import canonical

SENTENCES = [
    "rate limit {0} to once per 3s",
    "rate limit event {1} to once per 1h",
    "debounce {0} by 3 ticks",
    "emit {0} only once",
    "stop emitting {0}",
    "stop emitting event {1}",
    "raise {1} to 5",
    "set {1} to 0.5 at line 2",
    "lower {1} from 3 to 2",
    "fix the checker's warnings",
    "rename {1} to another-name",
    "rename action {0} to custom",
    'log "x" when {0}',
]
KINDS = ["noop", "defer", "pull", "push", "create", "update", "delete", "apply", "restart", "custom"]
PROGRAMS = sorted(
    [case.text for path in corpus.files() for case in corpus.cases(path)]
    + [path.read_text("utf-8") for path in EXAMPLES.glob("*.tatara")]
)


def names(text: str) -> list[str]:
    """Words of a program that a sentence may name."""
    return sorted({word.strip("\"'()") for word in text.split()} - {""}) or ["x"]


def patched(program: str, intent: str, constraints: dict[str, Any]) -> str | None:
    """The program after the patch, which must apply, read, say something new, and bring no finding."""
    findings = vigyc.check(program)
    try:
        patch = propose(program, intent, constraints, findings)
    except NoRule:
        return None
    assert patch["edits"]
    assert patch["bump"] in ("patch", "minor", "major")
    assert patch["rationale"]
    result = applied(program, read_edits(patch["edits"]))
    assert canonical(result) not in (None, canonical(program))
    before = {(found.id, found.message) for found in findings}
    assert {(found.id, found.message) for found in vigyc.check(result)} <= before
    return result


@settings(max_examples=150)
@given(st.data())
def test_any_sentence_for_any_program_of_the_corpus(data: st.DataObject) -> None:
    program = data.draw(st.sampled_from(PROGRAMS))
    sentence = data.draw(st.sampled_from(SENTENCES))
    patched(program, sentence.format(data.draw(st.sampled_from(KINDS)), data.draw(st.sampled_from(names(program)))), {})


@given(st.text(max_size=300), st.sampled_from(PROGRAMS))
def test_any_text_is_only_data(intent: str, program: str) -> None:
    patched(program, intent, {})


@given(
    st.sampled_from(sorted(RULES)),
    st.dictionaries(
        st.sampled_from(["action", "event", "every", "ticks", "name", "to", "from", "what", "text", "line"]),
        st.one_of(
            st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.just([1]),
            st.sampled_from(["restart", "update", "3s", "5", "wanted"]),
        ),
        max_size=5,
    ),
)  # fmt: skip
def test_any_constraints_are_done_or_refused(rule: str, constraints: dict[str, Any]) -> None:
    program = (EXAMPLES / "replica-scaling.tatara").read_text("utf-8")
    patched(program, "anything", {"rule": rule, **constraints})


@pytest.mark.parametrize(
    "intent",
    [
        "raise " + "a" * 9_990,
        "require " + "to hold for " * 800,
        "rename " + "a to " * 1_900,
        "rate limit the event " + "`" * 9_000,
        ". " * 5_000,
        "please " * 1_400,
        'log "' + "x" * 9_000,
        "require " + "(" * 9_000 + " to hold for 3 ticks before restart",
        "\ud800 {0} %s ../../ '; drop table issues; --",
    ],
)
def test_a_hostile_intent_costs_nothing(intent: str) -> None:
    assert patched("(vigy-restart 1)", intent, {}) is None


@pytest.mark.parametrize(
    "program",
    [
        "(begin " * 3_000 + "(vigy-restart 1)" + ")" * 3_000,
        "(if a " * 1_000 + "(vigy-restart 1)" + ")" * 1_000,
        "'" * 9_000 + "(vigy-restart 1)",
        "(vigy-restart 1)\n" * 300,
    ],
)
def test_a_deep_or_long_program_is_rewritten_or_refused(program: str) -> None:
    for sentence in ("rate limit restart to once per 3s", "debounce restart by 3 ticks", "stop emitting restart"):
        try:
            patch = propose(program, sentence, {}, ())
        except NoRule:
            continue
        assert canonical(applied(program, read_edits(patch["edits"]))) is not None
