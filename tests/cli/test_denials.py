"""`vigyc denials`, `vigyc policy show` and `decide`: what the policy of registered vigies refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.counter import Counter
from cli.shell import objects
from vigyc.effects.policy import Policy
from vigyc.service.runtime import Runtime

TRIES = '(try (fs-read (string-append "/et" "c/hostname")) (catch (e) 0))'


@pytest.fixture
def refused(counter: Counter) -> Counter:
    """A store in which two vigies were refused something twice each, by turns."""
    with Runtime.open(counter.db, policy=Policy.of("fs.read:/srv")) as runtime:
        for name in ("one", "two"):
            runtime.register(TRIES, name=name, enabled=False)
        for name in ("one", "two") * 2:
            runtime.tick(name)
    return counter


def test_newest_first_of_all_or_of_one(refused: Counter) -> None:
    heads, *lines = refused.good("denials").splitlines()
    assert heads.split() == ["SEQ", "WHEN", "VIGY", "WHAT"]
    assert [re.split(" {2,}", line)[2] for line in lines] == ["two", "one", "two", "one"]
    assert "`fs-read` of /etc/hostname: no grant of fs.read covers it" in lines[0]
    whole = refused.json("denials")
    assert [each["seq"] for each in whole] == sorted((each["seq"] for each in whole), reverse=True)
    ones = refused.json("denials", "one")
    assert ones == whole[1::2]
    assert objects(refused.good("denials", "one", "-o", "jsonl")) == ones


def test_page_by_page(refused: Counter) -> None:
    whole = refused.json("denials")
    first = refused.json("denials", "--limit", "3")
    assert first + refused.json("denials", "--before", str(first[-1]["seq"])) == whole
    assert refused.good("denials", "--before", "1") == ""
    assert refused("denials", "--limit", "0").exit_code == 2
    refused.bad("denials", "nobody", code=4)


@pytest.fixture
def granted(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """A store with a vigy that may read what is in a folder."""
    (counter.place / "policy.toml").write_text('base = "."\ngrants = ["fs.read:data", "time"]\n[limits]\nrows = 5\n')
    monkeypatch.setenv("VIGYC_POLICY", str(counter.place / "policy.toml"))
    counter.register()
    return counter


def test_the_policy_of_a_vigy(granted: Counter) -> None:
    told = granted.good("policy", "show", "hello")
    assert told.splitlines()[:3] == ["  grant      fs.read:data", "  grant      time", "  limit      rows 5"]
    assert granted.json("policy", "show", "hello")["grants"] == ["fs.read:data", "time"]
    granted.bad("policy", "show", "nobody", code=4)


def test_what_it_says_of_an_effect(granted: Counter, tmp_path: Path) -> None:
    inside = str(granted.place / "data" / "x")
    assert granted.good("policy", "decide", "hello", "fs.read", inside) == (
        f'fs.read of {inside} is allowed, by the grant "fs.read:data"\n'
    )
    outside = granted("policy", "decide", "hello", "fs.read", "/etc/passwd")
    assert (outside.exit_code, outside.stdout.split(":")[0]) == (3, "fs.read of /etc/passwd is refused")
    told = granted("policy", "decide", "hello", "random", "-o", "json")
    assert (told.exit_code, objects(told.stdout)[0]["allowed"]) == (3, False)
    assert granted.json("policy", "decide", "hello", "time")["allowed"]
    granted.bad("policy", "decide", "hello", "fs.raed", "x", code=2)
    granted.bad("policy", "decide", "nobody", "time", code=4)
