"""Modules that come with vigyc: found by every program, after its own, and kept with what was registered."""

from __future__ import annotations

from pathlib import Path

import pytest

import vigyc
from vigyc.compiler import as_modules
from vigyc.linking import ModuleFiles, ModuleRecorder, ShippedModules, shipped

PROGRAM = '(require "vigyc/flow" :refer (flow-put)) (vigy-set "made" (flow-put (hash-map) "$.a.b" 1))'


@pytest.mark.parametrize(
    "path",
    ["vigyc/flow.tatara", "vigyc/../linking", "vigyc/", "vigyc/Flow", "vigyc/flow/x", "flow", "/vigyc/flow",
     "vigyc/flow\n", "vigyc\\flow", "vigyc/gone", "vigyc/.flow"],
)  # fmt: skip
def test_there_is_nothing_else_under_the_prefix(path: str) -> None:
    assert shipped(path) is None
    assert as_modules(None).find(path, "<program>") is None


def test_every_way_of_giving_modules_has_the_shipped_ones(tmp_path: Path) -> None:
    for given in (None, {}, {"other": "(provide)"}, vigyc.ModuleTexts({}), ModuleFiles(), ModuleFiles([tmp_path])):
        assert vigyc.compile(PROGRAM, modules=given, cache=False).tick(vigyc.Host()).kv == {"made": {"a": {"b": 1}}}
    assert not [finding for finding in vigyc.check(PROGRAM) if finding.severity == "error"]


def test_a_module_may_require_a_shipped_one() -> None:
    inner = '(require "vigyc/flow" :refer (flow-get)) (define (at c) (flow-get c "$.n")) (provide at)'
    text = '(require "inner" :refer (at)) (vigy-set "n" (at (hash-map "n" 3)))'
    assert vigyc.compile(text, modules={"inner": inner}, cache=False).tick(vigyc.Host()).kv == {"n": 3}


def test_files_of_that_path_go_before(tmp_path: Path) -> None:
    (tmp_path / "vigyc").mkdir()
    (tmp_path / "vigyc" / "flow.tatara").write_text("(define (flow-put c p v) (list p v)) (provide flow-put)")
    program = vigyc.compile(PROGRAM, filename=str(tmp_path / "main.tatara"), modules=ModuleFiles(), cache=False)
    assert program.tick(vigyc.Host()).kv == {"made": ["$.a.b", 1]}


def test_what_is_recorded_is_the_text_under_its_path() -> None:
    recorder = ModuleRecorder(ShippedModules(ModuleFiles()), "main.tatara")
    assert recorder.find("vigyc/flow", "main.tatara") == ("vigyc/flow", shipped("vigyc/flow"))
    assert recorder.bundle() == {
        "names": {"": {"vigyc/flow": "vigyc/flow"}}, "texts": {"vigyc/flow": shipped("vigyc/flow")},
    }  # fmt: skip


def test_a_registered_program_carries_the_text_along() -> None:
    with vigyc.Runtime.open() as runtime:
        registered = runtime.register(PROGRAM, name="one")
        assert registered.vigy.modules is not None
        assert registered.vigy.modules["texts"] == {"vigyc/flow": shipped("vigyc/flow")}
        assert runtime.tick("one").result == "ok"
