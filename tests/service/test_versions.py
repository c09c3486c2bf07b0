"""Versions of a program: what is kept of each, what differs between two, and going back."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.strangers import stranger
from vigyc.frontend.canonical import content_of
from vigyc.lang.errors import NotFound, StoreError
from vigyc.service.runtime import Runtime

ONE = '(vigy-set "n" 1)\n(vigy-noop)\n'
TWO = '(vigy-set "n" 2)\n(vigy-noop)\n'


def test_a_version_of_a_number(runtime: Runtime) -> None:
    runtime.register(ONE, name="x", author="ann", note="first")
    runtime.update("x", program=TWO)
    old = runtime.version("x", 1)
    assert (old.program, old.author, old.note) == (ONE, "ann", "first")
    assert runtime.version("x", 2).program == TWO
    with pytest.raises(NotFound, match="x has no version 3; there are 1, 2"):
        runtime.version("x", 3)


def test_a_diff_is_unified(runtime: Runtime) -> None:
    runtime.register(ONE, name="x")
    runtime.update("x", program=TWO)
    assert runtime.diff("x", 1, 2) == (
        '--- x v1\n+++ x v2\n@@ -1,2 +1,2 @@\n-(vigy-set "n" 1)\n+(vigy-set "n" 2)\n (vigy-noop)\n'
    )
    assert runtime.diff("x", 2, 2) == ""


def test_a_diff_shows_a_missing_end_of_line(runtime: Runtime) -> None:
    runtime.register("1\n", name="x")
    runtime.update("x", program="1")
    assert runtime.diff("x", 1, 2).endswith("-1\n+1\n\\ No newline at end of file\n")


def test_a_diff_goes_into_modules(runtime: Runtime) -> None:
    program = '(require "lib" :refer (f))\n(f)\n'
    runtime.register(program, name="x", modules={"lib": "(provide f)\n(define (f) 1)\n"})
    runtime.update("x", program=program, modules={"lib": "(provide f)\n(define (f) 2)\n"})
    shown = runtime.diff("x", 1, 2)
    assert shown.startswith("--- lib v1\n+++ lib v2\n")
    assert "-(define (f) 1)\n+(define (f) 2)\n" in shown


def test_going_back_makes_a_new_version_of_the_old_text(runtime: Runtime) -> None:
    first = runtime.register(ONE, name="x").vigy
    runtime.update("x", program=TWO)
    back = runtime.rollback("x", 1, author="bob")
    assert (back.version, back.program, back.digest) == (3, ONE, first.digest)
    newest = runtime.versions("x")[0]
    assert (newest.number, newest.author, newest.note) == (3, "bob", "rollback to version 1")
    runtime.tick("x")
    assert runtime.kv("x").get("n") == 1


def test_going_back_to_what_is_there_is_nothing(runtime: Runtime) -> None:
    vigy = runtime.register(ONE, name="x").vigy
    assert runtime.rollback("x", 1) == vigy


def test_going_back_takes_the_modules_along(runtime: Runtime) -> None:
    program = '(require "lib" :refer (f))\n(vigy-set "n" (f))\n'
    runtime.register(program, name="x", modules={"lib": "(provide f)\n(define (f) 1)\n"})
    runtime.update("x", program=program, modules={"lib": "(provide f)\n(define (f) 2)\n"})
    runtime.rollback("x", 1)
    assert runtime.tick("x").error is None
    assert runtime.kv("x").get("n") == 1


def test_each_version_has_a_label_a_parent_and_the_name_of_its_content(runtime: Runtime) -> None:
    runtime.register(ONE, name="x")
    runtime.update("x", program=TWO)
    runtime.update("x", labels={"a": "b"})
    runtime.update("x", program=f"; twice\n{TWO}")
    runtime.rollback("x", 1)
    versions = list(reversed(runtime.versions("x")))
    assert [(version.number, version.label, version.parent) for version in versions] == [
        (1, "0.1.0", None), (2, "0.1.1", 1), (3, "0.1.2", 2), (4, "0.1.3", 3),
    ]  # fmt: skip
    contents = [version.content for version in versions]
    assert contents == [content_of(ONE), content_of(TWO), content_of(TWO), content_of(ONE)]
    assert len(set(contents)) == 2


def test_what_is_required_is_part_of_the_content(runtime: Runtime) -> None:
    program = '(require "lib" :refer (f))\n(f)\n'
    runtime.register(program, name="x", modules={"lib": "(provide f)\n(define (f) 1)\n"})
    runtime.update("x", program=program, modules={"lib": "(provide f) (define (f) 1)"})
    runtime.update("x", program=program, modules={"lib": "(provide f)\n(define (f) 2)\n"})
    first, second, third = (version.content for version in reversed(runtime.versions("x")))
    assert first == second != third


def test_a_version_whose_modules_were_changed_outside_is_not_shown_or_gone_back_to(tmp_path: Path) -> None:
    program = '(require "lib" :refer (f))\n(f)\n'
    with Runtime.open(tmp_path / "x.db", cache=False) as runtime:
        runtime.register(program, name="x", modules={"lib": "(provide f)\n(define (f) 1)\n"})
        runtime.update("x", program=program, modules={"lib": "(provide f)\n(define (f) 2)\n"})
        assert runtime.version("x", 1).number == 1
        stranger(tmp_path / "x.db", "UPDATE versions SET modules_json = replace(modules_json, '(f) 1', '(f) 9')")
        for look in (
            lambda: runtime.version("x", 1),
            lambda: runtime.rollback("x", 1),
            lambda: runtime.diff("x", 1, 2),
        ):
            with pytest.raises(StoreError, match="version 1 of x: its text, or what it requires, was changed outside"):
                look()
        assert runtime.version("x", 2).number == 2
