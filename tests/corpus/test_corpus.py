"""Every program of the corpus: compiled here, and from a warm cache in a fresh process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from corpus import corpus, running
from vigyc.frontend.macros.library import LIBRARY
from vigyc.lang.abi import BUILTINS
from vigyc.lang.forms import SPECIAL_FORMS


@pytest.mark.parametrize("path", corpus.files(), ids=lambda path: path.relative_to(corpus.HERE).as_posix())
def test_compiled(path: Path) -> None:
    found = [sentence for case in corpus.cases(path) for sentence in running.problems(case)]
    assert not found, "\n".join(found)


def _in_a_fresh_process(place: Path) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONPATH": str(corpus.HERE.parent)}
    command = [sys.executable, "-W", "error", "-m", "corpus.running", str(place)]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    return dict(json.loads(done.stdout))


def test_from_a_warm_cache_in_a_fresh_process(tmp_path: Path) -> None:
    _in_a_fresh_process(tmp_path / "cache")
    warm = _in_a_fresh_process(tmp_path / "cache")
    assert warm["count"] > 200
    assert not warm["problems"], "\n".join(warm["problems"])
    assert not warm["parser_loaded"], "a cached program made vigyc load its parser"


# What macros are made of in the original; here they are names without a use of their own.
INTERNAL = {
    "case-build-clause",
    "compile-list-pattern",
    "compile-match-clauses",
    "compile-match-pattern",
    "defn-typed-args",
    "defn-typed-checks",
    "record-field-accessor",
    "record-field-setter",
}


def test_every_name_of_the_language_occurs() -> None:
    text = "\n".join(case.text for case in corpus.every_case())
    words = set(re.split(r"[\s()'`,\";]+", text))
    names = BUILTINS.keys() | SPECIAL_FORMS.keys() | LIBRARY.keys()
    assert names - words == INTERNAL


@pytest.mark.parametrize("number", range(1, 42))
def test_every_decision_about_the_core_has_its_programs(number: int) -> None:
    elsewhere = {12, 37, 38, 39}  # deadlines, ids, wire formats, rendered errors: in tests of their own
    present = {path.parent.name for path in corpus.files()}
    assert number in elsewhere or any(name.startswith(f"d{number:02}-") for name in present)
