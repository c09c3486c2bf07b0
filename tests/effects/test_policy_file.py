"""Policy files: what they say is what holds, and every slip is told with its line."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.effects.policy import NOTHING, McpServer, Model, Policy
from vigyc.effects.policy_book import PolicyBook
from vigyc.effects.policy_file import load_policies, policy_from_flags
from vigyc.lang.errors import Invalid, SettingsError

WHOLE = """
base = "work"
ca = "certs.pem"
grants = ["time", "fs.read:data", "net:api.example.com:443"]

[limits]
request_ms = "5s"
read_bytes = "1MiB"
rows = 10

[costs]
http-get = 10

[[budget]]
calls = 1000
bytes = "10MiB"
tokens = 5000
ms = "1m"
shared_by = "vigy"
every = "1h"

[secrets]
api = "env:API_KEY"
disk = "file:keys/disk"

[models.cloud]
url = "https://llm.example.com/v1"
model = "large"
key = "api"

[mcp.files]
command = ["mcp-files", "/data"]

[mcp.remote]
url = "https://mcp.example.com"
headers = { Authorization = "secret:api" }

[resolve]
"api.example.com" = "10.0.0.7"

[[for]]
labels = "team=ops,tier=1"
grants = ["print"]

[[for]]
vigy = "mirror"
grants = ["fs.write:out"]
[for.limits]
rows = 5
[[for.budget]]
calls = 3
"""


def book(tmp_path: Path, text: str) -> PolicyBook:
    file = tmp_path / "policy.toml"
    file.write_text(dedent(text))
    return load_policies(file)


def test_all_that_can_be_said(tmp_path: Path) -> None:
    policy = book(tmp_path, WHOLE).default
    work = str(tmp_path / "work")
    assert [grant.text for grant in policy.grants] == ["time", "fs.read:data", "net:api.example.com:443"]
    assert policy.base == work
    assert policy.judge("fs.read", f"{work}/data/a").decision.allowed
    assert policy.limits == Limits(request_ms=5_000, read_bytes=2**20, rows=10)
    assert policy.costs == {"http-get": 10}
    assert policy.budgets == (
        Budget({"calls": 1000, "bytes": 10 * 2**20, "ms": 60_000, "tokens": 5000}, "vigy", 3_600_000),
    )
    assert policy.secrets == {"api": "env:API_KEY", "disk": f"file:{tmp_path}/keys/disk"}
    assert policy.models == {"cloud": Model("https://llm.example.com/v1", "large", "api")}
    assert policy.servers == {
        "files": McpServer(("mcp-files", "/data")),
        "remote": McpServer(url="https://mcp.example.com", headers=(("Authorization", "secret:api"),)),
    }
    assert policy.resolve == {"api.example.com": "10.0.0.7"}
    assert policy.ca == str(tmp_path / "certs.pem")


def test_a_section_stands_in_place_of_the_rest_and_takes_over_what_it_leaves_unsaid(tmp_path: Path) -> None:
    whole = book(tmp_path, WHOLE)
    mirror = whole.policy_of("mirror", {})
    assert [grant.text for grant in mirror.grants] == ["fs.write:out"]
    assert mirror.limits == whole.default.limits._replace(rows=5)
    assert mirror.budgets == (Budget({"calls": 3}),)
    for what in ("secrets", "servers", "models", "resolve", "base", "costs", "ca"):
        assert getattr(mirror, what) == getattr(whole.default, what)
    assert whole.policy_of("other", {"team": "ops", "tier": "1"}).budgets == whole.default.budgets


def test_a_section_that_names_the_vigy_goes_before_one_of_labels(tmp_path: Path) -> None:
    whole = book(tmp_path, WHOLE)
    labels = {"team": "ops", "tier": "1", "more": "x"}
    assert whole.policy_of("mirror", labels).judge("print", None).decision.allowed is False
    assert whole.policy_of("other", labels).judge("print", None).decision.allowed is True
    assert whole.policy_of("other", {"team": "ops"}) is whole.default
    assert whole.policy_of("mirror", {}) is whole.policy_of("mirror", labels)
    assert whole.names == ("mirror",)


def test_the_first_section_whose_labels_fit_holds(tmp_path: Path) -> None:
    both = book(tmp_path, '[[for]]\nlabels = "a"\ngrants = ["time"]\n[[for]]\nlabels = "b"\ngrants = ["print"]\n')
    assert both.policy_of("x", {"a": "1", "b": "1"}).grants_kind("time")
    assert both.policy_of("x", {"b": "1"}).grants_kind("print")


def test_an_empty_file_allows_nothing(tmp_path: Path) -> None:
    assert book(tmp_path, "").default == NOTHING


def test_a_book_of_one_policy_is_for_all() -> None:
    policy = Policy.of("time")
    assert PolicyBook.of(policy).policy_of("any", {"a": "b"}) is policy
    assert PolicyBook.of(policy).names == ()


MALFORMED = {
    "no toml": ("a = 1\nb =\n", 2, "Invalid value"),
    "ends early": ("a = [\n", 2, "Invalid value"),
    "twice": ("base = '.'\nbase = '/'\n", 2, "Cannot overwrite"),
    "unknown key": ("\ngrant = []\n", 2, "there is no key 'grant'; did you mean 'grants'?"),
    "unknown key in a section": ("[[for]]\nvigy = 'a'\n\n[[for]]\nvigy = 'b'\ngrans = []\n", 6, "mean 'grants'"),
    "unknown limit": ("[limits]\n\nread_byte = 3\n", 3, "in limits; did you mean 'read_bytes'?"),
    "unknown limit in a section": ("[[for]]\nvigy = 'a'\n[for.limits]\nrow = 3\n", 4, "did you mean 'rows'?"),
    "grants no list": ("grants = 'time'\n", 1, "grants must be a list"),
    "grant no text": ("grants = [3]\n", 1, "a grant must be text"),
    "unknown kind": ("grants = [\n  'time',\n  'fs.raed:/data',\n]\n", 3, "did you mean 'fs.read'?"),
    "scope of a kind without": ("grants = ['time:x']\n", 1, "time takes no scope"),
    "b14 no scope": ("\n\ngrants = ['fs.read']\n", 3, "it must say what for"),
    "b14 empty scope": ("\n\ngrants = ['fs.read:']\n", 3, "any is spelled 'fs.read:*'"),
    "b14 blank scope": ("grants = ['fs.read: ']\n", 1, "it must say what for"),
    "space around a scope": ("grants = ['env: HOME']\n", 1, "no space"),
    "relative grant without base": ("grants = ['fs.read:data']\n", 1, "needs `base`"),
    "base no text": ("base = 3\n", 1, "base cannot be 3"),
    "limits no table": ("limits = 3\n", 1, "limits must be a table"),
    "limit negative": ("[limits]\nrows = -1\n", 2, "rows cannot be -1"),
    "limit no number": ("[limits]\nrows = 'many'\n", 2, "a whole number"),
    "limit boolean": ("[limits]\nrows = true\n", 2, "a whole number"),
    "limit fraction": ("[limits]\nrows = 1.5\n", 2, "a whole number"),
    "bad duration": ("[limits]\nrequest_ms = '5 parsecs'\n", 2, "request_ms cannot be '5 parsecs'"),
    "bad size": ("[limits]\nread_bytes = '5 apples'\n", 2, "a size such as"),
    "cost of nothing known": ("[costs]\nhttp-gett = 3\n", 2, "no operation 'http-gett'; did you mean 'http-get'?"),
    "bad cost": ("[costs]\nhttp-get = -3\n", 2, "http-get cannot be -3"),
    "budget no list of tables": ("[budget]\ncalls = 3\n", 1, "[[budget]]"),
    "budget without amount": ("[[budget]]\nshared_by = 'run'\n", 1, "must have an amount"),
    "second budget bad": ("[[budget]]\ncalls = 3\n[[budget]]\ncalls = 'x'\n", 4, "calls cannot be 'x'"),
    "budget shared oddly": ("[[budget]]\ncalls = 1\nshared_by = 'all'\n", 3, "one of run, vigy, runtime"),
    "budget every nothing": ("[[budget]]\ncalls = 1\nevery = 0\n", 3, "longer"),
    "unknown unit": ("[[budget]]\ncall = 1\n", 2, "did you mean 'calls'?"),
    "secret in the file": ("[secrets]\napi = 'hunter2'\n", 2, "does not belong here"),
    "secret without a place": ("[secrets]\napi = 'env:'\n", 2, "secret api must be given as env:VARIABLE"),
    "model without url": ("[models.a]\nmodel = 'x'\n", 1, "must have a `url`"),
    "model at no url": ("[models.a]\nmodel = 'x'\nurl = 'ftp://x'\n", 3, "http or https URL"),
    "model with an unknown secret": (
        "[secrets]\napi = 'env:A'\n[models.a]\nmodel = 'x'\nurl = 'http://x'\nkey = 'app'\n",
        6,
        "there is no secret 'app'; did you mean 'api'?",
    ),
    "server with nothing": ("[mcp.a]\n", 1, "`command` or a `url`"),
    "server with both": ("[mcp.a]\ncommand = ['x']\nurl = 'http://x'\n", 1, "one of them"),
    "server with an empty command": ("[mcp.a]\ncommand = []\n", 2, "the program and its arguments"),
    "server with variables for a url": ("[mcp.a]\nurl = 'http://x'\nenv = {}\n", 3, "env goes with a `command`"),
    "variable no program is given": ("[mcp.a]\ncommand = ['x']\nenv = {LD_PRELOAD = 'x'}\n", 3, "LD_PRELOAD cannot be"),
    "variable with an unknown secret": ("[mcp.a]\ncommand = ['x']\nenv = {A = 'secret:k'}\n", 3, "secret 'k'"),
    "server with headers for a command": ("[mcp.a]\ncommand = ['x']\nheaders = {}\n", 3, "headers go with a `url`"),
    "header with an unknown secret": ("[mcp.a]\nurl = 'http://x'\n[mcp.a.headers]\nA = 'secret:k'\n", 4, "secret 'k'"),
    "no address": ("[resolve]\n'a.example.com' = 'localhost'\n", 2, "a.example.com cannot be 'localhost'"),
    "section for nobody": ("[[for]]\nvigy = 'a'\n[[for]]\ngrants = []\n", 3, "for a `vigy` or for `labels`"),
    "section for both": ("[[for]]\nvigy = 'a'\nlabels = 'b'\n", 1, "give one of them"),
    "section for one name twice": ("[[for]]\nvigy = 'a'\n[[for]]\nvigy = 'a'\n", 4, "for 'a' already"),
    "section for an impossible name": ("[[for]]\nvigy = '-a'\n", 2, "must not begin with `-`"),
    "section for impossible labels": ("[[for]]\nlabels = 'a b'\n", 2, "a key is made of"),
    "section for no labels": ("[[for]]\nlabels = ','\n", 2, "one label at least"),
    "section with a bad grant": ("[[for]]\nvigy='a'\n[[for]]\nvigy='b'\ngrants = [\n'tim']\n", 6, "mean 'time'"),
    "for no list": ("[for]\nvigy = 'a'\n", 1, "[[for]]"),
    "ceiling key": ("[ceiling]\nsecrets = {}\n", 2, "no key 'secrets' in ceiling"),
    "h08 wider than the ceiling": ("grants = ['time', 'print']\n[ceiling]\ngrants = ['time']\n", 1, "grant 'print'"),
    "h08 section wider than the ceiling": (
        "[ceiling]\ngrants = ['fs.read:/data']\n[[for]]\nvigy = 'm'\ngrants = ['fs.read:/']\n",
        3,
        "the section for m is wider than the policy above it: grant 'fs.read:/'",
    ),
    "h08 limit above the ceiling": (
        "[limits]\nrows = 9\n[ceiling.limits]\nrows = 5\n", 1, "limit rows of 9, above 5",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_a_slip_is_told_with_its_line(name: str, tmp_path: Path) -> None:
    text, line, said = MALFORMED[name]
    file = tmp_path / "policy.toml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_policies(file)
    assert str(caught.value).startswith(f"{file}:{line}: "), str(caught.value)
    assert said in str(caught.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        load_policies(tmp_path / "none.toml")
    (tmp_path / "latin").write_bytes(b"base = '\xe9'\n")
    with pytest.raises(SettingsError, match="latin"):
        load_policies(tmp_path / "latin")


def test_h08_what_is_within_the_ceiling_is_exactly_what_was_asked(tmp_path: Path) -> None:
    text = """
        grants = ["fs.read:/data/a"]
        [[budget]]
        calls = 5
        [ceiling]
        grants = ["fs.read:/data", "time"]
        limits = { rows = 7 }
        [[ceiling.budget]]
        calls = 100
        [[for]]
        vigy = "quiet"
        """
    found = book(tmp_path, text)
    assert [grant.text for grant in found.default.grants] == ["fs.read:/data/a"]
    assert found.default.limits == Limits(rows=7)
    assert found.default.budgets == (Budget({"calls": 100}), Budget({"calls": 5}))
    assert found.policy_of("quiet", {}).grants == ()


def test_grants_from_flags() -> None:
    policy = policy_from_flags(["fs.read:data", "time"], ["calls=100", "bytes=1MiB", "ms=2s"], "/w")
    assert policy.judge("fs.read", "data/x").decision.allowed
    assert policy.budgets == (Budget({"calls": 100, "bytes": 2**20, "ms": 2000}),)
    assert policy_from_flags([]) == NOTHING


@pytest.mark.parametrize("budget", ["calls", "calls=", "calls=-1", "steps=3", "=3"])
def test_a_budget_that_is_none(budget: str) -> None:
    with pytest.raises(Invalid, match="budget"):
        policy_from_flags([], [budget])
