"""Error values, throwing, output, `gensym`, and reading (language reference 8.7 to 8.9)."""

from __future__ import annotations

from typing import Any

import pytest

from vigyc.lang.datum import keyword, symbol
from vigyc.lang.errors import Thrown, TickError
from vigyc.runtime import library  # noqa: F401 - it registers natives
from vigyc.runtime.host import Host
from vigyc.runtime.native import NATIVES
from vigyc.runtime.printer import display
from vigyc.runtime.values import ErrorValue

K = keyword


def call(name: str, *args: object) -> Any:
    return NATIVES[name](*args)


def fault(name: str, *args: object) -> str:
    with pytest.raises(TickError) as caught:
        call(name, *args)
    return f"{caught.value.kind}: {caught.value.short}"


@pytest.mark.parametrize("tag", [K("a"), symbol("a"), "a"])
def test_an_error_is_a_value(tag: object) -> None:
    error = call("error", tag, "m", (K("k"), [1]))
    assert error.__class__ is ErrorValue
    assert display(error) == '#<error :a "m" {:k 1}>'
    assert call("error?", error) is True
    assert [call("error-tag", error), call("error-message", error)] == [K("a"), "m"]
    assert call("error-data", error) == [K("k"), 1]


def test_an_error_without_data() -> None:
    for error in (
        call("error", "t", "m"),
        call("error", "t", "m", None),
        call("ex-info", "m"),
        call("ex-info", "m", []),
    ):
        assert call("error-data", error) == []
    assert call("error-tag", call("ex-info", "m")) is K("ex-info")


def test_data_is_looked_up_by_equality() -> None:
    error = call("ex-info", "m", [K("a"), 1, "a", 2, K("a"), 3, 1, 4])
    assert [call("error-data-get", error, key) for key in (K("a"), "a", 1, 1.0, K("z"))] == [1, 2, 4, None, None]


def test_what_makes_no_error() -> None:
    mismatch = "type-mismatch: type mismatch: expected {}, got {}"
    assert fault("error", 5, 5, 5) == mismatch.format("keyword/symbol/string", "int")
    assert fault("error", "a", 5, 5) == mismatch.format("string", "int")
    assert fault("error", "a", "m", {}) == mismatch.format("plist (list)", "map")
    odd = "native-fn: in native `plist`: plist must have even number of elements (k v k v ...)"
    assert fault("ex-info", "m", [1]) == odd
    for name in ("error-tag", "error-message", "error-data"):
        assert fault(name, 5) == mismatch.format("error", "int")
    assert fault("error-data-get", None, 1) == mismatch.format("error", "nil")
    assert call("error?", 5) is False


@pytest.mark.parametrize("value", [None, 5, "text", [1]])
def test_anything_can_be_thrown(value: object) -> None:
    with pytest.raises(Thrown) as caught:
        call("throw", value)
    assert caught.value.value is value
    assert caught.value.kind == "user"


def test_output_goes_to_the_host() -> None:
    host = Host()
    answers = [
        call("display", host, "a\n"), call("print", host, [1, "b"]), call("println", host, "x:", 1.0, None),
        call("println", host), call("newline", host), call("error-msg", host, "oh"),
    ]  # fmt: skip
    assert answers == [None] * 6
    assert "".join(host.output) == '"a\\n"(1 "b")\n"x:" 1 ()\n\n\n"oh"\n'


def test_gensym_counts_for_its_host() -> None:
    host = Host()
    assert [call("gensym", host, *args).name for args in ((), ("x",), (symbol("y"),))] == [
        "g__0__auto", "x__1__auto", "y__2__auto",
    ]  # fmt: skip
    assert fault("gensym", host, 5) == "type-mismatch: type mismatch: expected string or symbol, got int"
    assert fault("gensym", host, None) == "type-mismatch: type mismatch: expected string or symbol, got nil"
    assert call("gensym", host).name == "g__5__auto"
    assert call("gensym", Host()).name == "g__0__auto"


def test_reading_is_the_hosts() -> None:
    host = Host()
    host.reader = lambda text: text.split()
    assert [call("read-string", host, "a b"), call("read-all", host, "a b"), call("read-all", host, "")] == [
        "a", ["a", "b"], [],
    ]  # fmt: skip
    assert fault("read-string", host, " ") == "native-fn: in native `read-string`: empty source"
    for name in ("read-string", "read-all"):
        assert fault(name, host, 5) == "type-mismatch: type mismatch: expected string, got int"
        assert fault(name, Host(), "1") == f"native-fn: in native `{name}`: this host reads no text"
