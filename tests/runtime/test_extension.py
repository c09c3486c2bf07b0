"""Teaching the language new functions: registration, arities, errors and results."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import pytest

from vigyc.lang.datum import keyword
from vigyc.lang.errors import Halted, Thrown, TickError
from vigyc.runtime.extension import Extension, closure_extension, resolve, signature
from vigyc.runtime.faults import type_mismatch
from vigyc.runtime.host import Host
from vigyc.runtime.intrinsics.standard import standard_extensions


def returning(value: object) -> Callable[..., object]:
    return resolve([closure_extension("x", give=lambda host: value)])["give"].function


def test_a_function_gets_the_host_then_its_arguments() -> None:
    extension = Extension("deploys")

    @extension.function("deploy-to", 1, 2)
    def deploy(host: Host, place: str, count: int = 1) -> str:
        """Deploy to a place."""
        host.trace["deployed"] = count
        return f"{place}!"

    known = resolve([extension])["deploy-to"]
    assert (known.lo, known.hi, known.doc, known.extension) == (1, 2, "Deploy to a place.", "deploys")
    assert not known.standard
    host = Host()
    assert known.function(host, "x", 3) == "x!"
    assert host.trace == {"deployed": 3}
    assert deploy(host, "x") == "x!"  # the decorated function is as it was


def test_arity_comes_from_the_python_function() -> None:
    class Service:
        def method(self, host: Host, a: int, b: int = 2) -> int:
            return a + b

    functions: dict[str, Callable[..., object]] = {
        "none": lambda host: None,
        "one": lambda host, a: a,
        "up-to-three": lambda host, a, b=1, c=2: a,
        "any-number": lambda host, *rest: list(rest),
        "at-least": lambda host, a, *rest: a,
        "all-of-it": lambda *everything: None,
        "bound": Service().method,
        "option": lambda host, a, *, quiet=True: a,
    }
    extension = Extension("x")
    for name, function in functions.items():
        extension.function(name)(function)
    assert {name: (known.lo, known.hi) for name, known in extension.intrinsics.items()} == {
        "none": (0, 0), "one": (1, 1), "up-to-three": (1, 3), "any-number": (0, None), "at-least": (1, None),
        "all-of-it": (0, None), "bound": (1, 2), "option": (1, 1),
    }  # fmt: skip
    assert extension.intrinsics["bound"].function(Host(), 1) == 3


@pytest.mark.parametrize(("lo", "hi"), [(0, -1), (2, -1), (1, None), (1, 2)])
def test_an_arity_the_function_cannot_take_is_refused(lo: int, hi: int | None) -> None:
    with pytest.raises(TypeError, match="`f` cannot take"):
        Extension("x").function("f", lo, hi)(lambda host, a: a)


def test_what_cannot_be_called_with_a_host_is_refused() -> None:
    async def later(host: Host) -> None: ...

    def many(host: Host) -> Any:
        yield 1

    for wrong in (lambda: 1, len, lambda host, *, needed: 1, later, many):
        with pytest.raises(TypeError, match="`f`"):
            Extension("x").function("f")(wrong)


@pytest.mark.parametrize(
    "name",
    ["", "a b", "(a", "a'b", 'a"', ":key", "12", "-5", "1.5", "+.5", "-inf", "NaN", "#t", ";x", "a\n", "é\u00a0"],
)
def test_names_no_program_could_write_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a symbol"):
        Extension("x").function(name)


def test_names_that_are_taken_are_refused() -> None:
    extension = closure_extension("x", mine=lambda host: 1)
    for name, why in (("mine", "already"), ("if", "language's own"), ("car", "language's own")):
        with pytest.raises(ValueError, match=why):
            extension.function(name)
    with pytest.raises(ValueError, match="not an identifier"):
        Extension("no good")


@pytest.mark.parametrize("name", ["say", "say!", "say->it", "a.b", "1+", "-a", "*x*", "é", "a:b", "inf.0", "1e", "#x"])
def test_names_a_program_could_write_are_taken(name: str) -> None:
    extension = Extension("x")
    extension.function(name)(lambda host: 1)
    assert resolve([extension])[name].function(Host()) == 1


def test_later_extensions_override_earlier_ones() -> None:
    first = closure_extension("first", f=lambda host: 1, g=lambda host: 2)
    second = closure_extension("second", f=lambda host: 3)
    found = resolve([first, second])
    assert [found["f"].function(Host()), found["g"].function(Host())] == [3, 2]
    mine = closure_extension("mine", vigy_get=lambda host, key: "mine")
    assert not resolve([*standard_extensions(), mine])["vigy-get"].standard


def test_signature_tells_what_compiled_code_depends_on() -> None:
    plain = signature(standard_extensions())
    assert "vigy-get 1 2 kv!" in plain.splitlines()
    assert plain == signature(reversed(standard_extensions()))
    mine = closure_extension("kv", vigy_get=lambda host, key, default=None: "mine")
    assert signature([*standard_extensions(), mine]) != plain
    assert signature([closure_extension("x", f=lambda host, *a: 1)]) == "f 0 * x"


def test_wrong_counts_are_arity_mismatches() -> None:
    call = resolve([closure_extension("x", pair_up=lambda host, a, b=1: None)])["pair-up"].function
    for args in ((), (1, 2, 3)):
        with pytest.raises(TickError, match=r"`pair-up` expected Range\(1, 2\), got") as caught:
            call(Host(), *args)
        assert caught.value.kind == "arity-mismatch"


def test_python_errors_become_the_languages_with_the_cause_kept() -> None:
    def broken(host: Host, key: str) -> object:
        return {}[key]

    call = resolve([closure_extension("x", look_up=broken)])["look-up"].function
    with pytest.raises(TickError) as caught:
        call(Host(), "k")
    assert caught.value.kind == "native-fn"
    assert caught.value.short == "in native `look-up`: KeyError: 'k'"
    assert isinstance(caught.value.__cause__, KeyError)


@pytest.mark.parametrize(
    "error", [type_mismatch("int", "x"), Thrown(5), RecursionError("deep"), Halted(), SystemExit(3)]
)
def test_the_languages_own_errors_pass_through(error: BaseException) -> None:
    def raising(host: Host) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        resolve([closure_extension("x", run_it=raising)])["run-it"].function(Host())
    assert caught.value is error


def test_an_error_in_a_programs_function_called_back_is_its_own() -> None:
    program: dict[str, Any] = {"FUNCTIONS": {}}
    exec("def callback(x):\n    return 1 // x", program)
    call = resolve([closure_extension("x", each=lambda host, f, x: f(x))])["each"].function
    with pytest.raises(ZeroDivisionError):
        call(Host(), program["callback"], 0)


def test_json_data_is_a_result() -> None:
    for value in (None, True, 1, 1.5, "x", [], {}, [1, {"a": [None]}], keyword("k")):
        assert returning(value)(Host()) == value
    assert returning(2**63)(Host()) == 2.0**63
    assert repr(returning([2**63, 1])(Host())) == repr([2.0**63, 1])


class Colour(enum.IntEnum):
    RED = 1


@pytest.mark.parametrize("value", [(1, 2), {1}, object(), b"x", {1: 2}, [(1,)], {"a": {2}}, Colour.RED, 1j])
def test_other_results_are_refused(value: object) -> None:
    with pytest.raises(TickError, match="in native `give`: its result is not JSON: ") as caught:
        returning(value)(Host())
    assert caught.value.kind == "native-fn"


def test_what_a_function_was_given_it_may_give_back() -> None:
    call = resolve([closure_extension("x", same=lambda host, value: value)])["same"].function
    for value in ((1, [2]), {True: 1}, lambda x: x):
        assert call(Host(), value) is value


def test_trusted_functions_are_called_directly() -> None:
    extension = Extension("x")

    @extension.function("raw", 1, trusted=True)
    def raw(host: Host, value: object, /) -> object:
        return value

    assert extension.intrinsics["raw"].function is raw
    with pytest.raises(TypeError, match=r"^raw\(\) missing"):
        raw(Host())  # type: ignore[call-arg]
