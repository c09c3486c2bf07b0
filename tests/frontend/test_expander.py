"""The expander on library macros: which lists are calls, what they become, where the new forms stand.

Temporaries are shown as `_1`, `_2` ... here. What macros of a program do needs the whole compiler: see
test_macro_programs.py.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import pytest

from vigyc.frontend.expander import expand, expand_once, expand_program
from vigyc.frontend.macros.library import LIBRARY
from vigyc.frontend.macros.table import MacroTable
from vigyc.frontend.reader import read
from vigyc.lang.datum import Atom, BuiltinName, Form, ListForm, PrefixForm, Symbol
from vigyc.lang.diagnostic import Diagnostic
from vigyc.lang.printer import print_form
from vigyc.lang.source import Source


class NoEvaluator:
    """For programs without macros of their own; running one would be a fault."""

    def compile(self, definitions: list[Form], function: Form) -> object:
        raise AssertionError(definitions, function)

    def call(self, name: str, handle: object, arguments: list[Form], start: int, end: int) -> Form:
        raise AssertionError(name, handle, arguments, start, end)


@pytest.fixture(autouse=True)
def _deep_recursion() -> Iterator[None]:
    """The expander's caller provides the depth."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(200_000)
    yield
    sys.setrecursionlimit(before)


def forms_of(text: str) -> list[Form]:
    forms, diagnostics = read(Source("t", text))
    assert diagnostics == []
    return forms


def program(text: str) -> tuple[list[Form], list[Diagnostic]]:
    return expand_program(forms_of(text), MacroTable(), NoEvaluator())


def nodes(form: Form) -> Iterator[Form]:
    waiting = [form]
    while waiting:
        item = waiting.pop()
        yield item
        if isinstance(item, ListForm):
            waiting += item.items
        elif isinstance(item, PrefixForm):
            waiting.append(item.form)


def expanded(text: str) -> str:
    forms, diagnostics = program(text)
    assert diagnostics == []
    return re.sub("(?:while|case key|match value|match length) (?=[0-9])", "_", " ".join(map(print_form, forms)))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("(-> x)", "x"),
        ("(-> 5 inc (- 1) 'f)", "(quote (- (inc 5) 1) f)"),
        ("(->> 5 inc (- 1))", "(- 1 (inc 5))"),
        ("(->1 5 inc)", "(inc 5)"),
        ("(->>1 5 (- 3))", "(- 3 5)"),
        ("(when-let (n e) a b)", "(let ((n e)) (when n a b))"),
        ("(when-let (n e))", "(let ((n e)) (when n))"),
        ("(unless-let (n e) a)", "(let ((n e)) (unless n a))"),
        ("(if-let (n e) a b)", "(let ((n e)) (if n a b))"),
        ("(with-gensyms (a b) c)", '(let ((a (gensym "a")) (b (gensym "b"))) c)'),
        ("(with-gensyms () c)", "(let () c)"),
        ("(dotimes (i n) a b)", "(for-each (lambda (i) a b) (range n))"),
        ("(dolist (x xs) a)", "(for-each (lambda (x) a) xs)"),
        ("(doseq (x xs) a)", "(for-each (lambda (x) a) xs)"),
        ("(while t a)", "(letrec ((_1 (lambda () (if t (begin a (_1)) ())))) (_1))"),
        ("(while t)", "(letrec ((_1 (lambda () (if t (_1) ())))) (_1))"),
        ("(while t (define q 1))",
         "(letrec ((_1 (lambda () (if t (begin ((lambda () (define q 1))) (_1)) ())))) (_1))"),
        ("(assert t m)", "(if t () (throw (ex-info m)))"),
        ("(comment (car 5) (->))", "()"),
        ("(lazy-cons h t)", "(list h (delay t))"),
        ("(defflow n f g)", "(define n (pipe f g))"),
        ("(defsm n :initial :r)", "(define n (make-sm (sm-spec :initial :r)))"),
        ("(defactor n s f)", "(define n (make-actor s f))"),
        ("(defstrategy n :a f)", "(define n (make-strategy :a f))"),
        ("(defvisitor n :t f)", "(define n (make-visitor :t f))"),
        ("(defcommand b :put (k v) x y)", "(register-command! b :put (lambda (k v) x y))"),
        ("(defquery b :get () x)", "(register-query! b :get (lambda () x))"),
        ("(defn-typed f ((x :int)) -> :int a b)", "(define (f x) (the :int x) (the :int (begin a b)))"),
        ("(case k ((1 a) x) (b y) (else z))", "(let ((_1 k)) (cond ((or (equal? _1 1) (equal? _1 'a)) x) "
         "((equal? _1 'b) y) (else z)))"),
        ("(case k (() x) ((()) y))", "(let ((_1 k)) (cond ((equal? _1 '()) y)))"),
        ("(match e (1 a) ('d b) (_ c))", "(let* ((_1 e)) (cond ((equal? _1 1) a) ((equal? _1 'd) b) (else c)))"),
        ("(match e ((? p) a) ((? p n) b))", "(let* ((_1 e)) (cond ((p _1) a) ((p _1) (let ((n _1)) b))))"),
        ("(match e (() a) (x x))", "(let* ((_1 e)) (cond ((null? _1) a) (else (let ((x _1)) x))))"),
        ("(match e ((1 b) b))", "(let* ((_1 e)) (cond ((and (list? _1) (= (length _1) 2) (equal? (nth 0 _1) 1)) "
         "(let ((b (nth 1 _1))) b))))"),
        ("(match e ((a) 1) ((a _) 2))", "(let* ((_1 e) (_2 (if (list? _1) (length _1) -1))) (cond "
         "((= _2 1) (let ((a (nth 0 _1))) 1)) ((= _2 2) (let ((a (nth 0 _1))) 2))))"),
    ],
)  # fmt: skip
def test_what_library_macros_become(text: str, result: str) -> None:
    assert expanded(text) == result


def test_a_record_is_a_handful_of_functions() -> None:
    text = expanded("(define-record p (x))")
    assert re.findall(r"\(define \(([^)]*)\)", text) == ["make-p x", "p? r", "p->map r", "p-x r", "p-set-x r v"]
    assert "(hash-map :tatara-record-type :p :x x)" in text


MALFORMED = """
(->) (-> 5 ()) (->1 5) (->>1 5 f g) (when-let) (when-let x 1) (when-let (1 2) 3) (if-let (x 1) 1)
(dotimes (i) 1) (dotimes (i 3)) (dolist x y) (doseq) (while) (case) (case 1 2) (case 1 ()) (match) (match 5 6)
(match 5 ((? p 5) 1)) (assert #t) (defflow) (defflow 5) (defactor n 0) (defcommand b :k x 1) (defquery b :k ())
(define-record p) (define-record p x) (define-record 5 (x)) (define-record p (5)) (lazy-cons 1)
(with-gensyms (a)) (with-gensyms 5 1) (defn-typed f () :int 5) (defn-typed f (x) -> :int x)
"""


@pytest.mark.parametrize("text", [print_form(form) for form in forms_of(MALFORMED)])
def test_malformed_calls_fail_only_when_reached(text: str) -> None:
    (result,), diagnostics = program(text)
    name = text[1:].split(" ", maxsplit=1)[0].rstrip(")")
    assert diagnostics == []
    assert isinstance(result, ListForm)
    assert print_form(result).startswith(f'(bad-form "{name}" "expected ({name} ')
    assert [(item.start, item.end) for item in result.items] == [(0, len(text))] * 3


def test_a_match_clause_without_body_fails_only_when_it_fits() -> None:
    assert "(cond ((equal? _1 1) (bad-form" in expanded("(match e (1))")


def test_inserted_library_functions_cannot_be_captured() -> None:
    (form,), _ = program("(let ((equal? 1)) (case k (1 equal?)))")
    inserted = {
        node.value.name for node in nodes(form) if isinstance(node, Atom) and isinstance(node.value, BuiltinName)
    }
    assert inserted == {"equal?"}


def test_temporaries_cannot_be_written() -> None:
    (form,), _ = program("(match a (b (while c (case d (e f)))))")
    written = set("abcdef") | {"let*", "cond", "else", "let", "letrec", "lambda", "if", "begin"}
    made = {node.value.name for node in nodes(form) if isinstance(node, Atom) and isinstance(node.value, Symbol)}
    assert len(made - written) == 3
    assert all(" " in name for name in made - written)


def test_inserted_forms_have_the_span_of_the_call_and_the_others_their_own() -> None:
    text = "(list (when-let (n (f 1)) (g n)))"
    (form,), _ = program(text)
    call = (text.index("(when"), len(text) - 1)
    assert isinstance(form, ListForm)
    assert all(
        (node.start, node.end) == call or text[node.start : node.end] == print_form(node)
        for node in nodes(form.items[1])
    )
    assert text.index("(f 1)") in {node.start for node in nodes(form)}


@pytest.mark.parametrize(
    "text",
    [
        "(quote (-> 1 inc)) '(-> 1 inc) `(-> 1 inc)",
        "(let ((match 1)) (match match))",
        "(let* ((match 1) (x (match 2))) (match x))",
        "(letrec ((match (lambda () (match)))) 1)",
        "(lambda (case) (case 1))",
        "(lambda (a &rest case) (case 1))",
        "(define (f case) (case 1))",
        "(define (case x) (case x)) (case 1)",
        "(begin (define case car)) (case 1)",
        "(define (f) (define match car) (match 1))",
        "(define (f) (define (match x) (match x)) 1)",
        "(cond ((f) 1) (assert 1) (-> 2))",
        "(try 1 (catch (match) (match 1)))",
        "(let ((x 1) (-> 2)) (-> x))",
        '(require "m" :refer (match)) (provide match)',
        "(map -> 1) (set! match 1)",
        "(f (defmacro m () 1))",
        "() 5 x \"s\" (1 2) ((lambda (x) x) 1)",
        "(let) (let 5) (let (5) 1) (lambda) (define) (define 5) (define ())",
        "(cond 5) (try) (try 5) (quasiquote) (catch)",
    ],
)  # fmt: skip
def test_what_is_no_macro_call_stays_the_same_object(text: str) -> None:
    before = forms_of(text)
    after, diagnostics = expand_program(before, MacroTable(), NoEvaluator())
    assert diagnostics == []
    assert [print_form(form) for form in after] == [print_form(form) for form in before]
    assert all(one is other for one, other in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("(define x (-> 1 f))", "(define x (f 1))"),
        ("(let ((x (-> 1 f)) (-> (-> 2 f))) (-> 3))", "(let ((x (f 1)) (-> (f 2))) (-> 3))"),
        ("(let* ((x (-> 1 f)) (-> 2)) x)", "(let* ((x (f 1)) (-> 2)) x)"),
        ("(cond ((-> 1 f) (-> 2 f)) (else (-> 3 f)))", "(cond ((f 1) (f 2)) (else (f 3)))"),
        ("(try (-> 1 f) (catch (e) (-> 2 f)))", "(try (f 1) (catch (e) (f 2)))"),
        ("(lambda (-> x) 1) (-> 1 f)", "(lambda (-> x) 1) (f 1)"),
        ("((-> 1 f) (-> 2 g))", "((f 1) (g 2))"),
        ("`(-> 1 ,(-> 1 f) ,@(-> 2 f))", "`(-> 1 ,(f 1) ,@(f 2))"),
        ("(quasiquote (a ,(-> 1 f)))", "(quasiquote (a ,(f 1)))"),
        ("`(a ',(-> 1 f) `(b ,(-> 2 f) ,,(-> 3 f)))", "`(a ',(f 1) `(b ,(-> 2 f) ,,(f 3)))"),
        ("(define (f) (-> 1 g) (define -> 1) (-> 2))", "(define (f) (g 1) (define -> 1) (-> 2))"),
        ("(-> (-> 1 f) (-> g))", "(g (f 1))"),
    ],
)
def test_calls_are_found_by_the_shape_around_them(text: str, result: str) -> None:
    assert expanded(text) == result


def test_outermost_calls_are_reported() -> None:
    text = "(f (-> 1 (g (-> 2 h)))) (case 1 (2 (-> 3 f)))"
    calls: list[tuple[int, int]] = []
    expand_program(forms_of(text), MacroTable(), NoEvaluator(), calls)
    assert [text[start:end] for start, end in calls] == ["(-> 1 (g (-> 2 h)))", "(case 1 (2 (-> 3 f)))"]


def test_expand_knows_the_locals_it_is_told() -> None:
    (form,) = forms_of("(f (-> 1 g))")
    assert print_form(expand(form, MacroTable(), NoEvaluator())[0]) == "(f (g 1))"
    assert expand(form, MacroTable(), NoEvaluator(), {"->"})[0] is form


def test_expand_once_rewrites_the_head_only() -> None:
    (form, plain) = forms_of("(-> (-> 1 f) -> g) (f (-> 1 g))")
    assert print_form(expand_once(form, MacroTable(), NoEvaluator())[0]) == "(g (-> (-> 1 f)))"
    assert expand_once(plain, MacroTable(), NoEvaluator())[0] is plain


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(defmacro m ())", "compile error in defmacro: (defmacro name (params) body) required"),
        ("(defcheck m ())", "compile error in defcheck: (defmacro name (params) body) required"),
        ("(defmacro 5 () 1)", "compile error in defmacro: expected name symbol"),
        ("(defpoint-template m x 1)", "compile error in defpoint-template: expected param list"),
        ("(defmacro m (a 5) 1)", "compile error in defmacro params: expected symbol"),
        ("(defmacro m (a &rest) 1)", "compile error in defmacro params: &rest needs a name"),
        ("(defmacro m (&rest 5) 1)", "compile error in defmacro params: &rest needs a name"),
    ],
)
def test_definitions_that_define_nothing(text: str, message: str) -> None:
    _, (finding,) = program(text)
    assert (finding.kind, finding.message) == ("reader", message)


def test_a_definition_leaves_nil_behind() -> None:
    assert expanded("(defmacro m () 1) (begin (defcheck n () 1) 2)") == "() (begin () 2)"


@pytest.mark.parametrize("opening", ["(f ", "(let ((x 1)) ", "(lambda () ", "`(a ,(b ", "(-> 1 (g ", "(match x (y "])
def test_deep_code_is_expanded(opening: str) -> None:
    levels = 9_000 // len(re.findall(r"[(`,]", opening))
    closing = ")" * (opening.count("(") - opening.count(")"))
    _, diagnostics = program(opening * levels + "1" + closing * levels)
    assert diagnostics == []


def test_code_too_deep_for_the_stack_is_a_finding() -> None:
    sys.setrecursionlimit(1_000)
    forms, (finding,) = program("(f " * 5_000 + ")" * 5_000 + " (-> 1 g)")
    assert finding.id == "nested-too-deeply"
    assert [print_form(form) for form in forms] == ["()", "(g 1)"]


def test_there_are_26_library_macros() -> None:
    assert len(LIBRARY) == 26
