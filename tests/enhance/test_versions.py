from __future__ import annotations

import re

import pytest

from vigyc.enhance.versions import checked_selector, matching
from vigyc.lang.errors import Invalid, NotFound
from vigyc.model.enhance_setting import FIXED, LATEST, SEMVER, VersionSelector
from vigyc.model.vigy import Version

NEWEST = VersionSelector()


def _digest(number: int) -> str:
    return f"b3:{number:064x}"


def _content(number: int) -> str:
    return f"c1:{number:064x}"


def _versions(*labels: str) -> list[Version]:
    return [
        Version("v", number, _digest(number), "", 0, label=label, content=_content(number))
        for number, label in enumerate(labels, 1)
    ]


def _chosen(labels: str, selector: VersionSelector) -> int:
    return matching(_versions(*labels.split()), selector).version.number


@pytest.mark.parametrize(
    ("labels", "selector", "number"),
    [
        ("0.1.0 0.2.0 0.1.1", NEWEST, 3),
        ("0.1.0 0.2.0 0.1.1", VersionSelector(FIXED, "2"), 2),
        ("0.1.0 0.2.0 0.1.1", VersionSelector(FIXED, "0.2.0"), 2),
        ("0.1.0 0.2.0 0.1.1", VersionSelector(FIXED, _digest(1)), 1),
        ("0.1.0 0.2.0 0.1.1", VersionSelector(FIXED, _content(1)), 1),
        ("0.1.0 0.1.0 0.2.0", VersionSelector(FIXED, "0.1.0"), 2),
        ("1.0.0 1.10.0 1.9.0 2.0.0", VersionSelector(SEMVER, "^1"), 2),
        ("1.0.0 1.0.0 1.0.0", VersionSelector(SEMVER, "1"), 3),
        ("1.0.0+b 1.0.0+a", VersionSelector(SEMVER, "=1.0.0"), 2),
        ("1.0.0 1.1.0-rc.1", VersionSelector(SEMVER, "*"), 1),
        ("1.1.0-rc.2 1.1.0-rc.10 1.1.0-rc.1", VersionSelector(SEMVER, ">=1.1.0-rc.1"), 2),
        ("1.1.0 1.1.0-rc.10", VersionSelector(SEMVER, ">=1.1.0-rc.1"), 1),
    ],
)
def test_a_selector_falls_on_a_version(labels: str, selector: VersionSelector, number: int) -> None:
    assert _chosen(labels, selector) == number
    assert matching(_versions(*labels.split())[::-1], selector).version.number == number


def test_of_the_same_content_the_newest_is_chosen() -> None:
    one, two = _versions("0.1.0", "0.2.0")
    assert matching([one, two._replace(content=one.content)], VersionSelector(FIXED, _content(1))).version.number == 2
    assert matching([one, two._replace(digest=one.digest)], VersionSelector(FIXED, _digest(1))).version.number == 2


def test_a_bad_label_is_skipped_and_told_and_spoils_nothing() -> None:
    bad = ["1.0", "", "1.0.0-", "01.0.0", "v1.0.0", "1.0.0\n", "९.0.0", "9" * 5_000]
    selected = matching(_versions("1.0.0", *bad), VersionSelector(SEMVER, "^1"))
    assert selected.version.number == 1
    assert selected.skipped == [
        "version 9: label '999999999999999999999999999999999999999999999999999999999999': "
        "it must be at most 256 characters, and has 5000",
        *[
            f"version {number}: label {label!r}: it must be three numbers such as 1.2.3"
            for number, label in reversed([*enumerate(bad[:-1], 2)])
        ],
    ]
    assert matching(_versions("1.0.0", *bad), NEWEST) == (_versions("1.0.0", *bad)[-1], [])


@pytest.mark.parametrize(
    ("labels", "selector", "message"),
    [
        ("", NEWEST, "no version is the latest: there are none at all"),
        ("", VersionSelector(SEMVER, "^1"), "no version is as '^1' requires: there are none at all"),
        ("0.1.0 0.2.0", VersionSelector(FIXED, "3"), "no version is '3': there are 2 (0.2.0), 1 (0.1.0)"),
        (
            "0.1.0 0.2.0",
            VersionSelector(SEMVER, "~0.1.1"),
            "no version is as '~0.1.1' requires: there are 2 (0.2.0), 1 (0.1.0)",
        ),
        (
            "0.1.0 x 0.2",
            VersionSelector(SEMVER, "^1"),
            "no version is as '^1' requires: there are 3 (0.2), 2 (x), 1 (0.1.0); "
            "skipped, for their labels: version 3, version 2",
        ),
        (
            " ".join(["0.1.0"] * 12),
            VersionSelector(FIXED, "1.0.0"),
            "no version is '1.0.0': there are "
            + ", ".join(f"{number} (0.1.0)" for number in range(12, 2, -1))
            + " and 2 more",
        ),
    ],
)
def test_where_none_is_what_is_wanted_it_is_told_what_there_is(
    labels: str, selector: VersionSelector, message: str
) -> None:
    with pytest.raises(NotFound, match=f"^{re.escape(message)}$"):
        matching(_versions(*labels.split()), selector)


FIXED_IS = "it must be a version's number, its label, its digest (b3:...) or its content (c1:...)"
PARTS_ARE = "parts are such as 1.2, ^1.2.3, ~1.2, =1.2.3, >=1.2, <2, 1.* and *"


@pytest.mark.parametrize(
    "selector",
    [
        NEWEST,
        VersionSelector(FIXED, "12"),
        VersionSelector(FIXED, "1.2.3-rc.1"),
        VersionSelector(FIXED, _digest(1)),
        VersionSelector(FIXED, _content(1)),
        VersionSelector(SEMVER, "1.*"),
        VersionSelector(SEMVER, ">=1, <3"),
    ],
)
def test_a_selector_is_taken_as_it_is(selector: VersionSelector) -> None:
    assert checked_selector(selector, "flow_version") is selector


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        (("newest", ""), "flow_version.kind: it must be one of latest, fixed, semver_req, not 'newest'"),
        ((LATEST, "1"), "flow_version.value: the latest version needs none, and it is '1'"),
        ((FIXED, ""), f"flow_version.value: {FIXED_IS}, not ''"),
        ((FIXED, "0"), f"flow_version.value: {FIXED_IS}, not '0'"),
        ((FIXED, "^1"), f"flow_version.value: {FIXED_IS}, not '^1'"),
        ((FIXED, "b3:12"), f"flow_version.value: {FIXED_IS}, not 'b3:12'"),
        ((FIXED, 3), "flow_version.value: it must be text, not int"),
        ((SEMVER, ""), f"flow_version.value: requirement part '': {PARTS_ARE}"),
        ((SEMVER, "1,"), f"flow_version.value: requirement part '': {PARTS_ARE}"),
        ((SEMVER, "^1, y"), f"flow_version.value: requirement part 'y': {PARTS_ARE}"),
        ((SEMVER, "1" * 1_001), "flow_version.value: it must be at most 1000 characters, and has 1001"),
    ],
)
def test_what_is_no_selector_is_refused_with_its_place(selector: tuple[str, str], message: str) -> None:
    with pytest.raises(Invalid, match=f"^{re.escape(message)}$"):
        checked_selector(VersionSelector(*selector), "flow_version")
