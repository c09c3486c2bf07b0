"""Fibers: thunks that run once and never raise (language reference 12)."""

from __future__ import annotations

import pytest

import vigyc
from vigyc.lang.abi import BUILTINS
from vigyc.lang.datum import keyword
from vigyc.lang.errors import Halted, Thrown, TickError
from vigyc.runtime.builtins import fibers as _fibers  # noqa: F401 - registers natives
from vigyc.runtime.channel import Channel
from vigyc.runtime.equality import equal, same
from vigyc.runtime.faults import division_by_zero
from vigyc.runtime.native import NATIVES
from vigyc.runtime.printer import display
from vigyc.runtime.values import ErrorValue, kind_of

NAMES = ("go", "go?", "go-run", "go-status", "go-result", "go-error")
PENDING, RUNNING, DONE, ERRORED = (keyword(name) for name in ("pending", "running", "done", "errored"))


def call(name: str, *args: object) -> object:
    return NATIVES[name](*args)


def fault(name: str, *args: object) -> str:
    with pytest.raises(TickError) as caught:
        call(name, *args)
    return f"{caught.value.kind}: {caught.value.short}"


def shown(source: str) -> str:
    """The value of the program, printed."""
    return display(vigyc.compile(source, cache=False).eval())


def test_all_names_have_the_arity_of_the_table():
    for name in NAMES:
        known = NATIVES[name].tatara  # type: ignore[attr-defined]
        assert (known.lo, known.hi, known.host) == (BUILTINS[name].lo, BUILTINS[name].hi, BUILTINS[name].host)


def test_a_fiber_runs_once_when_asked():
    calls: list[int] = []

    def thunk() -> object:
        calls.append(1)
        return len(calls)

    f = call("go", thunk)
    assert [call("go-status", f), call("go-result", f), call("go-error", f), calls] == [PENDING, None, None, []]
    assert [call("go-run", f), call("go-run", f), calls] == [1, 1, [1]]
    assert [call("go-status", f), call("go-result", f), call("go-error", f)] == [DONE, 1, None]


def test_while_it_runs_its_status_says_so():
    seen: list[object] = []
    f = call("go", lambda: seen.append(call("go-status", f)))
    call("go-run", f)
    assert seen == [RUNNING]


@pytest.mark.parametrize("value", [keyword("boom"), None, [1, 2], ErrorValue("mine", "m", [1, 2])])
def test_a_thrown_value_is_kept_as_it_is(value):
    def thunk() -> object:
        raise Thrown(value)

    f = call("go", thunk)
    assert call("go-run", f) is value
    assert call("go-run", f) is value
    assert [call("go-status", f), call("go-result", f), call("go-error", f)] == [ERRORED, None, value]


def test_any_other_error_becomes_an_error_value():
    def thunk() -> object:
        raise division_by_zero()

    f = call("go", thunk)
    error = call("go-run", f)
    assert isinstance(error, ErrorValue)
    assert (error.tag, error.message, error.data) == ("fiber-error", "division by zero at <synthetic>", [])
    assert call("go-error", f) is error


def test_the_end_of_a_tick_is_not_kept():
    def thunk() -> object:
        raise Halted

    f = call("go", thunk)
    with pytest.raises(Halted):
        call("go-run", f)


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("(go-run (go (lambda () (/ 1 0))))", '#<error :fiber-error "division by zero at 23..30">'),
        (
            "(go-run (go (lambda () (car 5))))",
            '#<error :fiber-error "type mismatch: expected pair, got int at 23..30">',
        ),
        (
            "(go-run (go (lambda () (car ()))))",
            '#<error :fiber-error "in native fn car: car of empty list at 23..31">',
        ),
        ("(go-run (go (lambda () (oops))))", '#<error :fiber-error "unbound symbol: oops at 24..28">'),
        (
            "(go-run (go (lambda () (5 1))))",
            '#<error :fiber-error "not callable: value of type int at 23..28">',
        ),
        (
            '(go-run (go (lambda () (read-string "("))))',
            '#<error :fiber-error "reader error: unmatched opening paren">',
        ),
        (
            "(define f (go (lambda () (go-run f)))) (go-run f)",
            '#<error :fiber-error "in native fn go-run: fiber already running (re-entrant call detected) at 25..35">',
        ),
    ],
)
def test_the_message_is_the_full_text_with_its_place(source, want):
    assert shown(source) == want


@pytest.mark.parametrize(
    ("source", "want"),
    [
        ("(go-run (go list))", "()"),
        ("(go-status (go (chan)))", ":pending"),
        ("(let ((f (go (chan)))) (go-run f) (go-status f))", ":errored"),
        ("(let ((f (go car))) (go-run f) (list (go-status f) (error-tag (go-error f))))", "(:errored :fiber-error)"),
        ("(define f (go (lambda () (try (car 5) (catch (e) :c))))) (list (go-run f) (go-status f))", "(:c :done)"),
    ],
)
def test_what_a_fiber_may_hold(source, want):
    assert shown(source) == want


def test_errors_on_a_full_stack_are_kept_too():
    source = """
        (define c (chan))
        (define (deep n) (let ((f (go (lambda () (car n))))) (begin (>! c f) (go-run f) (+ 1 (deep n)))))
        (define tag (try (deep 0) (catch (e) (error-tag e))))
        (list tag (distinct (map (lambda (f) (list (go-status f) (error-tag (go-error f)))) (drain! c))))
    """
    assert shown(source) == "(:depth-exceeded ((:errored :fiber-error)))"


def test_a_fiber_is_foreign_and_equal_to_itself_alone():
    f = call("go", NATIVES["go"])
    assert kind_of(f) == "foreign"
    assert display(f) == "#<foreign>"
    assert equal(f, f)
    assert not equal(f, call("go", NATIVES["go"]))
    assert not same(f, f)


def test_only_a_fiber_is_a_fiber():
    assert call("go?", call("go", Channel())) is True
    for other in (None, 5, Channel(), NATIVES["go"]):
        assert call("go?", other) is False


def test_only_functions_and_foreign_objects_make_a_fiber():
    assert fault("go", 5) == "type-mismatch: type mismatch: expected callable, got int"
    assert fault("go", None) == "type-mismatch: type mismatch: expected callable, got nil"
    assert fault("go", {}) == "type-mismatch: type mismatch: expected callable, got map"


@pytest.mark.parametrize("name", ["go-run", "go-status", "go-result", "go-error"])
def test_what_is_no_fiber_is_refused(name):
    assert fault(name, 5) == "type-mismatch: type mismatch: expected fiber, got int"
    assert fault(name, Channel()) == "type-mismatch: type mismatch: expected fiber, got foreign"
