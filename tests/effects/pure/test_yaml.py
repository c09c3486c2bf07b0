from __future__ import annotations

import math
import time
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        "",
        "no",
        "Yes",
        "on",
        "null",
        "~",
        "1e3",
        "0o17",
        "017",
        "0x1F",
        "1_000",
        "1:30",
        "2024-01-01",
        ".5",
        "+1",
        "-",
        "- a",
        "<<",
        "=",
        "a: b",
        "a #b",
        "#a",
        "[a]",
        "{a}",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "%a",
        "@a",
        "`a",
        "'a'",
        '"a"',
        "a\n",
        "\na",
        "a\nb",
        " a\nb",
        "a\n\nb\n",
        "a \nb",
        "a\tb",
        "...",
        "---",
        "--- a",
        ".inf",
        ".NaN",
        "é",
        "\u2028",
        "\x85",
        "\ufeff",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1)
DATA = st.recursive(
    LEAVES | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(data=DATA)
@example(data={"a": "x\n y\nz"})
@example(data=[1e16, 1e-7, 5e-324, -0.0])
def test_what_is_written_is_read_back_here_and_elsewhere(pure: Any, data: object) -> None:
    text = pure.value("yaml-write", data)
    assert pure.value("yaml-parse", text) == data
    assert yaml.safe_load(text) == data  # a YAML 1.1 reader


def test_types_are_those_of_the_core_schema(pure: Any) -> None:
    text = "[1, -2, 010, 0o10, 0xfF, 1.5, 1e3, .5, -.inf, true, False, ~, null, , 9223372036854775808]"
    assert pure.value("yaml-parse", text.replace(", ,", ", ~,")) == [
        1,
        -2,
        10,
        8,
        255,
        1.5,
        1000.0,
        0.5,
        -math.inf,
        True,
        False,
        None,
        None,
        None,
        2.0**63,
    ]
    strings = ["no", "on", "y", "1:30", "2024-01-01", "1_000", "0b1", "1.2.3", "nil", "tRue", "+-1", "0x", "1e"]
    assert pure.value("yaml-parse", "[" + ", ".join(strings) + "]") == strings
    assert pure.value("yaml-parse", "['1', \"true\", 'null']") == ["1", "true", "null"]
    assert math.isnan(pure.value("yaml-parse", ".nan"))


def test_keys_are_strings_as_written(pure: Any) -> None:
    assert pure.value("yaml-parse", "80: a\ntrue: b\n1.50: c\n~: d\n? e\n: f") == {
        "80": "a",
        "true": "b",
        "1.50": "c",
        "~": "d",
        "e": "f",
    }


def test_documents(pure: Any) -> None:
    assert pure.value("yaml-parse", "# nothing") is None
    assert pure.value("yaml-parse-all", "a: &x 1\n---\n- b\n...\n---\n") == [{"a": 1}, ["b"], None]
    assert pure.error("yaml-parse", "a\n---\nb") == ("decode", "there are 2 documents: yaml-parse-all reads them")
    assert pure.error("yaml-parse-all", "a: &x 1\n---\n*x")[1] == "line 3, column 1: there is no anchor `x` before"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: !!python/object/apply:os.system [id]", "line 1, column 4: tags are not read"),
        ("a: !!str 1", "line 1, column 4: tags are not read"),
        ("!x {}", "line 1, column 1: tags are not read"),
        ("b: 1\na: 1\na: 2", "line 3, column 1: key `a` is there before"),
        ("a: &a {b: 1}\nc:\n  <<: *a", "line 3, column 3: merge keys (<<) are not read"),
        ("? [a]\n: b", "line 1, column 3: a key must be a string"),
        ("&a x: 1", "line 1, column 1: a key must have no anchor"),
        ("- &a x\n- {*a : 1}", "line 2, column 4: a key must be a string"),
        ("- &a 1\n- &a 2", "line 2, column 3: anchor `a` is there before"),
        ("&a [*a]", "line 1, column 5: there is no anchor `a` before"),
        ("a: b: c", "line 1, column 5: mapping values are not allowed in this context"),
        ("a: [1, 2}", "line 1, column 9: did not find expected ',' or ']'"),
        ("a\x00b", "line 1, column 2: control characters are not allowed"),
        ("é\n a\ud800", "line 2, column 3: half of a surrogate pair"),
        ("1e999", "line 1, column 1: the number is out of range"),
        ("9" * 5000, "line 1, column 1: the number is out of range"),
    ],
)
def test_what_is_refused_is_refused_with_its_place(pure: Any, text: str, message: str) -> None:
    assert pure.error("yaml-parse", text) == ("decode", message)


def test_f11_an_alias_bomb_is_refused_at_once(pure: Any) -> None:
    laughs = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    laughs += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    start = time.monotonic()
    tag, said = pure.error("yaml-parse", "\n".join(laughs))
    assert (tag, said.partition(": ")[2]) == ("decode", "the aliases stand for more than 1048576 values and characters")
    long = "- &a " + "x" * 2**16 + "\n" + "- *a\n" * 100
    assert "the aliases stand for" in pure.error("yaml-parse", long)[1]
    assert time.monotonic() - start < 1


def test_f11_nesting_is_bounded_through_aliases_too(pure: Any) -> None:
    start = time.monotonic()
    for text in ("[" * 10**6, "- " * 10**5, "{a: " * 10**5, "? " * 10**5):
        assert pure.error("yaml-parse", text)[0] == "decode"
    chain = "- &a0 [x]\n" + "".join(f"- &a{i} [*a{i - 1}]\n" for i in range(1, 1200))
    assert pure.error("yaml-parse", chain)[1].endswith("nested more than 512 deep")
    assert time.monotonic() - start < 2
    assert pure.value("yaml-parse", "[" * 512 + "]" * 512)
    assert pure.error("yaml-parse", "[" * 513 + "]" * 513)[1].endswith("nested more than 512 deep")


def test_an_alias_is_its_value(pure: Any) -> None:
    assert pure.value("yaml-parse", "a: &x {b: [1]}\nc: *x\nd: [*x]") == {
        "a": {"b": [1]},
        "c": {"b": [1]},
        "d": [{"b": [1]}],
    }


def test_writing_is_plain_to_read(pure: Any) -> None:
    data = {"spec": {"ports": [80, {"name": "web"}], "on": "no", "text": "a\nb\n"}, "empty": [], "none": None}
    assert pure.value("yaml-write", data) == (
        "empty: []\nnone: null\nspec:\n  'on': 'no'\n  ports:\n  - 80\n  - name: web\n  text: |\n    a\n    b\n"
    )


def test_writing_is_bounded(pure: Any) -> None:
    nested: object = []
    for _ in range(600):
        nested = [nested]
    assert pure.error("yaml-write", nested) == ("encode", "nested more than 512 deep")
    assert pure.error("yaml-write", ["\ud800"])[0] == "encode"
    assert pure.raised("yaml-write", ["x" * 2**20] * 65).startswith("size-exceeded")
    assert pure.raised("yaml-parse", "#" * (2**24 + 1)).startswith("size-exceeded")
