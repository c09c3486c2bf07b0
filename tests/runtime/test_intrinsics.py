"""What every intrinsic does to its host, called as generated code calls it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vigyc.lang.datum import keyword, symbol
from vigyc.lang.errors import TickError
from vigyc.runtime.extension import resolve
from vigyc.runtime.host import Host
from vigyc.runtime.intrinsics.standard import standard_extensions
from vigyc.runtime.values import Promise

CALLS = {name: known.function for name, known in resolve(standard_extensions()).items()}

ARITIES = {
    "vigy-emit": (1, None), "vigy-noop": (0, 0), "vigy-defer": (1, 1), "vigy-pull": (1, 1), "vigy-push": (1, 1),
    "vigy-create": (1, 1), "vigy-update": (1, 1), "vigy-delete": (1, 1), "vigy-delete-action": (1, 1),
    "vigy-apply": (1, 1), "vigy-restart": (1, 1), "vigy-desired": (2, 2), "vigy-observed": (2, 2),
    "vigy-condition": (2, None), "vigy-get": (1, 2), "vigy-set": (2, 2), "vigy-incr": (1, None), "vigy-has?": (1, 1),
    "vigy-del": (1, 1), "vigy-once": (1, 1), "vigy-mark-converged": (1, 1), "vigy-converged?": (1, 1),
    "vigy-tick": (0, 0), "vigy-tick-count": (0, 0), "vigy-since-last-tick": (0, 0), "vigy-rate-limited?": (2, 2),
    "vigy-backoff-ms": (1, 1), "vigy-log": (2, 2), "vigy-trace": (2, 2), "vigy-metric": (2, 2), "vigy-event": (2, 2),
}  # fmt: skip


@pytest.fixture
def host() -> Host:
    return Host(tick_start_ms=1_000_000, previous_tick_ms=999_000, tick_count=5, now="2026-01-02T03:04:05Z")


def refused(kind: str, call: Callable[..., object], *args: object) -> str:
    with pytest.raises(TickError) as caught:
        call(*args)
    assert caught.value.kind == kind
    return caught.value.short


def test_there_are_these_with_these_arities() -> None:
    found = resolve(standard_extensions())
    assert {name: (known.lo, known.hi) for name, known in found.items()} == ARITIES
    assert all(known.doc and known.standard for known in found.values())
    assert [extension.name for extension in standard_extensions()] == [
        "actions", "state", "kv", "convergence", "scheduling", "diagnostics",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ARITIES)
def test_python_itself_counts_the_arguments(name: str, host: Host) -> None:
    low, high = ARITIES[name]
    for count in {low - 1, high + 1 if high is not None else -1} - {-1}:
        with pytest.raises(TypeError, match=rf"^{name.replace('?', '[?]')}\(\) (takes|missing)"):
            CALLS[name](host, *["x"] * count)


def test_surplus_arguments_where_the_language_has_it_otherwise(host: Host) -> None:
    assert "got 3" in refused("native-fn", CALLS["vigy-emit"], host, "pull", 1, 2)
    assert "got 5" in refused("native-fn", CALLS["vigy-condition"], host, "R", "true", "a", "b", "c")
    assert CALLS["vigy-incr"](host, "n", 2, "ignored") == 2
    assert host.actions == host.conditions == []


# Actions


def test_noop_and_defer_say_their_result(host: Host) -> None:
    CALLS["vigy-noop"](host)
    CALLS["vigy-defer"](host, "busy")
    assert host.snapshot()["actions"] == [
        {"kind": "noop", "result": "ok"},
        {"kind": "defer", "result": "skipped", "message": "busy"},
    ]


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (symbol("sym"), "sym"), (keyword("kw"), "kw"), (1.5, "1.5"), (2.0, "2"), (7, "7"), (True, "true"),
        (False, "false"), (None, "nil"), ([1], "<list>"), ({}, "<map>"), (lambda x: x, "<closure>"),
    ],
)  # fmt: skip
def test_defer_takes_any_reason(reason: object, text: str, host: Host) -> None:
    CALLS["vigy-defer"](host, reason)
    assert host.actions[0].message == text


@pytest.mark.parametrize("kind", ["pull", "push", "create", "update", "delete", "apply", "restart"])
def test_actions_with_a_payload(kind: str, host: Host) -> None:
    CALLS[f"vigy-{kind}"](host, {"a": [1, keyword("k"), symbol("s")]})
    CALLS[f"vigy-{kind}"](host, None)
    assert host.snapshot()["actions"] == [
        {"kind": kind, "payload": {"a": [1, ":k", "s"]}},
        {"kind": kind, "payload": None},
    ]


def test_delete_action_is_delete(host: Host) -> None:
    CALLS["vigy-delete-action"](host, 1)
    assert host.snapshot()["actions"] == [{"kind": "delete", "payload": 1}]


def test_emit_takes_ten_kinds_by_any_name(host: Host) -> None:
    kinds = ["noop", "defer", "pull", "push", "create", "update", "delete", "apply", "restart", "custom"]
    for kind in kinds:
        CALLS["vigy-emit"](host, kind)
    CALLS["vigy-emit"](host, keyword("pull"), None)
    CALLS["vigy-emit"](host, symbol("pull"), 3)
    assert host.snapshot()["actions"] == [{"kind": kind} for kind in kinds] + [
        {"kind": "pull", "payload": None},
        {"kind": "pull", "payload": 3},
    ]
    text = refused("native-fn", CALLS["vigy-emit"], host, "explode")
    assert text.startswith("in native `vigy-emit`: ")
    assert all(kind in text for kind in kinds)
    refused("type-mismatch", CALLS["vigy-emit"], host, 5)


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (float("nan"), None), (float("-inf"), None), (Promise(lambda: 1), "<promise>"), ((1, [2, 3]), [1, 2, 3]),
        ([], []), (-0.0, -0.0), (2**53 + 1, 2**53 + 1), (True, True),
    ],
)  # fmt: skip
def test_values_become_json(value: object, data: object, host: Host) -> None:
    CALLS["vigy-push"](host, value)
    CALLS["vigy-set"](host, "v", value)
    CALLS["vigy-trace"](host, "t", value)
    CALLS["vigy-desired"](host, "d", value)
    CALLS["vigy-observed"](host, "o", value)
    for found in (host.actions[0].payload, host.kv["v"], host.trace["t"], host.desired["d"], host.observed["o"]):
        assert repr(found) == repr(data)


# State


def test_the_last_word_on_a_key_stands(host: Host) -> None:
    CALLS["vigy-desired"](host, "k", 1)
    CALLS["vigy-desired"](host, keyword("k"), 2)
    CALLS["vigy-observed"](host, symbol("k"), 3)
    assert (host.desired, host.observed) == ({"k": 2}, {"k": 3})


@pytest.mark.parametrize("key", [None, True, 5, 1.5, [], {}])
@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("vigy-desired", [1]), ("vigy-observed", [1]), ("vigy-get", []), ("vigy-set", [1]), ("vigy-incr", []),
        ("vigy-has?", []), ("vigy-del", []), ("vigy-once", []), ("vigy-mark-converged", []), ("vigy-converged?", []),
        ("vigy-rate-limited?", [1]), ("vigy-trace", [1]), ("vigy-metric", [1]), ("vigy-event", ["m"]),
        ("vigy-log", ["m"]), ("vigy-emit", []), ("vigy-condition", ["true"]),
    ],
)  # fmt: skip
def test_names_are_strings_symbols_or_keywords(name: str, rest: list[object], key: object, host: Host) -> None:
    text = refused("type-mismatch", CALLS[name], host, key, *rest)
    assert text.startswith("type mismatch: expected string|symbol|keyword, got ")
    assert host.snapshot() == Host().snapshot()


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("true", "true"), ("True", "true"), ("false", "false"), ("False", "false"), ("unknown", "unknown"),
        ("Unknown", "unknown"), (keyword("true"), "true"), (True, "true"), (False, "false"),
    ],
)  # fmt: skip
def test_conditions_and_their_status(status: object, text: str, host: Host) -> None:
    CALLS["vigy-condition"](host, "Ready", status)
    assert host.snapshot()["conditions"] == [{"name": "Ready", "status": text}]
    assert host.conditions[0].last_transition == 1_000_000


def test_conditions_take_nil_for_no_reason(host: Host) -> None:
    CALLS["vigy-condition"](host, "R", "true", None, "m")
    CALLS["vigy-condition"](host, "R", "false", keyword("Why"), None)
    assert host.snapshot()["conditions"] == [
        {"name": "R", "status": "true", "message": "m"},
        {"name": "R", "status": "false", "reason": "Why"},
    ]


def test_conditions_refuse_other_statuses(host: Host) -> None:
    refused("native-fn", CALLS["vigy-condition"], host, "R", "TRUE")
    refused("type-mismatch", CALLS["vigy-condition"], host, "R", None)
    refused("type-mismatch", CALLS["vigy-condition"], host, "R", "true", 5)
    refused("type-mismatch", CALLS["vigy-condition"], host, "R", "true", "ok", False)


# The kv


def test_get_gives_the_default_only_for_what_is_not_there() -> None:
    host = Host(kv={"nil": None, "a": [1, {"k": "v"}]})
    get = CALLS["vigy-get"]
    assert get(host, "a") == [1, {"k": "v"}]
    assert get(host, "nil", 9) is None
    assert get(host, "zz") is None
    assert get(host, keyword("zz"), 9) == 9
    assert host.dirty == set()


def test_a_keyword_comes_back_as_text_in_the_same_tick(host: Host) -> None:
    CALLS["vigy-set"](host, symbol("k"), keyword("v"))
    assert CALLS["vigy-get"](host, keyword("k")) == ":v"


def test_set_does_not_share_what_it_stores(host: Host) -> None:
    value: dict[str, Any] = {"a": [1]}
    CALLS["vigy-set"](host, "v", value)
    assert host.kv["v"] == value
    assert host.kv["v"] is not value


def test_incr_counts_from_nothing(host: Host) -> None:
    incr = CALLS["vigy-incr"]
    assert [incr(host, "n"), incr(host, "n", 4), incr(host, keyword("n"), -10)] == [1, 5, -5]
    assert (host.kv, host.dirty) == ({"n": -5}, {"n"})


@pytest.mark.parametrize("held", [None, "5", 1.0, True, []])
def test_incr_never_overwrites_what_is_no_integer(held: object) -> None:
    host = Host(kv={"n": held})
    refused("type-mismatch", CALLS["vigy-incr"], host, "n")
    assert (host.kv, host.dirty) == ({"n": held}, set())


def test_incr_refuses_what_is_no_integer_and_overflow() -> None:
    host = Host(kv={"max": 2**63 - 1, "min": -(2**63)})
    for delta in (1.5, "x", True, None):
        refused("type-mismatch", CALLS["vigy-incr"], host, "n", delta)
    refused("integer-overflow", CALLS["vigy-incr"], host, "max")
    refused("integer-overflow", CALLS["vigy-incr"], host, "min", -1)
    assert host.dirty == set()


def test_del_says_whether_there_was_anything() -> None:
    host = Host(kv={"a": None})
    assert CALLS["vigy-has?"](host, "a") is True
    assert CALLS["vigy-del"](host, "a") is True
    assert CALLS["vigy-del"](host, "nope") is False
    assert CALLS["vigy-has?"](host, "a") is False
    assert (host.kv, host.dirty, host.deleted) == ({}, set(), {"a", "nope"})


def test_the_last_of_set_and_del_wins(host: Host) -> None:
    CALLS["vigy-set"](host, "a", 1)
    CALLS["vigy-del"](host, "a")
    CALLS["vigy-del"](host, "b")
    CALLS["vigy-set"](host, "b", 2)
    CALLS["vigy-del"](host, "c")
    CALLS["vigy-incr"](host, "c")
    assert (host.kv, host.dirty, host.deleted) == ({"b": 2, "c": 1}, {"b", "c"}, {"a"})


@pytest.mark.parametrize("key", ["__once::x", "__", keyword("__k"), symbol("__sys::ticks")])
def test_reserved_keys_can_be_read_but_not_changed(key: Any) -> None:
    text = key if isinstance(key, str) else key.name
    host = Host(kv={text: 7})
    assert CALLS["vigy-get"](host, key) == 7
    assert CALLS["vigy-has?"](host, key) is True
    refused("reserved-key", CALLS["vigy-set"], host, key, 1)
    refused("reserved-key", CALLS["vigy-incr"], host, key)
    refused("reserved-key", CALLS["vigy-del"], host, key)
    assert (host.kv, host.dirty, host.deleted) == ({text: 7}, set(), set())


def test_keys_may_be_empty_or_begin_with_one_underscore(host: Host) -> None:
    CALLS["vigy-set"](host, "", 1)
    CALLS["vigy-set"](host, "_a", 2)
    assert host.kv == {"": 1, "_a": 2}


# Convergence and scheduling


def test_once_is_true_once(host: Host) -> None:
    assert [CALLS["vigy-once"](host, "init"), CALLS["vigy-once"](host, keyword("init"))] == [True, False]
    assert (host.kv, host.dirty) == ({"__once::init": True}, {"__once::init"})


def test_converged_is_stamped_with_the_ticks_clock(host: Host) -> None:
    assert CALLS["vigy-converged?"](host, "t") is False
    CALLS["vigy-mark-converged"](host, "t")
    assert CALLS["vigy-converged?"](host, "t") is True
    assert host.kv == {"__converged::t": "2026-01-02T03:04:05Z"}


def test_the_clock_and_the_count(host: Host) -> None:
    assert CALLS["vigy-tick"](host) == 1_000_000
    assert CALLS["vigy-tick-count"](host) == 5
    assert CALLS["vigy-since-last-tick"](host) == 1000
    assert CALLS["vigy-since-last-tick"](Host(tick_start_ms=5)) == -1


@pytest.mark.parametrize(
    ("last", "limited"),
    [(None, False), (999_700, False), (999_701, True), (1_000_000, True), (1_000_001, False), ("text", False)],
)
def test_rate_limits(last: object, limited: bool) -> None:
    kv = {} if last is None else {"__ratelimit::k": last}
    host = Host(tick_start_ms=1_000_000, kv=kv)
    assert CALLS["vigy-rate-limited?"](host, "k", 300) is limited
    assert host.kv["__ratelimit::k"] == (last if limited else 1_000_000)


def test_a_first_use_is_never_limited_however_early_the_clock() -> None:
    host = Host(tick_start_ms=5)
    assert CALLS["vigy-rate-limited?"](host, "k", 300) is False
    assert CALLS["vigy-rate-limited?"](host, "k", 300) is True
    assert CALLS["vigy-rate-limited?"](host, "k", 0) is False
    refused("type-mismatch", CALLS["vigy-rate-limited?"], host, "k", "x")
    refused("type-mismatch", CALLS["vigy-rate-limited?"], host, "k", True)


def test_backoff_is_right_for_every_integer(host: Host) -> None:
    attempts = [-(2**63), -3, 0, 1, 2, 3, 4, 5, 6, 100, 2**63 - 1]
    assert [CALLS["vigy-backoff-ms"](host, n) for n in attempts] == [
        1000, 1000, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000, 30000,
    ]  # fmt: skip
    for wrong in (1.0, "1", True, None):
        refused("type-mismatch", CALLS["vigy-backoff-ms"], host, wrong)


# Diagnostics


def test_logs_at_five_levels(host: Host) -> None:
    levels = ["trace", "debug", "info", "warn", "error"]
    for level in levels:
        CALLS["vigy-log"](host, level, "m")
    CALLS["vigy-log"](host, keyword("info"), keyword("msg"))
    assert [(line.level, line.message) for line in host.logs] == [*((v, "m") for v in levels), ("info", "msg")]
    refused("native-fn", CALLS["vigy-log"], host, "INFO", "x")
    refused("native-fn", CALLS["vigy-log"], host, "fatal", "x")
    refused("type-mismatch", CALLS["vigy-log"], host, "info", 5)


def test_metrics_are_floats(host: Host) -> None:
    CALLS["vigy-metric"](host, "b", 4096)
    CALLS["vigy-metric"](host, "r", 0.42)
    assert (host.metrics, type(host.metrics["b"])) == ({"b": 4096.0, "r": 0.42}, float)
    for wrong in ("x", True, None):
        refused("type-mismatch", CALLS["vigy-metric"], host, "b", wrong)


def test_events(host: Host) -> None:
    CALLS["vigy-event"](host, keyword("Boot"), symbol("first"))
    assert host.snapshot()["events"] == [{"kind": "Boot", "message": "first"}]
    refused("type-mismatch", CALLS["vigy-event"], host, "K", 5)
