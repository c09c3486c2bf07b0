from __future__ import annotations

import time
from typing import Any

import pytest

from vigyc.lang.datum import keyword, symbol
from vigyc.runtime.secret import Secret, open_secret

CASES = [
    ("a {{x}} b", {"x": 1}, "a 1 b"),
    ("{{ x }}{{{x}}}{{&x}}", {keyword("x"): "<&>"}, "<&><&><&>"),
    ("{{a.b.1.c}}", {"a": {"b": [0, {"c": 2.0}]}}, "2"),
    ("{{#xs}}<{{.}}>{{/xs}}", {"xs": ["a", keyword("b"), symbol("c"), True]}, "<a><b><c><true>"),
    ("{{#xs}}{{n}}{{m}},{{/xs}}", {"m": "-", "xs": [{"n": 1}, {"n": 2, "m": "+"}]}, "1-,2+,"),
    ("{{#a}}{{b}}{{/a}}", {"a": {"b": "x"}}, "x"),
    ("{{#a}}yes{{/a}}{{^a}}no{{/a}}", {"a": False}, "no"),
    ("{{#a}}yes{{/a}}{{^a}}no{{/a}}", {"a": None}, "no"),
    ("{{#a}}yes{{/a}}{{^a}}no{{/a}}", {"a": []}, "no"),
    ("{{#a}}yes{{/a}}{{^a}}no{{/a}}", {"a": 0}, "yes"),
    ("{{#a}}yes{{/a}}{{^a}}no{{/a}}", {"a": {}}, "yes"),
    ("{{.}}", "x", "x"),
    ("a{{! b {{c }}d", {}, "ad"),
    ("a: {b}\n}}", {}, "a: {b}\n}}"),
    ("{{#a}}{{#b}}{{c}}{{/b}}{{/a}}", {"a": {"b": [{"c": 1}, {"c": 2}]}}, "12"),
    ("", {}, ""),
]


@pytest.mark.parametrize(("text", "data", "result"), CASES)
def test_rendering(pure: Any, text: str, data: object, result: str) -> None:
    assert pure.value("template-render", text, data) == result


def test_a_section_alone_on_its_line_takes_the_line_with_it(pure: Any) -> None:
    text = "ports:\n  {{! all of them }}\n  {{#ports}}\n  - {{.}}\n  {{/ports}}\r\n"
    text += "{{#none}}\n{{/none}}\nend {{#yes}}x{{/yes}}\n{{/ports2}}"
    with_end = text.replace("{{/ports2}}", "")
    data = {"ports": [80, 443], "none": None, "yes": True}
    assert pure.value("template-render", with_end, data) == "ports:\n  - 80\n  - 443\nend x\n"
    assert pure.error("template-render", text, data) == ("decode", "line 9, column 1: {{/ports2}} closes no section")


@pytest.mark.parametrize(
    ("text", "tag", "message"),
    [
        ("a\n {{x.y}}", "missing", "line 2, column 2: there is no `x.y`"),
        ("{{#nothing}}{{/nothing}}", "missing", "line 1, column 1: there is no `nothing`"),
        ("{{n}}", "missing", "line 1, column 1: `n` is no text but nil"),
        ("{{x}}", "missing", "line 1, column 1: `x` is no text but map"),
        ("{{f}}", "missing", "line 1, column 1: `f` is no text but closure"),
        ("{{s.__class__}}", "missing", "line 1, column 1: there is no `s.__class__`"),
        ("a {{x", "decode", "line 1, column 3: the tag is not closed"),
        ("{{{x}}", "decode", "line 1, column 1: the tag is not closed"),
        ("{{}}", "decode", "line 1, column 1: there is no tag {{}}"),
        ("{{> /etc/passwd}}", "decode", "line 1, column 1: there is no tag {{> /etc/passwd}}"),
        ("{{=<% %>=}}", "decode", "line 1, column 1: there is no tag {{=<% %>=}}"),
        ("{{a b}}", "decode", "line 1, column 1: there is no tag {{a b}}"),
        ("{{#x}}", "decode", "line 1, column 1: section x is not closed"),
        ("{{#x}}{{/y}}", "decode", "line 1, column 7: {{/y}} closes no section, x is open"),
        ("{{#x}}" * 65, "decode", "line 1, column 385: sections nested more than 64 deep"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(pure: Any, text: str, tag: str, message: str) -> None:
    data = {"x": {}, "n": None, "s": "text", "f": lambda: 1}
    assert pure.error("template-render", text, data) == (tag, message)


def test_without_strictness_what_is_missing_is_empty(pure: Any) -> None:
    text = "{{a}}{{b.c}}{{#d}}x{{/d}}{{^d}}y{{/d}}"
    assert pure.value("template-render", text, {"a": None, "b": {}}, strict=False) == "y"


def test_escaping_is_asked_for(pure: Any) -> None:
    assert (
        pure.value("template-render", "{{a}}{{{a}}}", {"a": "<'\"&>"}, escape="html")
        == "&lt;&#x27;&quot;&amp;&gt;<'\"&>"
    )
    assert ":escape must be" in pure.raised("template-render", "", {}, escape="shell")


def test_f13_a_secret_makes_a_secret_of_the_text(pure: Any) -> None:
    secret = Secret("s3cr3t", "db")
    made = pure.value("template-render", "password={{p}}!", {"p": secret})
    assert made.__class__ is Secret
    assert open_secret(made) == "password=s3cr3t!"
    assert "cannot be escaped" in pure.raised("template-render", "{{p}}", {"p": secret}, escape="html")


def test_f11_what_grows_is_bounded(pure: Any) -> None:
    start = time.monotonic()
    many = {"a": [1] * 3000}
    assert "pieces to write" in pure.raised("template-render", "{{#a}}" * 4 + "{{/a}}" * 4, many)
    assert pure.raised("template-render", "{{#a}}{{b}}{{/a}}", many | {"b": "x" * 2**16}).startswith("size-exceeded")
    for text in ("{{!" * 100_000, "{{x}}{{" * 50_000, " " * 100_000 + "{{! x }}" * 10_000, "{" * 200_001):
        pure("template-render", text, {"x": 1})
    assert time.monotonic() - start < 5
