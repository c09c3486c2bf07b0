"""Attenuation: what a narrower policy allows, the one above it allows."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigyc.effects.budget import Budget
from vigyc.effects.limits import Limits
from vigyc.effects.policy import McpServer, Model, Policy, narrow
from vigyc.lang.errors import Invalid

_PARTS: Final = st.sampled_from(["a", "b", "ab", "a.b", "..", ".", ""])
_PATHS: Final = st.lists(_PARTS, max_size=4).map(lambda parts: "/" + "/".join(parts))
_NAMES: Final = st.text("AB_", min_size=1, max_size=4)
_LABELS: Final = st.lists(st.sampled_from(["a", "b", "api", "xn--a"]), min_size=2, max_size=4).map(".".join)
_ADDRESSES: Final = st.sampled_from(["10.0.0.1", "10.1.2.3", "93.184.216.34", "127.0.0.1"])
_PORTS: Final = st.sampled_from([22, 80, 443, 8080])
_HOSTS: Final = _LABELS | _ADDRESSES

_FAMILIES: Final[dict[str, tuple[Any, Any]]] = {
    "fs.read": (_PATHS | st.just("*"), _PATHS),
    "env": (_NAMES | _NAMES.map(lambda name: name + "*") | st.just("*"), _NAMES),
    "net": (
        st.just("*")
        | _HOSTS
        | _LABELS.map(lambda host: "*." + host)
        | st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "127.0.0.0/8"])
        | st.builds(lambda host, port: f"{host}:{port}", _HOSTS, _PORTS),
        st.builds(lambda host, port: f"http://{host}:{port}/x", _HOSTS, _PORTS),
    ),
    "serve": (
        st.just("*")
        | _PORTS.map(str)
        | st.builds(lambda host, port: f"{host}:{port}", st.sampled_from(["0.0.0.0", "127.0.0.1", "*"]), _PORTS)
        | st.just("127.0.0.1:*"),
        _PORTS | st.builds(lambda host, port: f"{host}:{port}", st.sampled_from(["0.0.0.0", "127.0.0.1"]), _PORTS),
    ),
}


@pytest.mark.parametrize("kind", _FAMILIES)
@given(data=st.data())
def test_whatever_the_child_allows_the_parent_allows(kind: str, data: st.DataObject) -> None:
    scopes, resources = _FAMILIES[kind]
    grants = st.lists(scopes.map(lambda scope: f"{kind}:{scope}"), max_size=3)
    parent, child = Policy.of(*data.draw(grants)), Policy.of(*data.draw(grants))
    try:
        narrowed = narrow(parent, child)
    except Invalid:
        return
    for resource in data.draw(st.lists(resources, min_size=1, max_size=8)):
        if narrowed.judge(kind, resource).decision.allowed:
            assert parent.judge(kind, resource).decision.allowed


@pytest.mark.parametrize("kind", _FAMILIES)
@given(data=st.data())
def test_a_policy_is_no_wider_than_itself_or_than_any(kind: str, data: st.DataObject) -> None:
    policy = Policy.of(f"{kind}:{data.draw(_FAMILIES[kind][0])}")
    assert narrow(policy, policy).grants == policy.grants
    if kind != "net":  # `net:*` leaves out addresses of special use, which must be granted as such
        assert narrow(Policy.of(f"{kind}:*"), policy).grants == policy.grants


MATRIX = [
    # above, below, whether it is within
    ("fs.read:/data", "fs.read:/data", True),
    ("fs.read:/data", "fs.read:/data/a/b", True),
    ("fs.read:/data", "fs.read:/data/../etc", False),
    ("fs.read:/data", "fs.read:/data-evil", False),
    ("fs.read:/data", "fs.read:/", False),
    ("fs.read:/data", "fs.read:*", False),
    ("fs.read:/data", "fs.write:/data", False),
    ("fs.read:*", "fs.read:/", True),
    ("env:HOME", "env:HOME", True),
    ("env:APP_*", "env:APP_KEY", True),
    ("env:APP_*", "env:APP_KEY*", True),
    ("env:APP_*", "env:APP*", False),
    ("env:APP_KEY", "env:APP_*", False),
    ("env:*", "env:APP_*", True),
    ("net:a.example.com", "net:a.example.com:443", True),
    ("net:a.example.com:443", "net:a.example.com", False),
    ("net:a.example.com:443", "net:a.example.com:80", False),
    ("net:a.example.com", "net:b.example.com", False),
    ("net:*", "net:a.example.com", True),
    ("net:*", "net:10.0.0.1", False),
    ("net:10.0.0.0/8", "net:10.1.0.0/16", True),
    ("net:10.1.0.0/16", "net:10.0.0.0/8", False),
    ("net:*.example.com", "net:a.example.com", True),
    ("net:*.example.com", "net:a-example.com", False),
    ("net:a.example.com", "net:*", False),
    ("net:a.example.com", "a2a:a.example.com", False),
    ("serve:8080", "serve:8080", True),
    ("serve:8080", "serve:0.0.0.0:8080", False),
    ("serve:*:8080", "serve:0.0.0.0:8080", True),
    ("serve:8080", "serve:0", False),
    ("serve:*", "serve:127.0.0.1:*", True),
    ("proc:*", "proc:ls", True),
    ("proc:ls", "proc:*", False),
    ("proc:ls", "proc:rm", False),
    ("proc:ls", "proc:ls -l", True),
    ("proc:ls -l", "proc:ls", False),
    ("proc:ls -l *", "proc:ls -l /data", True),
    ("proc:ls -l", "proc:ls -l *", False),
    ("time", "time", True),
    ("time", "print", False),
]


@pytest.mark.parametrize(("above", "below", "within"), MATRIX)
def test_h08_wider_is_refused_not_cut(above: str, below: str, within: bool) -> None:
    parent, child = Policy.of(above), Policy.of(below)
    if within:
        assert narrow(parent, child).grants == child.grants
    else:
        with pytest.raises(Invalid) as caught:
            narrow(parent, child)
        assert f"grant {below!r}" in str(caught.value)


def test_h08_an_empty_list_never_widens() -> None:
    assert narrow(Policy.of("fs.read:*", "time"), Policy()).grants == ()
    with pytest.raises(Invalid):
        narrow(Policy(), Policy.of("time"))


def test_everything_that_is_wider_is_named() -> None:
    parent = Policy.of("time", limits=Limits(rows=5), costs={"http-get": 10}, secrets={"api": "env:A"})
    child = Policy.of(
        "time", "print", "env:*",
        limits=Limits(rows=6), costs={"http-get": 9}, secrets={"api": "env:B", "more": "env:C"},
        servers={"sh": McpServer(("sh",))}, models={"m": Model("http://x", "m")}, resolve={"a": "10.0.0.1"}, ca="/x",
    )  # fmt: skip
    with pytest.raises(Invalid) as caught:
        narrow(parent, child)
    for what in (
        "grant 'print'", "grant 'env:*'", "limit rows of 6, above 5", "cost of http-get", "secrets.api",
        "secrets.more", "servers.sh", "models.m", "resolve.a", "ca",
    ):  # fmt: skip
        assert what in str(caught.value)
    assert "'time'" not in str(caught.value)


@pytest.mark.parametrize("name", Limits._fields)
def test_no_limit_can_be_raised(name: str) -> None:
    low, lower = Limits(**{name: 3}), Limits(**{name: 2})
    assert getattr(narrow(Policy(limits=low), Policy(limits=lower)).limits, name) == 2
    assert getattr(narrow(Policy(limits=low), Policy()).limits, name) == 3
    with pytest.raises(Invalid, match=f"limit {name}"):
        narrow(Policy(limits=lower), Policy(limits=low))


def test_a_limit_left_unsaid_is_not_raised_either() -> None:
    high = Limits(rows=10**9)
    assert narrow(Policy(limits=high), Policy()).limits == Limits()
    assert narrow(Policy(limits=high), Policy(limits=Limits(rows=10**8))).limits.rows == 10**8


def test_budgets_of_both_are_charged() -> None:
    above, below = Budget({"calls": 100}, "runtime"), Budget({"calls": 10**6})
    assert narrow(Policy(budgets=(above,)), Policy(budgets=(below,))).budgets == (above, below)


def test_costs_can_only_rise() -> None:
    parent = Policy(costs={"http-get": 10})
    assert narrow(parent, Policy(costs={"http-get": 11, "fs-read": 2})).costs == {"http-get": 11, "fs-read": 2}
    with pytest.raises(Invalid, match="cost of fs-read"):
        narrow(parent, Policy(costs={"fs-read": 0}))


def test_what_is_left_unsaid_is_taken_over() -> None:
    parent = Policy(secrets={"api": "env:A"}, resolve={"a": "10.0.0.1"}, base="/w", ca="/ca.pem")
    narrowed = narrow(parent, Policy())
    assert (narrowed.secrets, narrowed.resolve, narrowed.base, narrowed.ca) == (
        {"api": "env:A"}, {"a": "10.0.0.1"}, "/w", "/ca.pem",
    )  # fmt: skip
    assert narrow(parent, Policy(base="/w/x")).base == "/w/x"
