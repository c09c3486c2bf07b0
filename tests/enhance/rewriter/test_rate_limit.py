"""A rate limit by rule: every emission, one key, and the limit that is there already."""

from __future__ import annotations

import pytest

from enhance.rewriter.ticking import emitted, example, proposed, refusal, rewritten

ALWAYS = '(vigy-restart "a")\n(when (vigy-get "also") (begin (vigy-emit :restart "b")))\n'


def test_all_emissions_together_come_at_most_once_per_duration() -> None:
    result = rewritten(ALWAYS, "rate limit restart to once per 3s")
    assert emitted(ALWAYS, 7, kv={"also": True}) == [["restart", "restart"]] * 7
    assert emitted(result, 7, kv={"also": True}) == [["restart"], [], [], ["restart"], [], [], ["restart"]]


@pytest.mark.parametrize(
    "sentence",
    [
        "Rate limit restart to once per 3s",
        "please rate-limit the action `restart` to at most once every 3 seconds.",
        "It flaps all night. Throttle restart to one per 3000ms! Thank you; good bye",
        "limit restart to once per 0.05 minutes",
    ],
)
def test_the_sentence_may_be_said_in_these_ways(sentence: str) -> None:
    assert rewritten(ALWAYS, sentence).count('(vigy-rate-limited? "limit:restart" 3000)') == 2


@pytest.mark.parametrize("every", [3_000, "3s", "3 seconds"])
def test_constraints_say_the_same(every: object) -> None:
    result = rewritten(ALWAYS, "whatever", rule="rate-limit", action="restart", every=every)
    assert result == rewritten(ALWAYS, "rate limit restart to once per 3s")


def test_asked_again_it_shows_the_limit_there_is_and_changes_only_the_duration() -> None:
    once = rewritten(ALWAYS, "rate limit restart to once per 3s")
    assert '(vigy-rate-limited? "limit:restart" 3000)` on line 1' in refusal(once, "rate limit restart to once per 3s")
    assert rewritten(once, "rate limit restart to once per 1m") == once.replace("3000", "60000")
    assert proposed(once, "rate limit restart to once per 1m")["bump"] == "patch"


def test_an_emission_added_later_comes_under_the_limit_of_the_others() -> None:
    once = rewritten(ALWAYS, "rate limit restart to once per 3s") + '(vigy-restart "c")\n'
    result = rewritten(once, "rate limit restart to once per 3s")
    assert result.count('(vigy-rate-limited? "limit:restart" 3000)') == 3


def test_a_limit_around_the_only_call_of_the_function_that_emits_is_the_one_to_change() -> None:
    program = example("replica-scaling")
    result = rewritten(program, "rate limit update to once per 30s")
    assert result == program.replace('"scale" 1500', '"scale" 30000')
    assert emitted(result, 31)[0] == emitted(result, 31)[30] == ["update"]
    assert all(kinds == ["defer"] for kinds in emitted(result, 31)[1:30])


@pytest.mark.parametrize(
    "program",
    [
        '(define (go) (vigy-restart 1)) (unless (vigy-rate-limited? "k" 1000) (go)) (when (vigy-get "force") (go))',
        '(define (go x) (vigy-restart x)) (unless (vigy-rate-limited? "k" 1000) (go 1)) (for-each go (list 1))',
        '(define go (lambda () (vigy-push 1))) (unless (vigy-rate-limited? "k" 1000) (vigy-restart 1) (go))',
        '(defmacro go () `(vigy-push 1)) (unless (vigy-rate-limited? "k" 1000) (vigy-restart 1) (-> 1 list))',
        '(when (or (vigy-get "force") (not (vigy-rate-limited? "k" 1000))) (vigy-restart 1))',
    ],
)
def test_a_limit_that_is_not_surely_its_own_is_left_alone(program: str) -> None:
    result = rewritten(program, "rate limit restart to once per 5s")
    assert '(vigy-rate-limited? "k" 1000)' in result
    assert result.count('(vigy-rate-limited? "limit:restart" 5000)') == 1
    restarts = [sum(kind == "restart" for kind in kinds) for kinds in emitted(result, 11, kv={"force": True})]
    assert restarts == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]


def test_a_limit_with_other_things_behind_it_stays_and_gets_another_within() -> None:
    program = example("tear-mirror")
    result = rewritten(program, "rate limit pull to once per 30s")
    assert '(vigy-rate-limited? "mirror" 2000)' in result
    assert [kinds for kinds in emitted(program, 5, every_ms=2_000) if "pull" in kinds] == [["pull"]] * 3
    assert [kinds for kinds in emitted(result, 5, every_ms=2_000) if "pull" in kinds] == [["pull"]]
    assert "on line 44, with other things" in refusal(program, "rate limit pull to once per 1s")


def test_an_event_can_be_limited() -> None:
    program = '(vigy-event "beat" "x")'
    assert emitted(rewritten(program, "rate limit event beat to once per 2s"), 3, events=True) == [
        ["beat"],
        [],
        ["beat"],
    ]


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("(vigy-noop)", "there is no action `restart` in the program; it emits: noop"),
        ('(define (restart) (vigy-push 1))', "`restart` is a function of the program: name what it emits"),
        ('(vigy-event "restart" "x")', "There is an event of that name: write `event restart`"),
        ('(define (f k) (vigy-emit k 1)) (vigy-restart 1)', "on line 1 emits an action whose kind is computed"),
        ("(for-each vigy-restart (list 1 2)) (vigy-restart 1)", "is handed on as a function"),
        ("(vigy-restart 1) (-> 1 (vigy-restart))", "is in a macro or in the call of one"),
        ("(defmacro m (x) `(vigy-restart ,x)) (m 1) (vigy-restart 1)", "is in a macro or in the call of one"),
        ("(defmacro twice (x) `(begin ,x ,x)) (twice (vigy-restart 1))", "is in a macro or in the call of one"),
        ("(vigy-restart 1) (eval '(vigy-restart 1))", "runs data as code (`eval`, line 1)"),
        ("(define x '(vigy-restart 1)) (vigy-restart 1)", "is in quoted data"),
        ("(define (vigy-restart x) x) (vigy-restart 1)", "is given another meaning by the program"),
        ("(define (vigy-rate-limited? k n) #f) (vigy-restart 1)", "another meaning"),
        ("(vigy-restart (vigy-restart 1))", "within an emission of its own"),
        ('(unless (vigy-rate-limited? "k" (* 2 3)) (vigy-restart 1))', "that is computed"),
        ('(unless (vigy-rate-limited? "k" 1) (vigy-restart 1)) (unless (vigy-rate-limited? "j" 1) (vigy-restart 2))',
         "under several keys (j, k)"),
        ('(unless (vigy-rate-limited? "k" 1) (vigy-restart 1)) (unless (vigy-rate-limited? "k" 1) (vigy-push 2))',
         "also limits something else"),
        ("(vigy-restart 1", "the program cannot be read"),
    ],
)  # fmt: skip
def test_where_not_every_emission_is_sure_nothing_is_changed(program: str, why: str) -> None:
    assert why in refusal(program, "rate limit restart to once per 3s")


def test_what_a_comment_holds_does_not_count() -> None:
    program = "(comment (vigy-restart 1)) ; (vigy-restart 2)\n(vigy-restart 3)"
    assert rewritten(program, "rate limit restart to once per 3s").count("vigy-rate-limited?") == 1


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"every": "3s"}, "give one of `action` and `event`"),
        ({"action": "restart"}, "constraints.every: it is missing"),
        ({"action": "restart", "every": "soon"}, "constraints.every: give a duration such as 500ms"),
        ({"action": "restart", "every": 0}, "between 1ms and 366d"),
        ({"action": "restart", "every": True}, "give a duration"),
        ({"action": "a b", "every": 1}, "constraints.action: give a name"),
        (
            {"action": "restart", "every": 1, "key": "k"},
            "constraints.key: there is no such parameter; there are action",
        ),
    ],
)
def test_constraints_are_read_strictly(given: dict[str, object], why: str) -> None:
    assert why in refusal(ALWAYS, "", rule="rate-limit", **given)


def test_a_limit_that_chooses_between_actions_is_left_as_it_is() -> None:
    for program in (
        '(if (vigy-rate-limited? "z" 2000) (vigy-apply 1) (vigy-restart 1))',
        '(cond ((vigy-rate-limited? "z" 2000) (vigy-event "e" "x") (vigy-apply 1)) (else (vigy-restart 1)))',
        '(define (page) (vigy-apply 1))\n(if (vigy-rate-limited? "z" 2000) (page) (vigy-restart 1))',
    ):
        result = rewritten(program, "rate limit restart to once per 4s")
        assert '"z" 2000' in result
        before, after = emitted(program, 8), emitted(result, 8)
        assert [kinds.count("apply") for kinds in before] == [kinds.count("apply") for kinds in after]
        assert [number for number, kinds in enumerate(after) if "restart" in kinds] == [0, 4]
