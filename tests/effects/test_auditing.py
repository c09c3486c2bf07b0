"""What a program uses, found in its text: by what names mean, wherever they hide; and what a policy refuses of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest

from vigyc.auditing import QUOTED, VALUE, Uses, needed_grant, refusals, uses_of
from vigyc.checking import analyse
from vigyc.compiler import compile
from vigyc.effects.catalog import catalog
from vigyc.effects.policy import NOTHING, Policy
from vigyc.frontend.reader import read
from vigyc.lang.errors import TickError
from vigyc.lang.source import Source
from vigyc.runtime.extension import Extension
from vigyc.runtime.intrinsics.standard import standard_extensions

PASSWD = '"/etc/passwd"'


def uses(text: str, modules: Mapping[str, str] | None = None) -> Uses:
    findings, analysed = analyse(text, modules=modules)
    assert analysed is not None, findings
    return uses_of(analysed)


def told(text: str, modules: Mapping[str, str] | None = None) -> list[tuple[str, str, Any]]:
    """Name, how and what it is first asked for, use by use."""
    return [(use.name, use.how, use.asks[0].literal if use.asks else None) for use in uses(text, modules).uses]


def refused(text: str, *grants: str, **policy: Any) -> list[str]:
    return [refusal.message for refusal in refusals(uses(text).uses, Policy.of(*grants, **policy))]


# -- what is a use


def test_a_call_with_what_it_asks_for() -> None:
    assert told('(fs-read "/data/a")') == [("fs-read", "call", "/data/a")]


def test_what_is_asked_for_is_followed_through_constants() -> None:
    assert told('(define place "/data") (let ((p place)) (fs-read p))') == [("fs-read", "call", "/data")]


@pytest.mark.parametrize(
    "argument",
    ['(string-append "/data/" "a")', "(vigy-get \"place\")", "(car (list \"/data\"))", "nil", "7.5", ":a", "'(1 2)"],
)  # fmt: skip
def test_what_is_built_is_dynamic(argument: str) -> None:
    (use,) = uses(f"(fs-read {argument})").uses
    assert use.asks[0].dynamic
    assert use.asks[0].literal is None


@pytest.mark.parametrize(
    "text",
    [
        '(define place "/data") (set! place "/etc") (fs-read place)',
        '(define place "/data") (define place "/etc") (fs-read place)',
        '(let ((place "/data")) (define place "/etc") (fs-read place))',
        '(define place "/data") (define (g) (set! place "/etc")) (g) (fs-read place)',
        '(letrec ((place "/data") (g (lambda () (set! place "/etc")))) (g) (fs-read place))',
        '(if (vigy-get "x") (define place "/data") (define place "/etc")) (fs-read place)',
        '(define (f place) (fs-read place)) (f "/data")',
        '(define place "/data") (eval (list (quote set!) (quote place) "/etc")) (fs-read place)',
    ],
)
def test_a_variable_that_may_have_another_value_is_dynamic(text: str) -> None:
    (use,) = uses(text).uses
    assert use.asks[0].dynamic


def test_every_need_of_an_operation_is_told() -> None:
    (use,) = uses('(fs-copy "/a" "/b")').uses
    assert [(ask.kind, ask.literal) for ask in use.asks] == [("fs.read", "/a"), ("fs.write", "/b")]
    assert use.kinds == ("fs.read", "fs.write")


def test_what_has_no_scope_is_not_dynamic() -> None:
    (use,) = uses('(io-print "x")').uses
    assert (use.asks[0].kind, use.asks[0].dynamic) == ("print", False)


def test_pure_operations_are_told_and_need_nothing() -> None:
    (use,) = uses("(ok? nil)").uses
    assert (use.name, use.pack, use.kinds) == ("ok?", "result", ())


def test_a_program_without_effects_has_none() -> None:
    assert uses('(vigy-set "n" (+ 1 (vigy-get "n" 0)))') == Uses((), False)


def test_places_are_those_of_the_form() -> None:
    (use,) = uses('\n  (fs-read "/a")').uses
    assert use.source.place(use.start) == (2, 3)


@pytest.mark.parametrize(
    "text",
    [
        f"(define (fs-read p) p) (fs-read {PASSWD})",
        f"(let ((fs-read (lambda (p) p))) (fs-read {PASSWD}))",
        f"((lambda (fs-read) (fs-read {PASSWD})) identity)",
        "'fs-read",
        '\'(fs-read "/etc/passwd")',
        '"(fs-read 1)"',
        ":fs-read",
        '(hash-map "fs-read" 1)',
    ],
)
def test_a_name_that_means_something_else_is_no_use(text: str) -> None:
    assert uses(text).uses == ()


def test_a_name_that_is_defined_later_may_still_be_the_pack_s() -> None:
    assert told(f"(define (f) (fs-read {PASSWD})) (f) (define (fs-read p) p)") == [("fs-read", "call", "/etc/passwd")]


def test_a_function_of_an_extension_is_not_the_pack_s() -> None:
    mine = Extension("mine")
    mine.function("fs-read", 1, doc="Mine.")(lambda host, path: path)
    findings, analysed = analyse(f"(fs-read {PASSWD})", extensions=[*standard_extensions(), mine])
    assert not findings
    assert analysed is not None
    assert uses_of(analysed).uses == ()


# -- C05, C06


@pytest.mark.parametrize(
    "text",
    [
        '(if #t "" (http-get "https://evil.example.com"))',
        '(if nil (http-get "https://evil.example.com"))',
        '(when #f (http-get "https://evil.example.com"))',
        '(unless 1 (http-get "https://evil.example.com"))',
        '(if (not #f) "" (http-get "https://evil.example.com"))',
        '(cond (#t "") (else (http-get "https://evil.example.com")))',
        '(and #f (http-get "https://evil.example.com"))',
        '(or 1 (http-get "https://evil.example.com"))',
        '(define online #f) (if online (http-get "https://evil.example.com"))',
    ],
)
def test_c05_a_dead_branch_does_not_count(text: str) -> None:
    assert uses(text).uses == ()
    assert refused(text) == []


@pytest.mark.parametrize(
    "text",
    [
        '(if (vigy-get "x") "" (http-get "https://evil.example.com"))',
        '(define online #f) (set! online #t) (if online (http-get "https://evil.example.com"))',
        '(if 0 (http-get "https://evil.example.com"))',
        '(and 1 (http-get "https://evil.example.com"))',
        '(or #f (http-get "https://evil.example.com"))',
    ],
)
def test_c05_a_branch_that_may_be_taken_counts(text: str) -> None:
    assert told(text) == [("http-get", "call", "https://evil.example.com")]


def test_c06_what_is_declared_and_never_called_counts() -> None:
    text = '(define (f) (fs-read "/data/a")) 1'
    assert refused(text) == ["`fs-read` of /data/a is not granted: there is no grant of fs.read"]
    assert refused(text, "fs.read:/data") == []


# -- C04: every way around


AROUND = {
    "alias": f"(define r fs-read) (r {PASSWD})",
    "alias_of_an_alias": f"(define r fs-read) (define s r) (s {PASSWD})",
    "local_alias": f"(let ((r fs-read)) (r {PASSWD}))",
    "closure_argument": f"((lambda (f) (f {PASSWD})) fs-read)",
    "stored_closure": f"(define kept (list (lambda () (fs-read {PASSWD})))) ((car kept))",
    "value_in_a_map": f'(define m (hash-map "r" fs-read)) ((hash-map-get m "r") {PASSWD})',
    "map_argument": f"(map fs-read (list {PASSWD}))",
    "filter_argument": f"(filter fs-exists? (list {PASSWD}))",
    "fold_argument": f"(foldl (lambda (sum p) (fs-read p)) nil (list {PASSWD}))",
    "apply": f"(apply fs-read (list {PASSWD}))",
    "partial": f"((partial fs-read {PASSWD}))",
    "compose": f"((compose fs-read identity) {PASSWD})",
    "exception_handler": f"(try (throw 1) (catch (e) (fs-read {PASSWD})))",
    "promise": f"(force (delay (fs-read {PASSWD})))",
    "fiber": f"(go-run (go (lambda () (fs-read {PASSWD}))))",
    "macro_expansion": f"(defmacro peek (p) `(fs-read ,p)) (peek {PASSWD})",
    "macro_that_makes_the_name": f'(defmacro peek (p) (list (string->symbol "fs-read") p)) (peek {PASSWD})',
    "eval_of_quoted_code": f"(eval '(fs-read {PASSWD}))",
    "eval_of_a_template": f"(define p {PASSWD}) (eval `(fs-read ,p))",
    "eval_of_a_string": '(eval (read-string "(fs-read \\"/etc/passwd\\")"))',
    "eval_of_eval": f"(eval '(eval (list 'fs-read {PASSWD})))",
    "eval_of_a_symbol": f"((eval 'fs-read) {PASSWD})",
    "symbol_of_a_string": f'(eval (list (string->symbol "fs-read") {PASSWD}))',
    "default_of_a_branch": f"((or nil fs-read) {PASSWD})",
    "sorting": f"(sort-by-key fs-read (list {PASSWD} {PASSWD}))",
}


@pytest.mark.parametrize("way", AROUND)
def test_c04_every_way_around_is_refused_before_it_runs(way: str) -> None:
    text = AROUND[way]
    assert refused(text), uses(text)
    name = "fs-exists?" if way == "filter_argument" else "fs-read"
    assert name in {use.name for use in uses(text).uses}


@pytest.mark.parametrize("way", AROUND)
def test_c04_every_way_around_is_denied_when_it_runs(way: str, effects: Callable[..., Any]) -> None:
    run = effects("print")
    with suppress(TickError):
        compile(AROUND[way], cache=False).tick(run.host)
    assert run.gate.denied == 1


@pytest.mark.parametrize("way", AROUND)
def test_c07_caught_or_not_it_is_denied(way: str, effects: Callable[..., Any]) -> None:
    *definitions, last = _forms(AROUND[way])
    run = effects("print")
    compile(f'{" ".join(definitions)} (try {last} (catch (e) (vigy-set "tag" (error-tag e))))', cache=False).tick(
        run.host
    )
    assert run.gate.denied == 1
    assert way == "fiber" or run.host.kv["tag"] == ":denied"


def test_c04_a_symbol_built_at_run_time_is_dynamic(effects: Callable[..., Any]) -> None:
    text = f'(eval (list (string->symbol (string-append "fs-" "read")) {PASSWD}))'
    found = uses(text)
    assert found.evaluates
    assert found.uses == ()
    run = effects("print")
    with pytest.raises(TickError, match="denied"):
        compile(text, cache=False).tick(run.host)
    assert run.gate.denied == 1


def test_c04_a_module_is_looked_into() -> None:
    modules = {"m": "(provide peek fs-read) (define (peek p) (fs-read p))"}
    found = uses(f'\n(require "m" :as m) (m/peek {PASSWD}) (m/fs-read {PASSWD})', modules)
    assert [(use.name, use.how, use.source.name) for use in found.uses] == [
        ("fs-read", "call", "m"),
        ("fs-read", "value", "m"),
    ]
    first = refusals(found.uses, NOTHING)[0]
    assert (first.start, first.end) == found.uses[0].via == (1, 20)
    assert ("note", "it is in m, line 1") in first.notes


def test_c04_a_module_of_a_module_and_its_macros() -> None:
    modules = {
        "a": '(require "b") (provide f) (define (f) (peek "/x"))',
        "b": "(defmacro peek (p) `(fs-read ,p)) (provide)",
    }
    assert told('(require "a" :refer (f)) (f)', modules) == [("fs-read", "call", "/x")]


def test_c04_what_is_quoted_counts_where_a_module_evaluates() -> None:
    modules = {"run": "(provide run) (define (run code) (eval code))"}
    found = uses(f'(require "run" :as r) (r/run \'(fs-read {PASSWD}))', modules)
    assert [(use.name, use.how) for use in found.uses] == [("fs-read", QUOTED)]
    assert found.evaluates


def test_what_is_evaluated_as_it_stands_is_not_dynamic() -> None:
    assert not uses("(eval '(+ 1 2))").evaluates
    assert not uses("(macroexpand (list 1))").evaluates


def test_generated_code_uses_no_operation_that_is_not_told() -> None:
    for text in AROUND.values():
        used = set(compile(text, cache=False).artifact.intrinsics) & catalog().keys()
        assert used <= {use.name for use in uses(text).uses}


# -- refusals


def test_a_kind_that_is_not_granted_at_all_is_refused() -> None:
    assert refused("(map http-get (list))", "fs.read:/") == ["`http-get` is not granted: there is no grant of net"]


def test_a_literal_outside_every_grant_is_refused() -> None:
    text = '(fs-read "/data/a") (fs-read "/data/../etc/passwd")'
    (refusal,) = refusals(uses(text).uses, Policy.of("fs.read:/data"))
    assert refusal.message == "`fs-read` of /data/../etc/passwd is not granted: no grant of fs.read covers it"
    assert text.encode()[refusal.start : refusal.end] == b'(fs-read "/data/../etc/passwd")'
    assert (refusal.id, refusal.kind, refusal.severity) == ("not-granted", "denied", "error")
    assert refusal.notes == (("help", 'the grant "fs.read:/data/../etc/passwd" would allow it'),)


def test_what_is_dynamic_is_decided_when_it_runs_if_anything_of_the_kind_is_granted() -> None:
    assert refused("(define (f p) (fs-read p))", "fs.read:/data") == []
    assert refused("(map fs-read (list))", "fs.read:/data") == []
    assert refused("(define (f p) (fs-read p))", "fs.write:/data") != []


def test_relative_paths_begin_at_the_base() -> None:
    assert refused('(fs-read "data/a")', "fs.read:data", base="/w") == []
    assert refused('(fs-read "../a")', "fs.read:.", base="/w") != []


def test_the_suggested_grant_is_enough() -> None:
    text = f'(fs-copy {PASSWD} "/w/p") (http-get "https://A.example.com/x") (io-print "x") (env-get "HOME")'
    found = uses(text).uses
    grants = {needed_grant(ask) for use in found for ask in use.asks}
    assert refusals(found, NOTHING)
    assert refusals(found, Policy.of(*grants)) == []
    assert "*" not in "".join(grants)


@pytest.mark.parametrize("command", ['(list "uname" "-a")', '\'("uname" "-a")', '(cons "uname" (list "-a"))'])
def test_a_command_line_is_judged_as_a_whole(command: str) -> None:
    text = f"(process-run {command})"
    built = "cons" in command
    assert refused(text, "proc:uname -a") == []
    assert (refused(text, "proc:uname -r") == []) is built
    (use,) = uses(text).uses
    assert needed_grant(use.asks[0]) == ("proc:*" if built else "proc:uname -a")


def test_what_no_grant_can_allow_has_none() -> None:
    (use,) = uses('(http-get "file:///etc/passwd")').uses
    assert needed_grant(use.asks[0]) == ""
    (refusal,) = refusals([use], Policy.of("net:*"))
    assert refusal.notes == ()


# -- H01, H02


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("(define get http-get)", VALUE),
        ("(map http-get (list))", VALUE),
        ("(vigy-set \"x\" (list http-get))", VALUE),
        ("(eval '(http-get url))", QUOTED),
        ("(eval (list 'http-get 1))", QUOTED),
        ("(define code \"(http-get 1)\") (eval (read-string code))", QUOTED),
    ],
)  # fmt: skip
def test_h01_an_alias_a_value_and_a_quoted_name_are_listed(text: str, how: str) -> None:
    assert ("http-get", how) in [(use.name, use.how) for use in uses(text).uses]
    assert "net" in uses(text).kinds


def test_h02_a_host_that_is_put_together_is_dynamic() -> None:
    (use,) = uses('(http-get (string-append "https://" "evil.example.com"))').uses
    assert use.asks[0].dynamic


def _forms(text: str) -> list[str]:
    """The top-level forms of `text`, as text."""
    source = Source("", text)
    return [source.data[form.start : form.end].decode() for form in read(source)[0]]
