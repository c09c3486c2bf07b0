from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.enhance.edits.edit import Delete, Edit, Insert, Rename, Replace, Wrap, edit_json, read_edits
from vigyc.lang.errors import Invalid

PATHS = st.lists(st.integers(0, 10**9), min_size=1, max_size=5).map(tuple)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
EDITS: st.SearchStrategy[list[Edit]] = st.lists(
    st.one_of(
        st.builds(Replace, PATHS, TEXTS, TEXTS),
        st.builds(Insert, PATHS, TEXTS),
        st.builds(Delete, PATHS, TEXTS),
        st.builds(Wrap, PATHS, TEXTS, TEXTS),
        st.builds(Rename, TEXTS, TEXTS, PATHS | st.just(())),
    )
)


@given(EDITS)
def test_edits_are_read_back_from_json(edits: list[Edit]) -> None:
    assert read_edits(json.loads(json.dumps([edit_json(edit) for edit in edits]))) == tuple(edits)


def test_a_rename_without_a_path_is_of_the_whole_text() -> None:
    assert read_edits([{"op": "rename", "old": "a", "new": "b"}]) == (Rename("a", "b", ()),)
    assert read_edits([{"op": "rename", "old": "a", "new": "b", "path": []}]) == (Rename("a", "b", ()),)
    assert edit_json(Rename("a", "b")) == {"op": "rename", "old": "a", "new": "b"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "edits: it must be a list, not null"),
        ({}, "edits: it must be a list, not an object"),
        ([1], "edits[0]: it must be an object, not a number"),
        ([{}], "edits[0].op: it is missing"),
        ([{"op": "move"}], "edits[0].op: it must be one of replace, insert, delete, wrap, rename, not 'move'"),
        ([{"op": ["insert"]}], "edits[0].op: it must be one of replace, insert, delete, wrap, rename, not ['insert']"),
        ([{"op": "insert", "path": [0]}], "edits[0].new: it is missing"),
        ([{"op": "insert", "new": "x"}], "edits[0].path: it is missing"),
        ([{"op": "insert", "path": None, "new": "x"}], "edits[0].path: it must be a list, not null"),
        (
            [{"op": "insert", "path": [], "new": "x"}],
            "edits[0].path: it is empty; it must name a form, as [0] does the first of the text",
        ),
        ([{"op": "insert", "path": ["0"], "new": "x"}], "edits[0].path[0]: it must be a whole number, not text"),
        (
            [{"op": "insert", "path": [True], "new": "x"}],
            "edits[0].path[0]: it must be a whole number, not a truth value",
        ),
        ([{"op": "insert", "path": [1.0], "new": "x"}], "edits[0].path[0]: it must be a whole number, not a number"),
        ([{"op": "insert", "path": [2**63], "new": "x"}], "edits[0].path[0]: it must fit in 64 bits"),
        (
            [{"op": "insert", "path": [0, -1], "new": "x"}],
            "edits[0].path[1]: it must be 0 or more, not -1; indices count from 0 and never from the end",
        ),
        ([{"op": "insert", "path": [0], "new": 5}], "edits[0].new: it must be text, not int"),
        (
            [{"op": "insert", "path": [0], "new": "a\ud800"}],
            "edits[0].new: character 2 is half of a surrogate pair; it must be Unicode",
        ),
        (
            [{"op": "insert", "path": [0], "new": "é" * 524_289}],
            "edits[0].new: it has 1048578 bytes; it may have 1048576 at most",
        ),
        (
            [{"op": "rename", "old": "a", "new": "b"}, {"op": "insert", "path": [0], "new": "x", "old": "y"}],
            "edits[1].old: there is no such field; there are op, path, new",
        ),
        (
            [{"op": "delete", "path": [0], "old": "x", "new": "y"}],
            "edits[0].new: there is no such field; there are op, path, old",
        ),
        (
            [{"op": "rename", "old": "a", "new": "b"}] * 1001,
            "edits: 1001 edits; there may be 1000 at most; give the whole text as `source` instead",
        ),
        (
            [{"op": "insert", "path": [0], "new": "x" * 2**20}] * 5,
            "edits: their texts have 5242880 bytes together; they may have 4194304 at most; "
            "give the whole text as `source` instead",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_edit_is_refused_with_its_place(data: object, message: str) -> None:
    with pytest.raises(Invalid, match=f"^{re.escape(message)}$"):
        read_edits(data)


def test_the_place_begins_with_what_the_caller_calls_it() -> None:
    with pytest.raises(Invalid, match=r"^proposal\.edits\[0\]\.op: it is missing$"):
        read_edits([{}], "proposal.edits")


def test_the_most_and_the_longest_are_read() -> None:
    assert len(read_edits([{"op": "rename", "old": "a", "new": "b"}] * 1000)) == 1000
    assert len(read_edits([{"op": "insert", "path": [0] * 20_000, "new": "x" * 2**20}] * 4)) == 4
