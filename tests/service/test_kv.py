"""The kv of a vigy from outside: what is read, what is written, what is refused."""

from __future__ import annotations

import pytest

from service.conftest import Opener
from vigyc.lang.errors import Invalid, NotFound
from vigyc.service.kv import Kv
from vigyc.service.runtime import Runtime
from vigyc.service.settings import Settings


@pytest.fixture
def kv(runtime: Runtime) -> Kv:
    runtime.register('(vigy-set "n" (+ 1 (vigy-get "n" 0))) (if (vigy-once "mark") 1 2)', name="x")
    return runtime.kv("x")


VALUES = [None, True, 0, -1, 2**63 - 1, 1.5, "", "é\u2028", [], {}, [1, [2, {"a": None}]], {"b": [], "a": {"c": False}}]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_what_is_set_is_read(kv: Kv, value: object) -> None:
    kv.set("key", value)
    assert kv.get("key") == value
    assert kv.get("key").__class__ is value.__class__


@pytest.mark.parametrize("value", [NotImplemented, (1, 2), {1: 2}, {"a": {1}}, b"x"], ids=repr)
def test_what_is_not_json_is_refused(kv: Kv, value: object) -> None:
    with pytest.raises(Invalid, match="'key'"):
        kv.set("key", value)
    assert kv.export() == {}


def test_what_goes_in_and_comes_out_is_a_copy(kv: Kv) -> None:
    given = {"list": [1]}
    kv.set("key", given)
    given["list"].append(2)
    kv.get("key")["list"].append(3)
    kv.export()["key"]["list"].append(4)
    assert kv.get("key") == {"list": [1]}


def test_a_missing_key(kv: Kv) -> None:
    kv.set("temperature", 20)
    with pytest.raises(NotFound, match=r"x has no key 'temprature'; did you mean 'temperature'\?"):
        kv.get("temprature")
    assert kv.get("nothing", None) is None
    assert kv.delete("nothing") is False


def test_items_are_sorted_and_by_prefix(kv: Kv) -> None:
    kv.replace({"b": 2, "a:2": 1, "a:1": 0})
    assert kv.items() == [("a:1", 0), ("a:2", 1), ("b", 2)]
    assert kv.items("a:") == [("a:1", 0), ("a:2", 1)]


def test_the_next_tick_sees_the_change(kv: Kv, runtime: Runtime) -> None:
    runtime.tick("x")
    kv.set("n", 41)
    runtime.tick("x")
    assert kv.get("n") == 42
    kv.delete("n")
    runtime.tick("x")
    assert kv.get("n") == 1


def test_every_change_raises_the_generation_and_is_told(kv: Kv, runtime: Runtime) -> None:
    before = runtime.get("x")
    kv.set("a", 1)
    kv.replace({"b": 2})
    kv.delete("b")
    assert runtime.get("x").generation == before.generation + 3
    assert [notice.kind for notice in runtime.notices()][1:] == ["kv-edited"] * 3


def test_replacing_and_merging(kv: Kv) -> None:
    kv.replace({"a": 1, "b": 2})
    kv.replace({"b": 3, "c": 4}, merge=True)
    assert kv.export() == {"a": 1, "b": 3, "c": 4}
    kv.replace({"d": 5})
    assert kv.export() == {"d": 5}


def test_replacing_by_the_same_changes_nothing(kv: Kv, runtime: Runtime) -> None:
    kv.replace({"a": [1, {"b": 2.0}]})
    before = runtime.get("x")
    kv.replace(kv.export())
    assert runtime.get("x") == before
    kv.replace({"a": [1, {"b": 2}]})
    assert kv.get("a")[1]["b"].__class__ is int


def test_keys_of_the_runtime_are_changed_only_by_force(kv: Kv, runtime: Runtime) -> None:
    runtime.tick("x")
    mark = next(key for key, _ in kv.items("__"))
    held = kv.export()
    for change in (
        lambda: kv.set("__own", 1),
        lambda: kv.delete(mark),
        lambda: kv.replace({**held, mark: "other"}),
    ):
        with pytest.raises(Invalid, match="only by force"):
            change()
    assert kv.export() == held
    assert kv.delete(mark, force=True)
    assert mark not in kv.export()
    kv.set("__own", 1, force=True)
    assert kv.get("__own") == 1


def test_replacing_leaves_the_runtimes_keys_without_force(kv: Kv, runtime: Runtime) -> None:
    runtime.tick("x")
    marks = dict(kv.items("__"))
    assert marks
    kv.replace({"a": 1})
    assert kv.export() == {**marks, "a": 1}
    kv.replace({"a": 1}, force=True)
    assert kv.export() == {"a": 1}


def test_an_invalid_entry_leaves_all_as_it_was(kv: Kv) -> None:
    kv.replace({"a": 1})
    with pytest.raises(Invalid):
        kv.replace({"b": 2, "c": object()})
    assert kv.export() == {"a": 1}


def test_a_kv_has_its_limits(opened: Opener) -> None:
    runtime = opened(settings=Settings(kv_keys=2, kv_bytes=90, kv_value_bytes=50))
    runtime.register("1", name="x")
    kv = runtime.kv("x")
    kv.replace({"a": 1, "b": 2})
    for key, value, told in (("c", 3, "kv_keys"), ("a", "x" * 60, "kv_value_bytes")):
        with pytest.raises(Invalid, match=told):
            kv.set(key, value)
    kv.set("a", "x" * 45)
    with pytest.raises(Invalid, match="kv_bytes"):
        kv.set("b", ["y" * 46])
    assert kv.export() == {"a": "x" * 45, "b": 2}


def test_a_vigy_that_is_gone(kv: Kv, runtime: Runtime) -> None:
    runtime.delete("x")
    with pytest.raises(NotFound):
        kv.set("a", 1)
