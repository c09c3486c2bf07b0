from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.effects.data import bounds
from vigyc.lang.datum import keyword
from vigyc.runtime.secret import Secret

NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
DATA = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(data=DATA, indent=st.integers(0, 4))
def test_what_is_written_is_read_back(pure: Any, data: object, indent: int) -> None:
    text = pure("json-write", data, indent=indent)
    assert pure.value("json-parse", text) == data
    assert json.loads(text) == data


@given(data=DATA)
def test_texts_of_python_are_read(pure: Any, data: object) -> None:
    assert pure.value("json-parse", json.dumps(data)) == data


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: expecting value"),
        ('{\n "a": 1,\n "a": 2}', 'line 3, column 2: key "a" is there before'),
        ('{"a": {"b": 1, "b": 1}, "a": 2}', 'line 1, column 16: key "b" is there before'),
        ('{"a": 1, "\\u0061": 1}', 'line 1, column 10: key "a" is there before'),
        ("[1,\n NaN]", "line 2, column 2: NaN is not JSON"),
        ("-Infinity", "line 1, column 1: -Infinity is not JSON"),
        ("[1e999]", "line 1, column 2: the number is out of range"),
        ("[1" + "0" * 5000 + "]", "line 1, column 2: the number is out of range"),
        ('["\\ud800"]', "line 1, column 2: half of a surrogate pair"),
        ('["\ud800"]', "line 1, column 2: half of a surrogate pair"),
        ("[1] 2", "line 1, column 5: extra data"),
        ('"a\nb"', "line 1, column 3: invalid control character"),
        ('"abc', "line 1, column 1: unterminated string"),
        ("[01]", None),
        ("[1,]", None),
        ("{'a': 1}", None),
        ("\ufeff1", None),
        ("// x\n1", None),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(pure: Any, text: str, message: str | None) -> None:
    tag, said = pure.error("json-parse", text)
    assert tag == "decode"
    assert message is None or said == message


def test_a_constant_within_a_string_is_text(pure: Any) -> None:
    assert pure.value("json-parse", '["NaN", "[[[{{{", "1e999", "\\"", "\\ud83d\\ude00", "\\\\ud800"]') == [
        "NaN",
        "[[[{{{",
        "1e999",
        '"',
        "😀",
        "\\ud800",
    ]


def test_t7_a_tagged_object_stays_plain_data(pure: Any) -> None:
    text = '{"$variant":"ok","$bytes":"aGk=","$ref":":k"}'
    assert pure.value("json-parse", text) == {"$variant": "ok", "$bytes": "aGk=", "$ref": ":k"}


def test_wide_ints_are_floats(pure: Any) -> None:
    value = pure.value("json-parse", "[9223372036854775807, 9223372036854775808, -9223372036854775809, 1e3, 1E-400]")
    assert value == [2**63 - 1, 2.0**63, -(2.0**63), 1000.0, 0.0]
    assert [type(x) for x in value] == [int, float, float, float, float]


def test_f11_a_depth_bomb_is_refused_at_once(pure: Any) -> None:
    start = time.monotonic()
    for text in ("[" * 10**6, '{"a":' * 10**5, "[" * 513 + "]" * 513):
        tag, said = pure.error("json-parse", text)
        assert tag == "decode"
        assert said.endswith("nested more than 512 deep")
    assert time.monotonic() - start < 2
    deep = pure.value("json-parse", "[" * 512 + "]" * 512)
    assert pure("json-write", deep) == "[" * 512 + "]" * 512
    wide = "[" + ",".join(["[]"] * 2000) + "]"
    assert len(pure.value("json-parse", wide)) == 2000


def test_f11_a_text_of_quotes_takes_no_square_time(pure: Any) -> None:
    start = time.monotonic()
    for text in ('"' + '\\"' * 300_000, "[" * 600 + '"' * 300_001, "[" * 600 + '"\\' * 300_000):
        pure.error("json-parse", text)
    assert time.monotonic() - start < 2


def test_writing_is_the_languages_json(pure: Any) -> None:
    assert pure("json-write", {"b": [], "a": {keyword("k"): keyword("v")}}) == '{"a":{"k":"v"},"b":[]}'
    assert pure("json-write", [float("nan"), 1e16, 1.0, "é\u2028"]) == '[null,1e16,1.0,"é\u2028"]'
    assert pure("json-write", [Secret("s3cr3t", "x")]) == '["***"]'


def test_writing_on_many_lines(pure: Any) -> None:
    data = {"a": [1, {"x": {}}, []], "c": 'x,:{"'}
    expected = '{\n  "a": [\n    1,\n    {\n      "x": {}\n    },\n    []\n  ],\n  "c": "x,:{\\""\n}'
    assert pure("json-write", data, indent=2) == expected
    assert expected == json.dumps(data, indent=2)
    assert "from 0 to 16" in pure.raised("json-write", data, indent=17)


def test_writing_is_bounded(pure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_TEXT", 2**20)
    part = "x" * 2**14
    assert pure.raised("json-write", [part] * 65).startswith("size-exceeded")
    nested: object = []
    for _ in range(20_000):
        nested = [nested]
    assert pure("json-write", nested) == "[" * 20_001 + "]" * 20_001
    assert pure.raised("json-write", nested, indent=16).startswith("size-exceeded")


RFC_6901 = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", RFC_6901),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
        ("/foo/-", None),
        ("/foo/01", None),
        ("/foo/2", None),
        ("/foo/0/x", None),
        ("/nothing", None),
    ],
)
def test_pointers_of_rfc_6901(pure: Any, pointer: str, value: object) -> None:
    assert pure("json-get", RFC_6901, pointer) == value


def test_pointers_also_reach_what_programs_make(pure: Any, rec: Any) -> None:
    assert pure("json-get", rec(a=("x", ("y", None))), "/:a/1") == "y"
    assert pure("json-get", {}, "/a", 5) == 5
    assert pure.raised("json-get", {}, "a").startswith("native-fn: in native `json-get`: a pointer is")
    assert pure.raised("json-get", {}, "/~2").startswith("native-fn")


def test_what_is_missing_is_named(pure: Any) -> None:
    data = {"spec": {"replicas": None, "a.b": [{"name": "x"}]}}
    assert pure.value("json-require", data, ["spec.replicas", "spec.a\\.b.0.name"]) is data
    assert pure.error("json-require", data, ["spec.image", "spec.replicas", "x"]) == (
        "missing",
        "missing: spec.image, x",
    )


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches_of_rfc_7396(pure: Any, target: object, patch: object, result: object) -> None:
    before = json.dumps(target)
    assert pure("json-merge", target, patch) == result
    assert json.dumps(target) == before


def _patched(data: Any, changes: list[dict[str, Any]]) -> Any:
    """`data` with a JSON Patch applied whose paths lead through maps only."""
    root = {"": json.loads(json.dumps(data))}
    for change in changes:
        steps = [step.replace("~1", "/").replace("~0", "~") for step in change["path"].split("/")]
        holder: Any = root
        for step in steps[:-1]:
            holder = holder[step]
        if change["op"] == "remove":
            del holder[steps[-1]]
        else:
            assert (steps[-1] in holder) == (change["op"] == "replace")
            holder[steps[-1]] = change["value"]
    return root[""]


@given(old=DATA, new=DATA)
def test_a_difference_makes_the_new_of_the_old(pure: Any, old: object, new: object) -> None:
    assert _patched(old, pure("json-diff", old, new)) == new
    assert pure("json-diff", new, new) == []


def test_a_difference_tells_one_from_true_and_from_one_point_zero(pure: Any) -> None:
    assert [change["path"] for change in pure("json-diff", {"a": 1, "b": 1}, {"a": True, "b": 1.0})] == ["/a", "/b"]
