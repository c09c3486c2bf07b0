"""What writes to the tick's output, `gensym`, and reading text as data (language reference 8.7 and 8.8)."""

from __future__ import annotations

import pytest

from vigyc.lang.abi import BUILTINS
from vigyc.lang.datum import keyword, symbol
from vigyc.lang.errors import TickError
from vigyc.runtime.builtins import output as _output  # noqa: F401 - registers natives
from vigyc.runtime.builtins import reading as _reading  # noqa: F401 - registers natives
from vigyc.runtime.host import Host
from vigyc.runtime.native import NATIVES

NAMES = ("display", "print", "println", "newline", "error-msg", "gensym", "read-string", "read-all")
TEXTS = {"": [], "; c": [], "1 (2)": [1, [2]], "()": [None]}


def read(text: str) -> object:
    """Stands for the reader that a program's host is given."""
    if text not in TEXTS:
        raise TickError("reader", "reader: unmatched opening paren")
    return TEXTS[text]


@pytest.fixture
def host() -> Host:
    made = Host()
    made.reader = read
    return made


def fault(name: str, *args: object) -> str:
    with pytest.raises(TickError) as caught:
        NATIVES[name](*args)
    return f"{caught.value.kind}: {caught.value.short}"


def test_all_names_have_the_arity_of_the_table():
    for name in NAMES:
        known = NATIVES[name].tatara  # type: ignore[attr-defined]
        assert (known.lo, known.hi, known.host) == (BUILTINS[name].lo, BUILTINS[name].hi, BUILTINS[name].host)


@pytest.mark.parametrize(
    ("name", "args", "want"),
    [
        ("display", ('a"b',), '"a\\"b"'),
        ("display", (1.0,), "1"),
        ("display", (None,), "()"),
        ("print", ([1, "x", keyword("k")],), '(1 "x" :k)\n'),
        ("println", (), "\n"),
        ("println", (1, "a", None), '1 "a" ()\n'),
        ("newline", (), "\n"),
        ("error-msg", ("oh",), '"oh"\n'),
        ("error-msg", (symbol("oh"),), "oh\n"),
    ],
)
def test_what_is_written(host, capsys, name, args, want):
    assert NATIVES[name](host, *args) is None
    assert "".join(host.output) == want
    assert capsys.readouterr() == ("", "")


def test_output_adds_up_in_order(host):
    NATIVES["display"](host, 1)
    NATIVES["newline"](host)
    NATIVES["println"](host, 2, 3)
    assert "".join(host.output) == "1\n2 3\n"


def test_generated_names_count_up(host):
    gensym = NATIVES["gensym"]
    assert gensym(host) is symbol("g__0__auto")
    assert gensym(host, "p") is symbol("p__1__auto")
    assert gensym(host, symbol("q")) is symbol("q__2__auto")
    assert gensym(host, "") is symbol("__3__auto")


@pytest.mark.parametrize(("prefix", "kind"), [(5, "int"), (keyword("k"), "keyword"), (None, "nil"), ([], "list")])
def test_the_count_goes_on_past_a_refused_prefix(host, prefix, kind):
    assert fault("gensym", host, prefix) == f"type-mismatch: type mismatch: expected string or symbol, got {kind}"
    assert NATIVES["gensym"](host) is symbol("g__1__auto")


def test_every_tick_counts_from_nought():
    assert NATIVES["gensym"](Host()) is NATIVES["gensym"](Host())


def test_reading_gives_the_first_datum_or_all(host):
    assert NATIVES["read-string"](host, "1 (2)") == 1
    assert NATIVES["read-string"](host, "()") is None
    assert NATIVES["read-all"](host, "1 (2)") == [1, [2]]
    assert NATIVES["read-all"](host, "") == []


@pytest.mark.parametrize("text", ["", "; c"])
def test_no_datum_to_read(host, text):
    assert fault("read-string", host, text) == "native-fn: in native `read-string`: empty source"


@pytest.mark.parametrize("name", ["read-string", "read-all"])
def test_refused_reading(host, name):
    assert fault(name, host, 5) == "type-mismatch: type mismatch: expected string, got int"
    assert fault(name, host, "(") == "reader: reader: unmatched opening paren"
    assert fault(name, Host(), "1") == f"native-fn: in native `{name}`: this host reads no text"
    assert fault(name, Host(), 5) == "type-mismatch: type mismatch: expected string, got int"
