from __future__ import annotations

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.errors import Invalid
from vigyc.model.label import BUMPS, FIRST, Label, bumped

# semver.org, section 11, in the order it gives, with a few of our own between.
ASCENDING = [
    "0.0.0", "0.9.0", "1.0.0--", "1.0.0-0", "1.0.0-2", "1.0.0-10", "1.0.0-10.0", "1.0.0-9a", "1.0.0-A", "1.0.0-alpha",
    "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1",
    "1.2.0", "1.10.0", "2.0.0-0", "2.0.0", "2.1.0", "2.1.1", "10.0.0",
]  # fmt: skip
NUMBERS = st.integers(0, 10**17)


def _in_order(labels: list[str]) -> list[str]:
    return sorted(labels, key=lambda label: Label.parse(label).precedence)


def test_labels_are_ordered_as_semver_says() -> None:
    # `-` is a word, and words come after numbers.
    expected = [label for label in ASCENDING if label != "1.0.0--"]
    expected.insert(expected.index("1.0.0-9a"), "1.0.0--")
    assert _in_order(ASCENDING[::-1]) == expected
    assert all(Label.parse(a).precedence < Label.parse(b).precedence for a, b in combinations(expected, 2))


def test_build_metadata_does_not_count() -> None:
    one, other = Label.parse("1.0.0-rc.1+exp.sha.5114f85"), Label.parse("1.0.0-rc.1+001")
    assert one.precedence == other.precedence
    assert one == Label(1, 0, 0, "rc.1", "exp.sha.5114f85")


@pytest.mark.parametrize("text", [*ASCENDING, "1.0.0+0", "1.0.0-a+b-c", "1.0.0-0a.-.0", "999999999999999999.0.0"])
def test_a_label_is_written_as_it_was_read(text: str) -> None:
    assert str(Label.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.2", "1.2.3.4", "v1.2.3", " 1.2.3", "1.2.3 ", "1.2.3\n", "01.2.3", "1.02.3", "1.2.3-", "1.2.3-01",
     "1.2.3-a..b", "1.2.3-a_b", "1.2.3+", "1.2.3+a+b", "-1.2.3", "1.2.x", "١.2.3", "1.2.3-é", "1000000000000000000.0.0",
     "1.2.3-\ud800"],
)  # fmt: skip
def test_what_is_no_label_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match=f"^{re.escape(f'label {text!r}: it must be three numbers such as 1.2.3')}$"):
        Label.parse(text)


def test_a_label_has_a_length() -> None:
    assert Label.parse("1.2.3-" + "1" * 250).pre == "1" * 250
    with pytest.raises(Invalid, match="it must be at most 256 characters, and has 10006"):
        Label.parse("1.2.3-" + "1" * 10_000)


@given(
    st.builds(Label, NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["", "rc.1"]), st.sampled_from(["", "b"])),
    st.sampled_from(BUMPS),
)
def test_the_next_label_comes_after_and_has_three_numbers(label: Label, bump: str) -> None:
    following = Label.parse(bumped(str(label), bump))
    assert following.precedence > label.precedence
    assert (following.pre, following.build) == ("", "")


@pytest.mark.parametrize(
    ("label", "bump", "following"),
    [
        (None, "major", FIRST),
        ("0.1.0", "patch", "0.1.1"),
        ("0.1.9", "minor", "0.2.0"),
        ("0.9.9", "major", "1.0.0"),
        ("1.2.3-rc.1+b", "patch", "1.2.4"),
    ],
)
def test_a_bump_gives_the_next_label(label: str | None, bump: str, following: str) -> None:
    assert bumped(label, bump) == following


def test_what_is_no_bump_or_no_label_is_refused() -> None:
    with pytest.raises(Invalid, match=r"^bump: it must be one of major, minor, patch, not 'huge'$"):
        bumped("0.1.0", "huge")
    with pytest.raises(Invalid, match=r"^label '1\.0': it must be three numbers such as 1\.2\.3$"):
        bumped("1.0", "major")
