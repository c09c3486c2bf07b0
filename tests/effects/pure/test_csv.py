from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.effects.data import bounds

FIELDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=10) | st.sampled_from(
    ['"', "\r", "\n", "\r\n", ",", ";", "=1+1"]
)


@given(rows=st.lists(st.lists(FIELDS, min_size=1, max_size=4), max_size=5), delimiter=st.sampled_from(",;\t|"))
def test_what_is_written_is_read_back(pure: Any, rows: object, delimiter: str) -> None:
    text = pure("csv-write", rows, delimiter=delimiter)
    assert pure.value("csv-parse", text, delimiter=delimiter) == rows


def test_rows_as_maps(pure: Any) -> None:
    rows = [{"a": "1", "b": "x\ny"}, {"a": "", "b": "z"}]
    text = pure("csv-write", rows, columns=["b", "a"])
    assert text == 'b,a\r\n"x\ny",1\r\nz,\r\n'
    assert pure.value("csv-parse", text, header=True) == [{"b": "x\ny", "a": "1"}, {"b": "z", "a": ""}]
    assert pure.value("csv-parse", "", header=True) == []
    assert pure.raised("csv-write", rows) == "native-fn: in native `csv-write`: rows that are maps need :columns"


def test_rows_may_be_ragged_and_lines_empty(pure: Any) -> None:
    assert pure.value("csv-parse", 'a,b\n\n1\r\n"",2,3') == [["a", "b"], ["1"], ["", "2", "3"]]


def test_values_as_fields(pure: Any) -> None:
    assert pure("csv-write", [[1, 1.0, 2.5, True, False, None, "é"]]) == "1,1,2.5,true,false,,é\r\n"
    assert pure.raised("csv-write", [[[1]]]).startswith("type-mismatch: `csv-write`: a field must be")
    assert pure.raised("csv-write", ["a"]) == "type-mismatch: type mismatch: expected list, got string"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a\n"b', "line 2: unexpected end of data"),
        ('a\n"b"c', "line 2: ',' expected after '\"'"),
        ('a\n"' + "x" * 131_073 + '"', "line 2: field larger than field limit (131072)"),
    ],
)
def test_what_is_no_csv_is_refused(pure: Any, text: str, message: str) -> None:
    assert pure.error("csv-parse", text) == ("decode", message)


def test_headers_are_checked(pure: Any) -> None:
    assert pure.error("csv-parse", "a,b\n1,2\n3\n", header=True) == ("decode", "line 3: 1 fields, not 2")
    assert pure.error("csv-parse", "a,a\n1,2\n", header=True) == ("decode", "line 1: two fields have one name")


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n"])
def test_a_delimiter_is_one_character(pure: Any, delimiter: str) -> None:
    assert ":delimiter must be one character" in pure.raised("csv-parse", "a", delimiter=delimiter)


def test_f11_quotes_take_no_square_time(pure: Any) -> None:
    start = time.monotonic()
    assert pure.error("csv-parse", '"' * 200_001)[0] == "decode"
    assert len(pure.value("csv-parse", ",".join('""' for _ in range(200_000)))[0]) == 200_000
    assert time.monotonic() - start < 2


def test_writing_is_bounded(pure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_TEXT", 1000)
    assert pure.raised("csv-write", [["x" * 100]] * 10).startswith("size-exceeded")
