from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.enhance.edits.apply import Refused
from vigyc.enhance.edits.edit import Insert, Rename
from vigyc.enhance.patch import Patch, patch_json, patched, read_patch
from vigyc.lang.errors import Invalid

HOSTILE = ["", "\x00", "a\r\nb", "{0} %s", "../../etc/passwd", "'; drop table issues; --", "\u202etxet", "x" * 10_000]


def test_a_patch_of_edits_is_read_and_applied() -> None:
    patch = read_patch({"edits": [{"op": "insert", "path": [1], "new": "b"}], "bump": "minor", "rationale": "more"})
    assert patch == Patch((Insert((1,), "b"),), None, "minor", "more")
    assert patched("a\n", patch) == "a\nb\n"


def test_a_patch_of_a_whole_text_is_read_and_replaces_every_byte() -> None:
    patch = read_patch({"source": "\ufeff(b ; c\r\n)", "edits": None, "bump": None, "rationale": None})
    assert patch == Patch(None, "\ufeff(b ; c\r\n)", "patch", "")
    assert patched("a", patch) == "\ufeff(b ; c\r\n)"


def test_a_patch_without_any_edit_changes_nothing() -> None:
    assert patched("(a) ; b", read_patch({"edits": []})) == "(a) ; b"


def test_a_patch_that_does_not_fit_is_refused() -> None:
    with pytest.raises(Refused, match=r"^edits\[1\] \(rename\): the symbol `a` does not occur in the text; "):
        patched("a", Patch((Rename("a", "b"), Rename("a", "c"))))


@pytest.mark.parametrize("rationale", HOSTILE)
@pytest.mark.parametrize("bump", ["major", "minor", "patch"])
@pytest.mark.parametrize("change", [{"source": "(a)\x00"}, {"edits": [{"op": "delete", "path": [0, 1], "old": "{0}"}]}])
def test_a_patch_is_read_back_from_json(rationale: str, bump: str, change: dict[str, object]) -> None:
    data = {**change, "bump": bump, "rationale": rationale}
    assert json.loads(json.dumps(patch_json(read_patch(data)))) == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "proposal: it must be an object, not a list"),
        ({}, "proposal: it must have either `edits` or the whole `source`, and neither is there"),
        (
            {"edits": [], "source": ""},
            "proposal: it must have either `edits` or the whole `source`, and both are there",
        ),
        ({"source": "", "ops": []}, "proposal.ops: there is no such field; there are edits, source, bump, rationale"),
        ({"source": 1}, "proposal.source: it must be text, not int"),
        ({"source": "\udfff"}, "proposal.source: character 1 is half of a surrogate pair; it must be Unicode"),
        ({"source": "x" * 1_048_577}, "proposal.source: it has 1048577 bytes; it may have 1048576 at most"),
        ({"source": "", "bump": "huge"}, "proposal.bump: it must be one of major, minor, patch, not 'huge'"),
        ({"source": "", "rationale": {}}, "proposal.rationale: it must be text, not dict"),
        (
            {"source": "", "rationale": "a\ud800"},
            "proposal.rationale: character 2 is half of a surrogate pair; it must be Unicode",
        ),
        (
            {"source": "", "rationale": "é" * 10_001},
            "proposal.rationale: it has 10001 characters; it may have 10000 at most",
        ),
        ({"edits": {}}, "proposal.edits: it must be a list, not an object"),
        ({"edits": [{"op": "delete"}]}, "proposal.edits[0].path: it is missing"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_no_patch_is_refused_with_its_place(data: object, message: str) -> None:
    with pytest.raises(Invalid, match=f"^{re.escape(message)}$"):
        read_patch(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ["edits", "source", "bump", "rationale", "op", "path", "old", "new"]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON | st.lists(st.dictionaries(st.sampled_from(FIELDS), JSON))))
def test_any_json_is_a_patch_or_is_refused(data: object) -> None:
    patch, refusal = None, ""
    try:
        patch = read_patch(data, "here")
    except Invalid as fault:
        refusal = str(fault)
    assert refusal.startswith("here") if patch is None else read_patch(patch_json(patch)) == patch
