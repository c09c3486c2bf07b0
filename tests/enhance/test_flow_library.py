"""The nodes of flows: what each does to a context, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

import vigyc
from vigyc.lang.errors import Thrown, TickError
from vigyc.runtime.json_value import to_json
from vigyc.runtime.values import ErrorValue

NAMES = (
    "flow-get flow-put flow-at flow-step flow-seq flow-branch flow-fanout flow-quorum flow-loop flow-try flow-assign"
)
REQUIRE = f'(require "vigyc/flow" :refer ({NAMES}))\n'


def value(text: str) -> Any:
    return vigyc.compile(REQUIRE + text, cache=False).eval(vigyc.Host())


def after(node: str, **context: Any) -> Any:
    """The context that `node` makes of `context`."""
    host = vigyc.Host(kv={"ctx": context})
    return to_json(vigyc.compile(f'{REQUIRE}({node} (vigy-get "ctx"))', cache=False).eval(host))


def refusal(node: str, **context: Any) -> tuple[str, str]:
    with pytest.raises(TickError) as caught:
        after(node, **context)
    error = caught.value.value if isinstance(caught.value, Thrown) else None
    assert isinstance(error, ErrorValue), caught.value
    return error.tag, error.message


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", {"a": {"b": 1, "x.y": [2], 'q"\\': 3}, "kebab-case_2?": None}),
        ("$.a.b", 1),
        ('$.a["x.y"]', [2]),
        ('$["a"].b', 1),
        ('$["a"]["b"]', 1),
        (r'$.a["q\"\\"]', 3),
        ("$.kebab-case_2?", None),
    ],
)
def test_a_path_leads_to_what_is_there(path: str, found: Any) -> None:
    context = {"a": {"b": 1, "x.y": [2], 'q"\\': 3}, "kebab-case_2?": None}
    assert after(f"(lambda (c) (hash-map :found (flow-get c {json.dumps(path)})))", **context) == {":found": found}


@pytest.mark.parametrize(
    "path",
    ["", "a", "$a", "$.", "$..a", "$.a.", "$.a b", "$[0]", "$.a[b]", "$['a']", '$[""]', '$["a]', '$["a"', "$.a[", "$\n",
     "$.a\n", " $.a", '$["a" ]', '$."a"', '$["\\n"]'],
)  # fmt: skip
def test_a_malformed_path_is_refused_when_the_node_is_made(path: str) -> None:
    for node in ("(flow-assign {} 1)", "(flow-at {})", '(flow-step identity {} "$.a")', '(flow-step identity "$" {})'):
        with pytest.raises(Thrown) as caught:
            value(node.format(json.dumps(path)))
        error: Any = caught.value.value
        assert error.tag == "flow-path"
        assert error.message.startswith('a path is like $.a.b or $.a["x.y"], and this is "')


def test_reading_where_nothing_is_is_an_error_or_the_default() -> None:
    assert refusal('(flow-at "$.a.b")', a={}) == ("flow-path", "there is nothing at $.a.b")
    assert refusal('(flow-at "$.a.b")', a=[1]) == ("flow-path", "there is nothing at $.a.b")
    assert after('(flow-at "$.a.b" 7)', a="text") == 7
    assert after('(lambda (c) (flow-get c "$.a" 7))', a=None) is None


def test_writing_makes_the_maps_that_are_missing_and_leaves_the_rest() -> None:
    assert after('(flow-assign "$.a.b.c" 1)', z=0) == {"a": {"b": {"c": 1}}, "z": 0}
    assert after('(flow-assign "$.a.b" 1)', a=None) == {"a": {"b": 1}}
    assert after('(flow-assign "$.a.b" 1)', a={"c": 2}) == {"a": {"b": 1, "c": 2}}
    assert after('(flow-assign "$" (hash-map "new" 1))', a=1) == {"new": 1}


@pytest.mark.parametrize(
    ("there", "kind"), [("text", "string"), (3, "int"), ([], "list"), ([1], "list"), (True, "bool")]
)
def test_writing_through_what_is_no_map_is_an_error(there: Any, kind: str) -> None:
    said = f"nothing can be written at $.a.b: there is a {kind} on the way"
    assert refusal('(flow-assign "$.a.b" 1)', a=there) == ("flow-path", said)


def test_the_context_stays_a_map() -> None:
    assert refusal('(flow-assign "$" 3)') == ("flow-path", "the context must be a map, and would be a int")


def test_a_step_reads_calls_and_writes() -> None:
    assert after('(flow-step inc "$.n" "$.out.n")', n=1) == {"n": 1, "out": {"n": 2}}
    assert refusal('(flow-step inc "$.n" "$.n")') == ("flow-path", "there is nothing at $.n")


def test_assign_writes_a_value_or_what_it_makes_of_the_context() -> None:
    assert after('(flow-assign "$.b" (flow-at "$.a"))', a=5) == {"a": 5, "b": 5}
    assert after('(flow-assign "$.b" (list 1 "x"))') == {"b": [1, "x"]}


def test_seq_is_in_order() -> None:
    assert after('(flow-seq (flow-step inc "$.n" "$.n") (flow-step (lambda (n) (* n 10)) "$.n" "$.n"))', n=1) == {
        "n": 20
    }
    assert after("(flow-seq)", n=1) == {"n": 1}


def test_branch_takes_one_side_and_needs_a_boolean() -> None:
    both = '(flow-branch (flow-at "$.on") (flow-assign "$.went" "then") (flow-assign "$.went" "else"))'
    assert after(both, on=True)["went"] == "then"
    assert after(both, on=False)["went"] == "else"
    assert after('(flow-branch (flow-at "$.on") (flow-assign "$.went" 1))', on=False) == {"on": False}
    for odd, kind in ((None, "nil"), (0, "int"), (1, "int"), ("true", "string"), ([], "list")):
        said = f"the condition of a branch must be #t or #f, and is a {kind}"
        assert refusal(both, on=odd) == ("flow-branch", said)


LANE = """
(flow-step (lambda (i) (if (< i 0) (throw (error :low "below")) (inc i))) "$.i" "$.out")
"""


def fanout(join: str) -> str:
    return f'(flow-fanout "$.items" "$.i" {LANE} {join} "$.lanes")'


def lanes(context: Any) -> list[int]:
    return [lane["out"] for lane in context["lanes"]]


def test_all_lanes_have_a_copy_of_the_context_each() -> None:
    made = after(fanout('"all"'), items=[1, 2], kept="k")
    one = {"items": [1, 2], "kept": "k", "i": 1, "out": 2}
    assert made == {"items": [1, 2], "kept": "k", "lanes": [one, {**one, "i": 2, "out": 3}]}
    assert after(fanout('"all"'), items=[])["lanes"] == []
    assert refusal(fanout('"all"'), items=[1, -1, 2]) == ("low", "below")


def test_any_takes_the_lanes_that_raise_nothing() -> None:
    assert lanes(after(fanout('"any"'), items=[-1, 3, -2, 4])) == [4, 5]
    assert refusal(fanout('"any"'), items=[-1, -2]) == ("flow-fanout", "no lane came through: below")
    assert refusal(fanout('"any"'), items=[]) == ("flow-fanout", "no lane came through: there is no lane")


def test_first_takes_the_first_lane_that_raises_nothing_and_begins_no_other() -> None:
    assert after(fanout('"first"'), items=[-1, 3, 4])["lanes"]["out"] == 4
    assert refusal(fanout('"first"'), items=[-1]) == ("flow-fanout", "no lane came through: below")
    assert refusal(fanout('"first"'), items=[]) == ("flow-fanout", "no lane came through: there is no lane")
    seen = '(flow-fanout "$.items" "$.i" (flow-assign "$.n" (lambda (c) (vigy-incr "n"))) "first" "$.lane")'
    host = vigyc.Host(kv={"ctx": {"items": [1, 2, 3]}})
    vigyc.compile(f'{REQUIRE}({seen} (vigy-get "ctx"))', cache=False).eval(host)
    assert host.kv["n"] == 1


def test_a_quorum_counts_the_lanes_that_agree() -> None:
    two = fanout('(flow-quorum 2 (lambda (c) (even? (flow-get c "$.out"))))')
    assert lanes(after(two, items=[1, 2, -1, 3])) == [2, 4]
    assert refusal(two, items=[1, 2, -1]) == ("flow-fanout", "the quorum is 2 of 3 lanes, and 1 agree")
    assert after(fanout("(flow-quorum 0 procedure?)"), items=[])["lanes"] == []


def test_fanout_needs_a_list_and_a_join_it_knows() -> None:
    assert refusal(fanout('"all"'), items=None)[1] == "there must be a list at $.items, and there is a nil"
    assert refusal(fanout('"all"'), items={"a": 1})[1] == "there must be a list at $.items, and there is a map"
    tag, said = refusal(fanout('"most"'), items=[])
    assert (tag, said) == ("flow-fanout", 'a join is "all", "any", "first" or (flow-quorum n f), and this is "most"')


def test_loop_counts_from_nothing_until_its_condition_or_its_bound() -> None:
    body = '(flow-step (lambda (n) (* n 2)) "$.n" "$.n")'
    assert after(f'(flow-loop "$.k" (lambda (c) (< (flow-get c "$.n") 10)) {body} 99)', n=1) == {"n": 16, "k": 4}
    assert after(f'(flow-loop "$.k" (const #t) {body} 3)', n=1) == {"n": 8, "k": 3}
    assert after(f'(flow-loop "$.k" (const #t) {body} (flow-at "$.most"))', n=1, most=2) == {"n": 4, "k": 2, "most": 2}
    assert after(f'(flow-loop "$.k" (const nil) {body} 3)', n=1) == {"n": 1, "k": 0}
    assert after(f'(flow-loop "$.k" (const 0) {body} 1)', n=1) == {"n": 2, "k": 1}, "0 is true in the language"
    assert refusal(f'(flow-loop "$.k" (const #t) {body} 1.5)', n=1)[0] == "flow-loop"


def test_a_body_cannot_lengthen_its_loop() -> None:
    assert after('(flow-loop "$.k" (const #t) (flow-assign "$.k" -5) 3)') == {"k": 3}
    assert after('(flow-loop "$.k" (const #t) (lambda (c) c) 100000)') == {"k": 100_000}


def test_try_goes_back_to_the_context_before_and_tells_why() -> None:
    fails = '(flow-seq (flow-assign "$.half" 1) (lambda (c) (throw (error :broken "it broke"))))'
    node = f'(flow-try {fails} "$.why.text" (flow-assign "$.caught" #t))'
    assert after(node, n=1) == {"n": 1, "why": {"text": "it broke"}, "caught": True}
    assert after('(flow-try (lambda (c) (throw 42)) "$.why" identity)') == {"why": "42"}
    assert "5" in after('(flow-try (lambda (c) (throw (list 5))) "$.why" identity)')["why"]
    assert after('(flow-try (flow-assign "$.a" 1) "$.why" (flow-assign "$.caught" #t))') == {"a": 1}


def test_the_program_s_own_module_of_that_path_goes_before() -> None:
    own = {"vigyc/flow": '(define (flow-run x) (string-append "own " x)) (provide flow-run)'}
    text = '(require "vigyc/flow" :refer (flow-run)) (flow-run "one")'
    assert vigyc.compile(text, modules=own, cache=False).eval(vigyc.Host()) == "own one"
