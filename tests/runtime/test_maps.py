"""Maps: keys, order, sharing, the natives on them (language reference 10, 14.2; decisions D6, D10)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, rule

from vigyc.lang.datum import keyword, symbol
from vigyc.lang.errors import TickError
from vigyc.runtime import maps as store
from vigyc.runtime.builtins import map_library, maps, numbers  # noqa: F401 - they register natives
from vigyc.runtime.maps import SHARE_AT, SharedMap, as_dict, from_key, own, to_key
from vigyc.runtime.native import NATIVES
from vigyc.runtime.printer import display
from vigyc.runtime.values import ErrorValue, Promise, kind_of

K = keyword
nan = float("nan")
LARGE = range(SHARE_AT * 2)


def call(name: str, *args: object) -> object:
    return NATIVES[name](*args)


def fault(name: str, *args: object) -> str:
    with pytest.raises(TickError) as caught:
        call(name, *args)
    return f"{caught.value.kind}: {caught.value.short}"


def large() -> object:
    m: object = {}
    for i in LARGE:
        m = call("hash-map-set", m, i, i)
    return m


NOT_A_MAP = "type-mismatch: type mismatch: expected map, got {}"
UNHASHABLE = "native-fn: in native `hash-map`: non-hashable key kind: {}"


def test_kinds_are_different_keys() -> None:
    keys = [None, True, False, 1, 1.0, "1", K("1"), symbol("1"), 0.0, -0.0, nan, 0]
    m = call("hash-map", *[part for index, key in enumerate(keys) for part in (key, index)])
    assert call("hash-map-count", m) == len(keys)
    assert [call("hash-map-get", m, key) for key in keys] == list(range(len(keys)))
    assert repr(call("hash-map-keys", m)) == repr(keys)


def test_every_nan_is_the_same_key() -> None:
    assert call("hash-map-get", {to_key(nan): 1}, float("inf") - float("inf")) == 1


@pytest.mark.parametrize(
    "bad", [[], [1], {}, Promise(lambda: 1), ErrorValue("a", "b"), NATIVES["hash-map"]], ids=kind_of
)
def test_other_keys_are_refused(bad: object) -> None:
    for name, args in [
        ("hash-map", (bad, 1)),
        ("hash-map-get", ({}, bad)),
        ("hash-map-has?", ({}, bad)),
        ("hash-map-get-or", ({}, bad, 1)),
        ("hash-map-set", (large(), bad, 1)),
        ("hash-map-remove", ({}, bad)),
        ("frequencies", ([bad],)),
    ]:
        assert fault(name, *args) == UNHASHABLE.format(kind_of(bad))


@pytest.mark.parametrize("bad", [None, [], 5, "m", [1]], ids=repr)
def test_what_is_no_map_is_refused_before_the_key_is_looked_at(bad: object) -> None:
    for name, args in [
        ("hash-map-count", ()),
        ("hash-map-empty?", ()),
        ("hash-map-has?", ([],)),
        ("hash-map-get", ([],)),
        ("hash-map-get-or", ([], 1)),
        ("hash-map-set", ([], 1)),
        ("hash-map-remove", ([],)),
        ("hash-map-keys", ()),
        ("hash-map-values", ()),
        ("hash-map-entries", ()),
        ("hash-map-merge", ()),
        ("hash-map-update", ([], 1)),
        ("get", (K("a"),)),
        ("assoc", (K("a"), 1)),
        ("dissoc", (K("a"),)),
    ]:
        assert fault(name, bad, *args) == NOT_A_MAP.format(kind_of(bad))
    assert fault("hash-map-merge", {}, bad) == NOT_A_MAP.format(kind_of(bad))


@pytest.mark.parametrize(
    ("name", "args", "shown"),
    [
        ("hash-map", (), "{}"),
        ("hash-map", (K("a"), 1, K("b"), 2, K("a"), 3), "{:a 3, :b 2}"),
        ("hash-map?", ({},), "#t"),
        ("hash-map?", ([],), "#f"),
        ("hash-map-empty?", ({},), "#t"),
        ("hash-map-has?", ({"a": None}, "a"), "#t"),
        ("hash-map-get", ({"a": 1}, "b"), "()"),
        ("hash-map-get-or", ({"a": None}, "a", 5), "()"),
        ("hash-map-get-or", ({"a": None}, "b", 5), "5"),
        ("hash-map-set", ({"a": 1, "b": 2}, "a", 3), '{"a" 3, "b" 2}'),
        ("hash-map-remove", ({"a": 1}, "b"), '{"a" 1}'),
        ("hash-map-remove", ({"a": 1}, "a"), "{}"),
        ("hash-map-keys", ({},), "()"),
        ("hash-map-entries", ({"k": K("v"), to_key(True): 1},), '(("k" :v) (#t 1))'),
        ("hash-map-merge", ({"x": 1, "y": 2}, {"y": 20, "z": 30}), '{"x" 1, "y" 20, "z" 30}'),
        ("hash-map-update", ({"a": 1}, "a", NATIVES["inc"]), '{"a" 2}'),
        ("get-in", ({"a": {"b": 1}}, ["a", "b"]), "1"),
        ("get-in", ({"a": {"b": 1}}, ["z", "b"]), "()"),
        ("get-in", ({"a": 5}, None), '{"a" 5}'),
        ("get-in", (None, ["a"]), "()"),
        ("get-in", ({"a": []}, ["a", "b"]), "()"),
        ("get-in", (5, []), "5"),
        ("assoc-in", ({}, ["a", "b"], 1), '{"a" {"b" 1}}'),
        ("assoc-in", (None, ["a"], 1), '{"a" 1}'),
        ("assoc-in", (False, ["a"], 1), '{"a" 1}'),
        ("assoc-in", ({"a": 1}, None, 2), "2"),
        ("update-in", ({"a": {"b": 1}}, ["a", "b"], NATIVES["inc"]), '{"a" {"b" 2}}'),
        ("frequencies", (["b", "a", "b", 1.0, 1],), '{"b" 2, "a" 1, 1 1, 1 1}'),
        ("frequencies", (None,), "{}"),
        ("group-by-into-map", (NATIVES["even?"], [1, 2, 3]), "{#f (1 3), #t (2)}"),
        ("into-hash-map", (None,), "{}"),
        ("into-hash-map", ([[K("a"), 1], [K("b"), 2, 3]],), "{:a 1, :b 2}"),
        ("into-hash-map", ([K("a"), 1],), "{:a 1}"),
        ("select-keys", ({"a": 1, "b": 2}, ["b", "z", "a"]), '{"b" 2, "a" 1}'),
        ("select-keys", (5, []), "{}"),
        ("zipmap", (["a", "b"], [1]), '{"a" 1}'),
        ("zipmap", (None, []), "{}"),
        ("count", (None,), "0"),
        ("count", ([],), "0"),
        ("count", ((1, (2, [3])),), "3"),
        ("count", ({"a": 1},), "1"),
        ("count", ("é日",), "2"),
        ("count", (5,), '#<error :count "not countable">'),
    ],
)
def test_natives(name: str, args: tuple[object, ...], shown: str) -> None:
    assert display(call(name, *args)) == shown


@pytest.mark.parametrize(
    ("name", "args", "error"),
    [
        ("hash-map", (K("a"),), "native-fn: in native `hash-map`: expected even number of args (k v k v ...)"),
        (
            "into-hash-map",
            ([[K("a"), 1, 2]],),
            "native-fn: in native `hash-map`: expected even number of args (k v k v ...)",
        ),
        ("into-hash-map", ([["a", 1], []],), "native-fn: in native `car`: car of empty list"),
        ("into-hash-map", (5,), "type-mismatch: type mismatch: expected pair, got int"),
        ("get-in", ({"a": 5}, ["a", "b"]), NOT_A_MAP.format("int")),
        ("assoc-in", ({"a": 5}, ["a", "b"], 1), NOT_A_MAP.format("int")),
        ("assoc-in", ([], ["a"], 1), NOT_A_MAP.format("list")),
        ("select-keys", (5, ["a"]), NOT_A_MAP.format("int")),
        ("update-in", ({}, ["a"], NATIVES["inc"]), "type-mismatch: type mismatch: expected number, got nil"),
        ("frequencies", (5,), "type-mismatch: type mismatch: expected list, got int"),
    ],
)
def test_faults(name: str, args: tuple[object, ...], error: str) -> None:
    assert fault(name, *args) == error


def test_a_long_path_costs_no_stack() -> None:
    path: list[object] = ["k"] * 100_000
    deep = call("assoc-in", {}, path, 1)
    assert call("get-in", deep, path) == 1


def test_versions_of_a_large_map_do_not_disturb_each_other() -> None:
    base = large()
    one, two = call("hash-map-set", base, "x", 1), call("hash-map-set", base, "x", 2)
    three = call("hash-map-remove", one, 3)
    four = call("hash-map-set", three, 3, "again")
    assert call("hash-map-has?", base, "x") is False
    assert [call("hash-map-get", m, "x") for m in (one, two, three, four)] == [1, 2, 1, 1]
    assert call("hash-map-keys", base) == [*LARGE]
    assert call("hash-map-keys", one) == [*LARGE, "x"]
    assert call("hash-map-keys", three) == [i for i in [*LARGE, "x"] if i != 3]
    assert call("hash-map-keys", four) == [*[i for i in LARGE if i != 3], "x", 3]


def test_a_copy_to_own_is_independent() -> None:
    base = large()
    mine = own(base)
    mine["new"] = 1
    assert call("hash-map-has?", base, "new") is False
    assert call("hash-map-count", call("hash-map-set", base, "x", 1)) == len(LARGE) + 1
    assert len(mine) == len(LARGE) + 1


def test_merging_a_few_into_many_shares() -> None:
    base = large()
    merged = call("hash-map-merge", base, {"x": 1, 0: "zero"})
    assert isinstance(merged, SharedMap)
    assert call("hash-map-keys", merged) == [*LARGE, "x"]
    assert call("hash-map-get", base, 0) == 0


def set_all(n: int) -> object:
    m: object = {}
    for i in range(n):
        m = call("hash-map-set", m, i, i)
    return m


def set_and_look_back(n: int) -> object:
    """Every old version is read after the update that followed it."""
    m: object = {}
    for i in range(n):
        newer = call("hash-map-set", m, i, i)
        assert call("hash-map-has?", m, i) is False
        assert call("hash-map-count", m) == i
        m = newer
    return m


def remove_all(n: int) -> object:
    m: object = dict.fromkeys(range(n), 0)
    for i in range(n):
        m = call("hash-map-remove", m, i)
    return m


@pytest.mark.parametrize("work", [set_all, set_and_look_back, remove_all])
def test_updating_in_a_fold_copies_no_more_than_a_few_times_the_whole(
    work: Callable[[int], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = 0

    class Counting(store._Table):
        __slots__ = ()

        def __init__(self, data: dict[object, object]) -> None:
            nonlocal copied
            copied += len(data)
            super().__init__(data)

    monkeypatch.setattr(store, "_Table", Counting)
    work(20_000)
    assert copied <= 4 * 20_000


def test_an_old_version_kept_alive_holds_a_bounded_past() -> None:
    first = m = large()
    for i in range(10_000):
        m = call("hash-map-set", m, 0, i)
    held = 0
    version = first
    while isinstance(version, SharedMap) and version._table is None:
        held, version = held + 1, version._newer
    assert held <= 2 * len(LARGE)
    assert call("hash-map-get", first, 0) == 0


KEYS = st.integers(0, 60) | st.sampled_from(["a", K("a"), symbol("a"), True, False, None, 1.0, -0.0, 0.0, nan])


class MapsAgainstDicts(RuleBasedStateMachine):
    """Any version of any map, updated and read in any order, is what an ordered dict of its own would be."""

    versions = Bundle("versions")

    @rule(target=versions, keys=st.lists(KEYS, max_size=80))
    def begin(self, keys: list[object]) -> tuple[object, dict[object, object]]:
        m: object = {}
        model: dict[object, object] = {}
        for index, key in enumerate(keys):
            m = call("hash-map-set", m, key, index)
            model[to_key(key)] = index
        return m, model

    @rule(target=versions, version=versions, updates=st.lists(st.tuples(KEYS, st.integers()), min_size=1, max_size=40))
    def set(self, version: tuple[object, dict[object, object]], updates: list[tuple[object, object]]) -> object:
        m, model = version
        for key, value in updates:
            m = call("hash-map-set", m, key, value)
        return m, {**model, **{to_key(key): value for key, value in updates}}

    @rule(target=versions, version=versions, keys=st.lists(KEYS, min_size=1, max_size=20))
    def remove(self, version: tuple[object, dict[object, object]], keys: list[object]) -> object:
        m, model = version
        gone = {to_key(key) for key in keys}
        for key in keys:
            m = call("hash-map-remove", m, key)
        return m, {key: value for key, value in model.items() if key not in gone}

    @rule(target=versions, left=versions, right=versions)
    def merge(self, left: tuple[object, dict[object, object]], right: tuple[object, dict[object, object]]) -> object:
        return call("hash-map-merge", left[0], right[0]), {**left[1], **right[1]}

    @rule(version=versions, key=KEYS)
    def look_up(self, version: tuple[object, dict[object, object]], key: object) -> None:
        m, model = version
        assert call("hash-map-has?", m, key) is (to_key(key) in model)
        assert call("hash-map-get-or", m, key, "none") == model.get(to_key(key), "none")
        assert call("hash-map-count", m) == len(model)

    @rule(version=versions)
    def list_all(self, version: tuple[object, dict[object, object]]) -> None:
        m, model = version
        assert list(as_dict(m).items()) == list(model.items())
        assert repr(call("hash-map-keys", m)) == repr([from_key(key) for key in model])


TestMapsAgainstDicts = MapsAgainstDicts.TestCase
TestMapsAgainstDicts.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
