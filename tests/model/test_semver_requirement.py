"""The oracle is the Cargo book ("Specifying Dependencies"): each requirement as the range it says it is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.lang.errors import Invalid
from vigyc.model.label import Label
from vigyc.model.semver_requirement import Requirement

# From `least`, which is in, to `end`, which is not; None: no end.
TABLES = {
    "1.2.3": ("1.2.3", "2.0.0"),
    "1.2": ("1.2.0", "2.0.0"),
    "1": ("1.0.0", "2.0.0"),
    "0.2.3": ("0.2.3", "0.3.0"),
    "0.2": ("0.2.0", "0.3.0"),
    "0.0.3": ("0.0.3", "0.0.4"),
    "0.0": ("0.0.0", "0.1.0"),
    "0": ("0.0.0", "1.0.0"),
    "~1.2.3": ("1.2.3", "1.3.0"),
    "~1.2": ("1.2.0", "1.3.0"),
    "~1": ("1.0.0", "2.0.0"),
    "*": ("0.0.0", None),
    "1.*": ("1.0.0", "2.0.0"),
    "1.2.*": ("1.2.0", "1.3.0"),
    ">= 1.2.0": ("1.2.0", None),
    ">1.1.9": ("1.1.10", None),
    ">1": ("2.0.0", None),
    ">1.1": ("1.2.0", None),
    "< 2": ("0.0.0", "2.0.0"),
    "<1.2": ("0.0.0", "1.2.0"),
    "<=1.2": ("0.0.0", "1.3.0"),
    "<=1": ("0.0.0", "2.0.0"),
    "<=1.2.2": ("0.0.0", "1.2.3"),
    "= 1.2.3": ("1.2.3", "1.2.4"),
    "=1.2": ("1.2.0", "1.3.0"),
    "=1": ("1.0.0", "2.0.0"),
    ">= 1.2, < 1.5": ("1.2.0", "1.5.0"),
    ">=0.1,<3,  ~1": ("1.0.0", "2.0.0"),
}
SMALL = st.integers(0, 4)
LABELS = st.builds(Label, SMALL, SMALL, SMALL, st.just(""), st.just(""))


def _key(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def _within(label: Label, least: str, end: str | None) -> bool:
    return _key(least) <= label[:3] and (end is None or label[:3] < _key(end))


@pytest.mark.parametrize("text", TABLES)
def test_a_requirement_is_the_range_of_the_tables(text: str) -> None:
    requirement = Requirement.parse(text)
    for major in range(4):
        for minor in range(6):
            for patch in range(12):
                label = Label(major, minor, patch)
                assert requirement.admits(label) == _within(label, *TABLES[text]), str(label)


@given(LABELS, LABELS, st.sampled_from(["^", "", "~", "=", ">", ">=", "<", "<="]), st.integers(1, 3))
def test_a_requirement_is_a_range_whatever_its_numbers(
    wanted: Label, label: Label, op: str, given_numbers: int
) -> None:
    numbers = list(wanted[:given_numbers])
    text = op + ".".join(map(str, numbers))
    least = (*numbers, 0, 0)[:3]
    past = (*numbers[:-1], numbers[-1] + 1, 0, 0)[:3]
    end = {"~": (*numbers[:1], numbers[1] + 1, 0) if given_numbers > 1 else past, "=": past}.get(op)
    if op in ("^", ""):
        first = next((at for at, number in enumerate(numbers) if number), given_numbers - 1)
        end = (*numbers[:first], numbers[first] + 1, 0, 0)[:3]
    if op.startswith(">"):
        expected = label[:3] >= (past if op == ">" else least)
    elif op.startswith("<"):
        expected = label[:3] < (least if op == "<" else past)
    else:
        assert end is not None
        expected = least <= label[:3] < end
    assert Requirement.parse(text).admits(label) == expected


@pytest.mark.parametrize("spelling", ["^1.2", "1.2", " 1.2 ", "^ 1.2", "^1.2.0", "1.2.0+build"])
def test_these_are_the_same_requirement(spelling: str) -> None:
    admitted = [label for label in ("1.1.9", "1.2.0", "1.9.0", "2.0.0") if _admits(spelling, label)]
    assert admitted == ["1.2.0", "1.9.0"]


@pytest.mark.parametrize("spelling", ["1.*", "1.x", "1.X", "1.*.*", "1.x.*", "=1.*", "~1.*", "=1"])
def test_these_wildcards_are_the_same(spelling: str) -> None:
    admitted = [label for label in ("0.9.9", "1.0.0", "1.9.0", "2.0.0") if _admits(spelling, label)]
    assert admitted == ["1.0.0", "1.9.0"]


@pytest.mark.parametrize(
    ("requirement", "label", "admitted"),
    [
        ("*", "1.0.0-rc.1", False),
        ("1", "1.0.0-rc.1", False),
        ("^1.0.0-rc.1", "1.0.0-rc.1", True),
        ("^1.0.0-rc.1", "1.0.0-rc.2", True),
        ("^1.0.0-rc.2", "1.0.0-rc.1", False),
        ("^1.0.0-rc.1", "1.0.0", True),
        ("^1.0.0-rc.1", "1.5.0", True),
        ("^1.0.0-rc.1", "1.0.1-rc.1", False),
        ("^1.0.0-rc.1", "1.1.0-rc.2", False),
        ("~1.2.3-beta.2", "1.2.3-beta.4", True),
        ("~1.2.3-beta.2", "1.2.4-beta.2", False),
        ("~1.2.3-beta.2", "1.2.3-beta.1", False),
        (">=1.0.0-alpha", "1.0.0-beta", True),
        (">1.0.0-alpha", "1.0.0-alpha", False),
        (">1.0.0-alpha", "1.0.0-alpha.1", True),
        (">1.0.0-alpha", "2.0.0-alpha", False),
        ("<1.0.0", "1.0.0-rc.1", False),
        ("<1.0.0-rc.2", "1.0.0-rc.1", True),
        ("<=1.0.0-rc.2", "1.0.0-rc.2", True),
        ("=1.0.0-rc.1", "1.0.0-rc.1", True),
        ("=1.0.0-rc.1", "1.0.0", False),
        ("=1.0.0", "1.0.0-rc.1", False),
        ("=1.0.0", "1.0.0+build", True),
        ("=1.0.0-rc.1", "1.0.0-rc.1+build", True),
        (">=1.0.0-rc.1, <2.0.0-rc.1", "2.0.0-beta", True),
        (">=1.0.0-rc.1, <2", "2.0.0-beta", False),
        (">=1.0.0-rc.1, <2", "1.0.0-rc.3", True),
    ],
)
def test_a_pre_release_is_admitted_only_where_one_is_named(requirement: str, label: str, admitted: bool) -> None:
    assert _admits(requirement, label) is admitted


def _admits(requirement: str, label: str) -> bool:
    return Requirement.parse(requirement).admits(Label.parse(label))


@pytest.mark.parametrize(
    "text",
    ["", " ", "a", "^", "1.", ".1", "1..2", "1.2.3.4", "1.2.3-", "1.2-rc", "1-rc", "01", "1.02", "1 2", "> = 1", "=>1",
     "!=1", "==1", "~>1", "1.*.3", "1.2.*-rc", "1.**", "1\n", "\t1", "v1", "1 || 2", "1 - 2", "١", "1\x00", "\ud800",
     "^*", ">=*", "1.2.3-01", "1000000000000000000"],
)  # fmt: skip
def test_what_is_no_requirement_is_refused(text: str) -> None:
    message = (
        f"requirement part {text.strip()[:60]!r}: parts are such as 1.2, ^1.2.3, ~1.2, =1.2.3, >=1.2, <2, 1.* and *"
    )
    with pytest.raises(Invalid, match=f"^{re.escape(message)}$"):
        Requirement.parse(text)


@pytest.mark.parametrize("text", ["1,", ",1", "1,,2"])
def test_a_part_may_not_be_empty(text: str) -> None:
    with pytest.raises(Invalid, match=r"^requirement part '': parts are such as "):
        Requirement.parse(text)


@pytest.mark.parametrize("text", ["*, 1", "1, *", "x, *"])
def test_a_star_stands_alone(text: str) -> None:
    with pytest.raises(Invalid, match=r"^requirement: `\*` must be its only part; leave it out, or the others$"):
        Requirement.parse(text)


def test_a_requirement_has_a_length_and_a_number_of_parts() -> None:
    assert len(Requirement.parse(",".join(["1"] * 32)).comparators) == 32
    with pytest.raises(Invalid, match="it may have 32 parts at most, and has 33"):
        Requirement.parse(",".join(["1"] * 33))
    with pytest.raises(Invalid, match="it must be at most 1000 characters, and has 100000"):
        Requirement.parse("1" * 100_000)
