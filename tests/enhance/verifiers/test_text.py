"""The axes that look at the text: whether it reads, is what it looks like, is another, compiles, and asks for more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from enhance.verifiers.conftest import World, Worlds
from vigyc.effects.policy import Policy
from vigyc.enhance.verifiers import capabilities
from vigyc.enhance.verifiers.case import Denied

BASE = '(vigy-set "n" 1) ; once\n(vigy-noop)'


@pytest.fixture(autouse=True)
def registered(world: World) -> None:
    world.register(BASE)


def test_a_program_that_can_be_read_passes(world: World) -> None:
    assert world.verdict("reads", "(vigy-noop)\n1") == "2 forms in 13 bytes"


def test_what_cannot_be_read_is_denied_with_its_place(world: World) -> None:
    assert world.verdict("reads", "(vigy-noop)\n(car") == (
        "DENIED the program cannot be read: line 2:1: unmatched opening paren; help: add the `)` that closes it"
    )


@pytest.mark.parametrize("text", ["", " \n", "; only a comment"])
def test_a_blank_program_is_denied(world: World, text: str) -> None:
    assert world.verdict("reads", text) == (
        "DENIED the program is blank: it must have at least one form; to stop the vigy, disable it instead"
    )


def test_a_program_that_is_too_large_is_denied_unread(world: World) -> None:
    assert world.verdict("reads", '("é"', max_program_bytes=4) == (
        "DENIED the program has 5 bytes, and 4 are allowed: shorten it, or move parts of it into a module"
    )


def test_what_prints_as_it_reads_passes(world: World) -> None:
    found = world.verdict("canonical", '(vigy-log "info" "a\\nb\u200b\\u{202e}") ; é')
    assert found.startswith("printed and read again it is the same: c1:")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("(vigy-noop)\n1 ; \u202e hidden", "line 2:5: U+202E"),
        ("; zero\u200bwidth\n1", "line 1:7: U+200B"),
        ('("\u200b") \x00', "line 1:7: U+0000"),
        ('("a\u202eb")', "line 1:4: U+202E, in a string spelled \\u{202e}"),
        ("(define ok\u3164 1)", "line 1:11: U+3164"),
        ("(define a\ufe0f 1)", "line 1:10: U+FE0F"),
    ],
)
def test_a_character_that_does_not_show_is_denied_outside_of_strings(world: World, text: str, place: str) -> None:
    assert world.verdict("canonical", text) == (f"DENIED there are characters that do not show; take them out: {place}")


def test_an_emoji_in_a_comment_or_a_string_shows(world: World) -> None:
    assert world.verdict("canonical", '; \u26a0\ufe0f mind\n"\u26a0\ufe0f"').startswith("printed and read again")


def test_another_program_is_a_change(world: World) -> None:
    assert world.verdict("noop", "(vigy-noop)").startswith("another program than version 1: c1:")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (BASE, "it is"),
        ('(vigy-set "n"\n 1)\n\n(vigy-noop)', "only layout or comments differ from"),
        ('(vigy-set "\\u{6e}" 1)(vigy-noop) ; other', "only layout or comments differ from"),
    ],
)
def test_layout_and_comments_are_no_change(world: World, text: str, what: str) -> None:
    assert world.verdict("noop", text) == (
        f"DENIED nothing is changed: {what} the program of version 1; change a form, so that it answers the issue"
    )


def test_a_program_without_findings_compiles(world: World) -> None:
    assert world.verdict("compiles", "(vigy-noop)") == "compiles, without findings"


def test_what_does_not_compile_is_denied_with_its_place(world: World) -> None:
    found = world.verdict("compiles", "(defmacro m () (car 1))\n  (m)")
    assert found.startswith("DENIED it does not compile: line 2:3: ")


def test_a_new_finding_is_denied(world: World) -> None:
    assert world.verdict("compiles", "1\n(vigy-nop)") == (
        "DENIED 1 finding that the base does not have: line 2:2: nothing is bound to `vigy-nop`; help: did you mean "
        "`vigy-noop`? [unbound-name]"
    )


def test_a_finding_that_the_base_has_may_stay_wherever_it_stands(world: World) -> None:
    world.register("(define (f) (g))", "warned")
    assert world.verdict("compiles", "1\n2\n(define (f) (g))", name="warned") == (
        "compiles, with 1 finding that the base has too"
    )
    assert world.verdict("compiles", "(define (f) (g))\n(define (h) (g))", name="warned").startswith(
        "DENIED 2 findings that the base does not have: line 1:14: nothing is bound to `g`"
    )
    assert world.verdict("compiles", "1", name="warned") == "compiles, without findings (1 fewer than the base)"


def test_a_candidate_may_require_what_the_base_did_and_nothing_else(world: World) -> None:
    world.register('(require "m" :refer (f))\n(f)', "modular", modules={"m": "(provide f)\n(define (f) 1)", "o": "1"})
    assert (
        world.verdict("compiles", '(require "m" :refer (f))\n(+ (f) 1)', name="modular") == "compiles, without findings"
    )
    assert world.verdict("compiles", '(require "o")', name="modular") == (
        "DENIED 1 finding that the base does not have: line 1:1: module not found: o [failing-require]"
    )


# -- capabilities

ALLOW = (
    "; if it must, an operator can allow it: `vigyc issue approve ISSUE`, then `vigyc issue retry ISSUE`; else do "
    "without"
)


def test_no_more_powers_than_the_base_pass(worlds: Worlds) -> None:
    world = worlds(Policy.of("log", "random"))
    world.register('(log-info "a") (random-int 1 6)')
    assert world.verdict("capabilities", '(log-warn "b")') == "nothing that the base cannot do: log"
    assert world.verdict("capabilities", "(vigy-noop)") == "nothing that the base cannot do: no effects"


def test_a_new_kind_of_effect_is_denied_with_its_line(worlds: Worlds) -> None:
    world = worlds(Policy.of("log", "random"))
    world.register('(log-info "a")')
    assert world.verdict("capabilities", '(log-info "a")\n(random-int 1 6)') == (
        f"DENIED it can do more than the base: line 2: `random-int` (random){ALLOW}"
    )


def test_an_operator_can_allow_it(worlds: Worlds) -> None:
    world = worlds(Policy.of("log", "random"))
    world.register('(log-info "a")')
    assert world.verdict("capabilities", "(random-int 1 6)", approved=True) == (
        "an operator has allowed 1 new power: line 1: `random-int` (random)"
    )


def test_what_the_policy_is_sure_to_refuse_is_denied_even_if_allowed(worlds: Worlds) -> None:
    world = worlds(Policy.of("log"))
    world.register('(log-info "a")')
    assert world.verdict("capabilities", '(fs-read "/etc/passwd")', approved=True) == (
        "DENIED the policy of x would refuse it: line 1:1: `fs-read` of /etc/passwd is not granted: there is no grant "
        'of fs.read; help: the grant "fs.read:/etc/passwd" would allow it'
    )


def test_another_literal_of_the_same_kind_is_more(worlds: Worlds, tmp_path: Path) -> None:
    world = worlds(Policy.of(f"fs.read:{tmp_path}"))
    world.register(f'(fs-read "{tmp_path}/a")')
    assert world.verdict("capabilities", f'(fs-exists? "{tmp_path}/./a")') == "nothing that the base cannot do: fs.read"
    assert world.verdict("capabilities", f'(fs-read "{tmp_path}/b")') == (
        f"DENIED it can do more than the base: line 1: `fs-read` (fs.read) of {tmp_path}/b{ALLOW}"
    )
    assert world.verdict("capabilities", f'(fs-read (string-append "{tmp_path}/" (vigy-get "f")))') == (
        f"DENIED it can do more than the base: line 1: `fs-read` (fs.read) of what is known only when it runs{ALLOW}"
    )


def test_where_the_base_makes_it_up_the_policy_is_the_bound(worlds: Worlds, tmp_path: Path) -> None:
    world = worlds(Policy.of(f"fs.read:{tmp_path}"))
    world.register('(fs-read (vigy-get "f"))')
    for text in (f'(fs-read "{tmp_path}/b")', '(fs-read (vigy-get "g"))'):
        assert world.verdict("capabilities", text) == "nothing that the base cannot do: fs.read"


@pytest.mark.parametrize("grant", ["fs.read:*", "fs.read:/", "fs.read://", "fs.read:/.", "fs.read:/etc/.."])
def test_a_grant_of_any_is_no_bound(worlds: Worlds, grant: str) -> None:
    world = worlds(Policy.of(grant))
    world.register('(fs-read (vigy-get "f"))')
    assert world.verdict("capabilities", '(fs-read "/etc/passwd")') == (
        f"DENIED it can do more than the base: line 1: `fs-read` (fs.read) of /etc/passwd{ALLOW}"
    )


@pytest.mark.parametrize(
    ("grant", "bounds"), [("net:*", False), ("net:*:443", False), ("net:0.0.0.0/0", False), ("net:9.9.9.0/24", True)]
)
def test_a_grant_of_any_host_is_no_bound_whatever_the_port(worlds: Worlds, grant: str, bounds: bool) -> None:
    world = worlds(Policy.of(grant))
    world.register('(http-get (vigy-get "url"))')
    told = world.verdict("capabilities", '(http-get "https://9.9.9.9/")')
    assert told.startswith("DENIED it can do more than the base") is not bounds, told


def test_to_run_what_it_makes_up_is_more(worlds: Worlds) -> None:
    world = worlds(Policy.of("log"))
    world.register('(log-info "a")')
    assert world.verdict("capabilities", '(eval (read-string (vigy-get "code")))') == (
        "DENIED it can do more than the base: it runs code that it makes up (`eval`), so that it may do whatever its "
        f"policy grants{ALLOW}"
    )


MADE_UP = '(string->symbol (string-append "log-" "info"))'


@pytest.mark.parametrize(
    "text",
    [
        f'(eval \'(eval (list {MADE_UP} "boo")))',
        f'(defmacro m (a) (list {MADE_UP} a)) (eval \'(m "boo"))',
        f'(define code \'(eval (list {MADE_UP} "boo"))) (eval code)',
        f'(eval (-> (eval (list {MADE_UP} "boo")) quote))',
    ],
)
def test_to_evaluate_data_that_makes_up_code_is_more(worlds: Worlds, text: str) -> None:
    world = worlds(Policy.of("log"))
    world.register("(eval '(+ 1 2))")
    assert world.verdict("capabilities", text).startswith("DENIED it can do more than the base: it runs code that it")
    world.register(text, "y")
    assert world.verdict("capabilities", text, name="y").startswith("nothing that the base cannot do")


def test_to_evaluate_what_stands_in_the_text_is_no_more_than_the_text(worlds: Worlds) -> None:
    world = worlds(Policy.of("log"))
    world.register('(log-info "a")')
    assert world.verdict("capabilities", "(eval '(+ 1 2)) ; eval eval") == "nothing that the base cannot do: no effects"


def test_a_power_in_a_module_is_told_with_the_line_of_its_require(worlds: Worlds) -> None:
    world = worlds(Policy.of("log"))
    module = '(provide f)\n(define (f) (log-info "a"))'
    world.register('(require "m")', modules={"m": module})
    vigy = world.vigy()
    without = world.case("1")
    lacking = replace(without, base=without.base._replace(program="2", modules=None))
    with pytest.raises(Denied) as denial:
        capabilities.verify(replace(lacking, program='1\n(require "m")\n(m/f)', modules=vigy.modules))
    assert str(denial.value) == (f"it can do more than the base: line 2: `log-info` (log), in m, line 2{ALLOW}")
    assert world.verdict("capabilities", '(require "m")\n2') == "nothing that the base cannot do: log"
