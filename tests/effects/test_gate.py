"""The gate: who may do what, once a call; a refusal counts whatever the program makes of it; what is told of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

import vigyc
from vigyc.effects.budget import Budget
from vigyc.effects.gated import Gated
from vigyc.effects.limits import Limits
from vigyc.effects.policy import Policy
from vigyc.effects.powers import Powers
from vigyc.lang.errors import TickError
from vigyc.model.effect import Effect
from vigyc.model.run import Report
from vigyc.model.run_codec import read_report, report_json
from vigyc.runtime.host import Host


def tick(text: str, policy: Policy, seconds: float = 5.0) -> Host:
    """One tick of the program `text` under `policy`; an error of the program is in `host.kv["error"]`."""
    powers = Powers(lambda name, labels: policy)
    host = Host(tick_start_ms=1_700_000_000_000)
    try:
        Gated(vigyc.compile(text), powers, "id", "name", {}, seconds).tick(host)
    except TickError as error:
        host.kv["error"] = error.kind
    finally:
        powers.close()
    return host


def told(host: Host) -> list[tuple[str, str]]:
    assert host.gate is not None
    return [(effect.name, effect.outcome) for effect in host.gate.told()]


def test_without_a_gate_every_effect_is_denied() -> None:
    with pytest.raises(TickError, match=r"`env-get` is denied: this vigy has no policy"):
        vigyc.compile('(env-get "HOME")').tick(Host())


def test_without_a_grant_it_is_denied_and_the_grant_is_named() -> None:
    host = tick('(env-get "HOME")', Policy())
    assert host.kv["error"] == "denied"
    assert host.gate is not None
    (effect,) = host.gate.told()
    assert (effect.outcome, effect.resource, effect.rule) == ("denied", "HOME", "there is no grant of env")
    assert "the grant 'env:HOME' would allow it" in effect.detail


def test_the_grant_that_allowed_it_is_told() -> None:
    host = tick('(env-get "HOME")', Policy.of("env:PATH", "env:HO*"))
    assert host.gate is not None
    assert [effect.rule for effect in host.gate.told()] == ["env:HO*"]


def test_c07_a_denial_that_is_caught_is_no_success() -> None:
    host = tick('(vigy-set "got" (try (env-get "HOME") (catch (e) (error-tag e))))', Policy())
    assert host.kv == {"got": ":denied"}
    assert host.gate is not None
    assert host.gate.denied == 1


def test_a_wrong_argument_names_the_operation_and_the_argument() -> None:
    gated = Gated(vigyc.compile("(env-get 7)"), Powers(lambda name, labels: Policy.of("env:*")), "i", "n", {}, 5.0)
    with pytest.raises(TickError, match=r"`env-get`: name must be a string, got int"):
        gated.tick(Host())


def test_an_option_nobody_knows_is_refused(tmp_path: Path) -> None:
    host = tick(f'(fs-remove "{tmp_path}/x" (hash-map :every #t))', Policy.of(f"fs.write:{tmp_path}"))
    assert host.kv["error"] == "native-fn"


@pytest.mark.parametrize(
    "text",
    [
        '((lambda (f) (f "HOME")) env-get)',
        '(map env-get (list "HOME"))',
        '(apply env-get (list "HOME"))',
        '(foldl (lambda (seen name) (env-get name)) nil (list "HOME"))',
        '(define other env-get) (other "HOME")',
        '(define stored (list env-get)) ((car stored) "HOME")',
        '(force (delay (env-get "HOME")))',
        '(eval \'(env-get "HOME"))',
        '(eval (list (string->symbol (string-append "env" "-get")) "HOME"))',
        '(try (throw 1) (catch (e) (env-get "HOME")))',
        '(defmacro ask (name) `(env-get ,name)) (ask "HOME")',
        '((partial env-get "HOME"))',
        '((compose env-get identity) "HOME")',
        '(realize (lazy-take 1 (lazy-map env-get (lazy-cons "HOME" nil))))',
    ],
)
def test_c04_an_effect_reached_in_any_way_passes_the_gate(text: str) -> None:
    host = tick(text, Policy())
    assert host.gate is not None
    assert (host.gate.denied, told(host)) == (1, [("env-get", "denied")]), text


def test_c05_a_dead_branch_needs_nothing() -> None:
    host = tick('(vigy-set "x" (if #t "" (http-get "http://example.com")))', Policy())
    assert host.kv == {"x": ""}
    assert told(host) == []


def test_c09_a_gate_cannot_be_made_of_data() -> None:
    host = tick('(define gate (hash-map :policy "*" :allow #t)) (env-get "HOME")', Policy())
    assert host.kv["error"] == "denied"


def test_a_budget_of_calls_ends_them_and_what_was_done_stays() -> None:
    policy = Policy.of("env:*", budgets=(Budget({"calls": 2}),))
    text = '(vigy-set "first" (some? (env-get "PATH"))) (env-get "PATH") (env-get "PATH")'
    host = tick(text, policy)
    assert host.kv["error"] == "budget-exceeded"
    assert told(host) == [("env-get", "ok"), ("env-get", "ok"), ("env-get", "misused")]


def test_a_call_costs_what_the_policy_says() -> None:
    policy = Policy.of("env:*", budgets=(Budget({"cost": 25}),), costs={"env-get": 10})
    host = tick('(env-get "PATH") (env-get "PATH") (env-get "PATH")', policy)
    assert told(host) == [("env-get", "ok"), ("env-get", "ok"), ("env-get", "misused")]
    assert host.gate is not None


def test_what_was_refused_charges_nothing() -> None:
    policy = Policy.of("env:PATH", budgets=(Budget({"calls": 1}),))
    host = tick('(try (env-get "HOME") (catch (e) nil)) (env-get "PATH")', policy)
    assert told(host) == [("env-get", "denied"), ("env-get", "ok")]


def test_a_handle_dies_with_its_run(tmp_path: Path) -> None:
    policy = Policy.of(f"kv:{tmp_path}")
    powers = Powers(lambda name, labels: policy)
    kept: list[object] = []
    keeper = vigyc.Extension("keeper")
    keeper.function("keep", 1)(lambda host, value: kept.append(value))
    keeper.function("kept", 0)(lambda host: kept[0])
    extensions = [*vigyc.standard_extensions(), keeper]
    first = vigyc.compile(f'(keep (ok-value (kv-open "{tmp_path}/a")))', extensions=extensions)
    Gated(first, powers, "id", "name", {}, 5.0).tick(Host())
    second = vigyc.compile('(kv-get (kept) "x")', extensions=extensions)
    with pytest.raises(TickError, match="is closed"):
        Gated(second, powers, "id", "name", {}, 5.0).tick(Host())
    powers.close()


def test_very_many_calls_are_counted_not_kept() -> None:
    text = "(define (loop n) (if (= n 0) nil (begin (time-now) (loop (- n 1))))) (loop 10500)"
    host = tick(text, Policy.of("env:*", limits=Limits(record_bytes=0)))
    assert host.gate is not None
    assert (len(host.gate.told()), host.gate.unrecorded) == (1000, 500)  # type: ignore[attr-defined]


def test_what_is_told_is_json_and_reads_back() -> None:
    report = Report(effects=(Effect("fs-read", "/a", "failed", "fs.read:/a", "not-found: none", 3, 5),), denied=2)
    assert read_report(report_json(report), "report") == report
