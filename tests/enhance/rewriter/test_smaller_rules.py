"""Once, stop, rename and log by rule."""

from __future__ import annotations

import pytest

import vigyc
from enhance.rewriter.ticking import emitted, example, proposed, refusal, rewritten


def test_once_is_the_first_time_of_all_places_together() -> None:
    program = "(vigy-restart 1) (vigy-restart 2) (vigy-push 1)"
    result = rewritten(program, "emit restart only once")
    assert emitted(result, 3) == [["restart", "push"], ["push"], ["push"]]
    assert proposed(program, "emit restart only once")["bump"] == "minor"
    assert "already depends on" in refusal(result, "emit restart only once")


@pytest.mark.parametrize(
    ("program", "result"),
    [
        ("(vigy-restart 1)", "()"),
        ("(vigy-restart 1)\n(vigy-noop)", "(vigy-noop)"),
        ("(vigy-noop)\n(vigy-restart 1)", "(vigy-noop)\n()"),
        ("(when #t (vigy-restart 1) (vigy-restart 2) (vigy-noop))", "(when #t (vigy-noop))"),
        ("(define (f) (vigy-restart 1) 2)", "(define (f) 2)"),
        ("(define (f) 2 (vigy-restart 1))", "(define (f) 2 ())"),
        ("(define x (vigy-restart 1))", "(define x ())"),
        ("(if #t (vigy-restart 1) 2)", "(if #t () 2)"),
        ("(cond ((vigy-restart 1) 2) (else 3))", "(cond (() 2) (else 3))"),
        ("(let ((x (vigy-restart 1))) (vigy-emit 'restart) x)", "(let ((x ())) x)"),
    ],
)
def test_stop_takes_emissions_out_and_leaves_nil_where_their_value_counts(program: str, result: str) -> None:
    stopped = rewritten(program, "stop emitting restart")
    assert stopped.split() == result.split()
    assert proposed(program, "stop emitting restart")["bump"] == "major"
    assert all("restart" not in kinds for kinds in emitted(stopped, 2))


def test_a_symbol_is_renamed_everywhere_and_texts_are_not() -> None:
    program = '(define (scale n) (if (= n 0) "scale" (scale (- n 1)))) ; scale\n(scale 3)'
    result = rewritten(program, "rename scale to step?")
    assert result == '(define (step? n) (if (= n 0) "scale" (step? (- n 1)))) ; scale\n(step? 3)'


@pytest.mark.parametrize(
    ("program", "intent", "why"),
    [
        ("(define x 1)", "rename y to z", "defines nothing called `y`"),
        ("(vigy-restart 1)", "rename restart to apply", "for the action write `rename action restart to ...`"),
        ("(define x 1)", "rename x to car", "is a name of the language"),
        ("(define (f list) (car list)) (f (list 1))", "rename list to items", "not every `list` is the one that"),
        ("(define x 1)", "rename x to if", "is a name of the language"),
        ("(define x 1)", "rename x to 5", "is not a name that a variable can have"),
        ("(define x 1)", "rename x to :k", "is not a name that a variable can have"),
        ("(define x 1) (define y 2)", "rename x to y", "occurs in the program already"),
        ("(define x 1) 'x", "rename x to y", "stands in quoted data"),
        ("(define x 1) (defmacro m (a) `(+ x ,a)) (m x)", "rename x to y", "stands in quoted data or in what a macro"),
        ("(provide x) (define x 1)", "rename x to y", "is a name that modules share"),
        ("(define-record x (a))", "rename x to y", "defines nothing called"),
    ],
)
def test_a_name_that_may_be_more_is_not_renamed(program: str, intent: str, why: str) -> None:
    assert why in refusal(program, intent)


@pytest.mark.parametrize(
    ("program", "intent", "result"),
    [
        ("(vigy-update 1)", "rename action update to apply", "(vigy-apply 1)"),
        ("(vigy-update 1)", "rename the action update to custom", '(vigy-emit "custom" 1)'),
        ("(vigy-emit :custom 1)", "rename action custom to push", '(vigy-emit "push" 1)'),
        ("(vigy-event 'a 1)", "rename event a to b", '(vigy-event "b" 1)'),
    ],
)
def test_an_action_or_event_is_emitted_as_another(program: str, intent: str, result: str) -> None:
    assert rewritten(program, intent) == result
    assert proposed(program, intent)["bump"] == "major"


@pytest.mark.parametrize(
    ("intent", "why"),
    [
        ("rename action update to page", "there is no kind of action `page`; there are pull, push"),
        ("rename action update to noop", "has no payload"),
        ("rename action update to update", "is called `update` already"),
        ("rename action pull to push", "there is no action `pull` in the program; it emits: update"),
    ],
)
def test_a_kind_that_is_none_is_refused(intent: str, why: str) -> None:
    assert why in refusal("(vigy-update 1)", intent)


def test_a_line_is_logged_when_something_is_emitted() -> None:
    result = rewritten('(when (vigy-get "down") (vigy-restart 1))', 'log at warn "again, _ {}" when restart')
    host = vigyc.Ticker(vigyc.compile(result), {"down": True}).tick()
    assert [(line.level, line.message) for line in host.logs] == [("warn", "again, _ {}")]
    assert [action.kind for action in host.actions] == ["restart"]
    assert "logged there already" in refusal(result, 'log "again, _ {}" when restart')
    assert "there is no level `loud`" in refusal(result, 'log at loud "x" when restart')


def test_a_sentence_does_not_end_within_the_text_that_is_logged() -> None:
    intent = 'It flaps. Log "all is well. really; yes" when restart. Then it is "good'
    assert '(vigy-log "info" "all is well. really; yes")' in rewritten("(vigy-restart 1)", intent)


def test_the_rationale_says_what_where_and_why() -> None:
    said = proposed(example("certificate-renewal"), "Too many.\nEmit apply only once.")
    assert said["rationale"] == (
        "`apply` on line 15 is emitted the first time only, which the kv remembers as `once:apply`; "
        "asked for: 'Emit apply only once'."
    )


def test_a_program_with_modules_is_told_that_they_stay() -> None:
    program = '(require "lib/x" :as x)\n(x/go)\n(vigy-restart 1)'
    assert "the modules it requires are as they were" in proposed(program, "emit restart only once")["rationale"]
    assert "in a macro or in the call of one" in refusal(
        '(require "lib/x") (twice (vigy-restart 1))', "stop emitting restart"
    )


def test_all_of_an_issue_is_done_or_nothing() -> None:
    assert "once: there is no action `push`" in refusal(
        "(vigy-restart 1)", "stop emitting restart. Emit push only once."
    )
    assert "asks for 6 things" in refusal("(vigy-restart 1)", "stop emitting restart\n" * 6)


@pytest.mark.parametrize(
    ("intent", "constraints", "why"),
    [
        ("make it better", {}, "no rule knows what is asked for; the rules that there are:"),
        ("at most 3 per hour", {}, "for 3 per hour, ask for once per 20m"),
        ("x" * 10_001, {}, "at most 10000 are read"),
        ("", {"rule": "improve"}, "constraints.rule: there is no such rule; there are rate-limit, damp"),
        ("", {"rule": ["stop"]}, "constraints.rule: there is no such rule"),
    ],
)
def test_what_no_rule_knows_is_answered_with_the_rules(intent: str, constraints: dict[str, object], why: str) -> None:
    assert why in refusal("(vigy-restart 1)", intent, **constraints)
