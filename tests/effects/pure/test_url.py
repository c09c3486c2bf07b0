from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.effects.data import bounds
from vigyc.effects.scopes.host import parse_url
from vigyc.lang.datum import keyword

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def test_parts(pure: Any, rec: Any) -> None:
    assert pure.value("url-parse", "HTTPS://Exämple.ORG.:8443/a%20b/?q=1&r=é#x?y") == rec(
        scheme="https", host="xn--exmple-cua.org", port=8443, path="/a%20b/", query="q=1&r=é", fragment="x?y"
    )
    assert pure.value("url-parse", "http://[::1]") == rec(
        scheme="http", host="::1", port=80, path="/", query=None, fragment=None
    )
    assert pure.value("url-parse", "ssh://a?")[keyword("port")] is None


URLS = [
    "http://ok:80@evil/",
    "http://ok:x#@evil",
    "http://evil/x@ok/",
    "http://evil?q=@ok",
    "http://evil#@ok",
    "http://good.com:80\\@evil.com/",
    "http://a b/",
    "http://a\t/",
    " http://a/",
    "http://a\n/",
    "http:///x",
    "http://",
    "http://a:99999/",
    "http://a:0/",
    "http://a:/",
    "http://a:+1/",
    "http://[::1",
    "http://[::1]x/",
    "http://127.1/",
    "http://0x7f.1/",
    "http://2130706433/",
    "http://127.0.0.1/",
    "http://[::ffff:127.0.0.1]/",
    "http://a%2eb/",
    "http://ß.de/",
    "http://ａ.de/",
    "http://a..b/",
    "http://-a/",
    "http://OK.com./",
    "HTTP://a/",
    "//a/",
    "a",
    "",
    "http:a",
    "javascript:x",
    "http://[fe80::1%25eth0]/",
    "http://a:1:2/",
    "http://a\u200b.de/",
]


@pytest.mark.parametrize("url", URLS)
def test_d01_d06_urls_are_read_as_the_network_reads_them(pure: Any, url: str) -> None:
    try:
        target = parse_url(url)
    except ValueError:
        assert pure.error("url-parse", url)[0] == "decode"
    else:
        parts = pure.value("url-parse", url)
        assert (parts[keyword("host")], parts[keyword("port")]) == (target.host, target.port)


def test_building(pure: Any, rec: Any) -> None:
    assert pure("url-build", rec(host="a.org")) == "https://a.org/"
    assert pure(
        "url-build", rec(scheme="http", host="::1", port=8080, path="/é?#%41", query="a=ü&b", fragment="x y")
    ) == ("http://[::1]:8080/%C3%A9%3F%23%41?a=%C3%BC&b#x%20y")
    assert (
        pure("url-build", rec(host="a.org", port=443, query={"q": ["1", 2.5], "n": None})) == "https://a.org/?q=1&q=2.5"
    )
    for bad in (
        rec(),
        rec(host="a/b"),
        rec(host="u@a"),
        rec(host="a", scheme="x:"),
        rec(host="a", path="b"),
        rec(host="a", port=0),
    ):
        assert pure.raised("url-build", bad).startswith("native-fn: in native `url-build`")
    assert pure.raised("url-build", rec(host="a", fragment=1)).startswith("type-mismatch")


@pytest.mark.parametrize("url", ["https://a.org/", "http://a.org:81/x/%20?q=%C3%A9&b#f", "http://[::1]/?a", "ws://h/p"])
def test_what_is_parsed_is_built_again(pure: Any, url: str) -> None:
    assert pure("url-build", pure.value("url-parse", url)) == url


@given(text=TEXTS)
def test_what_is_encoded_is_decoded(pure: Any, text: str) -> None:
    assert pure.value("url-decode", pure("url-encode", text)) == text
    assert pure("url-encode", text).isascii()


def test_decoding_is_strict(pure: Any) -> None:
    assert pure.value("url-decode", "a+b%2F%c3%A9é") == "a+b/éé"
    assert pure.error("url-decode", "%zz") == ("decode", "% stands before two hexadecimal digits")
    assert pure.error("url-decode", "100%") == ("decode", "% stands before two hexadecimal digits")
    assert pure.error("url-decode", "%ff") == ("decode", "what is encoded is not UTF-8")


@given(values=st.dictionaries(TEXTS.filter(bool), TEXTS, max_size=5))
def test_queries_are_read_back(pure: Any, values: dict[str, str]) -> None:
    assert pure.value("url-parse-query", pure("url-query", values)) == values


def test_queries(pure: Any, rec: Any) -> None:
    assert pure("url-query", rec(b=True, a=[1, "x&y", None])) == "b=true&a=1&a=x%26y"
    assert pure.value("url-parse-query", "a=1&&b&c=%20+x=y&") == {"a": "1", "b": "", "c": "  x=y"}
    assert pure.value("url-parse-query", "a=1&a=2&b=", repeated=True) == {"a": ["1", "2"], "b": [""]}
    assert pure.error("url-parse-query", "a=1&%61=2") == ("decode", "`a` comes twice")
    assert pure.raised("url-query", {"a": {}}) == (
        "type-mismatch: `url-query`: a must be a string, a number or a boolean, got map"
    )


def test_joining(pure: Any) -> None:
    base = "http://a/b/c/d;p?q"
    for reference, joined in [
        ("g", "http://a/b/c/g"),
        ("./g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g#s", "http://a/b/c/g#s"),
        ("", base),
        ("../../../g", "http://a/g"),
        ("https://x/y", "https://x/y"),
    ]:
        assert pure.value("url-join", base, reference) == joined
    for reference in ("//u@evil/", "//", "http://", "\\\\evil", "javascript:alert(1)", "a b", "//a:99999/"):
        assert pure.error("url-join", base, reference)[0] == "decode", reference
    assert pure.error("url-join", "mailto:a@b", "x")[0] == "decode"


def test_sizes_are_bounded(pure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_TEXT", 1000)
    assert pure.raised("url-encode", "é" * 250).startswith("size-exceeded")
    assert pure.raised("url-query", {"a": ["x" * 100] * 10}).startswith("size-exceeded")
