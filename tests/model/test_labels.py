from __future__ import annotations

import pytest

from vigyc.lang.errors import Invalid
from vigyc.model.labels import checked_labels, parse_label


def test_labels_come_out_by_key() -> None:
    given = {"b": "2", "a/b.c_d-e": "", "A9": "any ünicode, = and ,"}
    assert list(checked_labels(given).items()) == [("A9", "any ünicode, = and ,"), ("a/b.c_d-e", ""), ("b", "2")]
    assert checked_labels({}) == {}


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        ({"": "x"}, "label '': a key is made of"),
        ({"a b": "x"}, "label 'a b': a key is made of"),
        ({"a\n": "x"}, r"label 'a\n': a key is made of"),
        ({"ä": "x"}, "label 'ä'"),
        ({"a" * 254: "x"}, "at most 253"),
        ({1: "x"}, "label '1'"),
        ({"ok": "x", "k": 1}, "label 'k': a value is text, not int"),
        ({"k": None}, "NoneType"),
        ({"k": "v" * 1025}, "at most 1024"),
        ({"k": "a\tb"}, "character 2 (U+0009)"),
    ],
)
def test_no_labels(labels: dict[str, object], why: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked_labels(labels)
    assert why in str(caught.value)


def test_the_longest_there_are() -> None:
    labels = {"k" * 253: "v" * 1024}
    assert checked_labels(labels) == labels


@pytest.mark.parametrize(
    ("text", "label"), [("k=v", ("k", "v")), ("k=", ("k", "")), ("k=a=b", ("k", "a=b")), ("k= v ", ("k", " v "))]
)
def test_a_label_is_read(text: str, label: tuple[str, str]) -> None:
    assert parse_label(text) == label


@pytest.mark.parametrize("text", ["k", "", "=v", "a b=c", " k=v"])
def test_no_label_is_read(text: str) -> None:
    with pytest.raises(Invalid, match="label"):
        parse_label(text)
