"""What a program requires is kept with the vigy: it ticks the same wherever the files have gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.conftest import Opener
from vigyc.lang.errors import Conflict
from vigyc.linking import ModuleBundle, ModuleFiles, ModuleRecorder, ModuleTexts
from vigyc.service.runtime import Runtime

PROGRAM = '(require "math")\n(vigy-set "n" (math/twice 21))\n'
MATH = '(require "inner/add" :refer (add))\n(define (twice x) (add x x))\n(provide twice)\n'
ADD = "(define (add a b) (+ a b))\n(provide add)\n"


def project(folder: Path) -> str:
    """The files of a project; the program's own path."""
    (folder / "inner").mkdir(parents=True)
    (folder / "main.tatara").write_text(PROGRAM)
    (folder / "math.tatara").write_text(MATH)
    (folder / "inner" / "add.tatara").write_text(ADD)
    return str(folder / "main.tatara")


@pytest.fixture
def texts() -> ModuleTexts:
    return ModuleTexts({"math": MATH, "inner/add": ADD})


def test_a_bundle_finds_what_was_recorded_from_where_it_was_required(tmp_path: Path) -> None:
    main = project(tmp_path)
    (tmp_path / "inner" / "math.tatara").write_text("another")
    recorder = ModuleRecorder(ModuleFiles(), main)
    assert recorder.bundle() is None
    name, text = recorder.find("math", main) or ("", "")
    assert text == MATH
    recorder.find("inner/add", name)
    recorder.find("math", str(tmp_path / "inner" / "add.tatara"))
    recorder.find("nowhere", main)
    data = recorder.bundle()
    assert data == {
        "names": {
            "": {"math": "math.tatara"},
            "math.tatara": {"inner/add": "inner/add.tatara"},
            "inner/add.tatara": {"math": "inner/math.tatara"},
        },
        "texts": {"math.tatara": MATH, "inner/add.tatara": ADD, "inner/math.tatara": "another"},
    }
    bundle = ModuleBundle(data)
    assert bundle.find("math", "<program>") == ("math.tatara", MATH)
    assert bundle.find("math", "inner/add.tatara") == ("inner/math.tatara", "another")
    assert bundle.find("nowhere", "<program>") is None
    assert bundle.find("inner/add", "<program>") is None


def test_a_vigy_ticks_without_the_files_it_was_registered_from(opened: Opener, tmp_path: Path) -> None:
    main = project(tmp_path / "project")
    opened(modules=ModuleFiles()).register(PROGRAM, name="x", filename=main)
    for file in (tmp_path / "project").rglob("*.tatara"):
        file.unlink()
    elsewhere = opened()
    assert elsewhere.tick("x").error is None
    assert elsewhere.kv("x").get("n") == 42


def test_a_warm_cache_hides_nothing_that_is_required(opened: Opener, tmp_path: Path) -> None:
    main = project(tmp_path / "project")
    runtime = opened(modules=ModuleFiles(), cache=True)
    one = runtime.register(PROGRAM, name="one", filename=main).vigy
    two = runtime.register(PROGRAM, name="two", filename=main).vigy
    assert one.modules == two.modules
    assert set(one.modules["texts"]) == {"math.tatara", "inner/add.tatara"}


def test_where_a_project_lies_makes_no_difference(opened: Opener, tmp_path: Path) -> None:
    runtime = opened(modules=ModuleFiles())
    here, there = project(tmp_path / "here"), project(tmp_path / "there")
    runtime.register(PROGRAM, name="x", filename=here)
    assert not runtime.register(PROGRAM, name="x", filename=there).changed


def test_another_module_is_another_program(runtime: Runtime, texts: ModuleTexts) -> None:
    runtime.register(PROGRAM, name="x", modules=texts)
    changed = {**texts.texts, "inner/add": ADD.replace("+", "*")}
    with pytest.raises(Conflict, match="registered with other modules"):
        runtime.register(PROGRAM, name="x", modules=changed)
    assert runtime.update("x", program=PROGRAM, modules=changed).version == 2
    runtime.tick("x")
    assert runtime.kv("x").get("n") == 441


def test_new_modules_for_the_program_that_is_there(runtime: Runtime, texts: ModuleTexts) -> None:
    runtime.register(PROGRAM, name="x", modules=texts)
    assert runtime.update("x", modules=texts).version == 1
    assert runtime.update("x", modules={**texts.texts, "inner/add": ADD.replace("+", "*")}).version == 2


def test_a_module_that_is_not_there_is_a_finding_and_a_failed_tick(runtime: Runtime) -> None:
    made = runtime.register(PROGRAM, name="x")
    messages = [finding.message for finding in made.findings]
    assert messages == ["module not found: math", "nothing is bound to `math/twice`"]
    assert made.vigy.modules is None
    run = runtime.tick("x")
    assert run.result == "failed"
    assert "module not found: math" in (run.error or "")


def test_an_error_in_a_module_names_its_file(runtime: Runtime) -> None:
    program = '(require "lib")\n(lib/boom)\n'
    lib = "(define (boom) (car 1))\n(provide boom)\n"
    runtime.register(program, name="x", modules={"lib": lib})
    assert "(at lib:1:16)" in (runtime.tick("x").error or "")


def test_the_cache_is_not_fooled_by_equal_programs_with_other_modules(opened: Opener, tmp_path: Path) -> None:
    runtime = opened(cache=True)
    program = '(require "lib")\n(vigy-set "n" (lib/f))\n'
    for number in (1, 2, 1):
        lib = f"(define (f) {number})\n(provide f)\n"
        runtime.register(program, name=f"x{number}", modules={"lib": lib})
        runtime.tick(f"x{number}")
        assert runtime.kv(f"x{number}").get("n") == number


def test_a_path_may_name_the_file(runtime: Runtime, tmp_path: Path) -> None:
    (tmp_path / "m.tatara").write_text("(define y 5) (provide y)", "utf-8")
    text = '(require "m") (vigy-log "info" (number->string 5))'
    named = runtime.register(text, name="x", filename=tmp_path / "x.tatara", modules=ModuleFiles())
    assert named.vigy.modules is not None
    assert list(named.vigy.modules["texts"]) == ["m.tatara"]
    again = runtime.register(text, name="x", filename=str(tmp_path / "x.tatara"), modules=ModuleFiles())
    assert not again.changed
